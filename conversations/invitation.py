"""An invitation: who is to be what, and where. The facts say what the inviter may offer.

Admins invite everybody, and further admins only where the settings name them; the sponsor of a village invites
facilitators for the own villages.
"""

from __future__ import annotations

from functools import cache, partial

from conversations.events import Json
from conversations.flow import Answers, Context, Flow, Step
from conversations.kinds import AreaPick, Choice, Option
from conversations.rules import occupations
from conversations.rules.areas import Level
from conversations.words import Text, Value, _, paragraphs

ROLES: dict[str, Text] = {
    "facilitator": _("Facilitator"),
    "sponsor": _("Sponsor of a village"),
    "verifier": _("Officer of a department"),
    "admin": _("Admin"),
}
DUTIES: dict[str, Text] = {
    "facilitator": _("Registers neighbours who do not use Telegram, and sees only those."),
    "sponsor": _("Sees the registrations of that place, decides on them, and invites facilitators."),
    "verifier": _("Sees the registrations of that place whose work belongs to the department, and decides on them."),
    "admin": _("Sees and decides everything here, and invites others."),
}


def role_name(role: str, department: str = "") -> Value:
    """Return what a role is called; an officer's names the department."""
    return _("Officer of {department}", department=department) if department else ROLES[role]


@cache
def departments() -> tuple[str, ...]:
    """Return the departments that propose people, as the list of occupations names them."""
    return tuple(sorted({job.department for job in occupations.all_() if job.department}))


class OwnPlace(Choice):
    """One of the places that the inviter looks after, by area code; the fact `places` lists them."""

    def offered(self, _answers: Answers, context: Context) -> list[Option]:
        """Return the places, described in full."""
        return [Option(code, context.areas.describe(code)) for code in _listed("places", context)]

    def shown(self, value: Json, _answers: Answers, context: Context) -> Value:
        """Return the place in full."""
        return context.areas.describe(str(value))


def _listed(fact: str, context: Context) -> list[str]:
    values = context.facts.get(fact)
    return [str(value) for value in values] if isinstance(values, list) else []


def _may(role: str, _answers: Answers, context: Context) -> bool:
    return role in _listed("roles", context)


def _for_own_place(_answers: Answers, context: Context) -> bool:
    return bool(_listed("places", context))


def _asks_scope(answers: Answers, context: Context) -> bool:
    return answers.get("role") != "admin" and not _for_own_place(answers, context)


def _for(scope: str, answers: Answers, context: Context) -> bool:
    return answers.get("scope") == scope and _asks_scope(answers, context)


def _for_department(answers: Answers, _context: Context) -> bool:
    return answers.get("role") == "verifier"


def place(answers: Answers, context: Context) -> str:
    """Return the area code that the answers name: everywhere, unless a place was chosen."""
    if _for_own_place(answers, context):
        return str(answers.get("place"))
    for level in ("village", "district"):
        chosen = answers.get(level)
        if _for(level, answers, context) and isinstance(chosen, dict):
            return str(chosen["code"])
    return context.area


def department(answers: Answers) -> str:
    """Return the department that the answers name, empty where none was asked."""
    chosen = str(answers.get("department", ""))
    return chosen[1:] if chosen.startswith("=") else dict(_DEPARTMENTS).get(chosen, "")


_DEPARTMENTS = [(f"d{number}", name) for number, name in enumerate(departments())]  # names are too long for buttons


def _asks_confirmation(answers: Answers, context: Context) -> Value:
    role = str(answers.get("role"))
    return paragraphs(
        _(
            "<b>{role}</b>, {place}. Make the invitation?",
            role=role_name(role, department(answers)),
            place=context.areas.describe(place(answers, context)),
        ),
        DUTIES.get(role, ""),
    )


INVITATION = Flow(
    "invitation",
    (
        Step(
            "role",
            _("Whom do you want to invite?"),
            Choice(*(Option(role, name, when=partial(_may, role)) for role, name in ROLES.items())),
            help=_("The person gets a link that works once. What they may do there, you read before it is made."),
        ),
        Step("place", _("For which of your places?"), OwnPlace(), when=_for_own_place),
        Step(
            "scope",
            _("For how large a place?"),
            Choice(
                Option("village", _("One village")),
                Option("district", _("One district")),
                Option("everywhere", _("The whole area")),
            ),
            when=_asks_scope,
        ),
        Step("village", _("For which <b>village</b>?"), AreaPick(), when=partial(_for, "village")),
        Step("district", _("For which <b>district</b>?"), AreaPick(Level.DISTRICT), when=partial(_for, "district")),
        Step(
            "department",
            _("For which <b>department</b>? Choose it, or type its name."),
            Choice(*(Option(code, name) for code, name in _DEPARTMENTS), own_words=True),
            when=_for_department,
        ),
        Step("confirmed", _asks_confirmation, Choice(Option("make", _("🔗 Make the invitation"), also=("ya", "yes")))),
    ),
)
