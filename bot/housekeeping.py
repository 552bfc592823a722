"""Housekeeping: what the consent text promises about time, and what no longer serves anybody."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.watching.logs import where
from conversations.consent import HANDED_DAYS, RETENTION_DAYS
from handlers.office import Clock
from storage import broadcasts, files, inbox, outbox, registrations, sessions, uploads
from storage.database import Database
from storage.registrations import NotAllowedError

log = structlog.get_logger("housekeeping")

EVERY = timedelta(hours=1)
REMEMBERED = timedelta(hours=48)  # how long update ids are kept, to know one that comes twice
REPORTED = timedelta(days=400)  # how long a broadcast that ended can be looked at: beyond the next year's
FORGOTTEN = timedelta(days=30)  # how long a broadcast waits for somebody to go on with it
AT_ONCE = 500  # rows swept in one transaction
PROMISED = timedelta(days=RETENTION_DAYS)
HANDED = timedelta(days=HANDED_DAYS)  # unless the operator erases earlier


async def tidy(database: Database, clock: Clock, handed: timedelta = HANDED) -> None:
    """Forget unfinished answers, and the forms of the rejected and of the covered in time, and sweep what is done."""
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
    await _erase(database, now, handed)


async def _erase(database: Database, now: datetime, handed: timedelta) -> None:
    """Erase forms whose time is over, one in a transaction: it is an entry in a history, too."""
    for listed, erase in (
        (partial(registrations.rejected_before, before=now - PROMISED), registrations.erase),
        (partial(registrations.handed_before, before=now - handed), registrations.let_go),
    ):
        last = ""
        while True:
            async with database.read() as tx:
                numbers = await listed(tx, after=last, limit=AT_ONCE)
            for number in numbers:
                with suppress(NotAllowedError):  # it has moved on since it was looked for
                    async with database.write() as tx:
                        await erase(tx, number, now)
            if len(numbers) < AT_ONCE:
                break
            last = numbers[-1]


async def run(database: Database, clock: Clock, handed: timedelta = HANDED) -> None:
    """Tidy every hour until cancelled."""
    while True:
        try:
            await tidy(database, clock, handed)
        except Exception as error:  # noqa: BLE001  # it is tried again in an hour
            log.warning("tidying failed", error=where(error))
        await asyncio.sleep(EVERY.total_seconds())
