"""The vault: what is sealed opens only in its place, unchanged, with one of our keys."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.vault import KeyFormatError, SealBrokenError, Vault, fresh_keys

OLD = ("1", bytes(32))
NEW = ("2", bytes(range(32)))
INDEX = bytes(range(1, 33))
VAULT = Vault([OLD], INDEX)


@given(st.binary(max_size=300), st.text(max_size=40))
def test_round_trip(plain: bytes, place: str) -> None:
    """Whatever is sealed for a place opens there, and is not visible in between."""
    sealed = VAULT.seal(plain, place)
    assert VAULT.open(sealed, place) == plain
    assert len(plain) < 6 or plain not in sealed


@given(st.binary(max_size=60), st.data())
def test_tampering(plain: bytes, data: st.DataObject) -> None:
    """A single changed bit anywhere is noticed."""
    sealed = bytearray(VAULT.seal(plain, "a.b:1"))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealBrokenError):
        VAULT.open(bytes(sealed), "a.b:1")


@given(st.binary(max_size=40))
def test_nonsense_does_not_open(nonsense: bytes) -> None:
    """Any bytes that nobody sealed are refused, the empty ones too."""
    with pytest.raises(SealBrokenError):
        VAULT.open(nonsense, "a.b:1")


@given(st.text(max_size=20), st.text(max_size=20))
def test_wrong_place(one: str, other: str) -> None:
    """A value copied to another row or column does not open there."""
    if one != other:
        with pytest.raises(SealBrokenError):
            VAULT.open(VAULT.seal(b"value", one), other)


def test_first_key_encrypts_all_decrypt() -> None:
    """After a rotation the old values still open, and new ones need the new key."""
    old = VAULT.seal(b"before", "p")
    both = Vault([NEW, OLD], INDEX)
    assert both.open(old, "p") == b"before"
    with pytest.raises(SealBrokenError):
        VAULT.open(both.seal(b"after", "p"), "p")


def test_json_round_trip() -> None:
    """Objects survive, letters of every script included."""
    value = {"name": "Ꮪiti Nur’aini", "tries": [1, None, True]}
    assert VAULT.open_json(VAULT.seal_json(value, "p"), "p") == value


def test_blind_index() -> None:
    """Equal values are equal, subjects are kept apart, and another index key gives another index."""
    assert VAULT.blind("nik", "3319022505909001") == VAULT.blind("nik", "3319022505909001")
    assert VAULT.blind("nik", "1") != VAULT.blind("phone", "1")
    assert VAULT.blind("nik", "1") != Vault([OLD], bytes(32)).blind("nik", "1")


def test_repr_shows_nothing() -> None:
    """No key can reach a log through the vault's repr."""
    assert repr(VAULT) == "<Vault>"


def test_fresh_keys_can_be_parsed() -> None:
    """Generated settings are valid and never the same."""
    keys, index_key = fresh_keys()
    vault = Vault.parse(keys, index_key)
    assert vault.open(vault.seal(b"x", "p"), "p") == b"x"
    assert fresh_keys() != (keys, index_key)


GOOD = base64.b64encode(bytes(range(32))).decode()
SHORT = base64.b64encode(b"too short a key").decode()


@pytest.mark.parametrize(
    ("keys", "index_key"),
    [
        ("", GOOD),
        (GOOD, GOOD),
        (f"1:{GOOD},{GOOD}", GOOD),
        (f"1:{SHORT}", GOOD),
        ("1:not*base64", GOOD),
        (f"1:{GOOD},1:{GOOD}", GOOD),
        (f"1 2:{GOOD}", GOOD),
        (f"{GOOD}:1", GOOD),
        (f"1:{GOOD}", SHORT),
        (f"1:{GOOD}", ""),
        (f"1:{GOOD}", "kéy"),
    ],
)
def test_unusable_keys(keys: str, index_key: str) -> None:
    """Every mistake in the settings is named in a sentence that repeats no key."""
    with pytest.raises(KeyFormatError) as refused:
        Vault.parse(keys, index_key)
    sentence = str(refused.value)
    assert sentence.endswith(".")
    assert not any(secret in sentence for secret in (GOOD, SHORT, "not*base64", "kéy"))
