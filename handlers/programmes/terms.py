"""A programme between its two shapes: the row in the database and the answers of the form that describes it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any

from conversations import scope
from conversations.events import Json
from conversations.flow import Answers, Context
from conversations.kinds.amount import SKIP, given
from conversations.kinds.shares import equal
from conversations.programme import villages
from conversations.rules.programmes import ANY, OLDEST, YOUNGEST, Terms
from storage.programmes import Programme

LONGEST = 20  # characters of a code


def answers(programme: Programme, context: Context) -> dict[str, Any]:
    """Return the answers that describe a programme."""
    terms = Terms.read(programme.terms)
    rules = ("breadwinner", "one_per_family", "by_department")
    return {
        "name": programme.name,
        "payer": programme.payer,
        **scope.chosen(programme.area, context.area),
        "tier": programme.tier,
        "months": programme.months,
        "first_month": programme.first_month.isoformat(),
        "last_month": programme.last_month.isoformat(),
        **{name: _number(getattr(programme, name)) for name in ("people", "person_months", "budget")},
        "jobs": list(terms.occupations),
        "youngest": terms.youngest,
        "oldest": terms.oldest,
        "rules": [name for name in rules if getattr(terms, name)],
        "departments": _departments(terms),
        "social_register": terms.social_register or "any",
        "shares": "hand" if programme.shares else "none",
        "by_village": dict(programme.shares),
        "fields": list(terms.fields),
    }


def _number(number: int | None) -> int | str:
    return SKIP if number is None else number


def _departments(terms: Terms) -> str:
    if not terms.departments:
        return "usual"
    return "=" + terms.departments[ANY] if list(terms.departments) == [ANY] else "kept"


def programme(form: Answers, context: Context, code: str, before: Programme | None) -> Programme:
    """Return the programme that a finished form describes; what it does not ask stays as it was `before`."""
    known: dict[str, Any] = {
        "name": str(form["name"]),
        "payer": str(form["payer"]),
        "area": scope.area_of(form, context),
        "tier": str(form["tier"]),
        "months": given(form["months"]),
        "first_month": date.fromisoformat(str(form["first_month"])),
        "last_month": date.fromisoformat(str(form["last_month"])),
        "people": given(form["people"]),
        "person_months": given(form["person_months"]),
        "budget": given(form["budget"]),
        "terms": _terms(form, before).to_json(),
    }
    if "shares" in form:
        known["shares"] = _shares(form, context)
    return Programme(code=code, **known) if before is None else replace(before, **known)


def _terms(form: Answers, before: Programme | None) -> Terms:
    rules: Any = form["rules"]
    social = str(form["social_register"])
    department = str(form.get("departments", "usual"))
    kept = Terms.read(before.terms).departments if before is not None and department == "kept" else {}
    return Terms(
        occupations=_names(form["jobs"]),
        youngest=given(form["youngest"]) or YOUNGEST,
        oldest=given(form["oldest"]) or OLDEST,
        breadwinner="breadwinner" in rules,
        one_per_family="one_per_family" in rules,
        by_department="by_department" in rules,
        social_register="" if social == "any" else social,
        fields=_names(form["fields"]),
        departments={ANY: department[1:]} if department.startswith("=") else kept,
    )


def _names(chosen: Json) -> tuple[str, ...]:
    return tuple(str(name) for name in chosen) if isinstance(chosen, list) else ()


def _shares(form: Answers, context: Context) -> dict[str, int]:
    by_village: Any = form.get("by_village", {})
    if form["shares"] == "equal":
        return equal(given(form["people"]) or 0, villages(form, context))
    return dict(by_village) if form["shares"] == "hand" else {}


def new_code(name: str, taken: Collection[str]) -> str:
    """Return a code made from a name that no other programme has: small letters, digits and dashes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-") or "program"
    tries = (stem, *(f"{stem[: LONGEST - len(end)]}{end}" for end in (f"-{number}" for number in range(2, 1000))))
    return next(one for one in tries if one not in taken)
