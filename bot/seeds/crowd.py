"""The crowd of the demo: made-up workers of four regencies under the programmes of the news, spread over every state.

Nothing here comes from chance or from outside: the same crowd each time. No NIK belongs to anybody: the serials are
from the range that tests use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from bot import programme_files
from conversations.consent import VERSION
from conversations.events import Json
from conversations.rules import occupations, prices
from conversations.rules.areas import Areas
from conversations.rules.programmes import Terms
from handlers import news
from handlers.programmes import read
from storage import people, programmes, registrations, roles
from storage.programmes import Programme
from storage.registrations import Application, Cost, FullError, State
from storage.transaction import Transaction

FILES = Path(__file__).parent / "programmes"
EACH = 40  # workers of a programme
CLAIMED_AFTER = timedelta(hours=40)  # when all that happens to them has happened
SILENT = 12  # one of so many has not answered the question about news
FACILITATOR, REVIEWER = 7_110_000_000, 7_120_000_000  # Telegram ids of people without a phone on the page

# Villages of each regency: not those of the demo's own cast, whose queue is short.
VILLAGES = {
    "kudus": ("33.19.01", "33.19.02", "33.19.04"),
    "rembang": ("33.17.10", "33.17.11", "33.17.14"),
    "pekalongan": ("33.75.01", "33.75.02", "33.75.03"),
    "klaten-sertakan": ("33.10.01", "33.10.13", "33.10.25"),
}
STAFF = tuple(first + place for first in (FACILITATOR, REVIEWER) for place in range(len(VILLAGES)))
FAMILY, FAMILY_PLACES, FAMILY_PEOPLE = "keluarga-contoh", 3, 8  # somebody in Klaten pays for a few around

FIRST = ("Sri", "Slamet", "Siti", "Bambang", "Endang", "Agus", "Wati", "Joko", "Ratmi", "Karno", "Tutik", "Warsito")
LAST = ("Contoh", "Rahayu", "Wibowo", "Lestari", "Susanto", "Utami", "Raharjo", "Handayani", "Purnomo", "Astuti")

_HANDED = (State.APPROVED, State.HANDED_OVER)
# What becomes of twenty of them; the last step may be cover, which `registrations.activate` records.
WAYS: tuple[tuple[State, ...], ...] = (
    *((State.APPROVED,),) * 4,
    *(_HANDED,) * 3,
    *((*_HANDED, State.ACTIVE),) * 5,
    (*_HANDED, State.NOT_MATCHED),
    (State.NEEDS_CORRECTION,),
    (State.REJECTED,),
    (State.WITHDRAWN,),
    *((),) * 4,
)
REASONS = {State.NEEDS_CORRECTION: "unreadable", State.REJECTED: "not_resident"}


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody of the crowd: the how manieth, under which programme, and where."""

    number: int
    programme: Programme
    village: str

    @property
    def nik(self) -> str:
        """A NIK that nobody has, of somebody between 20 and 62."""
        day, month, year = 1 + self.number % 28, 1 + self.number % 12, (65 + self.number * 7 % 42) % 100
        woman = 40 if self.number % 2 == 0 else 0
        return f"{self.village[:8].replace('.', '')}{day + woman:02}{month:02}{year:02}{9000 + self.number:04}"

    @property
    def occupation(self) -> str:
        """A kind of work that the programme is for."""
        possible = Terms.read(self.programme.terms).occupations or tuple(one.code for one in occupations.all_())
        return possible[self.number % len(possible)]


def articles(today: date) -> list[Programme]:
    """Return the programmes of the news, for the twelve months that begin next."""
    found = [one for path in sorted(FILES.glob("*.toml")) for one in programme_files.read(path, Areas.load("33"))]
    start = prices.later(today, 1)
    return [replace(one, first_month=start, last_month=prices.later(start, 11)) for one in found]


def _family(klaten: Programme) -> Programme:
    """Return the programme of a private sponsor, who has fewer places than people who ask for one."""
    name = "Sertakan keluarga Ratmi (contoh)"
    people, months = FAMILY_PLACES, 3
    return replace(klaten, code=FAMILY, name=name, payer="sponsor", owner=REVIEWER, people=people, months=months)


async def gather(tx: Transaction, now: datetime, today: date, listeners: Sequence[int] = ()) -> None:
    """Enter the programmes, their facilitators and reviewers, and let workers apply over the last weeks.

    `listeners` are Telegram ids of whoever reads without a phone on the page: so many have claimed, and most want news.
    """
    waiting = iter(listeners)
    known = {one.code: one for one in articles(today)}
    known[FAMILY] = _family(known["klaten-sertakan"])
    for one in known.values():
        await programmes.save(tx, one, by=None, now=now - timedelta(days=40))
    areas = Areas.load("33")
    for place, (code, districts) in enumerate(VILLAGES.items()):
        villages = [areas.villages(district)[turn].code for district in districts for turn in range(2)]
        await _staff(tx, place, villages, now)
        for worker in _workers(known, code, villages, place * EACH):
            at = now - timedelta(hours=900 - 4 * worker.number)
            number = await _comes(tx, worker, place, at, today)
            if _stays(worker) and (person := next(waiting, None)) is not None:
                await claims(tx, number, person, at + CLAIMED_AFTER, news_too=worker.number % SILENT != 0)


def _workers(known: Mapping[str, Programme], code: str, villages: list[str], start: int) -> Iterator[Worker]:
    for number in range(EACH):
        family = code == "klaten-sertakan" and number < FAMILY_PEOPLE
        yield Worker(start + number, known[FAMILY if family else code], villages[number * number % len(villages)])


async def _staff(tx: Transaction, place: int, villages: list[str], now: datetime) -> None:
    """Give a regency somebody who registers others, and somebody who decides."""
    staff: tuple[tuple[int, roles.RoleName, str], ...] = (
        (FACILITATOR + place, "facilitator", FIRST[place]),
        (REVIEWER + place, "sponsor", FIRST[-1 - place]),
    )
    for person, role, name in staff:
        await people.meet(tx, person, now)
        await people.named(tx, person, f"{name} Contoh")
        for village in villages:
            await roles.grant(tx, person, role, village, by=None, now=now)


def _stays(worker: Worker) -> bool:
    return not {State.WITHDRAWN, State.REJECTED} & {*WAYS[worker.number % len(WAYS)]}


async def claims(tx: Transaction, number: str, person: int, at: datetime, *, news_too: bool) -> None:
    """Let a worker stand behind the registration on Telegram, and agree to news if so."""
    await people.meet(tx, person, at)
    consent = {"option": "agree", "version": VERSION, "at": at.isoformat()}
    await registrations.claimed(tx, number, person, consent=consent, language="id", now=at)
    if news_too:
        await people.agree_to_news(tx, person, news.VERSION, at)


async def _comes(tx: Transaction, worker: Worker, place: int, at: datetime, today: date) -> str:
    """Let one worker apply, let happen what happens to them, and return the registration's number."""
    form = _form(worker, place, at)
    number = (await registrations.submit(tx, form, at)).number
    price = read(worker.programme).cost(today, transport=form.transport)
    cost = None if price is None else Cost(*price)
    state = State.QUEUED
    for step, to in enumerate(WAYS[worker.number % len(WAYS)], 1):
        then = at + timedelta(hours=7 * step)
        if to == State.ACTIVE:
            await _covered(tx, number, worker, then)
            break
        actor = None if to == State.WITHDRAWN else REVIEWER + place
        try:
            await _moves(tx, number, to, actor=actor, now=then, frm=state, cost=cost)
        except FullError:
            await _moves(tx, number, State.WAITING_LIST, actor=actor, now=then, frm=state)
            break
        state = to
    return number


def _form(worker: Worker, place: int, at: datetime) -> Application:
    """Return the form that the facilitator of this place filled in for a worker."""
    job = occupations.get(worker.occupation)
    phone = f"+62811000{worker.number:05}"
    return Application(
        person=None,
        registered_by=FACILITATOR + place,
        area=worker.village,
        occupation=worker.occupation,
        transport=job is not None and job.transport,
        tier=worker.programme.tier,
        payer=worker.programme.payer,
        programme=worker.programme.code,
        language="id",
        document=_document(worker, phone, FACILITATOR + place, at),
        nik=worker.nik,
        phone=phone,
        claim="attested",
    )


def _document(worker: Worker, phone: str, by: int, at: datetime) -> dict[str, Json]:
    """Return the answers of the form, by step."""
    return {
        "relation": "neighbour",
        "consent_how": {"option": "present", "version": VERSION, "at": at.isoformat(), "by": by},
        "nik": worker.nik,
        "nik_right": "yes",
        "name": f"{FIRST[worker.number % len(FIRST)]} {LAST[worker.number % len(LAST)]}",
        "phone": phone,
        "occupation": {"code": worker.occupation, "words": None},
        "village": {"code": worker.village, "words": None},
        "address": f"RT {1 + worker.number % 5:02} RW {1 + worker.number % 3:02}",
        "employer": "no",
        "payer": "self" if worker.programme.payer == "self" else "sponsor",
        "tier": worker.programme.tier,
    }


async def _moves(
    tx: Transaction, number: str, to: State, *, actor: int | None, now: datetime, frm: State, cost: Cost | None = None
) -> None:
    """Move a registration, with the reason that its new state asks for; raises FullError."""
    wanted = "name" if to == State.NEEDS_CORRECTION else None
    reason = REASONS.get(to)
    await registrations.move(tx, number, to, actor=actor, reason=reason, now=now, frm=frm, wanted=wanted, cost=cost)


async def _covered(tx: Transaction, number: str, worker: Worker, then: datetime) -> None:
    start = worker.programme.first_month
    await registrations.activate(
        tx,
        number,
        kpj=f"260000{worker.number:05}",
        cover_from=start,
        paid_until=prices.later(start, worker.programme.months) - timedelta(days=1),
        actor=None,
        now=then,
    )
