"""Lists of made-up neighbours as people send them, and the way to where the bot expects one."""

from __future__ import annotations

import csv
import io
from collections.abc import Awaitable, Callable, Sequence

from bot.sandbox.client import Person

HEADERS = ("NIK", "Nama", "HP", "Pekerjaan", "Desa")


def nik(number: int) -> str:
    """A NIK of the range that tests own: a thousand serials a birth day."""
    day, serial = divmod(number, 1000)
    return f"331902{day + 1:02}0590{9000 + serial}"


def people(count: int, bad: Sequence[int] = ()) -> list[list[str]]:
    """So many neighbours of the village; those with the numbers `bad` have a NIK that is a digit short."""
    return [
        [nik(number)[: 15 if number in bad else 16], "Kasmuri Wibowo", f"0811{number:08}", "ojek", "Purwosari"]
        for number in range(count)
    ]


def written(rows: Sequence[Sequence[str]], headers: Sequence[str] = HEADERS) -> bytes:
    """The rows as CSV."""
    out = io.StringIO()
    csv.writer(out).writerows([headers, *rows])
    return out.getvalue().encode()


async def at_once() -> None:
    """Wait for nothing."""


async def prepares(person: Person, settle: Callable[[], Awaitable[None]] = at_once) -> None:
    """Answer what is asked once for a list: neighbours, read to them, no employer, payer unknown, the small package."""
    await person.says("/daftarkan")
    await person.hears("Daftarkan orang di sekitar")
    for label, then in (
        ("Banyak", "Siapa"),
        ("Tetangga", "setuju"),
        ("dibacakan", "BPJS Ketenagakerjaan lewat"),
        ("Tidak", "membayar"),
        ("belum tahu", "paket"),
    ):
        await settle()
        await person.presses(label)
        await person.hears(then)
    await settle()
    await person.presses("Paket")
    await person.hears("NIK#Nama#HP#Pekerjaan")
    await settle()
