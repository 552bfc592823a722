"""A person's name, shown to somebody who need not know all of it."""

from __future__ import annotations


def mask(name: str) -> str:
    """Return the first name in full and the others as initials: "Siti Nur Aminah" is "Siti N. A."."""
    first, *others = name.split() or ["…"]
    return " ".join([first, *(f"{other[0].upper()}." for other in others)])
