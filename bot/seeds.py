"""Seeds: made-up people for the demo. No NIK here belongs to anybody: the serials are from the range tests use."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from bot.app import App
from bot.sandbox.client import Person, Sandbox
from conversations.consent import VERSION
from handlers.invite import PREFIX
from storage import people, registrations, roles
from storage.registrations import Application, Registration, State
from storage.transaction import Transaction

VILLAGE, VILLAGE_NAME = "33.19.03.2007", "Desa Jati Kulon"
FIRST_COMPANION = 7_100_000_001  # Telegram ids nobody in the sandbox has


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Somebody of the village without Telegram, whom a companion registered so many hours ago.

    `decided` is after how many hours it was approved; None waits still. `born` stands on the KTP where the NIK differs.
    """

    name: str = field(repr=False)
    nik: str = field(repr=False)
    occupation: str
    address: str = field(repr=False)
    hours: int
    decided: int | None = None
    phone: str | None = field(default=None, repr=False)
    born: str | None = field(default=None, repr=False)


NEIGHBOURS = (
    Neighbour("Sutrisno", "3319031203709011", "builder", "Jl. Flamboyan No. 1, RT 01 RW 03", 190, decided=20),
    Neighbour("Partini", "3319034904829012", "market_trader", "Jl. Flamboyan No. 9, RT 01 RW 03", 150, decided=7),
    Neighbour("Mulyono", "3319032206689013", "becak", "Jl. Anggrek No. 4, RT 02 RW 02", 120, decided=5),
    Neighbour("Siti Aminah", "3319035110909014", "tailor", "Jl. Anggrek No. 6, RT 02 RW 02", 90, decided=9),
    Neighbour("Joko Prasetyo", "3319030711959015", "ojek_online", "Jl. Cempaka No. 2, RT 03 RW 01", 60, decided=4),
    Neighbour("Kasmuri", "3319031108759002", "ojek", "Jl. Kenanga No. 8, RT 01 RW 02", 27, phone="+628110009102"),
    Neighbour("Ngatini", "3319034109719003", "farm_worker", "Jl. Dahlia No. 5, RT 04 RW 01", 9, born="1971-01-09"),
    Neighbour("Kasmuri bin Sarjo", "3319031108759002", "driver", "Jl. Kenanga No. 8, RT 01 RW 02", 3),
)


def papers(person: int) -> dict[str, str]:
    """Return what somebody of the sandbox may type instead of real data; men have odd Telegram ids, women even ones."""
    day = 45 if person % 2 == 0 else 5
    return {"NIK karangan": f"331903{day:02}0590{9100 + person % 100}"}


async def furnish(sandbox: Sandbox, app: App, sponsor: Person, admin: Person) -> None:
    """Hang up the village's poster, hand out papers, let neighbours wait, and make `sponsor` accept an invitation."""
    sandbox.world.posters = {f"Pindai poster {VILLAGE_NAME}": "v-" + VILLAGE.replace(".", "")}
    sandbox.world.papers = papers
    now = app.office.clock()
    async with app.database.write() as tx:
        for number, neighbour in enumerate(NEIGHBOURS):
            await _register(app, tx, FIRST_COMPANION + number, neighbour, sponsor)
        invitation = await roles.invite(tx, "sponsor", VILLAGE, admin.id, now)
    await admin.start()
    await sponsor.start(PREFIX + invitation)


async def _register(app: App, tx: Transaction, companion: int, neighbour: Neighbour, sponsor: Person) -> None:
    now = app.office.clock() - timedelta(hours=neighbour.hours)
    await people.meet(tx, companion, now)
    registration = await registrations.submit(tx, _application(companion, neighbour, now.isoformat()), now)
    if neighbour.decided is not None:
        await _approve(tx, registration, sponsor, timedelta(hours=neighbour.decided))


async def _approve(tx: Transaction, registration: Registration, sponsor: Person, after: timedelta) -> None:
    await registrations.move(
        tx,
        registration.number,
        State.APPROVED,
        actor=sponsor.id,
        reason=None,
        now=registration.queued_at + after,
        frm=State.QUEUED,
    )


def _application(companion: int, neighbour: Neighbour, consented: str) -> Application:
    odd = neighbour.born is not None
    phone = neighbour.phone or f"+6281100{companion % 100:02}{neighbour.nik[-4:]}"
    document = {
        "consent": {"option": "agree", "version": VERSION, "at": consented},
        "nik": neighbour.nik,
        "nik_right": "differs" if odd else "yes",
        **({"born": neighbour.born} if odd else {}),
        "name": neighbour.name,
        "phone": phone,
        "occupation": {"code": neighbour.occupation, "words": None},
        "village": {"code": VILLAGE, "words": None},
        "address": neighbour.address,
        "employer": "no",
        "payer": "unknown",
        "tier": "basic",
    }
    return Application(
        person=None,
        registered_by=companion,
        area=VILLAGE,
        occupation=neighbour.occupation,
        transport=neighbour.occupation.startswith("ojek"),
        tier="basic",
        payer="unknown",
        programme=None,
        language="id",
        document=document,
        nik=neighbour.nik,
        phone=phone,
        hints=("odd_date",) if odd else (),
    )
