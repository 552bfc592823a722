"""The matrix: every action of every screen, tried by everybody it is not for, with forged buttons and guessed links.

A new action without a row here fails the first test; a row says who may do it, and everybody else is refused: nothing
in the database changes, and one line is logged that says what was refused and nothing about anybody.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from buttons import screens
from sqlalchemy import select
from structlog.testing import LogCapture
from village import OTHER_VILLAGE, VILLAGE, entered, form

from bot import rounds
from bot.app import App
from bot.demo import stage
from bot.sandbox.client import Person, Sandbox
from bot.sending.pace import UNLIMITED
from bot.transcript import StageClock
from handlers import visit
from storage import broadcasts, claims, handovers, inbox, people, programmes, registrations, roles, uploads
from storage.broadcasts import Stage
from storage.programmes import Programme
from storage.roles import RoleName
from storage.tables import metadata
from storage.transaction import Transaction

# What writing down an update changes in any case.
LEFT_OUT = {"inbox", "outbox", "screens", "people", "pictures", "rounds"}
NOBODY: frozenset[str] = frozenset()
EVERYBODY = frozenset({"*"})
REVIEWERS = frozenset({"sponsor", "admin"})
QUEUES = REVIEWERS | {"sponsor_out", "verifier", "verifier_wrong"}
HELPERS = QUEUES - {"verifier", "verifier_wrong"} | {"facilitator", "facilitator_out", "payer"}
GIVEN: Mapping[str, tuple[RoleName, str, str]] = {
    "facilitator": ("facilitator", VILLAGE, ""),
    "facilitator_out": ("facilitator", OTHER_VILLAGE, ""),
    "sponsor": ("sponsor", VILLAGE, ""),
    "sponsor_out": ("sponsor", OTHER_VILLAGE, ""),
    "verifier": ("verifier", "33.19", "Dinas Perhubungan"),
    "verifier_wrong": ("verifier", "33.19", "Dinas Perdagangan"),
    "revoked": ("sponsor", VILLAGE, ""),
}
PERSONAL = re.compile(r"\d{7,}|Kasmuri|Rahasia")
CAST = ("stranger", "worker", *GIVEN, "payer", "admin")

# Commands that are not for everybody.
COMMANDS: Mapping[str, frozenset[str]] = {
    "/antrean": QUEUES,
    "/daftarkan": HELPERS,
    "/poster": HELPERS - {"payer"},
    "/undang": REVIEWERS | {"sponsor_out"},
    "/siarkan": REVIEWERS | {"sponsor_out"},
    "/program": frozenset({"admin"}),
    "/pengingat": frozenset({"admin"}),
    "/serahkan": frozenset({"admin"}),
}

# Screen and action: what the button is about, and who may press it. Nothing else of a screen is for anybody.
ROWS: Mapping[str, tuple[str, frozenset[str]]] = {
    **{f"queue|{action}": ("entered", REVIEWERS) for action in ("approve", "fix", "reject", "skip", "show", "undo")},
    "queue|open": ("", QUEUES),
    **{f"bulk|{action}": ("", QUEUES) for action in ("open", "clean", "reject")},
    "bulk|undo": ("one", QUEUES),
    **{f"double|{action}": ("entered", REVIEWERS) for action in ("show", "keep", "admin")},
    **{f"under|{action}": ("entered", REVIEWERS) for action in ("show", "put")},
    **{
        f"own|{action}": ("own", frozenset({"worker"}))
        for action in ("refresh", "correct", "edit", "withdraw", "erase")
    },
    **{f"cover|{action}": ("own", frozenset({"worker"})) for action in ("kpj", "renewed", "mistyped")},
    "claim|link": ("entered", frozenset({"facilitator"})),
    "neighbours|one": ("", HELPERS),
    "neighbours|mine": ("", EVERYBODY),  # one's own entries: nobody else's are ever in it
    "neighbours|again": ("entered", frozenset({"facilitator"})),
    "neighbours|open": ("entered", frozenset({"facilitator"})),
    "batch|open": ("", HELPERS),
    **{f"desk|{action}": ("upload", frozenset({"facilitator"})) for action in ("enter", "cancel")},
    **{f"menu|{action}": ("", EVERYBODY) for action in ("bahasa", "daftar")},
    **{f"news|{action}": ("", EVERYBODY) for action in ("yes", "no", "reminders", "stop", "back")},  # the presser's own
    "role|mine": ("", EVERYBODY),
    "role|people": ("", frozenset({"sponsor", "sponsor_out", "admin"})),
    "role|see": ("role", REVIEWERS | {"facilitator"}),
    **{f"role|{action}": ("role", REVIEWERS) for action in ("take", "taken")},
    **{f"role|{action}": ("role", frozenset({"facilitator"})) for action in ("leave", "left")},
    **{
        f"programme|{action}": ("programme", frozenset({"admin"}))
        for action in ("list", "private", "new", "open", "edit", "reshare", "shares", "close", "closed", "reopen")
    },
    **{f"trade|{action}": ("one", frozenset({"admin"})) for action in ("list", "open", "add", "hide", "means")},
    **{
        f"handover|{action}": ("handover", frozenset({"admin"}))
        for action in ("list", "choose", "ask", "see", "confirm", "cancel", "password", "again", "return")
    },
    **{
        f"deck|{action}": ("broadcast", REVIEWERS)
        for action in (
            *("open", "preview", "test", "send", "agree", "withdraw", "change", "discard"),
            *("pause", "resume", "stop", "stopped", "report", "table"),
        )
    },
    **{
        f"siar|{action}": ("received", frozenset({"worker"}))
        for action in ("resume", "where", "paid", "right", "changed", "stop")
    },
    **{
        f"campaign|{action}": ("campaign", frozenset({"admin"}))
        for action in ("list", "open", "on", "off", "offsets", "most", "text", "see", "usual")
    },
    "recap|show": ("view", frozenset({"payer"})),
    **{f"siarkan|{action}": ("", REVIEWERS | {"sponsor_out"}) for action in ("list", "new")},
    "pledge|new": ("", EVERYBODY),
    **{f"pledge|{action}": ("pledge", frozenset({"payer"})) for action in ("open", "register", "close", "closed")},
    **{f"adopt|{action}": ("pledge", frozenset({"payer"})) for action in ("list", "offer")},
    **{f"adopt|{action}": ("one", NOBODY) for action in ("yes", "no")},
}


@dataclass
class Town:
    """A bot with one person of each kind, and one thing of each kind that a button may be about."""

    sandbox: Sandbox
    app: App
    cast: dict[str, Person]
    subjects: dict[str, str]

    async def settle(self) -> None:
        """Wait until everything is answered."""
        await self.app.settled(self.sandbox.world.updates.count)

    async def snapshot(self) -> dict[str, list[Any]]:
        """Return every row of every table that a refused action must not touch."""
        async with self.app.database.read() as tx:
            return {
                name: sorted(map(repr, (await tx.connection.execute(select(table))).all()))
                for name, table in metadata.tables.items()
                if name not in LEFT_OUT
            }


@pytest.fixture
def log() -> Iterator[LogCapture]:
    """What the screens log, whatever an earlier test has made of logging."""
    before, capture = structlog.get_config(), LogCapture()
    structlog.configure(processors=[capture], cache_logger_on_first_use=False)
    vars(visit.log).pop("bind", None)  # where an earlier configuration is kept
    yield capture
    structlog.configure(**before)


@pytest.fixture
async def town(tmp_path: Path, log: LogCapture) -> AsyncIterator[Town]:  # noqa: ARG001  # it begins before the town
    """Set the town up."""
    clock = StageClock(datetime(2026, 11, 20, 3, 0, tzinfo=UTC))
    async with stage(tmp_path, clock=clock, pace=UNLIMITED, limits=None) as (sandbox, app, admin):
        cast = {name: admin if name == "admin" else sandbox.person(name) for name in CAST}
        for person in cast.values():
            await person.start()
        await app.settled(sandbox.world.updates.count)
        async with app.database.write() as tx:
            subjects = await _furnish(tx, cast, clock())
        await rounds.make(app.database, app.office)  # so that what reminders need is there
        yield Town(sandbox, app, cast, subjects)


def refusals(log: LogCapture) -> list[str]:
    """Return what was logged of refusals since the last look."""
    seen = [str(entry) for entry in log.entries if entry["event"] == "refused"]
    log.entries.clear()
    return seen


async def _furnish(tx: Transaction, cast: Mapping[str, Person], now: datetime) -> dict[str, str]:
    """Give roles and put one of each thing into the database; return what buttons call them."""
    for name, (role, area, department) in GIVEN.items():
        given = await roles.grant(tx, cast[name].id, role, area, department=department, by=None, now=now)
        await people.named(tx, cast[name].id, "Kasmuri Rahasia")
        if name == "revoked":
            await roles.revoke(tx, given.id, now)
    [facilitator] = await roles.of(tx, cast["facilitator"].id)
    attested = await entered(tx, 5, now, cast["facilitator"].id)
    mine = cast["worker"].id
    own = await registrations.submit(tx, form_of(mine, now), now)
    first, last = date(2026, 12, 1), date(2027, 11, 1)
    kudus = Programme("kudus", "Program Kudus", "apbd", "33.19", "basic", 12, first, last, people=10)
    pledge = Programme(
        "budi", "Bu Budi", "sponsor", VILLAGE, "basic", 12, first, last, people=2, owner=cast["payer"].id
    )
    for programme in (kudus, pledge):
        await programmes.save(tx, programme, by=None, now=now)
    handover = await handovers.propose(tx, "kudus", mapping="default", count=1, by=cast["admin"].id, now=now)
    broadcast = await broadcasts.create(
        tx, area=VILLAGE, body={"texts": {"id": "Kabar desa"}}, necessary=False, quiet=True, due_at=None, canary=0, by=None, now=now,
        stage=Stage.READY,
    )  # fmt: skip
    upload = await uploads.expect(tx, cast["facilitator"].id, "neighbours", {}, now)
    await broadcasts.plan_one(
        tx, broadcast, mine, registration=own.number, occasion="", language="id", zone="WIB", due_at=now
    )
    [received] = await broadcasts.list_after(tx, broadcast, 0, 1)
    return {
        "": "",
        "one": "1",
        "entered": attested.number,
        "own": own.number,
        "role": str(facilitator.id),
        "programme": "kudus",
        "pledge": "budi",
        "view": "p-budi",
        "campaign": "payment",
        "handover": str(handover.id),
        "upload": str(upload),
        "broadcast": str(broadcast),
        "received": str(received.id),
        "link": "c-" + (await claims.offer(tx, attested.number, cast["facilitator"].id, now))[:-1],
    }


def form_of(person: int, now: datetime) -> Any:
    """Return the form of the worker with Telegram."""
    return replace(form(6, now), person=person, registered_by=person)


def test_every_action_has_a_row() -> None:
    """What a screen compares with or a button carries is in the table, so that nobody forgets to say whom it is for."""
    found = {f"{screen}|{action}" for screen, actions in screens().items() for action in actions}
    assert len(found) > 20
    assert found - ROWS.keys() == set()


@pytest.mark.parametrize("who", CAST)
async def test_whoever_may_not_changes_nothing(town: Town, who: str, log: LogCapture) -> None:
    """Each forged button that is not for this person leaves every table as it was and one line in the log."""
    existing, amiss = screens(), []
    before = await town.snapshot()
    for name, (subject, allowed) in ROWS.items():
        screen, _bar, action = name.partition("|")
        if screen not in existing or {who, "*"} & allowed:
            continue
        refusals(log)
        await town.cast[who].presses_raw(f"s|{screen}|{action}|{town.subjects[subject]}")
        await town.settle()
        logged = refusals(log)
        if await town.snapshot() != before:
            amiss.append(f"{name}: something changed")
            before = await town.snapshot()
        if len(logged) != 1:
            amiss.append(f"{name}: {len(logged)} lines")
        amiss += [f"{name}: {line}" for line in logged if PERSONAL.search(line) or town.subjects["entered"] in line]
    assert amiss == []


@pytest.mark.parametrize("who", CAST)
async def test_commands_of_others_change_nothing(town: Town, who: str, log: LogCapture) -> None:
    """A command that is not for this person, typed by hand since no menu shows it, does nothing and is noted once."""
    before = await town.snapshot()
    for command, allowed in COMMANDS.items():
        if who in allowed:
            continue
        refusals(log)
        await town.cast[who].says(command)
        await town.settle()
        assert len(refusals(log)) == 1, command
        # One's own open question comes back, and is sealed anew.
        assert {**await town.snapshot(), "sessions": []} == {**before, "sessions": []}, command


@pytest.mark.parametrize("who", CAST)
async def test_guessed_links_change_nothing(town: Town, who: str, log: LogCapture) -> None:
    """A link that differs by one sign, an empty one and a made-up one give the same words and one line each."""
    before, answers = await town.snapshot(), set()
    link = town.subjects["link"]
    for payload in (link, link.replace("c-", "i-"), "c-", "i-", "c-x"):  # as many as may be tried in a day
        refusals(log)
        await town.cast[who].start(payload)
        await town.settle()
        answers.add((payload[0], town.cast[who].chat.messages[-1].plain))
        assert len(refusals(log)) == 1
    assert len(answers) == 2
    assert await town.snapshot() == before


async def test_made_up_subjects_do_no_harm(town: Town) -> None:
    """Whoever may press a button may forge what it is about: the bot stays well, whatever stands there."""
    for subject in ("", "9" * 45, "-1", "|", "x|y|z", "٣"):
        for name in ROWS:
            data = f"s|{name}|{subject}"
            if len(data.encode()) <= 64:
                await town.cast["admin"].presses_raw(data)
                await town.settle()
    async with town.app.database.read() as tx:
        assert (await inbox.depth(tx, datetime(2027, 1, 1, tzinfo=UTC))).dead == 0
