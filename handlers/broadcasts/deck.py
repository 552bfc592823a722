"""The flight deck: what an admin sees before anything is sent, and the second admin who has to agree to a large one."""

from __future__ import annotations

from conversations.words import Lines, Number, Value, _, paragraphs
from handlers import rights
from handlers.broadcasts import wording
from handlers.broadcasts.timing import span
from handlers.visit import Key, Keys, Visit, button
from storage import broadcasts, people
from storage.broadcasts import CANARY, Broadcast, Counts, Stage

PREVIEWED = 3  # people whose messages are shown beforehand


def slot(broadcast: int) -> str:
    """Return the place on an admin's screen where a broadcast is shown, from its deck to its end."""
    return f"siaran:{broadcast}"


async def show(visit: Visit, broadcast: Broadcast) -> None:
    """Show its author the deck of a broadcast, as a new message below whatever has been said since."""
    if broadcast.created_by is not None:
        text, keys = await card(visit, broadcast, broadcast.created_by)
        await visit.write_to([broadcast.created_by], text, keys, slot=slot(broadcast.id), fresh=True)


async def call_second(visit: Visit, broadcast: Broadcast, others: list[int]) -> None:
    """Ask the other admins of the area to look at a broadcast and to agree to it."""
    for other in others:
        text, keys = await card(visit, broadcast, other)
        await visit.write_to([other], text, keys, slot=slot(broadcast.id), fresh=True)


async def others(visit: Visit, broadcast: Broadcast) -> list[int]:
    """Return the admins who may agree to a broadcast: never its author."""
    return sorted(await rights.admins(visit, broadcast.area) - {broadcast.created_by})


async def card(visit: Visit, broadcast: Broadcast, reader: int) -> tuple[Value, Keys]:
    """Return the deck: who gets it and who does not, how long it takes, and what this reader can do now."""
    counts = await broadcasts.counts(visit.tx, broadcast.id)
    head = Lines([wording.brief(broadcast), wording.kind(broadcast), await _registrant(visit, broadcast)])
    asked = await _asked(visit, broadcast, counts, reader) if broadcast.stage is Stage.ASKED else ""
    first = await broadcasts.counts(visit.tx, broadcast.id, wave=CANARY)
    text = paragraphs(head, _people(counts, first.of("waiting")), await _times(visit, broadcast), asked)
    return text, _keys(visit, broadcast, counts, reader)


async def _registrant(visit: Visit, broadcast: Broadcast) -> Value:
    """Say who registered them, where it is for one person's only."""
    who = broadcast.audience.registrant
    if who is None:
        return ""
    return _("👥 Only whom {name} registered", name=await people.name(visit.tx, who) or _("somebody unknown"))


def _people(counts: Counts, first: int) -> Value:
    gets, left_out = counts.of("waiting"), counts.of("opted_out", "skipped")
    return Lines(
        [
            _("Gets it: <b>{count}</b> of {all}", count=Number(gets), all=Number(counts.planned)),
            _("First {count}, drawn by lot; the rest if that goes well.", count=Number(first)) if first else "",
            _("Left out: {count}", count=Number(left_out)) if left_out else "",
            *wording.reasons(counts, "opted_out", "skipped"),
        ]
    )


async def _times(visit: Visit, broadcast: Broadcast) -> Value:
    """Say when it would begin and end if it were released now."""
    begin = max(visit.now, broadcast.due_at or visit.now)
    expected = span(await broadcasts.zones(visit.tx, broadcast.id), begin, quiet=broadcast.quiet)
    if expected is None:
        return _("There is nobody it can be sent to.")
    minutes = round((expected.ends - expected.begins).total_seconds() / 60)
    if expected.begins <= visit.now:
        begins = _("Begins: at once")
    else:
        begins = _("Begins: {moment}", moment=wording.clock(visit, expected.begins))
    lasts = _("Ends: about {moment}", moment=wording.clock(visit, expected.ends))
    if minutes < 1:
        lasts = _("Takes: less than a minute")
    quiet = _("Nobody gets it between 20:00 and 07:00 where they live.") if broadcast.quiet else ""
    return Lines([begins, lasts, quiet or _("⚠️ It is sent at night, too.")])


async def _asked(visit: Visit, broadcast: Broadcast, counts: Counts, reader: int) -> Value:
    if reader == broadcast.created_by:
        return _("Another admin has to agree, because it goes to many.")
    who = None if broadcast.created_by is None else await people.name(visit.tx, broadcast.created_by)
    return _(
        "{who} wants to send it to {count} people. Do you agree?", who=who or "…", count=Number(counts.of("waiting"))
    )


def _keys(visit: Visit, broadcast: Broadcast, counts: Counts, reader: int) -> Keys:
    number, gets = str(broadcast.id), counts.of("waiting")
    look = [
        Key(_("👁 As 3 people read it"), button("deck", "preview", number)),
        Key(_("📲 Try it on my phone"), button("deck", "test", number)),
    ]
    if broadcast.stage is Stage.READY:
        later = broadcast.due_at is not None and broadcast.due_at > visit.now
        send = _("🕗 Send at that time") if later else _("📤 Send")
        return [
            look if gets else [],
            [Key(send, button("deck", "send", number))] if gets else [],
            [
                Key(_("✏️ Change"), button("deck", "change", number)),
                Key(_("🗑 Discard"), button("deck", "discard", number)),
            ],
        ]
    if broadcast.stage is Stage.ASKED and reader == broadcast.created_by:
        return [look, [Key(_("↩️ Take back"), button("deck", "withdraw", number))]]
    if broadcast.stage is Stage.ASKED:
        return [
            look,
            [
                Key(_("✅ Agree"), button("deck", "agree", number)),
                Key(_("✖️ Not so"), button("deck", "withdraw", number)),
            ],
        ]
    return []
