"""The promise: what cannot be read or handled is laid aside, sealed, and holds nobody else up."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from applicants import Applicant, applicants
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from bot.app import App
from bot.demo import stage
from bot.intake.polling import NoUpdateError, arrival
from bot.sandbox.client import Person, Sandbox
from bot.sandbox.updates import Update
from bot.sending.pace import UNLIMITED
from bot.transcript import StageClock
from bot.worker import DELAYS
from storage import inbox, outbox, registrations
from storage.database import Transaction
from storage.outbox import Letter
from storage.tables import inbox as rows
from storage.tables import sessions
from storage.vault import Vault

CANARY = "3319020505909123 Kenari Kuning"
DEEP = json.loads("[" * 300 + "]" * 300)
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def poisons(person: Person) -> list[tuple[str, Any]]:
    """Return kinds and bodies of updates that nobody can read, about this person's chat where they name one."""
    chat = {"id": person.id, "type": "private", "first_name": CANARY}
    sender = {"id": person.id, "is_bot": False, "first_name": CANARY}
    message = {"message_id": 1, "date": 1_800_000_000, "chat": chat, "from": sender, "text": CANARY}
    return [
        ("message", {}),
        ("message", CANARY),
        ("message", [message]),
        ("message", {"text": CANARY}),
        ("message", {**message, "chat": None}),
        ("message", {**message, "from": 7}),
        ("message", {**message, "date": "yesterday"}),
        ("message", {**message, "message_id": {"a": CANARY}}),
        ("message", {**message, "text": f"{CANARY} \ud83d"}),
        ("message", {**message, "text": CANARY, "entities": DEEP}),
        ("message", {**message, "entities": [{"type": 5, "offset": -1}]}),
        ("callback_query", {"id": 5, "from": CANARY, "data": CANARY}),
        ("callback_query", {"id": "5", "from": sender, "chat_instance": 1, "data": [CANARY] * 20_000}),
        ("my_chat_member", {"chat": chat, "from": sender, "date": 0, "old_chat_member": CANARY}),
    ]


STRANGE: list[tuple[str, Any]] = [
    ("something_new", {"text": CANARY}),
    ("message", None),
    ("message", {"message_id": 1, "date": 0, "chat": {"id": -5, "type": "group", "title": CANARY}, "text": CANARY}),
    ("message", {"message_id": 1, "date": 0, "chat": {"id": 10**400, "type": "private"}, "text": CANARY}),
    ("edited_message", {"message_id": 1, "date": 0, "chat": {"id": 2**63, "type": "channel"}, "text": CANARY}),
]
"""Updates that can be read and are nothing to us."""


def inject(sandbox: Sandbox, kind: str, body: Any) -> int:
    """Queue an update as Telegram would, whatever it is, and return its id."""
    updates = sandbox.world.updates
    updates.allowed = frozenset()
    return updates.add(kind, body)


async def dead(app: App) -> dict[int, str | None]:
    """Return the dead letters' reasons by update id."""
    async with app.database.read() as tx:
        return {letter.update_id: letter.reason for letter in await inbox.dead(tx)}


async def test_poison_among_good_updates(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """In one batch with poison, good updates are handled, poison is kept sealed, and no line tells what it held."""
    caplog.set_level(logging.INFO)
    async with stage(tmp_path, pace=UNLIMITED, limits=None) as (sandbox, app, _admin):
        ani, budi = sandbox.person("Ani"), sandbox.person("Budi")
        await ani.start()
        bad = [inject(sandbox, *poison) for poison in poisons(ani)]
        strange = [inject(sandbox, *one) for one in STRANGE]
        await budi.start()
        await ani.hears("Bolehkah")
        await budi.hears("Bolehkah")
        await app.settled(sandbox.world.updates.count)
        assert set(await dead(app)) == set(bad)
        assert set((await dead(app)).values()) == {"unreadable"}
        await ani.says("/bahasa")
        await ani.hears("bahasa apa")
        assert len(sandbox.world.updates) <= 1  # the offset has moved past all of them
        async with app.database.read() as tx:
            kept = {row.update_id: row for row in (await tx.connection.execute(select(rows))).all()}
        assert all(kept[update_id].state == "done" for update_id in strange)
        vault = app.settings.vault()
        for update_id in bad:
            row = kept[update_id]
            assert CANARY.encode() not in row.body
            assert json.loads(vault.open(row.body, f"inbox.body:{row.bot_id}:{update_id}"))["update_id"] == update_id
    _quiet(caplog, capfd)


def _quiet(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    told = caplog.text + "".join(capfd.readouterr())
    assert not [word for word in (*CANARY.split(), "9123") if word in told]


async def test_what_has_no_id(tmp_path: Path) -> None:
    """Something without an update's id is passed over with the updates around it handled, and does not come again."""

    class Nameless(Update):
        def as_telegram(self) -> dict[str, Any]:
            return {**super().as_telegram(), "update_id": self.body["as"]}

    async with stage(tmp_path, pace=UNLIMITED, limits=None) as (sandbox, app, _admin):
        ani = sandbox.person("Ani")
        for number in (None, "7", 1.5, True, 2**63, [1]):
            wrong = inject(sandbox, "message", {})
            sandbox.world.updates._pending[-1] = Nameless(wrong, "message", {"as": number}, sandbox.clock())
        await ani.start()
        await ani.hears("Bolehkah")
        await app.settled(1)
        await ani.says("/bahasa")
        await ani.hears("bahasa apa")
        assert len(sandbox.world.updates) <= 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["chat", "from", "id", "x"]), inner),
    max_leaves=8,
)


@given(JSON | st.dictionaries(st.sampled_from(["update_id", "message", "callback_query", "edited_message"]), JSON))
def test_any_json_is_an_arrival_or_none(update: object) -> None:
    """Whatever JSON comes as an update, it is a row that every database takes, or it is refused for its id alone."""
    try:
        row = arrival(update)
    except NoUpdateError:
        number = update.get("update_id") if isinstance(update, dict) else None
        assert type(number) is not int or abs(number) >= 2**63
    else:
        assert abs(row.update_id) < 2**63
        assert abs(row.lane) < 2**63
        assert row.body.isascii()


@asynccontextmanager
async def slowly(folder: Path) -> AsyncIterator[tuple[Sandbox, App, StageClock]]:
    """Run sandbox and bot on a clock that the test moves."""
    clock = StageClock(NOW)
    async with stage(folder, clock=clock, pace=UNLIMITED, limits=None) as (sandbox, app, _admin):
        yield sandbox, app, clock


async def served(app: App, clock: StageClock, other: Person, seconds: float) -> None:
    """Let time pass; somebody else is served meanwhile, in the same transaction as what is due or in a later one."""
    clock.pass_by(seconds)
    app.worker.wake()
    await other.says("/bahasa")
    await other.hears("bahasa apa")


async def attempts(app: App, update_id: int) -> int:
    """Return how often an update was tried in vain and put off."""
    async with app.database.read() as tx:
        return await tx.connection.scalar(select(rows.c.attempts).where(rows.c.update_id == update_id)) or 0


async def given_up(app: App, clock: StageClock, other: Person, update_id: int) -> None:
    """Let time pass, step by step, until an update is given up."""
    await served(app, clock, other, 0)
    for number, delay in enumerate(DELAYS, 1):
        assert await attempts(app, update_id) == number
        await served(app, clock, other, delay - 0.5)
        assert await attempts(app, update_id) == number
        await served(app, clock, other, 0.5)
    assert update_id in await dead(app)


async def _spoil_session(app: App, person: Person) -> None:
    """Replace somebody's session by one that was sealed with another key."""
    foreign = Vault([("1", bytes(32))], bytes(32)).seal_json({}, f"sessions.body:{person.id}:registration")
    async with app.database.write() as tx:
        await tx.connection.execute(update(sessions).where(sessions.c.person == person.id).values(body=foreign))


async def test_a_session_that_does_not_open(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """A turn that fails is tried again later and later, then laid aside; its person is asked to send it once more."""
    async with slowly(tmp_path) as (sandbox, app, clock):
        ani, budi = sandbox.person("Ani"), sandbox.person("Budi")
        await budi.start()
        await ani.start()
        await ani.hears("Bolehkah")
        await _spoil_session(app, ani)
        await ani.says(CANARY)
        await given_up(app, clock, budi, sandbox.world.updates._last_id)
        await ani.hears("Maaf")
        await ani.says("/bahasa")
        await ani.hears("bahasa apa")
    _quiet(caplog, capfd)


async def test_a_failure_that_passes(tmp_path: Path) -> None:
    """When the database refuses a registration for a while, it is there once the trouble is over, and only once."""
    async with slowly(tmp_path) as (sandbox, app, clock):
        budi = sandbox.person("Budi")
        (worker,) = applicants(sandbox, 1)
        await budi.start()
        await worker.reaches("summary")
        await _refuse(app, "registrations", "true")
        await worker.answers()
        pressed = sandbox.world.updates._last_id
        await served(app, clock, budi, 0)
        await served(app, clock, budi, DELAYS[0])
        assert await attempts(app, pressed) == 2
        async with app.database.write() as tx:
            await tx.connection.execute(text("DROP TRIGGER refused"))
        await served(app, clock, budi, DELAYS[1])
        await worker.finishes()
        assert await _registered(app, worker) == 1
        assert await dead(app) == {}


async def test_not_even_an_apology(tmp_path: Path) -> None:
    """Where nothing can be posted to one person, everybody else is served all the same."""
    async with slowly(tmp_path) as (sandbox, app, clock):
        ani, budi = sandbox.person("Ani"), sandbox.person("Budi")
        await budi.start()
        await ani.start()
        await ani.hears("Bolehkah")
        await _refuse(app, "outbox", f"NEW.chat_id = {ani.id}")
        await ani.says("/bahasa")
        await given_up(app, clock, budi, sandbox.world.updates._last_id)


async def test_rows_that_do_not_open(tmp_path: Path) -> None:
    """An update and a letter that no key opens end as dead and as failed, and hold nobody up."""
    foreign = Vault([("1", bytes(32))], bytes(32))
    async with slowly(tmp_path) as (sandbox, app, clock):
        ani, budi = sandbox.person("Ani"), sandbox.person("Budi")
        await budi.start()
        await ani.start()
        await ani.hears("Bolehkah")
        async with app.database.write() as tx:
            spoilt = Transaction(tx.connection, foreign)
            await inbox.keep(spoilt, app.settings.bot_id, [inbox.Arrival(5, ani.id, b"{}")], clock())
            await outbox.post(spoilt, [Letter(ani.id, "sendMessage", {"chat_id": ani.id, "text": CANARY})], clock())
        app.sender.wake()
        await served(app, clock, budi, 1)
        await ani.says("/bahasa")
        await ani.hears("bahasa apa")
        assert await dead(app) == {5: "seal broken"}
        async with app.database.read() as tx:
            assert (await outbox.depth(tx, clock())).dead == 1


async def _refuse(app: App, table: str, when: str) -> None:
    """Let the database refuse new rows of a table."""
    trigger = f"CREATE TRIGGER refused BEFORE INSERT ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, 'refused'); END"
    async with app.database.write() as tx:
        await tx.connection.execute(text(trigger))


async def _registered(app: App, worker: Applicant) -> int:
    async with app.database.read() as tx:
        return len(await registrations.of_person(tx, worker.person.id))
