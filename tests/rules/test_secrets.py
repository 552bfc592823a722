"""Codes and passwords are recognised, and what people rightly send is not taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.rules.secrets import looks_like_secret


@pytest.mark.parametrize(
    "text",
    [
        "1234",
        "123456",
        "123 456",
        "123-456",
        "12345678",
        "１２３４５６",
        "kode otp saya 123456",
        "OTP: 4821",
        "otp 4 8 2 1",
        "PIN 1234",
        "pin: 482910",
        "m-pin saya 112233",
        "kodenya 9921",
        "Kode WA 482-913 jangan berikan ke siapa pun",
        "123456 adalah kode verifikasi anda",
        "G-482913 is your Google verification code",
        "Login code: 12345. Do not give this code to anyone",
        "password saya rahasia123",
        "password: kucing",
        "kata sandi saya adalah kucing",
    ],
)
def test_recognises_a_secret(text: str) -> None:
    """One-time codes, PINs and passwords, alone or in a sentence."""
    assert looks_like_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "3319034112909001",
        "3319 0341 1290 9001",
        "pin 3319 0341 1290 9001",
        "081234567890",
        "0812-3456-7890",
        "+62 812 3456 7890",
        "123456789",
        "Jl. Mawar No. 12 RT 03/02",
        "Jl. Pinang No. 1234",
        "Desa Jati Kulon RT 03 RW 02 kode pos 59347",
        "kode pos 59311",
        "01-12-1990",
        "1/12/1990",
        "3 5 1990",
        "16.800",
        "Rp16.800",
        "03/02",
        "12",
        "Siti Aminah",
        "Sandi Purnomo",
        "Sandi, 12 tahun",
        "lupa password",
        "password saya lupa",
        "apa itu PIN?",
        "kode iuran 123456789012",
        "ojek online",
        "",
    ],
)
def test_leaves_everything_else_alone(text: str) -> None:
    """NIK, phone, address, date, amount, name and questions about passwords are no secrets."""
    assert not looks_like_secret(text)


@given(st.integers(1000, 99999999))
def test_any_lone_short_number_is_one(number: int) -> None:
    """Four to eight digits alone are what a cheat asks for."""
    assert looks_like_secret(f" {number}\n")


@given(st.text())
def test_never_fails_on_any_text(text: str) -> None:
    """Whatever is sent, the answer is yes or no."""
    assert looks_like_secret(text) in (True, False)
