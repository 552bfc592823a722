"""What is pressed under a deck or a progress message: look, send, agree, pause, go on, stop. Rights are asked each time."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from aiogram import Router
from aiogram.types import CallbackQuery

from conversations.words import Number, Value, _
from handlers import rights
from handlers.broadcasts import composing, deck, preview, progress, report, wording
from handlers.visit import Key, Keys, Visit, button, pressed_button, pressed_on
from storage import broadcasts
from storage.broadcasts import CANARY, ENDED, REST, SENDING, Broadcast, Stage

router = Router(name="steering")

NUMBER = re.compile(r"[0-9]{1,9}")
BEFORE = frozenset({Stage.READY, Stage.ASKED})
STILL = frozenset({Stage.PAUSED, Stage.HELD})
UNDER_WAY = SENDING | STILL | {Stage.DUE}
STRANGER = _("This broadcast is not yours to look at, or no longer.")
ALONE = _(
    "So large a broadcast takes two admins, and you are the only one here. Please invite another one with /undang, or have "
    "their Telegram id written into SERTAKAN_ADMINS."
)
RELEASED = _("📤 Released.")
LATE = _("Somebody was quicker: this is how it stands.")

MOVES: Mapping[str, tuple[frozenset[Stage], Stage]] = {
    "discard": (BEFORE | {Stage.PREPARING}, Stage.DISCARDED),
    "pause": (SENDING, Stage.PAUSED),
    "stopped": (UNDER_WAY, Stage.STOPPED),
}
"""What a button does that needs no more than a step from one of these stages to another."""


@router.callback_query(pressed_on("deck"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Act on a button, for whoever may at this moment; a press that comes too late, or twice, shows how it stands."""
    action, subject = pressed_button(callback.data)
    broadcast = await broadcasts.get(visit.tx, int(subject)) if NUMBER.fullmatch(subject) else None
    if broadcast is None or not await may_steer(visit, broadcast):
        visit.refuse("deck", STRANGER)
        return
    match action:
        case "open":
            visit.show(*await card(visit, broadcast))
        case "preview" | "test" if broadcast.stage in BEFORE:
            await (preview.show(visit, broadcast) if action == "preview" else preview.test(visit, broadcast))
            visit.say(*await card(visit, broadcast), slot=deck.slot(broadcast.id), fresh=True)
        case "send":
            await _send(visit, broadcast)
        case "agree" | "withdraw":
            await _decide(visit, broadcast, action)
        case "change" if broadcast.stage is Stage.READY:
            await _change(visit, broadcast)
        case "resume":
            await _resume(visit, broadcast)
        case "stop" if broadcast.stage in UNDER_WAY:
            visit.show(*await _sure(visit, broadcast))
        case "discard" | "pause" | "stopped":
            await _move(visit, broadcast, *MOVES[action])
        case "report" if broadcast.stage not in BEFORE:
            report.send(visit, broadcast)
        case "table" if broadcast.stage in ENDED:
            report.send_table(visit, broadcast)
        case _:
            visit.notify(LATE)
            visit.show(*await card(visit, broadcast))


async def may_steer(visit: Visit, broadcast: Broadcast) -> bool:
    """Tell whether this person may look at a broadcast and steer it; campaigns have screens of their own."""
    mine = await rights.may_write_to(visit, broadcast.area, necessary=broadcast.necessary)
    return mine and broadcast.campaign is None


async def card(visit: Visit, broadcast: Broadcast) -> tuple[Value, Keys]:
    """Return how a broadcast stands now: its deck before it is released, its progress afterwards."""
    now = await broadcasts.get(visit.tx, broadcast.id) or broadcast
    return await (deck.card(visit, now, visit.id) if now.stage in BEFORE else progress.card(visit, now))


async def _move(
    visit: Visit, broadcast: Broadcast, frm: Collection[Stage], to: Stage, *, by: int | None = None
) -> Broadcast | None:
    """Take a broadcast one step on and show how it stands to everybody who watches; None when the press came too late."""
    moved = await broadcasts.move(visit.tx, broadcast.id, frm, to, now=visit.now, by=by)
    now = await broadcasts.get(visit.tx, broadcast.id) or broadcast
    at_once = now.stage is Stage.DUE and (now.due_at is None or now.due_at <= visit.now)
    visit.notify(LATE if not moved else RELEASED if at_once else wording.STAGES[now.stage])
    visit.show(*await card(visit, now))
    if moved and now.stage not in BEFORE:
        await progress.show(visit, now)
    return now if moved else None


async def _send(visit: Visit, broadcast: Broadcast) -> None:
    """Release it; one to many has to be agreed to by another admin first."""
    gets = (await broadcasts.counts(visit.tx, broadcast.id)).of("waiting")
    if gets == 0 or gets <= visit.office.broadcast_alone:
        await _move(visit, broadcast, [Stage.READY] if gets else [], Stage.DUE)
        return
    others = await deck.others(visit, broadcast)
    if not others:
        visit.refuse("deck", ALONE)
        return
    await visit.sign()
    asked = await _move(visit, broadcast, [Stage.READY], Stage.ASKED)
    if asked is not None:
        await deck.call_second(visit, asked, others)


async def _decide(visit: Visit, broadcast: Broadcast, action: str) -> None:
    """Agree to a large broadcast, which its author cannot, or give it back; all who were asked see what was decided."""
    if action == "agree" and visit.id not in await deck.others(visit, broadcast):
        visit.refuse("deck", _("Who wants to send it cannot agree to it. Another admin has to."))
        return
    agreed = action == "agree"
    now = await _move(
        visit, broadcast, [Stage.ASKED], Stage.DUE if agreed else Stage.READY, by=visit.id if agreed else None
    )
    if now is None:
        return
    await visit.sign()
    if not agreed and now.created_by != visit.id:
        await deck.show(visit, now)
    for other in await deck.others(visit, broadcast):
        if other != visit.id:
            await visit.write_to([other], wording.brief(now), slot=deck.slot(now.id))


async def _change(visit: Visit, broadcast: Broadcast) -> None:
    """Put it away and open the form again, with all its answers."""
    if await _move(visit, broadcast, [Stage.READY], Stage.DISCARDED):
        await composing.begin(visit, broadcast.body.get("answers"))


async def _resume(visit: Visit, broadcast: Broadcast) -> None:
    """Go on: with the first wave where it was paused before the rest had begun, else with everybody who waits."""
    drawn = (await broadcasts.counts(visit.tx, broadcast.id, wave=CANARY)).planned > 0
    rest = await broadcasts.counts(visit.tx, broadcast.id, wave=REST)
    begun = rest.of("sent", "failed", "unknown", "sending") > 0
    first = broadcast.stage is Stage.PAUSED and drawn and not begun
    await _move(
        visit,
        broadcast,
        [broadcast.stage] if broadcast.stage in STILL else [],
        Stage.CANARY if first else Stage.RUNNING,
    )


async def _sure(visit: Visit, broadcast: Broadcast) -> tuple[Value, Keys]:
    """Ask whether it is to be stopped for good."""
    left, number = (await broadcasts.counts(visit.tx, broadcast.id)).of("waiting"), str(broadcast.id)
    return _("Stop it for good? <b>{count}</b> people have not got it yet and will not.", count=Number(left)), [
        [Key(_("No, go back"), button("deck", "open", number))],
        [Key(_("⏹ Yes, stop it"), button("deck", "stopped", number))],
    ]
