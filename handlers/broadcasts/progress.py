"""Progress: one message that says how far a broadcast is, in the place of its deck, and what came of it in the end."""

from __future__ import annotations

from datetime import timedelta

from conversations.words import Lines, Number, Value, _, paragraphs
from handlers.broadcasts import deck, wording
from handlers.broadcasts.timing import STEADY, span
from handlers.desk import bar
from handlers.visit import Key, Keys, Visit, button
from storage import broadcasts
from storage.broadcasts import SENDING, Broadcast, Counts, Stage

LATELY = timedelta(seconds=30)  # over which the rate is measured
ENOUGH = timedelta(seconds=5)  # of sending, before a rate means anything
GOING = SENDING | {Stage.DUE}
NEWS = frozenset({Stage.HELD, Stage.DONE})  # stages that are told with a new message, so that the phone rings


async def show(visit: Visit, broadcast: Broadcast) -> None:
    """Show how far a broadcast is to its author and to whoever agreed to it, in the message that showed it before."""
    just = broadcast.changed_at == visit.now  # in this very transaction it came to where it is
    watchers = {one for one in (broadcast.created_by, broadcast.confirmed_by) if one is not None} - {visit.id}
    if watchers:
        text, keys = await card(visit, broadcast)  # counted once, however many watch
        fresh = just and broadcast.stage in NEWS
        await visit.write_to(sorted(watchers), text, keys, slot=deck.slot(broadcast.id), fresh=fresh)


async def card(visit: Visit, broadcast: Broadcast) -> tuple[Value, Keys]:
    """Return how far a broadcast is: a bar, the sum that adds up, the rate and the end, and what can be done."""
    if broadcast.stage is Stage.DISCARDED:
        return paragraphs(wording.brief(broadcast), _("Nothing was sent.")), []
    counts = await broadcasts.counts(visit.tx, broadcast.id)
    done = counts.of("sent", "failed", "unknown")
    of = done + counts.of("waiting", "sending")
    times, asleep = await _times(visit, broadcast, done) if broadcast.stage in GOING else ("", False)
    head = Lines(
        [
            wording.brief(broadcast, wording.ASLEEP if asleep and not counts.of("sending") else None),
            _("{bar} {done} of {of}", bar=bar(done, of), done=Number(done), of=Number(of)) if of else "",
        ]
    )
    return paragraphs(head, wording.total(counts), times or _wrong(broadcast, counts)), keys(broadcast)


def _wrong(broadcast: Broadcast, counts: Counts) -> Value:
    """Say why messages did not arrive, and of one that is held, that it waits for a decision."""
    if broadcast.stage is Stage.HELD:
        return Lines(
            [
                _("Too many messages did not arrive, so nothing more is sent until somebody has looked:"),
                *wording.reasons(counts, "failed", "unknown"),
            ]
        )
    return Lines(wording.reasons(counts, "failed", "unknown"))


async def _times(visit: Visit, broadcast: Broadcast, done: int) -> tuple[Value, bool]:
    """Say when it goes on, how fast it is, and when it will end; and tell whether it is released and waits for day."""
    rate = await _rate(visit, broadcast)
    begin = max(visit.now, broadcast.due_at or visit.now)
    expected = span(
        await broadcasts.zones(visit.tx, broadcast.id),
        begin,
        quiet=broadcast.quiet,
        pace=STEADY if rate is None else max(rate, 1),
    )
    if expected is None:
        return "", False
    goes_on: Value = ""
    if broadcast.stage is Stage.DUE or expected.begins > visit.now:
        moment = wording.clock(visit, expected.begins)
        goes_on = _("Goes on: {moment}", moment=moment) if done else _("Begins: {moment}", moment=moment)
    ends = _("Ends: about {moment}", moment=wording.clock(visit, expected.ends))
    said = Lines([goes_on, _("{rate} a second", rate=round(rate)) if rate is not None else "", ends])
    return said, broadcast.stage in SENDING and expected.begins > visit.now


async def _rate(visit: Visit, broadcast: Broadcast) -> float | None:
    """Return how many messages a second go out; None until they have for long enough to tell."""
    tried = await broadcasts.tried_since(visit.tx, broadcast.id, visit.now - LATELY)
    if tried.first is None or visit.now - tried.first < ENOUGH:
        return None
    return tried.count / (visit.now - tried.first).total_seconds()


def keys(broadcast: Broadcast) -> Keys:
    """Return the buttons of a stage."""
    number = str(broadcast.id)
    again = Key(_("🔄 Refresh"), button("deck", "open", number))
    stop = Key(_("⏹ Stop"), button("deck", "stop", number))
    go_on = Key(_("▶️ Go on"), button("deck", "resume", number))
    report = Key(_("📊 Report"), button("deck", "report", number))
    match broadcast.stage:
        case Stage.PREPARING:
            return [[Key(_("🗑 Discard"), button("deck", "discard", number)), again]]
        case Stage.DUE:
            return [[stop, again]]
        case Stage.CANARY | Stage.RUNNING:
            return [[Key(_("⏸ Pause"), button("deck", "pause", number)), stop], [again]]
        case Stage.PAUSED | Stage.HELD:
            return [[go_on, stop], [report]]
        case Stage.STOPPED | Stage.DONE:
            return [[report, Key(_("📄 Table (CSV)"), button("deck", "table", number))]]
    return []
