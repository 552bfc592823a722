"""Sharing out places over villages in proportion, so that nothing is left over and nothing is given twice."""

from __future__ import annotations

from collections.abc import Mapping


def divide(places: int, population: Mapping[str, int]) -> dict[str, int]:
    """Return places by village code, by largest remainder: together exactly `places`, each within one of its part.

    Of equal remainders the larger village goes first, then the smaller code. Raises ValueError where nobody lives.
    """
    everybody = sum(population.values())
    if everybody < 1:
        raise ValueError("nobody lives there")
    parts = {code: divmod(places * people, everybody) for code, people in population.items()}
    left = places - sum(whole for whole, _remainder in parts.values())
    first = sorted(parts, key=lambda code: (-parts[code][1], -population[code], code))[:left]
    return {code: whole + (code in first) for code, (whole, _remainder) in sorted(parts.items())}
