"""What lies on the disk: no NIK, phone or name can be read there, before or after the work is done."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from storage import inbox, outbox, registrations, roles, sessions
from storage.database import Database
from storage.inbox import Arrival
from storage.outbox import Letter, Outcome
from storage.registrations import Application, State
from storage.vault import Vault

PLANTED = ("3319022505909001", "3319026505909002", "6281234567890", "81234567890", "Slamet Contoh")


def readable(folder: Path, *more: str) -> list[tuple[str, str]]:
    """List which planted text stands in which file."""
    return [
        (file.name, planted)
        for file in folder.iterdir()
        for planted in (*PLANTED, *more)
        for encoding in ("utf-8", "utf-16-le")
        if planted.encode(encoding) in file.read_bytes()
    ]


async def test_no_trace(tmp_path: Path, vault: Vault, now: datetime, apply: Callable[..., Application]) -> None:
    """Neither the database nor its log shows anybody's data, while the work waits and once it is done."""
    database = await Database.open(f"sqlite:///{tmp_path / 'x.db'}", vault)
    await database.migrate()
    words = {"text": " ".join(PLANTED)}
    async with database.write() as tx:
        await inbox.keep(tx, 1, [Arrival(1, 1, str(words).encode()), Arrival(2, 2, str(words).encode())], now)
        await outbox.post(tx, [Letter(1, "sendMessage", words), Letter(2, "sendMessage", words, ref="r")], now)
        await sessions.save(tx, 1, "registration", words, now)
        made = await registrations.submit(tx, apply(), now)
        token = await roles.invite(tx, "sponsor", "33.19", 1, now)
    assert (tmp_path / "x.db-wal").stat().st_size > 0
    assert readable(tmp_path, token) == []
    async with database.write() as tx:
        one, two = await inbox.claim(tx, 2, now)
        await inbox.finish(tx, [one.id], now)
        await inbox.bury(tx, two.id, "ValidationError", now)
        await outbox.settle(tx, [Outcome((await outbox.claim(tx, 1, now))[0].id, "sent", 1)], now)
        await outbox.withdraw(tx, "r", now)
        await sessions.drop(tx, 1, "registration")
        await registrations.move(
            tx, made.number, State.REJECTED, actor=5, reason="Slamet Contoh", now=now, frm=State.QUEUED
        )
        await registrations.erase(tx, made.number, now)
    assert readable(tmp_path) == []
    await database.close()
    assert readable(tmp_path) == []
