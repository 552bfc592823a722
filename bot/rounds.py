"""Makes the rounds: each in a transaction of its own, so that one that fails neither stops the others nor is half made."""

from __future__ import annotations

from collections.abc import Awaitable

import structlog

from bot.watching.logs import where
from handlers.errands import errand
from handlers.office import Office
from handlers.rounds import APART, ROUNDS, Round
from storage import inbox, outbox, rounds
from storage.database import Database

log = structlog.get_logger("rounds")

EVERY = 30.0  # seconds between two looks at the clock


async def make(database: Database, office: Office) -> None:
    """Make every round that is due now, whatever has become of the clock: for all processes, so it is for the one that leads."""
    await _quietly("clock", _set_right(database, office))
    for one in ROUNDS.values():
        await _quietly(one.name, _make(database, office, one))
    for name, work in APART.items():
        await _quietly(name, work(database, office))


async def _set_right(database: Database, office: Office) -> None:
    """Let nothing wait for hours because the clock was set back by them."""
    async with database.write() as tx:
        await inbox.hasten(tx, office.clock())
        await outbox.hasten(tx, office.clock())


async def renew(database: Database, office: Office) -> None:
    """Make the rounds that every process makes for itself."""
    for one in ROUNDS.values():
        if one.everywhere:
            await _quietly(one.name, _make(database, office, one))


async def _quietly(name: str, work: Awaitable[None]) -> None:
    try:
        await work
    except Exception as error:  # noqa: BLE001  # it is due again at the next look
        log.warning("a round failed", round=name, error=where(error))


async def _make(database: Database, office: Office, one: Round) -> None:
    local = office.clock().astimezone(office.zone)
    if one.at is not None and local.time() < one.at:
        return
    async with database.write() as tx:
        if one.at is None or await rounds.begin(tx, one.name, local.date()):
            async with errand(tx, office) as visit:
                await one.work(visit)
