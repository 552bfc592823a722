"""What one recipient of a campaign is told now: the kind of reader, and the values in the text; nothing if no longer due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from conversations.rules import dues, occasions, prices
from conversations.rules.campaigns import CLAIM_LINK, UNFINISHED
from conversations.rules.occasions import LATE, Subject
from conversations.rules.reminder import ANY, Campaign
from conversations.rules.reminders_of_paying import PAYER_DUE, PAYER_LAPSE
from conversations.rules.tables import document
from conversations.words import Money, Number, Value
from handlers.broadcasts import values
from handlers.broadcasts.values import OF_REGISTERED
from handlers.campaigns import seeking, subjects
from handlers.campaigns.planning import agreed
from handlers.campaigns.settings import Settings
from handlers.visit import Visit
from storage import broadcasts, claims, history, programmes, registrations, sessions
from storage.broadcasts import Recipient
from storage.registrations import Registration, State


@dataclass(frozen=True, slots=True)
class Told:
    """The kind of reader, as the campaign's wordings name it, and the values that are known."""

    variant: str
    values: Mapping[str, Value] = field(repr=False)


async def told(visit: Visit, campaign: Campaign, known: Settings, recipient: Recipient) -> Told | None:
    """Return what a recipient is told, looked at anew; None when it is no longer so."""
    if campaign is UNFINISHED:
        return await _unfinished(visit, recipient)
    if campaign is CLAIM_LINK:
        return await _links(visit, known, recipient)
    if campaign.code in {PAYER_DUE.code, PAYER_LAPSE.code}:
        return await _paid_for(visit, campaign, known, recipient)
    found = await registrations.get(visit.tx, recipient.registration or "")
    if found is None or found.document is None or recipient.person not in {found.person, _helper(campaign, found)}:
        return None
    subject = await _subject(visit, found)
    occasion = None if campaign.rule is None else campaign.rule(subject, visit.today, known.offsets)
    if occasion is None or occasion.name != recipient.occasion:
        return None
    if campaign.whole and await _had_a_gap(visit, found.number):
        return None
    variant = next((one for one in (subject.payer, subject.state, ANY) if one in campaign.wordings), None)
    if variant is None or await broadcasts.has_paid(visit.tx, recipient.person, recipient.occasion):
        return None
    return Told(variant, await _values(visit, campaign.wordings[variant].values, found, subject, recipient))


def _helper(campaign: Campaign, found: Registration) -> int | None:
    return found.registered_by if campaign.helper and found.person is None else None


async def _subject(visit: Visit, found: Registration) -> Subject:
    under = None if found.programme is None else await programmes.get(visit.tx, found.programme)
    known = {} if under is None else {under.code: under.payer}
    return subjects.subject(found, known, visit.office.zone, subjects.born(found.document))


async def _had_a_gap(visit: Visit, number: str) -> bool:
    return any(entry.to_state == State.LAPSED for entry in await history.entries(visit.tx, number))


async def _unfinished(visit: Visit, recipient: Recipient) -> Told | None:
    """Look whether the form is still open, and nothing was answered in it since the reminder became due."""
    stored = await sessions.load(visit.tx, recipient.person, "registration")
    hours, _sign, began = recipient.occasion.partition("h:")
    if stored is None or str(agreed(stored)) != began:
        return None
    if stored.touched_at + timedelta(hours=int(hours)) > visit.now:
        return None
    return Told(ANY, _of_office(visit))


async def _links(visit: Visit, known: Settings, recipient: Recipient) -> Told | None:
    last = visit.now - timedelta(days=known.offsets[0])
    found = await claims.unused(visit.tx, last - timedelta(days=LATE), last, by=recipient.person)
    if not found:
        return None
    [given] = await values.of_all(visit, [recipient], ["nama_depan"])
    return Told(ANY, {**_of_office(visit), **(given or {}), "jumlah": Number(found[0].registrations)})


async def _paid_for(visit: Visit, campaign: Campaign, known: Settings, recipient: Recipient) -> Told | None:
    """Count anew for whom a private payer is due."""
    for one in await seeking.payers(visit.tx, campaign.code, visit.today, known.offsets):
        if (one.owner, f"{one.programme}:{one.until}") == (recipient.person, recipient.occasion):
            under = await programmes.get(visit.tx, one.programme)
            given: dict[str, Value] = {
                "pembayar": "" if under is None else under.name,
                "jumlah": Number(one.people),
                "sampai": one.until,
            }
            return Told(ANY, {**_of_office(visit), **given})
    return None


def _of_office(visit: Visit) -> dict[str, Value]:
    return {"operator": visit.office.operator, "kontak": visit.office.contact}


async def _values(
    visit: Visit, wanted: frozenset[str], found: Registration, subject: Subject, recipient: Recipient
) -> dict[str, Value]:
    """Return those of the wanted values that there are."""
    [given] = await values.of_all(visit, [recipient], wanted & OF_REGISTERED.keys())
    special: dict[str, Value | None] = {
        "tempat": await _place(visit, found) if "tempat" in wanted else None,
        "pembayar": await _payer(visit, found) if "pembayar" in wanted else None,
        "akhir": await _promised(visit, found) if "akhir" in wanted else None,
        "mulai": found.cover_from,
        "santunan": Money(int(document("benefits")["death"]["amount"])),
        "santunan_awal": Money(int(document("benefits")["death"]["before"])),
        **_of_day(visit, subject),
    }
    return {**(given or {}), **{one: value for one in wanted if (value := special.get(one))}}


async def _place(visit: Visit, found: Registration) -> Value | None:
    waits = found.state is State.WAITING_LIST
    count = registrations.waiting_place if waits else registrations.place
    place = await count(visit.tx, found.number)
    return Number(place) if place else None


async def _payer(visit: Visit, found: Registration) -> Value | None:
    under = None if found.programme is None else await programmes.get(visit.tx, found.programme)
    return None if under is None else under.name


async def _promised(visit: Visit, found: Registration) -> Value | None:
    """Return until when somebody pays: the end of the place in the programme, or of what is recorded where that is later."""
    place = await registrations.held(visit.tx, found.number)
    ends = [] if place is None else [prices.later(place.first_month, place.months) - timedelta(days=1)]
    return max([*ends, *([] if found.paid_until is None else [found.paid_until])], default=None)


def _of_day(visit: Visit, subject: Subject) -> dict[str, Value | None]:
    """Return the day a reminder is about, and the price from then on: of a birthday, or of a price that rises."""
    if subject.born is not None and subject.state in occasions.UNCOVERED:
        return {"tanggal": occasions.too_old_on(subject.born)}
    month = occasions.rise(visit.today, subject.tier, transport=subject.transport)
    if month is None:
        return {}
    price = dues.contribution(month, subject.tier, subject.payer, transport=subject.transport)
    return {"tanggal": month - timedelta(days=1), "harga_baru": price}
