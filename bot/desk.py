"""The desk: takes files that people sent in through their stages, one after the other, beside the worker.

Fetching, reading and entering take seconds, so they are no part of a turn. Each stage ends in a commit, and rows are
entered a few at a time, each few with the note of how far it got: killed at any point, it goes on from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import islice

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest

from bot.watching.logs import where
from conversations.verdicts import Counts, Good, Verdict
from handlers import desk
from handlers.errands import call
from handlers.office import Office
from handlers.visit import Visit
from sheets.apart import read_apart
from sheets.reading import LARGEST, Sheet, SheetError
from storage import uploads
from storage.database import Database
from storage.uploads import Stage, Upload

log = structlog.get_logger("desk")

TOGETHER = 25  # rows entered in one transaction: less than a tenth of a second, in which all others wait
SHOWN_EVERY = 3.0  # seconds between two edits of the progress
LEASE = timedelta(minutes=5)  # longer than any stage, so that nobody else takes it up meanwhile
DELAYS = (1, 5, 15, 60, 300)  # seconds before a failed stage is tried again
IDLE = 5.0  # seconds after which the desk is looked at although nothing rang


class LostError(Exception):
    """Telegram no longer has the file, or never gives it."""


class Desk:
    """Works until it is cancelled; `wrote` is called after each commit that filled the outbox."""

    def __init__(self, database: Database, bot: Bot, office: Office, wrote: Callable[[], None]) -> None:
        self._database, self._bot, self._office, self._wrote = database, bot, office, wrote
        self._bell = asyncio.Event()
        self.idle = asyncio.Event()  # nothing is due and nothing is in hand

    def wake(self) -> None:
        """Say that a file may have been put here."""
        self.idle.clear()
        self._bell.set()

    async def run(self) -> None:
        """Work until cancelled. A database that is away is waited for: the rows keep everything."""
        while True:
            self._bell.clear()
            worked = await self._again(self._next)
            if not worked and not self._bell.is_set():
                self.idle.set()
                await self._nap()

    async def _again(self, work: Callable[[], Awaitable[object]]) -> bool:
        try:
            return bool(await work())
        except Exception as error:  # noqa: BLE001  # whatever it was, the row is still there
            log.warning("the desk could not go on, trying again", error=where(error))
            await asyncio.sleep(1)
            return True

    async def _nap(self) -> None:
        try:
            async with asyncio.timeout(IDLE):
                await self._bell.wait()
        except TimeoutError:
            pass

    async def _next(self) -> bool:
        """Do one stage of what is due, and tell whether there was anything."""
        async with self._database.read() as tx:
            due = await uploads.next_due(tx)
        if due is None or due > self._office.clock():
            return False
        async with self._database.write() as tx:
            upload = await uploads.claim(tx, self._office.clock(), LEASE)
        if upload is None:
            return False
        try:
            await (self._read(upload) if upload.stage is Stage.READING else self._enter(upload))
        except SheetError as error:
            await self._refuse(upload, error.code)
        except LostError:
            await self._refuse(upload, "lost")
        except Exception as error:  # noqa: BLE001  # one file's failure is its own
            await self._failed(upload, error)
        self._wrote()
        return True

    async def _failed(self, upload: Upload, error: Exception) -> None:
        if upload.attempts >= len(DELAYS):
            log.error("a file was given up", upload=upload.id, purpose=upload.purpose, error=where(error))
            await self._refuse(upload, "lost" if upload.body is None else "fault")
            return
        delay = DELAYS[upload.attempts]
        log.warning("a file is tried again", upload=upload.id, error=where(error), seconds=delay)
        async with self._database.write() as tx:
            await uploads.postpone(tx, upload.id, self._office.clock() + timedelta(seconds=delay))

    async def _refuse(self, upload: Upload, code: str) -> None:
        async with self._visit(upload) as visit:
            if await uploads.move(visit.tx, upload.id, upload.stage, Stage.REFUSED, visit.now, {"code": code}):
                desk.refuse(visit, upload, code)
                _forget(visit, upload)

    async def _read(self, upload: Upload) -> None:
        """Fetch and read the file, and ask whether it is to be entered."""
        body = upload.body if upload.body is not None else await self._fetch(upload)
        upload = replace(upload, body=body)
        sheet = await self._sheet(upload)
        verdicts = await self._judged(upload, sheet)
        async with self._visit(upload) as visit:
            if not await desk.READERS[upload.purpose].may(visit, upload):
                raise SheetError("denied")
            counts = Counts.of(verdicts)
            to = Stage.ASKING if counts.good else Stage.DONE
            result = {"good": counts.good, "known": counts.known, "bad": counts.bad}
            if await uploads.move(visit.tx, upload.id, Stage.READING, to, visit.now, result):
                desk.read(visit, upload, sheet, verdicts)
                await desk.returned(visit, upload, sheet, verdicts)
                _forget(visit, upload)

    async def _fetch(self, upload: Upload) -> bytes:
        """Fetch a file from Telegram and keep it, so that this is done once. Its address is a secret: it holds the token."""
        try:
            found = await self._bot.get_file(upload.wish["file"])
        except TelegramBadRequest:
            raise LostError from None
        if found.file_path is None:
            raise LostError
        body = bytearray()
        url = self._bot.session.api.file_url(self._bot.token, found.file_path)
        async for part in self._bot.session.stream_content(url, timeout=60, raise_for_status=True):
            body += part
            if len(body) > LARGEST:
                raise SheetError("too_large")
        async with self._database.write() as tx:
            await uploads.keep_body(tx, upload.id, bytes(body))
        return bytes(body)

    async def _sheet(self, upload: Upload) -> Sheet:
        """Read the file apart from everything else: a process of its own, so once a stage."""
        return await read_apart(upload.body or b"", desk.READERS[upload.purpose].pasted)

    async def _judged(self, upload: Upload, sheet: Sheet) -> list[Verdict]:
        """Say what can be done with each row, as things are now."""
        async with self._database.read() as tx, call(tx, self._office, upload.person, upload.wish) as visit:
            return await desk.READERS[upload.purpose].check(visit, upload, sheet)

    async def _enter(self, upload: Upload) -> None:
        """Enter the good rows, a few in a transaction. Those entered before the bot was killed are known by now."""
        reader = desk.READERS[upload.purpose]
        sheet = await self._sheet(upload)
        left = iter([one for one in await self._judged(upload, sheet) if isinstance(one, Good)])
        result, shown = dict(upload.result), 0.0
        clock = asyncio.get_running_loop().time
        while part := list(islice(left, TOGETHER)):
            async with self._visit(upload) as visit:
                held = await uploads.get(visit.tx, upload.id, locked=True)
                if held is None or held.stage is not Stage.ENTERING:
                    return
                if not await reader.may(visit, upload):
                    raise SheetError("denied")
                result["entered"] = int(held.result.get("entered", 0)) + await reader.enter(visit, upload, part)
                await uploads.note(visit.tx, upload.id, result, visit.now + LEASE)
                if clock() - shown >= SHOWN_EVERY:
                    shown = clock()
                    desk.progress(visit, upload, result["entered"], result["good"])
            self._wrote()
        await self._finish(replace(upload, result=result), sheet)

    async def _finish(self, upload: Upload, sheet: Sheet) -> None:
        """Say what was entered, by the rows as they stand afterwards."""
        verdicts = await self._judged(upload, sheet)
        async with self._visit(upload) as visit:
            if await uploads.move(visit.tx, upload.id, Stage.ENTERING, Stage.DONE, visit.now):
                await desk.READERS[upload.purpose].entered(visit, upload, sheet, verdicts)

    @asynccontextmanager
    async def _visit(self, upload: Upload) -> AsyncIterator[Visit]:
        async with self._database.write() as tx, call(tx, self._office, upload.person, upload.wish) as visit:
            yield visit


def _forget(visit: Visit, upload: Upload) -> None:
    """Delete the message that brought the file: what stands in it should not stay in a chat."""
    message = upload.wish.get("message")
    if isinstance(message, int):
        visit.forget(message)
