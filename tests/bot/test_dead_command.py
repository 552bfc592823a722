"""`sertakan dead`: nobody reads what was given up, and what is replayed acts once and in its order."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from canaries import leaks
from sqlalchemy import select
from test_audit_command import settings
from test_command_line import sertakan

from storage import inbox, outbox
from storage.database import Database
from storage.outbox import Letter, Outcome
from storage.tables import outbox as rows
from storage.vault import Vault

SECRETS = ("3319022505909001", "Kenari Kuningan")
NOW = datetime.now(UTC)


async def prepared(given: dict[str, str]) -> Database:
    """Open a database with two dead updates of a chat, one that waits there, and three dead letters."""
    database = await Database.open(given["database_url"], Vault.parse(given["keys"], given["index_key"]))
    await database.migrate()
    body = " ".join(SECRETS).encode()
    async with database.write() as tx:
        await inbox.keep(tx, 1, [inbox.Arrival(number, 7, body) for number in (1, 2, 3)], NOW)
        for _dead in range(2):
            await inbox.bury(tx, (await inbox.claim(tx, 1, NOW))[0].id, "KeyError", NOW)
        letters = [Letter(chat, "sendMessage", {"text": SECRETS[1]}, slot="status") for chat in (1, 2, 3)]
        await outbox.post(tx, letters, NOW)
        taken = await outbox.claim(tx, 3, NOW)
        why = ("refused", "blocked", "refused")
        await outbox.settle(tx, [Outcome(one.id, "failed", reason=no) for one, no in zip(taken, why, strict=True)], NOW)
        await outbox.post(tx, [Letter(3, "sendMessage", {"text": "newer"}, slot="status")], NOW)
    return database


async def test_looked_at_replayed_and_dropped(tmp_path: Path) -> None:
    """Listed without their bodies; replayed once, in a chat's order; dropped, nothing is left of them."""
    given = settings(tmp_path)
    database = await prepared(given)
    listed = await sertakan(tmp_path, "dead", "list", **given)
    assert [line.split(", ")[:2] for line in listed.out.splitlines()] == [
        ["in-1: update", "KeyError"],
        ["in-2: update", "KeyError"],
        ["out-1: sendMessage", "refused"],
        ["out-2: sendMessage", "blocked"],
        ["out-3: sendMessage", "refused"],
    ]
    shown = await sertakan(tmp_path, "dead", "show", "in-2", **given)
    assert re.match(r"in-2: update, KeyError, 0\.\d h ago, 0 failed tries before", shown.out)
    again = await sertakan(tmp_path, "dead", "replay", "--all", "--reason", "KeyError", **given)
    assert again.out == "in-1: goes again.\nin-2: goes again.\n"
    twice = await sertakan(tmp_path, "dead", "replay", "in-1", "out-1", "out-2", "out-3", **given)
    assert twice.out.splitlines() == [
        "in-1: there is no such dead letter.",
        "out-1: goes again.",
        "out-2: its text is gone; whoever has blocked the bot is not written to.",
        "out-3: a later message shows the same place on the screen: drop it.",
    ]
    async with database.write() as tx:
        order = []
        while taken := await inbox.claim(tx, 9, datetime.now(UTC)):
            order += [one.update_id for one in taken]
            await inbox.finish(tx, [one.id for one in taken], NOW)
        assert order == [1, 2, 3]
        assert {one.id for one in await outbox.claim(tx, 9, datetime.now(UTC))} == {1, 4}
    refused = await sertakan(tmp_path, "dead", "drop", "--all", typed="n\n", **given)
    assert refused.code == 1
    dropped = await sertakan(tmp_path, "dead", "drop", "--all", "--yes", **given)
    assert dropped.out == "Erased: 2 of 2.\n"
    async with database.read() as tx:
        left = await tx.connection.scalars(select(rows.c.payload).where(rows.c.id.in_([2, 3])))
        assert list(left) == [None, None]
        assert (await inbox.depth(tx, NOW)).dead == (await outbox.depth(tx, NOW)).dead == 0
    await database.close()
    ran = (listed, shown, again, twice, refused, dropped)
    assert leaks(SECRETS, [one.out.encode() + one.err.encode() for one in ran]) == []
    assert not any("Traceback" in one.err for one in ran)


async def test_it_is_said_how_they_are_named(tmp_path: Path) -> None:
    """Whoever names nothing, both, or something else, reads how it is done."""
    given = settings(tmp_path)
    await (await prepared(given)).close()
    for arguments in ((), ("in-1", "--all"), ("12",), ("in-1", "--reason", "KeyError")):
        ran = await sertakan(tmp_path, "dead", "replay", *arguments, **given)
        assert ran.code == 2
        assert "in-12 or out-5" in ran.err or "say --all" in ran.err
