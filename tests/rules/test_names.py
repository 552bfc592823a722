"""Names that are shown in part."""

from __future__ import annotations

import pytest

from conversations.rules import names


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Slamet Riyadi", "Slamet R."), ("Siti Nur Aminah", "Siti N. A."), ("Kasmuri", "Kasmuri"), (" m  ali ", "m A."), ("", "…")],
)  # fmt: skip
def test_the_first_name_is_shown_and_initials(name: str, shown: str) -> None:
    """Of a name only the first word stands in full, whatever the spaces."""
    assert names.mask(name) == shown


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("SLAMET RIYADI", "Slamet"),
        ("M. Rizki", "Rizki"),
        ("siti nur", "Siti"),
        ("McAli B", "McAli"),
        ("A", "A"),
        (" ", ""),
    ],
)
def test_people_are_called_by_their_first_name(name: str, called: str) -> None:
    """Initials are no names, and nobody is shouted at because the KTP is in capitals."""
    assert names.first(name) == called
