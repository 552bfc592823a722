"""Scenes: what a transcript says is there before anybody acts: roles, programmes, and people who wait already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path

from bot import programme_files
from bot.app import App
from bot.programme_files.entry import enter
from bot.sandbox.client import Person
from conversations.consent import VERSION
from conversations.rules import occupations
from conversations.rules.programmes import OLDEST, Terms
from handlers import news
from storage import handovers, people, programmes, registrations, roles
from storage.programmes import Programme
from storage.registrations import Application, Cost, Registration, State
from storage.roles import RoleName
from storage.transaction import Transaction

EXAMPLES = Path(__file__).parent / "seeds" / "programmes"


async def grant(app: App, person: Person, role: RoleName, area: str, department: str = "") -> None:
    """Give somebody a role."""
    async with app.database.write() as tx:
        now = app.office.clock()
        await people.meet(tx, person.id, now)
        await roles.grant(tx, person.id, role, area, department=department, by=None, now=now)


async def found(app: App, told: Mapping[str, str]) -> None:
    """Enter a programme for twelve months: `code`, and what is told of `payer`, `people`, `area` and its rules."""
    terms = Terms(
        occupations=tuple(filter(None, told.get("work", "").split(","))),
        oldest=int(told.get("oldest", OLDEST)),
        breadwinner="breadwinner" in told,
        one_per_family="one_per_family" in told,
        by_department="by_department" in told,
    )
    made = Programme(
        code=told["code"],
        name=told["code"].replace("-", " ").title(),
        payer=told.get("payer", "apbd"),
        area=told.get("area", app.office.area),
        tier="basic",
        months=12,
        first_month=date(2026, 12, 1),
        last_month=date(2027, 11, 1),
        people=int(told["people"]) if "people" in told else None,
        terms=terms.to_json(),
    )
    async with app.database.write() as tx:
        await programmes.save(tx, made, by=None, now=app.office.clock())


async def crowd(app: App, size: int, area: str, invite: Callable[[str], Person]) -> None:
    """Let so many others wait in a village who want news; what they read is nobody's to see."""
    async with app.database.write() as tx:
        for number in range(1, size + 1):
            person, now = invite(f"Warga {number}"), app.office.clock()
            person.has_started()
            await _waits(tx, now, person, area, "farmer")
            await people.agree_to_news(tx, person.id, news.VERSION, now)


async def wants_news(app: App, person: Person) -> None:
    """Let somebody have agreed to news."""
    async with app.database.write() as tx:
        await people.agree_to_news(tx, person.id, news.VERSION, app.office.clock())


async def waits(
    app: App,
    person: Person,
    area: str,
    work: str,
    *,
    programme: str | None = None,
    nik: str | None = None,
    by: Person | None = None,
) -> Registration:
    """Let somebody wait in the village's queue; the same person always has the same NIK and phone.

    With `by`, another has entered it, and the person has taken it over.
    """
    async with app.database.write() as tx:
        now = app.office.clock()
        if by is not None:
            await people.meet(tx, by.id, now)
            await people.named(tx, by.id, by.name)
        return await _waits(tx, now, person, area, work, programme=programme, nik=nik, by=by)


async def _waits(
    tx: Transaction,
    now: datetime,
    person: Person,
    area: str,
    work: str,
    *,
    programme: str | None = None,
    nik: str | None = None,
    payer: str = "unknown",
    by: Person | None = None,
) -> Registration:
    await people.meet(tx, person.id, now)
    last, trade = person.id % 1000, occupations.get(work)
    number, phone = nik or f"331903050590{9000 + last}", f"+6281100009{last:03}"
    document = {
        "consent": {"option": "agree", "version": VERSION, "at": now.isoformat()},
        "nik": number,
        "nik_right": "yes",
        "name": person.name,
        "phone": phone,
        "occupation": {"code": work, "words": None},
        "village": {"code": area, "words": None},
        "address": "Jl. Melati No. 3",
        "employer": "no",
        "payer": payer,
        "tier": "basic",
    }
    form = Application(
        person=person.id,
        registered_by=person.id if by is None else by.id,
        area=area,
        occupation=work,
        transport=trade is not None and trade.transport,
        tier="basic",
        payer=payer if programme is None else "apbd",
        programme=programme,
        language="id",
        document=document,
        nik=number,
        phone=phone,
        claim=registrations.OWN if by is None else registrations.CLAIMED,
    )
    return await registrations.submit(tx, form, now)


async def covered(app: App, person: Person, area: str, work: str, until: date, *, programme: str | None = None) -> None:
    """Let somebody be covered since today, and paid until a day: by themselves, or under a programme."""
    async with app.database.write() as tx:
        now = app.office.clock()
        one = await _waits(tx, now, person, area, work, programme=programme, payer="self")
        cost = None if programme is None else Cost(1, 16_800, until.replace(day=1))
        await registrations.move(
            tx, one.number, State.APPROVED, actor=None, reason=None, now=now, frm=State.QUEUED, cost=cost
        )
        handover = await handovers.propose(tx, programme, mapping="default", count=1, by=None, now=now)
        await registrations.hand_over(tx, handover.id, [one.number], until=now, actor=None, now=now)
        await registrations.activate(
            tx,
            one.number,
            kpj=f"260{person.id % 10**8:08}",
            cover_from=now.date(),
            paid_until=until,
            actor=None,
            now=now,
        )


async def take_in(app: App, file: str) -> None:
    """Enter the programmes of one of the example files."""
    found = programme_files.read(EXAMPLES / file, app.office.areas)
    await enter(app.database, found, app.office.clock())
