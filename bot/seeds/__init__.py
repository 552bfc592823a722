"""Seeds: made-up people for the demo. No NIK here belongs to anybody: the serials are from the range tests use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from bot.app import App
from bot.sandbox.client import Person, Sandbox
from bot.seeds.crowd import STAFF, claims, gather
from conversations.consent import VERSION
from handlers.staff.invite import PREFIX
from storage import people, registrations, roles
from storage.registrations import Application, Registration, State
from storage.roles import RoleName
from storage.transaction import Transaction

VILLAGE, VILLAGE_NAME = "33.19.03.2007", "Desa Jati Kulon"
REGENCY, PROGRAMME, DEPARTMENT = "33.19", "kudus", "Dinas Perhubungan"
LISTENERS = 120  # of the crowd who read broadcasts and reminders, without a phone on the page
LOST = 40  # one of so many of them has blocked the bot
FIRST_COMPANION = 7_100_000_001  # Telegram ids of people without a phone on the page


@dataclass(frozen=True, slots=True)
class Cast:
    """Who has a phone in the demo, one for each role; a hand-over takes two admins."""

    worker: Person
    facilitator: Person
    officer: Person
    department: Person
    payer: Person
    admin: Person
    second_admin: Person

    def invited(self) -> Iterator[tuple[Person, RoleName, str, str]]:
        """Give everybody who takes up an invitation, with role, area and department."""
        yield self.facilitator, "facilitator", VILLAGE, ""
        yield self.officer, "sponsor", VILLAGE, ""
        yield self.department, "verifier", REGENCY, DEPARTMENT
        yield self.second_admin, "admin", REGENCY.partition(".")[0], ""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Somebody of the village without Telegram, whom somebody else registered so many hours ago.

    `decided` is after how many hours the village said yes; None waits still. `born` stands on the KTP where the NIK
    differs. `reads` are those who stand behind it on Telegram meanwhile. `helped` are those whom the demo's facilitator entered, with their consent; `paid` those whom the regency
    pays for: the village's yes hands them to the department.
    """

    name: str = field(repr=False)
    nik: str = field(repr=False)
    occupation: str
    address: str = field(repr=False)
    hours: int
    decided: int | None = None
    phone: str | None = field(default=None, repr=False)
    born: str | None = field(default=None, repr=False)
    reads: bool = False
    helped: bool = False
    paid: bool = False


NEIGHBOURS = (
    Neighbour(
        "Sutrisno", "3319031203709011", "builder", "Jl. Flamboyan No. 1, RT 01 RW 03", 190, decided=20, reads=True
    ),
    Neighbour(
        "Partini", "3319034904829012", "market_trader", "Jl. Flamboyan No. 9, RT 01 RW 03", 150, decided=7, reads=True
    ),
    Neighbour("Mulyono", "3319032206689013", "becak", "Jl. Anggrek No. 4, RT 02 RW 02", 120, decided=5, reads=True),
    Neighbour("Siti Aminah", "3319035110909014", "tailor", "Jl. Anggrek No. 6, RT 02 RW 02", 90, decided=9, reads=True),
    Neighbour(
        "Joko Prasetyo", "3319030711959015", "ojek_online", "Jl. Cempaka No. 2, RT 03 RW 01", 60, decided=4, reads=True
    ),
    Neighbour(
        "Kasmuri", "3319031108759002", "ojek", "Jl. Kenanga No. 8, RT 01 RW 02", 27, phone="+628110009102", helped=True
    ),
    Neighbour(
        "Ngatini", "3319034109719003", "farm_worker", "Jl. Dahlia No. 5, RT 04 RW 01", 9, born="1971-01-09", helped=True
    ),
    Neighbour("Kasmuri bin Sarjo", "3319031108759002", "driver", "Jl. Kenanga No. 8, RT 01 RW 02", 3),
    Neighbour("Wagiman", "3319031410809016", "ojek", "Jl. Dahlia No. 2, RT 04 RW 01", 40, decided=6, paid=True),
    Neighbour(
        "Rudi Hartono", "3319032503889017", "ojek_online", "Jl. Teratai No. 7, RT 02 RW 01", 31, decided=8, paid=True
    ),
)


LISTED = (  # day, month and year of birth as in a NIK, name, work
    ("040780", "Sugeng Contoh", "tukang bangunan"),
    ("440881", "Lastri Contoh", "penjahit"),
    ("050982", "Parmin Contoh", "ojek"),
)


def papers(person: int) -> dict[str, str]:
    """Return what somebody of the sandbox may type instead of real data: an own NIK, a neighbour's, and a list of three.

    Men have odd Telegram ids, women even ones.
    """
    day, last = 45 if person % 2 == 0 else 5, person % 100
    rows = [f"331903{born}{9400 + 100 * turn + last}#{name}##{work}" for turn, (born, name, work) in enumerate(LISTED)]
    return {
        "NIK karangan": f"331903{day:02}0590{9100 + last}",
        "NIK tetangga": f"331903120382{9300 + last}",
        "Daftar tetangga": "\n".join(rows),
    }


async def furnish(sandbox: Sandbox, app: App, cast: Cast) -> None:
    """Hang up the village's poster, hand out papers, let neighbours wait, and give everybody their role."""
    sandbox.world.posters = {f"Pindai poster {VILLAGE_NAME}": "v-" + VILLAGE.replace(".", "")}
    sandbox.world.papers = papers
    now, links = app.office.clock(), []
    readers = sandbox.world.add_listeners(LISTENERS + len(NEIGHBOURS))
    sandbox.world.others = {*STAFF, *range(FIRST_COMPANION, FIRST_COMPANION + len(NEIGHBOURS))}
    sandbox.world.lost = {*readers[LOST - 1 : LISTENERS : LOST]}
    async with app.database.write() as tx:
        await gather(tx, now, now.astimezone(app.office.zone).date(), readers[:LISTENERS])
        for number, neighbour in enumerate(NEIGHBOURS):
            registration = await _register(app, tx, FIRST_COMPANION + number, neighbour, cast)
            if neighbour.reads:
                await claims(tx, registration.number, readers[LISTENERS + number], now, news_too=number > 0)
        await people.meet(tx, cast.admin.id, now)
        await people.named(tx, cast.admin.id, cast.admin.name)
        for person, role, area, department in cast.invited():
            token = await roles.invite(tx, role, area, cast.admin.id, now, department=department)
            links.append((person, PREFIX + token))
    await cast.admin.start()
    for person, payload in links:
        await person.start(payload)
    cast.payer.has_started()
    await cast.payer.says("/bayarkan")


async def _register(app: App, tx: Transaction, companion: int, neighbour: Neighbour, cast: Cast) -> Registration:
    now = app.office.clock() - timedelta(hours=neighbour.hours)
    by = cast.facilitator.id if neighbour.helped else companion
    await people.meet(tx, by, now)
    await people.named(tx, by, cast.facilitator.name if neighbour.helped else "Tetangga (contoh)")
    registration = await registrations.submit(tx, _application(by, companion, neighbour, now.isoformat()), now)
    if neighbour.decided is not None:
        await _say_yes(tx, registration, neighbour, cast.officer, timedelta(hours=neighbour.decided))
    return registration


async def _say_yes(
    tx: Transaction, registration: Registration, neighbour: Neighbour, officer: Person, after: timedelta
) -> None:
    await registrations.move(
        tx,
        registration.number,
        State.WITH_DEPARTMENT if neighbour.paid else State.APPROVED,
        actor=officer.id,
        reason=None,
        now=registration.queued_at + after,
        frm=State.QUEUED,
        department=DEPARTMENT if neighbour.paid else None,
    )


def _application(by: int, companion: int, neighbour: Neighbour, consented: str) -> Application:
    odd, payer = neighbour.born is not None, "apbd" if neighbour.paid else "unknown"
    phone = neighbour.phone or f"+6281100{companion % 100:02}{neighbour.nik[-4:]}"
    document = {
        "relation": "neighbour",
        "consent_how": {"option": "read", "version": VERSION, "at": consented, "by": by},
        "nik": neighbour.nik,
        "nik_right": "differs" if odd else "yes",
        **({"born": neighbour.born} if odd else {}),
        "name": neighbour.name,
        "phone": phone,
        "occupation": {"code": neighbour.occupation, "words": None},
        "village": {"code": VILLAGE, "words": None},
        "address": neighbour.address,
        "employer": "no",
        "payer": "sponsor" if neighbour.paid else "unknown",
        "tier": "basic",
    }
    return Application(
        person=None,
        registered_by=by,
        area=VILLAGE,
        occupation=neighbour.occupation,
        transport=neighbour.occupation.startswith("ojek"),
        tier="basic",
        payer=payer,
        programme=PROGRAMME if neighbour.paid else None,
        language="id",
        document=document,
        nik=neighbour.nik,
        phone=phone,
        hints=("odd_date",) if odd else (),
        claim="attested",
    )
