"""/poster: something to print and hang up, with the code that opens the registration of a village."""

from __future__ import annotations

from typing import Any

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from conversations import events
from conversations.replies import Finished
from conversations.words import Value, _
from handlers import rights, turn
from handlers.visit import Visit
from locales import DEFAULT
from storage import roles
from storage.roles import covers

router = Router(name="posters")

NOT_YOURS = _("Posters are made by the facilitators, sponsors and admins of a village.")
_VILLAGE_DOTS = 3  # as in 33.19.03.2007
PREFIX = "v-"  # of the start payload that a village's poster carries


PAPERS = (
    ("a4", "poster-a4.pdf", _("A4, for a wall or a notice board.")),
    ("a5", "poster-a5.pdf", _("A5, for a table or a stall.")),
    ("screen", "poster.png", _("The picture in full size.")),
)


@router.message(Command("poster"))
async def poster(_message: Message, visit: Visit) -> None:
    """/poster: ask where it hangs, and for which village where the person has not just one."""
    areas = await areas_of(visit)
    if not areas:
        visit.refuse("poster", NOT_YOURS)
        await turn.go_on(visit, events.Resumed())
        return
    only = areas[0] if len(areas) == 1 and areas[0].count(".") == _VILLAGE_DOTS else None
    known: dict[str, events.Json] = {} if only is None else {"village": {"code": only, "words": None}}
    await turn.begin(visit, "poster", events.Started(known))


async def areas_of(visit: Visit) -> list[str]:
    """Return where a person may hang up posters: where they decide, or register others."""
    held = [role.area for role in await roles.of(visit.tx, visit.id) if role.role == "facilitator"]
    return sorted({*held, *await rights.areas_of(visit, visit.id)})


@turn.ending("poster")
async def made(visit: Visit, result: Finished) -> None:
    """Send the poster as a picture and as pages to print; the right to do so is asked again."""
    chosen: Any = result.answers["village"]
    village, stand = str(chosen["code"]), result.answers.get("stand")
    if not any(covers(area, village) for area in await areas_of(visit)):
        visit.refuse("poster", NOT_YOURS)
        return
    described = visit.office.areas.describe(village)
    place = described if stand is None else f"{stand} · {described}"
    visit.show(_("Poster for <b>{place}</b>: a picture to share, and pages to print.", place=place))
    facts = {
        "link": visit.office.link(PREFIX + village.replace(".", "")),
        "place": place,
        "name": visit.office.username,
        "operator": visit.office.operator,
        "contact": visit.office.contact,
        "day": visit.today.isoformat(),
    }
    share = _("Register for BPJS Ketenagakerjaan, {place}: {link}", place=place, link=facts["link"])
    visit.post("sendPhoto", {"chat_id": visit.id, "photo": _wish(facts, "screen"), **_under(visit, share)})
    for paper, name, caption in PAPERS:
        document = {**_wish(facts, paper), "name": name}
        visit.post("sendDocument", {"chat_id": visit.id, "document": document, **_under(visit, caption)})


def _wish(facts: dict[str, str], paper: str) -> dict[str, object]:
    """Return the drawing of one shape of the poster; it is for whoever passes by, so in the language of the place.

    It is drawn when it is sent, not in the turn, and kept nowhere.
    """
    return {"draw": "poster", "facts": {**facts, "paper": paper}, "language": DEFAULT, "once": True}


def _under(visit: Visit, caption: Value) -> dict[str, str]:
    return {"caption": visit.words(caption), "parse_mode": "HTML"}
