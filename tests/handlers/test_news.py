"""News: asked once, agreed to by the text that was read, stopped by a button, and forgotten with the last registration."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from village import Office, form, waits

from bot import rounds
from bot.sandbox.client import Person as Worker
from handlers import news
from handlers.errands import call
from storage import people, registrations
from storage.people import Person
from storage.registrations import State

ASKS = "Bolehkah saya juga mengirim kabar"


@pytest.fixture
async def worker(office: Office) -> Worker:
    """Return somebody who knows the bot and was never asked about news."""
    made = office.sandbox.person("Ani")
    await made.start()
    await office.settle()
    return made


async def stored(office: Office, who: Worker) -> Person:
    """Return what is stored of somebody."""
    async with office.app.database.write() as tx:
        return await people.meet(tx, who.id, office.clock())


async def agreed(office: Office, who: Worker, version: str) -> None:
    """Let somebody have agreed to a text."""
    async with office.app.database.write() as tx:
        await people.agree_to_news(tx, who.id, version, office.clock())


async def look(office: Office) -> None:
    """Let the office look at the clock, and what it writes be sent."""
    await rounds.make(office.app.database, office.app.office)
    office.app.sender.wake()
    await office.settle()


async def offered(office: Office, who: Worker, **differences: int) -> int:
    """Offer news to somebody and return how many messages that makes."""
    async with (
        office.app.database.write() as tx,
        call(tx, replace(office.app.office, **differences), who.id, {}) as visit,
    ):
        await news.offer(visit)
        return len(visit.letters)


async def test_asked_once(office: Office, worker: Worker) -> None:
    """The question is put once; a second occasion, silence or a stop is no reason to ask again."""
    assert await offered(office, worker) == 1
    assert (await stored(office, worker)).news_at is None
    assert await offered(office, worker) == 0


async def test_nobody_is_asked_in_vain(office: Office, worker: Worker) -> None:
    """Who has stopped is left alone, and so is everybody where no news are sent at all."""
    assert await offered(office, worker, messages_a_week=0) == 0
    async with office.app.database.write() as tx:
        await people.stop(tx, worker.id, office.clock())
    assert await offered(office, worker) == 0


async def test_a_yes_counts_for_the_text_above_it(office: Office, worker: Worker) -> None:
    """A button under an older text agrees to nothing: today's text is shown with its own buttons."""
    await worker.presses_raw("s|news|yes|2020-01-01")
    await worker.hears(ASKS)
    assert (await stored(office, worker)).news_at is None
    await worker.presses("Ya, kirimi")
    await worker.hears("20 November 2026")
    assert (await stored(office, worker)).news_version == news.VERSION


@pytest.mark.parametrize("data", ["s|news|", "s|news|all|", "s|news"])
async def test_a_forged_button_changes_nothing(office: Office, worker: Worker, data: str) -> None:
    """What no screen has made is refused."""
    before = await stored(office, worker)
    await worker.presses_raw(data)
    await worker.gets_toast("tidak berlaku")
    assert await stored(office, worker) == before


async def test_the_button_under_a_message(office: Office, worker: Worker) -> None:
    """It stops, leaves the message it stands under as it is, and pressed again says so over the chat."""
    async with office.app.database.write() as tx, call(tx, office.app.office, worker.id, {}) as visit:
        visit.query, visit.message = "1", 1
        await news.stop_by_button(visit)
        assert [letter.method for letter in visit.letters] == ["sendMessage"]
        assert visit.person.stopped_at == office.clock()
        await news.stop_by_button(visit)
        assert (len(visit.letters), visit.toast is None) == (1, False)
        visit.letters.clear()


async def test_another_text_is_asked_about_by_day(office: Office, worker: Worker) -> None:
    """An old yes stops counting at once; the question waits for the morning, comes once, and silence means no."""
    await agreed(office, worker, "2020-01-01")
    office.clock.pass_by(timedelta(hours=12).total_seconds())  # 22:00 in the west
    await look(office)
    assert (await stored(office, worker)).news_at is None
    assert ASKS not in worker.chat.transcript()
    office.clock.pass_by(timedelta(hours=9).total_seconds())
    asked = office.clock()
    for _again in range(2):
        await look(office)
        office.clock.pass_by(30)
    assert worker.chat.transcript().count(ASKS) == 1
    person = await stored(office, worker)
    assert (person.news_at, person.news_asked_at) == (None, asked)


async def test_the_present_text_is_not_asked_about_again(office: Office, worker: Worker) -> None:
    """Who agreed to today's text goes on getting news without a question."""
    await agreed(office, worker, news.VERSION)
    await look(office)
    assert ASKS not in worker.chat.transcript()
    assert (await stored(office, worker)).news_at == office.clock()


async def test_forgotten_with_the_last_registration(office: Office) -> None:
    """Erasing one of two keeps the consent to news, erasing the last one forgets it; a stop is kept."""
    now = office.clock()
    async with office.app.database.write() as tx:
        first = await waits(tx, 5, now)
        theirs = replace(form(6, now), person=first.person, registered_by=first.registered_by)
        second = await registrations.submit(tx, theirs, now)
        await people.agree_to_news(tx, first.registered_by, news.VERSION, now)
        await people.stop(tx, first.registered_by, now)
        for registration, keeps in ((first, True), (second, False)):
            await registrations.move(
                tx, registration.number, State.WITHDRAWN, actor=first.person, reason=None, now=now, frm=State.QUEUED
            )
            await registrations.erase(tx, registration.number, now)
            person = await people.meet(tx, first.registered_by, now)
            assert (person.news_at is not None, person.stopped_at) == (keeps, now)
