"""Reads the data files that lie beside the rules, once per process."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

_DATA = files(__package__) / "data"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact stands, as a reader can look it up, and the day somebody last did."""

    name: str
    checked_on: date


@cache
def rows(name: str) -> tuple[Mapping[str, str], ...]:
    """All rows of the CSV file `data/<name>.csv`, each keyed by its column heads.

    Raises FileNotFoundError when there is no such file.
    """
    return tuple(csv.DictReader((_DATA / f"{name}.csv").read_text(encoding="utf-8").splitlines()))


@cache
def document(name: str) -> Mapping[str, Any]:
    """The TOML file `data/<name>.toml`.

    Raises FileNotFoundError when there is no such file.
    """
    return tomllib.loads((_DATA / f"{name}.toml").read_text(encoding="utf-8"))


def source(row: Mapping[str, Any]) -> Source:
    """The source of one row: its columns `source` and `checked_on` (a date, or text as in 2026-11-20)."""
    checked_on = row["checked_on"]
    return Source(row["source"], checked_on if isinstance(checked_on, date) else date.fromisoformat(checked_on))
