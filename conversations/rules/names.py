"""A person's name, shown to somebody who need not know all of it."""

from __future__ import annotations


def mask(name: str) -> str:
    """Return the first name in full and the others as initials: "Siti Nur Aminah" is "Siti N. A."."""
    first, *others = name.split() or ["…"]
    return " ".join([first, *(f"{other[0].upper()}." for other in others)])


def first(name: str) -> str:
    """Return the name to speak to somebody by: the first word that is no initial, "Slamet" of "M. SLAMET RIYADI"."""
    words = name.split()
    chosen = next((word for word in words if len(word.strip(".")) > 1), "".join(words[:1]))
    return chosen.capitalize() if chosen.isupper() or chosen.islower() else chosen
