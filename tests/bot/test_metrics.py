"""The promise: the figures add up with what was done, and nothing in them says who anybody is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from applicants import Applicant, applicants
from canaries import leaks
from crowds import announce, crowd, reaches
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select

from bot.app import App
from bot.demo import stage
from bot.sandbox.client import Person, Sandbox
from bot.sandbox.faults import SENDS, Fault
from bot.sending.pace import UNLIMITED
from bot.watching import metrics, traces
from handlers.office import utc_now
from storage.broadcasts import Stage
from storage.tables import outbox

Sample = tuple[str, frozenset[tuple[str, str]]]
WATCHING = Path(__file__).parent.parent.parent / "deploy" / "watching"
NIK = "3319030505909876"
NOT_SENDS = {"getUpdates", "getMe", "setMyCommands", "setMyDescription", "setMyShortDescription", "deleteWebhook"}
LABELS = {
    "kind": {*metrics.KINDS, "read", "write"},
    "result": {*metrics.ENDINGS, *metrics.RESULTS, "ok"},
    "method": {*metrics.METHODS.values(), "other"},
    "lane": {*metrics.LANES},
    "box": {"inbox", "outbox"},
    "stage": {*Stage},
}


@asynccontextmanager
async def at_work(folder: Path) -> AsyncIterator[tuple[Sandbox, App]]:
    """Run sandbox and bot together."""
    async with stage(folder, pace=UNLIMITED, limits=None) as (sandbox, app, _admin):
        yield sandbox, app


async def asked(app: App, **headers: str) -> tuple[int, str]:
    """Ask for the figures as Prometheus does, and return status and text."""
    url = f"http://127.0.0.1:{app.port}/metrics"
    async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as answer:
        return answer.status, await answer.text()


async def figures(app: App) -> dict[Sample, float]:
    """Return every figure by its name and labels."""
    families = text_string_to_metric_families((await asked(app))[1])
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def grown(
    before: Mapping[Sample, float], after: Mapping[Sample, float], name: str, label: str = ""
) -> dict[str, float]:
    """Return by how much a figure has grown, by one of its labels; what has not grown is left out."""
    sums: Counter[str] = Counter()
    for (each, labels), value in after.items():
        if each == name and (more := value - before.get((each, labels), 0)):
            sums[dict(labels).get(label, "")] += int(more)
    return dict(sums)


async def test_a_registration_adds_up(tmp_path: Path) -> None:
    """Every update and every call of a registration is counted once, by its kind and by what became of it."""
    async with at_work(tmp_path) as (sandbox, app):
        before, calls = await figures(app), len(sandbox.calls)
        (worker,) = applicants(sandbox, 1)
        await worker.registers()
        await app.settled(sandbox.world.updates.count)
        after = await figures(app)
        made = Counter(
            metrics.METHODS[call.method] for call in list(sandbox.calls)[calls:] if call.method not in NOT_SENDS
        )
    done = sandbox.world.updates.count
    assert grown(before, after, "sertakan_updates_total", "result") == {"done": done}
    assert set(grown(before, after, "sertakan_updates_total", "kind")) == {"message", "callback_query"}
    assert grown(before, after, "sertakan_turn_seconds_count") == {"": done}
    assert grown(before, after, "sertakan_group_updates_sum") == {"": done}
    assert grown(before, after, "sertakan_sends_total", "method") == made
    assert grown(before, after, "sertakan_sends_total", "lane") == {"reply": made.total() - 1, "notice": 1}
    assert grown(before, after, "sertakan_transaction_seconds_count", "kind")["write"] >= done


async def test_what_fails_is_counted(tmp_path: Path) -> None:
    """A halt, a call that is tried again, an update nobody can read and somebody who blocked the bot are seen."""
    async with at_work(tmp_path) as (sandbox, app):
        before = await figures(app)
        ani, budi = sandbox.person("Ani"), sandbox.person("Budi")
        sandbox.faults.fail_next(SENDS, 1, Fault.TOO_MANY, chat=ani.id, retry_after=1)
        sandbox.faults.fail_next(SENDS, 1, Fault.BLOCKED, chat=budi.id)
        sandbox.world.updates.add("message", {"text": "no chat"})
        await ani.start()
        await budi.start()
        await ani.hears("Bolehkah")
        await app.settled(3)
        after = await figures(app)
    assert grown(before, after, "sertakan_halts_total") == {"": 1}
    assert grown(before, after, "sertakan_halted_seconds_total") == {"": 1}
    assert grown(before, after, "sertakan_updates_total", "result") == {"done": 2, "dead": 1}
    sends = grown(before, after, "sertakan_sends_total", "result")
    assert (sends["again"], sends["blocked"], sends["sent"]) == (1, 1, 1)
    assert after["sertakan_box_dead", frozenset({("box", "inbox")})] == 1


async def test_a_broadcast_is_counted(tmp_path: Path) -> None:
    """Every message of a broadcast is counted in its lane, and the broadcast itself by its stage."""
    async with at_work(tmp_path) as (sandbox, app):
        before = await figures(app)
        number = await announce(app.database, crowd(sandbox, 5), utc_now)
        await reaches(app, number, Stage.DONE)
        assert grown(before, await figures(app), "sertakan_sends_total", "lane") == {"broadcast": 5}


async def test_labels_are_of_a_fixed_set(tmp_path: Path) -> None:
    """No label has a value that is not written down, so no id and no name ever gets into one."""
    async with at_work(tmp_path) as (sandbox, app):
        worker = Applicant(sandbox.person("Kenarijati", phone="6281234509876"), NIK, "Kenari Kuningan")
        await worker.registers()
        status, text = await asked(app)
        assert status == 200
        for name, labels in await figures(app):
            if name.startswith("sertakan_") and name != "sertakan_build_info":
                assert all(value in LABELS[label] for label, value in labels if label != "le"), (name, labels)
        planted = [worker.nik, worker.name, worker.address, worker.person.phone, sandbox.token, str(worker.person.id)]
        assert leaks(planted, [text.encode()]) == []


@pytest.mark.parametrize("name", ["alerts.yml", "dashboard.json"])
def test_what_is_watched_exists(name: str) -> None:
    """Every figure that an alert or the dashboard asks for is one that the bot has."""
    asked_for = set(re.findall(r"\bsertakan_\w+", (WATCHING / name).read_text(encoding="utf-8")))
    families = {family.name for family in metrics.REGISTRY.collect()}
    known = families | {f"{family}_{part}" for family in families for part in ("total", "bucket", "sum", "count")}
    assert len(asked_for) > 5
    assert asked_for <= known


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via"])
async def test_a_proxy_shows_no_figures(tmp_path: Path, header: str) -> None:
    """What comes through a proxy gets no figures, whatever the proxy was told to pass on."""
    async with at_work(tmp_path) as (_sandbox, app):
        assert (await asked(app))[0] == 200
        assert (await asked(app, **{header: "for=203.0.113.7"}))[0] == 404


async def test_the_age_of_a_backup(tmp_path: Path) -> None:
    """When a backup was made is shown, apart from when one failed."""
    async with at_work(tmp_path) as (_sandbox, app):
        when = datetime(2026, 11, 20, 19, 0, tzinfo=UTC)
        metrics.record_backup(when, ok=True)
        shown = await figures(app)
        assert shown["sertakan_backup_timestamp_seconds", frozenset({("result", "ok")})] == when.timestamp()


async def test_an_update_can_be_followed_to_its_letters(tmp_path: Path) -> None:
    """The ticket of every letter begins with the trace of the update it comes of."""
    async with at_work(tmp_path) as (sandbox, app):
        ani = sandbox.person("Ani")
        await ani.start()
        await ani.hears("Bolehkah")
        await app.settled(1)
        (update,) = await came(app)
        assert {ticket[:8] for ticket in await tickets(app, ani)} == {traces.trace_of(update)}


async def came(app: App) -> list[int]:
    """Return the ids of the updates that came."""
    async with app.database.read() as tx:
        rows = await tx.connection.exec_driver_sql("SELECT update_id FROM inbox")
        return [row.update_id for row in rows]


async def tickets(app: App, person: Person) -> list[str]:
    """Return the tickets of the letters to a person."""
    async with app.database.read() as tx:
        return list(await tx.connection.scalars(select(outbox.c.ticket).where(outbox.c.chat_id == person.id)))
