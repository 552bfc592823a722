"""What stands for each placeholder in one recipient's message, from what is known of them today."""

from __future__ import annotations

from collections.abc import Sequence

from conversations.rules import dues, names, prices
from conversations.rules.areas import Level
from conversations.words import Month, Value
from handlers.visit import Visit
from storage import people, registrations
from storage.broadcasts import Recipient
from storage.registrations import Registration, State

Values = dict[str, Value]
PAID = {State.ACTIVE, State.LAPSED}  # of whom BPJS has said until when is paid


async def of_all(visit: Visit, recipients: Sequence[Recipient]) -> list[Values | None]:
    """Return the values of each recipient; None where the registration they were chosen for is gone."""
    numbers = {one.registration for one in recipients if one.registration is not None}
    known = await registrations.numbered(visit.tx, numbers) if numbers else {}
    helpers = [one.person for one in recipients if one.registration is None]
    called = await people.names(visit.tx, helpers) if helpers else {}
    return [
        _of_helper(visit, called.get(one.person))
        if one.registration is None
        else _of_registration(visit, known.get(one.registration))
        for one in recipients
    ]


def _of_everybody(visit: Visit) -> Values:
    office = visit.office
    return {"bulan": Month(prices.first_month(visit.today)), "operator": office.operator, "kontak": office.contact}


def _of_helper(visit: Visit, name: str | None) -> Values:
    return _of_everybody(visit) | ({} if not name else {"nama_depan": names.first(name)})


def _of_registration(visit: Visit, registration: Registration | None) -> Values | None:
    if registration is None or registration.document is None:
        return None
    paid_until = registration.paid_until if registration.state in PAID else None
    month = dues.next_month(visit.today, paid_until)
    values = _of_everybody(visit) | {"bulan": Month(month), "nomor": registration.number}
    if name := str(registration.document.get("name") or ""):
        values["nama_depan"] = names.first(name)
    if (village := _village(visit, registration)) is not None:
        values["desa"] = village
    paid = dues.contribution(month, registration.tier, registration.payer, transport=registration.transport)
    if paid is not None:
        values["iuran"] = paid
    if paid_until is not None:
        values["sampai"] = paid_until
    return values


def _village(visit: Visit, registration: Registration) -> str | None:
    """Return the village with its kind, such as "Desa Jati Kulon"; of a place elsewhere, the words it was given in."""
    if registration.area.count(".") + 1 == Level.VILLAGE:
        return visit.office.areas.describe(registration.area).partition(",")[0]
    village = (registration.document or {}).get("village")
    return str(village["words"]) if isinstance(village, dict) and village.get("words") else None
