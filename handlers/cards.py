"""A registration in labelled lines, as whoever may see it sees it: masked."""

from __future__ import annotations

from typing import Any

from conversations import neighbour, registration
from conversations.words import Lines, Text, Value, _
from handlers import programmes
from handlers.visit import Visit
from storage.registrations import OWN, Registration


async def answers(visit: Visit, shown: Registration) -> Value:
    """Return the labelled answers of a registration, NIK and phone masked."""
    return Lines(
        [_("{label}: <b>{value}</b>", label=label, value=value) for _id, label, value in await fields(visit, shown)]
    )


async def fields(visit: Visit, shown: Registration) -> list[tuple[str, Text, Value]]:
    """Return the answers of a registration: the step's id, its label, and the value as it may be seen.

    They are those of the form that made it: of a neighbour's also the relation, and how consent was given.
    """
    context, present = visit.context(), await _present(visit, shown)
    form = registration.FORM if shown.claim == OWN else neighbour.FORM
    return [
        (step.id, step.label, step.kind.shown(present[step.id], present, context))
        for step in form
        if step.label is not None and present.get(step.id) is not None
    ]


async def _present(visit: Visit, shown: Registration) -> dict[str, Any]:
    """Return the answers with who pays for what as it is now; what a programme decides is no answer any more."""
    document = shown.document or {}
    now = {**document, **await programmes.paid(visit, shown)}
    if now.get("payer") == "self" or (shown.programme is None and "programme" not in document):
        now.pop("programme")
    elif shown.programme is not None:
        now = {name: value for name, value in now.items() if name not in {"tier", "months"}}
    return now
