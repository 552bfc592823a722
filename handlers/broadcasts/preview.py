"""Looking at a broadcast before it is sent: as three real recipients would read it, and as it looks on one's own phone."""

from __future__ import annotations

from dataclasses import replace

from conversations.rules import names
from conversations.words import Lines, Value, _
from handlers.broadcasts import wording
from handlers.broadcasts.deck import PREVIEWED
from handlers.broadcasts.rendering import LeftOut, render
from handlers.visit import Visit
from locales import LANGUAGES
from storage import broadcasts, registrations
from storage.broadcasts import Broadcast, Recipient


async def show(visit: Visit, broadcast: Broadcast) -> None:
    """Show what three of those who will get it read, word for word, and who they are."""
    drawn = await broadcasts.sample(visit.tx, broadcast.id, PREVIEWED)
    visit.leave()
    for number, one in enumerate(drawn, 1):
        visit.say(
            _("👁 {number} of {count}, as {who} reads it:", number=number, count=len(drawn), who=await _who(visit, one))
        )
        await _put(visit, broadcast, one)
    if not drawn:
        visit.notify(_("There is nobody it can be sent to."))


async def test(visit: Visit, broadcast: Broadcast) -> None:
    """Send it to the admin's own phone with the data of one recipient, once for each text it has."""
    visit.leave()
    for one in await broadcasts.sample(visit.tx, broadcast.id, 1):
        different = {html: language for language, html in reversed(broadcast.body["texts"].items())}
        for language in reversed(different.values()):
            await _put(visit, broadcast, replace(one, language=language))


async def _put(visit: Visit, broadcast: Broadcast, recipient: Recipient) -> None:
    """Send the visitor what a recipient would get."""
    made = await render(visit, broadcast, recipient)
    if isinstance(made, LeftOut):
        visit.say(_("They would get nothing: {why}.", why=wording.why(made.state, made.reason)))
    else:
        payload = {name: value for name, value in made.payload.items() if name != "method"}
        visit.post(made.payload["method"], {**payload, "chat_id": visit.id})


async def _who(visit: Visit, recipient: Recipient) -> Value:
    """Say who would read it: first name and village, as far as they are known, and the language."""
    language = LANGUAGES.get(recipient.language, recipient.language)
    found = None if recipient.registration is None else await registrations.get(visit.tx, recipient.registration)
    if found is None or found.document is None:
        return _("somebody ({language})", language=language)
    name = names.first(str(found.document.get("name") or "…"))
    return Lines([name, visit.office.areas.describe(found.area), language], ", ")
