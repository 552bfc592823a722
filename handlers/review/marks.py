"""Marks: what a reviewer should see before saying yes. Those that are grave ask for a second person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conversations.rules.programmes import Programme, why
from conversations.words import Lines, Text, Value, _
from handlers import programmes
from handlers.visit import Visit
from storage import lists, registrations
from storage.lists import PARTICIPANTS, SOCIAL_REGISTER
from storage.registrations import Registration

DUPLICATE = _("⚠️ The same NIK was proposed by somebody else")
SHARED = _("⚠️ This phone number is used by several people")
COVERED = _("⚠️ Perhaps already covered: on the list of participants")
NO_ADDRESS = _("📍 No address was given")
HINTS: Mapping[str, Text] = {
    "odd_date": _("⚠️ The birth date differs from the NIK"),
    "family_card": _("⚠️ The NIK may be a family card's number"),
    "unknown_code": _("⚠️ The area code in the NIK is unknown"),
    "outside_area": _("⚠️ The village is outside this area"),
    "employer": _("⚠️ Already has cover through an employer: please check"),
    "employer_unsure": _("⚠️ Not sure about cover through an employer"),
}


@dataclass(frozen=True, slots=True)
class Marks:
    """What speaks against a quick yes.

    `grave` ones need two people; `light` ones only keep a registration out of "the clean ones"; `facts` speak for or
    against nobody.
    """

    grave: tuple[Value, ...] = ()
    light: tuple[Value, ...] = ()
    facts: tuple[Value, ...] = ()
    doubled: bool = False

    @property
    def clean(self) -> bool:
        """Tell whether nothing at all speaks against it."""
        return not self.grave and not self.light

    @property
    def lines(self) -> Value:
        """Return everything, one a line."""
        return Lines([*self.grave, *self.light, *self.facts])


async def of(visit: Visit, looked_at: Sequence[Registration]) -> dict[str, Marks]:
    """Return the marks of these registrations by number, with a few queries for all of them."""
    numbers = [one.number for one in looked_at]
    doubled = await registrations.doubled(visit.tx, numbers)
    sharing = await registrations.sharing_phone(visit.tx, numbers)
    listed, known = await lists.marked(visit.tx, numbers), await lists.known(visit.tx)
    under = await programmes.of(visit, looked_at)
    found = {}
    for one in looked_at:
        on = listed.get(one.number, set())
        grave, light, facts = _by_programme(visit, one, under.get(one.programme or ""), on, known)
        hints = [HINTS[code] for code in one.hints if code in HINTS]
        found[one.number] = Marks(
            grave=(
                *([DUPLICATE] if one.number in doubled else []),
                *([COVERED] if PARTICIPANTS in on else []),
                *hints,
                *grave,
            ),
            light=(*([SHARED] if one.number in sharing else []), *light),
            facts=(*facts, *([NO_ADDRESS] if not (one.document or {}).get("address") else [])),
            doubled=one.number in doubled,
        )
    return found


async def of_one(visit: Visit, registration: Registration) -> Marks:
    """Return the marks of one registration."""
    return (await of(visit, [registration]))[registration.number]


def _by_programme(
    visit: Visit, registration: Registration, programme: Programme | None, on: set[str], known: set[str]
) -> tuple[list[Value], list[Value], list[Value]]:
    """Return grave and light marks and facts that follow from the programme's rules."""
    if programme is None:
        return [], [], []
    grave: list[Value] = [
        _("⚠️ Does not fit the programme: {reason}", reason=why(reason, programme))
        for reason in programme.unfit(programmes.applicant(visit, registration), visit.today)
    ]
    wanted = programme.terms.social_register
    if not wanted:
        return grave, [], []
    if SOCIAL_REGISTER not in known:
        return grave, [_("❔ The social register has not been imported here: please check by hand")], []
    inside = SOCIAL_REGISTER in on
    stands: Value = _("📋 In the social register") if inside else _("📋 Not in the social register")
    if inside == (wanted == "in"):
        return grave, [], [stands]
    misfit = _("⚠️ The programme is for people in the social register")
    if wanted == "out":
        misfit = _("⚠️ The programme is for people who are not in the social register")
    return [*grave, misfit], [], [stands]
