"""How far a broadcast is: a sum that adds up at every stage, steering it, and the report with what followed."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from siaran import counted, press, sent, stands, written
from sqlalchemy import insert, update
from village import VILLAGE, Office, entered

from bot.sandbox.client import Person
from handlers.broadcasts import progress, report
from handlers.errands import call, errand
from handlers.neighbours import unreachable
from storage import broadcasts, outbox, people, roles
from storage.broadcasts import Stage
from storage.tables import recipients

SUM = re.compile(
    r"^. (?:terkirim|menunggu|di perjalanan|gagal|tidak pasti|tidak menerima kabar|dilewati): ([\d.]+)$", re.MULTILINE
)
SENT = {"occasion": "", "language": "id", "zone": "WIB", "wave": 1, "state": "sent"}
WHOLE = re.compile(r"= ([\d.]+) orang seluruhnya")


def adds_up(text: str) -> bool:
    """Tell whether the lines of a sum come to what stands below it."""
    whole = WHOLE.search(text)
    return whole is not None and sum(int(one.replace(".", "")) for one in SUM.findall(text)) == int(whole[1])


async def moved(office: Office, number: int, to: Stage) -> None:
    """Put a broadcast at a stage."""
    async with office.app.database.write() as tx:
        await broadcasts.move(tx, number, list(Stage), to, now=office.clock())


async def ends(office: Office, number: int, *how: str) -> None:
    """Let the next messages end."""
    async with office.app.database.write() as tx:
        await sent(tx, number, office.clock(), *how)


async def tomorrow(office: Office, author: Person, **more: int) -> int:
    """Compose one for tomorrow, so that nothing is sent meanwhile."""
    return await written(office, author, due_at=office.clock() + timedelta(days=1), **more)


@pytest.mark.parametrize("stage", [Stage.DUE, Stage.HELD, Stage.PAUSED, Stage.STOPPED, Stage.DONE])
async def test_the_sum_adds_up_at_every_stage(office: Office, stage: Stage) -> None:
    """Sent, failed with its reason, unknown, left out and waiting come to everybody it was planned for."""
    sponsor = office.people["sponsor"]
    number = await tomorrow(office, sponsor, agreed=2)
    await ends(office, number, "sent", "failed blocked")
    await moved(office, number, stage)
    await press(office, sponsor, "open", number)
    text = sponsor.chat.messages[-1].plain
    assert adds_up(text), text
    assert (await counted(office, number)).planned == 3
    assert "• memblokir bot: 1" in text or stage is Stage.DUE


async def test_the_rate_is_of_the_time_in_which_messages_went_out(office: Office) -> None:
    """Sixty messages in the first six seconds are ten a second, and those of this moment tell nothing yet."""
    sponsor = office.people["sponsor"]
    number = await tomorrow(office, sponsor)
    await ends(office, number, "sent", "sent")
    await moved(office, number, Stage.RUNNING)
    await press(office, sponsor, "open", number)
    assert "per detik" not in sponsor.chat.messages[-1].plain
    office.clock.pass_by(6)
    async with office.app.database.write() as tx:
        rows = [{**SENT, "broadcast": number, "person": one, "finished_at": office.clock()} for one in range(58)]
        await tx.connection.execute(insert(recipients).values(due_at=office.clock()), rows)
    await press(office, sponsor, "open", number)
    assert "10 pesan per detik" in sponsor.chat.messages[-1].plain


async def test_at_night_it_says_that_it_waits(office: Office) -> None:
    """What is released in the evening is not called "being sent" before anything is, and says when it begins."""
    office.clock.pass_by(11 * 3600)  # 21:00 WIB
    sponsor = office.people["sponsor"]
    number = await written(office, sponsor)
    await moved(office, number, Stage.RUNNING)
    await press(office, sponsor, "open", number)
    text = sponsor.chat.messages[-1].plain
    assert "🌙 dilepas; menunggu sampai hari siang" in text
    assert "Mulai: 21-11-2026 07:00 WIB" in text
    assert "sedang dikirim" not in text


async def test_paused_and_taken_up_again(office: Office) -> None:
    """A pause holds it; going on before the rest has begun is with the first wave, after a hold with everybody."""
    sponsor = office.people["sponsor"]
    number = await tomorrow(office, sponsor, canary=1)
    await moved(office, number, Stage.CANARY)
    await press(office, sponsor, "pause", number)
    assert (await stands(office, number)).stage is Stage.PAUSED
    await press(office, sponsor, "resume", number)
    assert (await stands(office, number)).stage is Stage.CANARY
    await moved(office, number, Stage.HELD)
    await press(office, sponsor, "resume", number)
    assert (await stands(office, number)).stage is Stage.RUNNING
    await press(office, sponsor, "pause", number)
    async with office.app.database.write() as tx:
        rest = (recipients.c.broadcast == number, recipients.c.wave == 1)
        await tx.connection.execute(update(recipients).where(*rest).values(state="sent", finished_at=office.clock()))
    await press(office, sponsor, "resume", number)
    assert (await stands(office, number)).stage is Stage.RUNNING


async def test_stopping_is_asked_twice_and_is_for_good(office: Office) -> None:
    """The question says how many get nothing; after the answer nobody waits, and no press brings it back."""
    sponsor = office.people["sponsor"]
    number = await tomorrow(office, sponsor)
    await press(office, sponsor, "send", number)
    await press(office, sponsor, "stop", number)
    assert "3 orang belum menerimanya" in sponsor.chat.messages[-1].plain
    assert (await stands(office, number)).stage is Stage.DUE
    await press(office, sponsor, "stopped", number)
    for action in ("resume", "send", "stopped", "pause"):
        await press(office, sponsor, action, number)
    assert (await stands(office, number)).stage is Stage.STOPPED
    assert (await counted(office, number)).reasons == {("skipped", "stopped"): 3}


async def test_who_agreed_watches_too(office: Office) -> None:
    """Progress goes to the author and to the admin who agreed, in one message each; other admins are left alone."""
    sponsor, admin = office.people["sponsor"], office.people["admin"]
    number = await tomorrow(office, sponsor)
    async with office.app.database.write() as tx:
        await broadcasts.move(tx, number, Stage.READY, Stage.PAUSED, now=office.clock(), by=admin.id)
        found = await broadcasts.get(tx, number)
        assert found is not None
        async with errand(tx, office.app.office) as visit:
            await progress.show(visit, found)
    office.app.sender.wake()
    await office.settle()
    assert all("⏸ dijeda" in who.chat.messages[-1].plain for who in (sponsor, admin))


async def test_the_report_tells_what_followed(office: Office) -> None:
    """The picture comes with the same in words: what became of the messages, and that one pressed and has paid."""
    sponsor = office.people["sponsor"]
    number = await tomorrow(office, sponsor)
    await ends(office, number, "sent", "sent", "failed blocked")
    async with office.app.database.write() as tx:
        [first, *_rest] = await broadcasts.list_after(tx, number, 0, 9)
        await broadcasts.act(tx, first.id, first.person, "paid", office.clock())
        await broadcasts.act(tx, first.id, first.person, "where", office.clock())
    await moved(office, number, Stage.DONE)
    await press(office, sponsor, "report", number)
    said = sponsor.chat.messages[-1]
    assert said.picture is not None
    assert adds_up(said.plain)
    assert "Menekan tombol: 1" in said.plain
    assert "Membayar: 1" in said.plain
    assert "• memblokir bot: 1" in said.plain


async def test_the_report_is_made_when_it_is_sent(office: Office) -> None:
    """A press leaves only the wish for it, so that counting what thousands did holds up no reply; nothing is written in it."""
    sponsor = office.people["sponsor"]
    found = await stands(office, await tomorrow(office, sponsor))
    async with office.app.database.read() as tx, call(tx, office.app.office, sponsor.id, {}) as visit:
        report.send(visit, found)
        [letter] = visit.letters
        visit.letters.clear()
        wish = {"draw": "recap", "report": found.id, "language": "id", "once": True}
        assert letter.payload == {"chat_id": sponsor.id, "photo": wish, "parse_mode": "HTML"}
        facts, said = await report.made(visit, found.id)
        assert "3" in said
        assert facts.keys() == {"sheet"}
        with pytest.raises(LookupError):
            await report.made(visit, 10_000)


async def test_the_table_names_nobody(office: Office) -> None:
    """One line for each message, all cells text: number, place, outcome, reason, time and action; no name, no id."""
    sponsor = office.people["sponsor"]
    number = await tomorrow(office, sponsor, agreed=2)
    await ends(office, number, "sent", "failed blocked")
    await moved(office, number, Stage.DONE)
    await press(office, sponsor, "table", number)
    file = sponsor.chat.messages[-1]
    assert file.file_name == f"siaran-{number}.csv"
    assert file.document is not None
    text = file.document.decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text))
    assert len(header) == 6
    assert {(row[0], row[2], row[3]) for row in rows} == {
        (office.numbers[0], "terkirim", ""),
        (office.numbers[1], "gagal", "memblokir bot"),
        (office.numbers[2], "tidak menerima kabar", "belum setuju menerima kabar"),
    }
    assert "Kasmuri" not in text
    assert "72000000" not in text


async def test_helpers_hear_whom_the_bot_has_lost(office: Office) -> None:
    """On the next morning whoever registered somebody out of reach is told once, whatever did not arrive, and sees it listed."""
    helper, now = office.sandbox.person("Rini"), office.clock()
    database, whole = office.app.database, office.app.office
    await helper.start()
    await office.settle()
    async with database.write() as tx:
        await roles.grant(tx, helper.id, "facilitator", VILLAGE, by=None, now=now)
        await people.meet(tx, 7_200_000_009, now)
        theirs = await entered(tx, 9, now, helper.id, person=7_200_000_009, claim="claimed")
        await people.reachable(tx, 7_200_000_009, yes=False, now=now)
    await unreachable.tell(database, whole)
    for _day in range(2):
        office.clock.pass_by(timedelta(days=1).total_seconds())
        await unreachable.tell(database, whole)
        await unreachable.tell(database, whole)
    office.app.sender.wake()
    await office.settle()
    told = [one.plain for one in helper.chat.messages if "tidak dapat dihubungi" in one.plain]
    assert len(told) == 1
    assert f"{theirs.number} Kasmuri" in told[0]
    assert not any(other in told[0] for other in office.numbers)
    await helper.presses("Yang saya daftarkan")
    await office.settle()
    assert "mohon dijenguk" in helper.chat.messages[-1].plain


async def test_helpers_hear_late_rather_than_never(office: Office) -> None:
    """After days of standing still the first morning tells of all who were lost since the last; names are read of a few only."""
    now, database, whole = office.clock(), office.app.database, office.app.office
    helper = 7_300_000_000
    await unreachable.tell(database, whole)
    async with database.write() as tx:
        await people.meet(tx, helper, now)
        await roles.grant(tx, helper, "facilitator", VILLAGE, by=None, now=now)
        for serial in range(20, 27):
            await people.meet(tx, 7_200_000_000 + serial, now)
            await entered(tx, serial, now, helper, person=7_200_000_000 + serial, claim="claimed")
            await people.reachable(tx, 7_200_000_000 + serial, yes=False, now=now + timedelta(days=serial - 20))
    office.clock.pass_by(timedelta(days=9).total_seconds())
    await unreachable.tell(database, whole)
    async with database.write() as tx:
        said = [one.payload["text"] for one in await outbox.claim(tx, 50, office.clock()) if one.chat_id == helper]
    assert len(said) == 1
    assert "<b>7</b>" in str(said[0])
    assert str(said[0]).count("•") == unreachable.NAMED
