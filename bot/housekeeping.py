"""Housekeeping: what the consent text promises about time, and what no longer serves anybody."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from bot.logs import where
from conversations.consent import RETENTION_DAYS
from handlers.office import Clock
from storage import broadcasts, files, inbox, outbox, registrations, sessions, uploads
from storage.database import Database

log = structlog.get_logger("housekeeping")

EVERY = timedelta(hours=1)
REMEMBERED = timedelta(hours=48)  # how long update ids are kept, to know one that comes twice
REPORTED = timedelta(days=400)  # how long a broadcast that ended can be looked at: beyond the next year's
FORGOTTEN = timedelta(days=30)  # how long a broadcast waits for somebody to go on with it
AT_ONCE = 500  # rows swept in one transaction
PROMISED = timedelta(days=RETENTION_DAYS)


async def tidy(database: Database, clock: Clock) -> None:
    """Forget unfinished answers and rejected registrations in time, and sweep what is done."""
    now = clock()
    for sweep, kept in ((inbox.sweep, REMEMBERED), (outbox.sweep, REMEMBERED), (broadcasts.sweep, REPORTED)):
        gone = AT_ONCE
        while gone == AT_ONCE:  # in small transactions, since replies wait for them
            async with database.write() as tx:
                gone = await sweep(tx, now - kept, AT_ONCE)
    async with database.write() as tx:
        await broadcasts.forget(tx, now - FORGOTTEN, now)
        await sessions.sweep(tx, now - PROMISED)
        await uploads.sweep(tx, now)
        await files.sweep(tx, now)
        while numbers := await registrations.rejected_before(tx, now - PROMISED):
            for number in numbers:
                await registrations.erase(tx, number, now)


async def run(database: Database, clock: Clock) -> None:
    """Tidy every hour until cancelled."""
    while True:
        try:
            await tidy(database, clock)
        except Exception as error:  # noqa: BLE001  # it is tried again in an hour
            log.warning("tidying failed", error=where(error))
        await asyncio.sleep(EVERY.total_seconds())
