"""What stands for each placeholder in one recipient's message, from what is known of them today."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date

from conversations.rules import dues, names, prices
from conversations.rules.areas import Level
from conversations.rules.reminder import SELF
from conversations.words import Money, Month
from handlers import payers
from handlers.payers import Payers
from handlers.visit import Visit
from storage import people, registrations
from storage.broadcasts import Recipient
from storage.registrations import Registration, State

Given = str | Money | Month | date
Values = dict[str, Given]
NAMELESS = "Bapak/Ibu"  # whom one speaks to like this in every language here, once the name is erased
PAID = {State.ACTIVE, State.LAPSED}  # of whom BPJS has said until when is paid


async def of_all(visit: Visit, recipients: Sequence[Recipient], needed: Collection[str]) -> list[Values | None]:
    """Return those of the `needed` values that each recipient has; None where their registration is gone."""
    numbers = {one.registration for one in recipients if one.registration is not None}
    known = await registrations.numbered(visit.tx, numbers) if numbers else {}
    under = await payers.known(visit.tx) if "iuran" in needed else {}
    helpers = [one.person for one in recipients if one.registration is None]
    called = await people.names(visit.tx, helpers) if helpers else {}
    return [
        _of_helper(visit, called.get(one.person), needed)
        if one.registration is None
        else _of_registered(visit, known.get(one.registration), needed, under)
        for one in recipients
    ]


def _of_helper(visit: Visit, name: str | None, needed: Collection[str]) -> Values:
    month = Month(prices.first_month(visit.today))
    values: dict[str, Given | None] = {
        "bulan": month,
        "operator": visit.office.operator,
        "kontak": visit.office.contact,
        "nama_depan": names.first(name or ""),
    }
    return {one: value for one in needed if (value := values.get(one))}


def _of_registered(
    visit: Visit, registration: Registration | None, needed: Collection[str], under: Payers
) -> Values | None:
    """Return what is known of a registration; of whom somebody else pays for, or may, no price is."""
    if registration is None or registration.document is None:
        return None
    told = [one for one in needed if one != "iuran" or payers.of(registration, under) == SELF]
    return {one: value for one in told if (value := OF_REGISTERED[one](visit, registration))}


def _first_name(_visit: Visit, registration: Registration) -> str:
    if registration.erased_at is not None:
        return NAMELESS
    return names.first(str((registration.document or {}).get("name") or ""))


def _village(visit: Visit, registration: Registration) -> str | None:
    """Return the village with its kind, such as "Desa Jati Kulon"; of a place elsewhere, the words it was given in."""
    if registration.area.count(".") + 1 == Level.VILLAGE:
        return visit.office.areas.describe(registration.area).partition(",")[0]
    village = (registration.document or {}).get("village")
    return str(village["words"]) if isinstance(village, dict) and village.get("words") else None


def _paid_until(_visit: Visit, registration: Registration) -> date | None:
    return registration.paid_until if registration.state in PAID else None


def _month(visit: Visit, registration: Registration) -> Month:
    return Month(dues.next_month(visit.today, _paid_until(visit, registration)))


def _contribution(visit: Visit, registration: Registration) -> Money | None:
    month = _month(visit, registration).day
    return dues.contribution(month, registration.tier, registration.payer, transport=registration.transport)


OF_REGISTERED: Mapping[str, Callable[[Visit, Registration], Given | None]] = {
    "nama_depan": _first_name,
    "desa": _village,
    "iuran": _contribution,
    "bulan": _month,
    "nomor": lambda _visit, registration: registration.number,
    "sampai": _paid_until,
    "operator": lambda visit, _registration: visit.office.operator,
    "kontak": lambda visit, _registration: visit.office.contact,
}
