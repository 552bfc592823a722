"""Every fact in the data files can be looked up."""

from __future__ import annotations

from datetime import date

import pytest

from conversations.rules.tables import document, rows, source


@pytest.mark.parametrize("table", ["prices", "occupations", "zones"])
def test_every_row_has_a_source_and_a_day(table: str) -> None:
    """A row without them could not be corrected by an operator."""
    for row in rows(table):
        fact = source(row)
        assert fact.name
        assert date(2026, 1, 1) <= fact.checked_on


@pytest.mark.parametrize("name", ["benefits", "payment"])
def test_every_table_has_a_source_and_a_day(name: str) -> None:
    """Likewise for the facts kept as TOML."""
    for fact in document(name).values():
        assert source(fact).name


def test_a_missing_file_is_named() -> None:
    """Asking for a table that does not exist fails at once."""
    with pytest.raises(FileNotFoundError):
        rows("nothing")
    with pytest.raises(FileNotFoundError):
        document("nothing")
