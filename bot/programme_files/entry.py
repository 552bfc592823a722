"""Programmes on their way from a file into the database, and as a line of the command line."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime

from bot.programme_files import ProgrammeFileError
from storage import programmes
from storage.database import Database
from storage.programmes import Programme, QuotaTooSmallError
from storage.transaction import Transaction

_FROM_FILE = [one.name for one in fields(Programme) if one.name not in {"owner", "state", "taken"}]


class _DryRunError(Exception):
    """Takes back what a dry run wrote."""


async def enter(database: Database, wanted: Sequence[Programme], now: datetime, *, dry_run: bool = False) -> list[str]:
    """Save all programmes or none, and say what changes; a dry run takes the same way and then takes it back.

    Who owns a programme, and whether it is closed, is not the file's to say. Raises ProgrammeFileError where a quota
    would fall below what is promised.
    """
    told: list[str] = []
    mistakes: list[str] = []
    with contextlib.suppress(_DryRunError):
        async with database.write() as tx:
            told.extend([await _entered(tx, one, now, mistakes) for one in wanted])
            if mistakes:
                raise ProgrammeFileError(mistakes)
            if dry_run:
                raise _DryRunError
    return told


async def _entered(tx: Transaction, wanted: Programme, now: datetime, mistakes: list[str]) -> str:
    await programmes.lock(tx, wanted.code)
    before = await programmes.get(tx, wanted.code)
    if before is not None:
        wanted = replace(wanted, owner=before.owner, state=before.state)
    try:
        async with tx.savepoint():
            after = await programmes.save(tx, wanted, by=None, now=now)
    except QuotaTooSmallError as small:
        mistakes.append(f"{wanted.code}: {small}")
        return ""
    if before is None:
        return f"+ {after.code}: new"
    changed = [name for name in _FROM_FILE if getattr(before, name) != getattr(after, name)]
    if not changed:
        return f"= {after.code}: as it was"
    return f"~ {after.code}: " + "; ".join(_change(before, after, name) for name in changed)


def _change(before: Programme, after: Programme, name: str) -> str:
    if name in {"terms", "shares"}:
        return f"other {name}"
    old, new = getattr(before, name), getattr(after, name)
    return f"{name} {'without' if old is None else old} → {'without' if new is None else new}"


def line(programme: Programme, waiting: int) -> str:
    """Return a programme's figures as one line."""
    taken = programme.taken
    used = [
        f"{promised} of {quota} {what}" if quota is not None else f"{promised} {what}"
        for what, promised, quota in (
            ("people", taken.people, programme.people),
            ("person-months", taken.months, programme.person_months),
            ("rupiah", taken.budget, programme.budget),
        )
    ]
    months = f"{programme.first_month:%Y-%m} to {programme.last_month:%Y-%m}"
    return f"{programme.code} ({programme.state}, {programme.area}, {months}): {', '.join(used)}; {waiting} waiting"
