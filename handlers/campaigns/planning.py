"""Planning: who is due for a reminder is written down, once for each occasion, and sent when it is day there.

Registrations are looked at once a day, from midnight on, or as soon as the bot runs again: what is due has a name of
its own, so that a look which was broken off, or made twice, writes nobody down twice. What depends on hours is looked
at again and again, from where the last look ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial

from conversations.consent import agreed_at
from conversations.rules.campaigns import CAMPAIGNS, CLAIM_LINK, UNFINISHED
from conversations.rules.occasions import LATE
from conversations.rules.reminder import Campaign
from conversations.rules.reminders_of_paying import PAYER_DUE, PAYER_LAPSE
from handlers import payers
from handlers.campaigns import settings, subjects
from handlers.campaigns.seeking import SEEKS
from handlers.campaigns.seeking import payers as payers_of
from handlers.campaigns.settings import Settings
from handlers.office import Office
from handlers.payers import Payers
from handlers.rounds import apart
from storage import broadcasts, claims, people, rounds, sessions
from storage.broadcasts import Awaiting, Opened, Stage
from storage.broadcasts.due import Due
from storage.database import Database
from storage.sessions import Stored
from storage.transaction import Transaction

OPENING = 0x5E27_0CA3  # what processes that begin a campaign at once wait for
AT_ONCE = 250  # recipients in one transaction
STOPPED = timedelta(days=3)  # so long a bot may stand still without an unfinished form being passed over
AGAIN = timedelta(hours=1)  # where nobody is due, it is noted so often up to when it was looked


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody who is due; `area` decides in which zone it has to be day."""

    person: int
    registration: str | None
    occasion: str
    area: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Look:
    """One look for who is due."""

    database: Database
    office: Office
    campaign: Campaign
    set: Settings
    held: Opened
    now: datetime

    @property
    def today(self) -> date:
        """The calendar day at the operator's place."""
        return self.now.astimezone(self.office.zone).date()


def name(campaign: Campaign) -> str:
    """Return the name under which it is remembered for which day a campaign was last looked at."""
    return f"campaign:{campaign.code}"


async def plan(campaign: Campaign, database: Database, office: Office) -> None:
    """Write down who is due for a campaign, if it is time to look."""
    async with database.read() as tx:
        stored = settings.of(campaign, await broadcasts.campaign(tx, campaign.code))
        held = (await broadcasts.opened(tx)).get(campaign.code)
        made = (await rounds.made(tx)).get(name(campaign), date.min)
    now = office.clock()
    if held is None:
        held = await _open(database, campaign, stored, now)
    if stored.on:
        await write_down(Look(database, office, campaign, stored, held, now), made)


async def write_down(look: Look, made: date) -> None:
    """Write down who is due, unless it was `made` for this day before."""
    if look.campaign is UNFINISHED:
        await _unfinished(look)
        return
    day = look.today - timedelta(days=look.today.weekday()) if look.campaign.weekly else look.today
    if made < day:
        await OTHERWISE.get(look.campaign.code, _registered)(look)
        async with look.database.write() as tx:
            if await _still_set(tx, look):
                await rounds.begin(tx, name(look.campaign), day)


for _one in CAMPAIGNS.values():
    if _one.wordings:
        apart(name(_one))(partial(plan, _one))


async def _open(database: Database, campaign: Campaign, stored: Settings, now: datetime) -> Opened:
    """Begin the broadcast that holds a campaign's recipients, unless another process just has."""
    stage = Stage.RUNNING if stored.on else Stage.PAUSED
    async with database.write() as tx:
        await tx.queue_up(OPENING)
        if (found := (await broadcasts.opened(tx)).get(campaign.code)) is not None:
            return found
        number = await broadcasts.create(
            tx,
            area="",
            body={"title": campaign.code, "texts": {}},
            necessary=campaign.necessary,
            quiet=True,
            due_at=None,
            canary=0,
            by=None,
            now=now,
            campaign=campaign.code,
            stage=stage,
        )
    return Opened(number, stage, 0)


async def _registered(look: Look) -> None:
    """Write down whose registration has an occasion today."""
    async with look.database.read() as tx:
        known = await payers.known(tx)
        async for page in SEEKS[look.campaign.code](tx, look.today, look.now, look.set.offsets):
            rows = [row for one in page if (row := _due(look, one, known)) is not None]
            await _enter(look, tx, rows)


def _due(look: Look, one: Due, known: Payers) -> Row | None:
    """Return the recipient that a registration makes today, if any."""
    rule = look.campaign.rule
    person = one.person or (one.registered_by if look.campaign.helper else None)
    if rule is None or person is None:
        return None
    subject = subjects.subject(one, known, look.office.zone, one.born)
    found = rule(subject, look.today, look.set.offsets)
    if found is None or (look.campaign.wordings.keys().isdisjoint({"", subject.payer, subject.state})):
        return None
    at = look.now if found.at is None else found.at.astimezone(UTC)
    return Row(person, one.number, found.name, one.area, at)


async def _still_set(tx: Transaction, look: Look) -> bool:
    """Tell whether a look held by what is set now; else what it may have written down is taken back.

    Then nobody's look counts, so that the next one begins anew. Whoever sets the campaign waits for this transaction.
    """
    await broadcasts.get(tx, look.held.id, locked=True)
    now = settings.of(look.campaign, await broadcasts.campaign(tx, look.campaign.code))
    if (now.on, now.offsets) == (look.set.on, look.set.offsets):
        return True
    await broadcasts.withdraw(tx, look.held.id)
    await broadcasts.looked(tx, look.held.id, 0)
    await rounds.again(tx, name(look.campaign))
    return False


async def _links(look: Look) -> None:
    """Write down whose links nobody opens: one message for all of them."""
    last = look.now - timedelta(days=look.set.offsets[0])
    async with look.database.read() as tx:
        found = await claims.unused(tx, last - timedelta(days=LATE), last)
        await _enter(look, tx, [Row(one.by, None, str(one.newest), one.area, look.now) for one in found])


async def _payers(look: Look) -> None:
    """Write down which private payers have somebody due: one message for each pledge and end of what is paid."""
    async with look.database.read() as tx:
        found = await payers_of(tx, look.campaign.code, look.today, look.set.offsets)
        await _enter(
            look, tx, [Row(one.owner, None, f"{one.programme}:{one.until}", one.area, look.now) for one in found]
        )


OTHERWISE = {CLAIM_LINK.code: _links, PAYER_DUE.code: _payers, PAYER_LAPSE.code: _payers}
"""How who is due is found where it is not by a registration's own dates."""


async def _unfinished(look: Look) -> None:
    """Write down who stopped so many hours ago in the middle of registering, from where the last look ended."""
    earliest = int((look.now - STOPPED).timestamp())
    since = datetime.fromtimestamp(max(look.held.cursor, earliest), UTC)
    rows: list[Row] = []
    async with look.database.read() as tx:
        for hours in look.set.offsets:
            ago = timedelta(hours=hours)
            async for one in sessions.touched(tx, "registration", since - ago, look.now - ago):
                rows += _stopped(look, one, hours)
        await _enter(look, tx, rows)
    if rows or look.now - since > AGAIN:
        async with look.database.write() as tx:
            if await _still_set(tx, look):
                await broadcasts.looked(tx, look.held.id, int(look.now.timestamp()))


def _stopped(look: Look, session: Stored, hours: int) -> list[Row]:
    """Return the recipient that an unfinished form makes: who never agreed to be recorded is left alone.

    After a stop of the bot, only the last reminder that is due is made.
    """
    began = agreed(session)
    reached = [one for one in look.set.offsets if session.touched_at + timedelta(hours=one) <= look.now]
    if began is None or max(reached, default=None) != hours:
        return []
    village = session.body.get("answers", {}).get("village")
    area = str(village.get("code") or "") if isinstance(village, dict) else ""
    at = session.touched_at + timedelta(hours=hours)
    return [Row(session.person, None, f"{hours}h:{began}", area, at)]


def agreed(session: Stored) -> int | None:
    """Return when somebody agreed to be recorded in this conversation, which tells it from others; None for never."""
    at = agreed_at(session.body.get("answers", {}))
    return None if at is None else int(at.timestamp())


async def _enter(look: Look, reading: Transaction, rows: Sequence[Row]) -> None:
    """Write recipients down, a few hundred at a time; those who are known already cost no writing."""
    for begin in range(0, len(rows), AT_ONCE):
        some = rows[begin : begin + AT_ONCE]
        ids = {row.person for row in some}
        known = await broadcasts.planned(reading, look.held.id, ids)
        new = [row for row in some if (row.person, row.occasion) not in known]
        if not new:
            continue
        async with look.database.write() as tx:
            read = await people.languages(tx, ids)
            await broadcasts.plan_many(tx, look.held.id, [_awaiting(look, row, read[row.person]) for row in new])


def _awaiting(look: Look, row: Row, language: str) -> Awaiting:
    zone = look.office.zone_of(row.area)
    return Awaiting(row.person, row.registration, row.occasion, language, zone, row.due_at)
