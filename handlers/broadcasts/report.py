"""The report of a broadcast: a picture and a few lines of what became of every message, and what people then did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from conversations.words import Lines, Number, Text, Value, _, paragraphs
from handlers.broadcasts import wording
from handlers.pictures.sheet import Bar, Chart, Sheet
from handlers.visit import Visit
from storage import broadcasts
from storage.broadcasts import Broadcast, Counts, Effects

AFTERWARDS = timedelta(days=14)  # what people do within this time of the end is counted as following from it
REASONS = 5  # that the caption has room for
COLOURS = {"sent": "covered", "waiting": "agreed", "sending": "agreed", "failed": "waits", "unknown": "waits"}
ACTIONS: dict[str, Text] = {
    "resume": _("went on with the registration"),
    "where": _("asked where to pay"),
    "paid": _("said to have paid"),
    "right": _("said the data are right"),
    "changed": _("said something has changed"),
    "stop": _("stopped the news"),
}


def send(visit: Visit, broadcast: Broadcast) -> None:
    """Send the report, which is made when it is sent: what many people did takes longer to count than a press may."""
    wish = {"draw": "recap", "report": broadcast.id, "language": visit.words.language, "once": True}
    visit.leave()
    visit.post("sendPhoto", {"chat_id": visit.id, "photo": wish, "parse_mode": "HTML"})


async def made(visit: Visit, number: int) -> tuple[dict[str, str], str]:
    """Return the report as it is now: the facts of its picture, and the words below; raises LookupError."""
    broadcast = await broadcasts.get(visit.tx, number)
    if broadcast is None:
        raise LookupError("There is no such broadcast.")
    counts = await broadcasts.counts(visit.tx, number)
    followed = await broadcasts.effects(visit.tx, number, until(broadcast, visit.now))
    facts = {"sheet": sheet(visit, broadcast, counts, followed).to_json()}
    return facts, visit.words(summary(broadcast, counts, followed))


def until(broadcast: Broadcast, now: datetime) -> datetime:
    """Return the moment up to which what people did is counted."""
    return min(now, broadcast.finished_at + AFTERWARDS) if broadcast.finished_at else now


def summary(broadcast: Broadcast, counts: Counts, followed: Effects) -> Value:
    """Return the report in a few lines, which are also what a person hears who cannot see the picture."""
    did = [
        _("👆 Pressed a button: {count}", count=Number(followed.pressed)),
        _("✍️ Sent a registration: {count}", count=Number(followed.finished)),
        _("💰 Paid: {count}", count=Number(followed.paid)),
    ]
    lost = wording.reasons(counts, "failed", "unknown", "opted_out", "skipped")[:REASONS]
    return paragraphs(wording.brief(broadcast), wording.total(counts), Lines(lost), Lines(did))


def sheet(visit: Visit, broadcast: Broadcast, counts: Counts, followed: Effects) -> Sheet:
    """Return the report's picture, in the person's words."""
    say = visit.words.plain
    became = [
        (wording.STATES[one], counts.of(one), COLOURS.get(one, "over")) for one in wording.STATES if counts.of(one)
    ]
    lost = sorted(counts.reasons.items(), key=lambda one: -one[1])
    did = [(ACTIONS[one], number, "covered") for one, number in followed.actions.items() if one in ACTIONS]
    did += [(_("sent a registration"), followed.finished, "agreed"), (_("paid"), followed.paid, "agreed")]
    parts = [
        _chart(visit, _("What became of the messages"), became),
        _chart(visit, _("Why some got nothing"), [(wording.why(*one), number, "waits") for one, number in lost]),
        _chart(visit, _("What people did after it"), did),
    ]
    return Sheet(
        say(wording.title(broadcast)),
        say(_("{moment} · {count} people", moment=wording.clock(visit, visit.now), count=Number(counts.planned))),
        tuple(part for part in parts if part.bars),
        (
            say(_("Counted up to 14 days after the end. One person may have done several things.")),
            say(_("Paid: as BPJS has recorded it, or as people say themselves.")),
        ),
    )


def _chart(visit: Visit, title: Text, rows: Sequence[tuple[Value, int, str]]) -> Chart:
    say = visit.words.plain
    bars = [Bar(say(label), ((colour, number),), say(Number(number))) for label, number, colour in rows]
    return Chart(say(title), tuple(bars))


def send_table(visit: Visit, broadcast: Broadcast) -> None:
    """Send the ledger as a table, which is made when it is sent: nothing of it is kept."""
    wish = {"report": broadcast.id, "name": f"siaran-{broadcast.id}.csv", "language": visit.words.language}
    caption = _("One line for each message, without names. Please keep it to those who work with it.")
    visit.leave()
    visit.post(
        "sendDocument", {"chat_id": visit.id, "document": wish, "caption": visit.words(caption), "parse_mode": "HTML"}
    )
