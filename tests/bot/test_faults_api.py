"""A Bot API that is away for an hour: what is said waits with growing pauses, and arrives in order when it is back."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.app import App
from bot.demo import stage
from bot.sandbox.faults import SENDS, Fault
from bot.sending.pace import UNLIMITED
from bot.sending.sender import PATIENCE, TRIES
from bot.transcript import StageClock
from handlers.office import utc_now
from storage.tables import outbox

HOUR, STEP = 3600, 60  # seconds
FOR_EVER = 10**9
PEOPLE = 5
IN_ORDER = ("Hak Bapak/Ibu", "bahasa apa", "Rp")


async def tries(app: App) -> int:
    """Return how often the letter that was tried most was tried in vain."""
    async with app.database.read() as tx:
        return await tx.connection.scalar(select(func.max(outbox.c.attempts))) or 0


@pytest.mark.parametrize("kind", [Fault.BROKEN, Fault.RESET])
async def test_away_for_an_hour(tmp_path: Path, kind: Fault, capfd: pytest.CaptureFixture[str]) -> None:
    """Everybody gets all answers in their order; who pressed is not kept by a press that is too old to be answered."""
    clock = StageClock(utc_now())
    async with stage(tmp_path, clock=clock, pace=UNLIMITED, limits=None) as (sandbox, app, _admin):
        crowd = [sandbox.person(f"Orang {number}") for number in range(PEOPLE)]
        for person in crowd:
            await person.start()
            await person.hears("Bolehkah")
        await app.settled(sandbox.world.updates.count)
        for method in (SENDS, "answerCallbackQuery"):
            sandbox.faults.fail_next(method, FOR_EVER, kind)
        for person in crowd:
            await person.presses("Baca selengkapnya")
            await person.says("/bahasa")
            await person.says("/iuran")
        await app.settled(sandbox.world.updates.count)
        for _step in range(HOUR // STEP):
            clock.pass_by(STEP)
            app.sender.wake()
            await app.sender.idle.wait()
        assert 10 < await tries(app) < TRIES
        sandbox.clock.offset += HOUR
        sandbox.faults.clear()
        clock.pass_by(PATIENCE[-1])
        app.sender.wake()
        for person in crowd:
            await person.hears("Rp", ever=True)
            said = [message.plain for message in person.chat.messages if message.sender == "bot"]
            places = [next(place for place, text in enumerate(said) if words in text) for words in IN_ORDER]
            assert places == sorted(places)
        await app.settled(sandbox.world.updates.count)
    assert "a letter was refused" not in capfd.readouterr().out
