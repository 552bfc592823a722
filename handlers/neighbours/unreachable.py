"""People who can no longer be written to: whoever registered them hears of it, so that somebody visits them.

Each morning those are told whom no message has reached since the morning before, whatever it was that did not arrive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from conversations.rules import names
from conversations.words import Lines, Value, _, paragraphs
from handlers.errands import errand
from handlers.office import Office
from handlers.rounds import apart
from handlers.visit import Key, button
from storage import broadcasts, registrations, roles, rounds
from storage.database import Database
from storage.transaction import Transaction

NAME = "unreachable"
MORNING = time(8)
MARK = _("📵 Not to be reached on Telegram any more: please look in.")
NAMED = 5  # in the message; all of them stand among the person's entries


@apart(NAME)
async def tell(database: Database, office: Office) -> None:
    """Tell each helper, once a day, whom of those they registered the bot has lost since the day they were last told.

    What takes long is only read; the letters and the note of the day are written together.
    """
    local = office.clock().astimezone(office.zone)
    today = local.date()
    if local.time() < MORNING:
        return
    async with database.read() as tx:
        made = (await rounds.made(tx)).get(NAME, today - timedelta(days=1))
        if made >= today:
            return
        lost = await broadcasts.unreached(tx, _begin(office, made), _begin(office, today))
        letters = await _letters(tx, lost)
    async with database.write() as tx, errand(tx, office) as visit:
        if await rounds.begin(tx, NAME, today):
            for helper, text in letters.items():
                await visit.write_to([helper], text, [[Key(_("📋 My entries"), button("neighbours", "mine", "0"))]])


def _begin(office: Office, day: date) -> datetime:
    return datetime.combine(day, time(0), office.zone)


async def _letters(tx: Transaction, lost: Mapping[int, Sequence[tuple[str, str]]]) -> dict[int, Value]:
    """Return what each helper reads who still has a role where those they registered live."""
    letters: dict[int, Value] = {}
    for helper, entries in lost.items():
        held = [role.area for role in await roles.of(tx, helper) if role.role != "verifier"]
        theirs = [number for number, area in entries if any(roles.covers(one, area) for one in held)]
        if theirs:
            letters[helper] = await _text(tx, theirs)
    return letters


async def _text(tx: Transaction, lost: Sequence[str]) -> Value:
    named = await registrations.numbered(tx, set(lost[:NAMED]))
    called = {number: str((one.document or {}).get("name") or "…") for number, one in named.items()}
    lines = [_("• <b>{number}</b> {name}", number=one, name=names.mask(called[one])) for one in sorted(called)]
    more = len(lost) - NAMED
    return paragraphs(
        _("📵 Of those you registered, <b>{count}</b> can no longer be reached on Telegram:", count=len(lost)),
        Lines([*lines, _("… and {more} more, among your entries.", more=more) if more > 0 else ""]),
        _("When you pass by, please tell them that they can write to me again with /start."),
    )
