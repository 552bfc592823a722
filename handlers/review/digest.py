"""Each morning: reviewers hear how many wait for them, and admins what has waited too long."""

from __future__ import annotations

from datetime import time, timedelta

from conversations.rules.campaigns import DIGEST
from conversations.words import Lines, _, paragraphs
from handlers import rights
from handlers.campaigns import settings
from handlers.rounds import always, daily
from handlers.visit import Key, Visit, button
from storage import broadcasts, registrations, roles, rounds

MORNING = time(8)
FRESH = timedelta(hours=1)  # where nothing has waited longer, the call to the queue has just told of it
SHOWN = 12  # villages in one message


@always("digest")
async def digest(visit: Visit) -> None:
    """Tell the reviewers once a day, from the hour that is set, unless it is switched off."""
    known = settings.of(DIGEST, await broadcasts.campaign(visit.tx, DIGEST.code))
    local = visit.now.astimezone(visit.office.zone)
    if known.on and local.hour >= known.offsets[0] and await rounds.begin(visit.tx, DIGEST.code, visit.today):
        await _tell_reviewers(visit)


async def _tell_reviewers(visit: Visit) -> None:
    """Tell each reviewer and verifier how many wait, since when, and how many came since yesterday."""
    yesterday = visit.now - timedelta(days=1)
    for reviewer in await roles.everyone(visit.tx, "sponsor", "verifier"):
        scope = await rights.scope_of(visit, reviewer)
        size = await registrations.queue_size(visit.tx, scope, reviewer)
        if size.oldest_at is None or size.oldest_at > visit.now - FRESH:
            continue
        fresh = await registrations.queue_size(visit.tx, scope, reviewer, since=yesterday)
        days = (visit.now - size.oldest_at).days
        await visit.write_to(
            [reviewer],
            Lines(
                [
                    _("☀️ Good morning. Waiting for you: <b>{count}</b>.", count=size.count),
                    _("New since yesterday: {count}.", count=fresh.count) if fresh.count else "",
                    _("The oldest has waited for {days} days.", days=days) if days else "",
                ]
            ),
            [[Key(_("Open the queue"), button("queue", "open"))]],
            slot="digest",
            fresh=True,
        )


@daily("escalation", MORNING)
async def tell_admins(visit: Visit) -> None:
    """Tell the admins where registrations have waited too long: places and counts, no names."""
    days = visit.office.escalate_after_days
    late = await registrations.waiting_since(visit.tx, visit.now - timedelta(days=days))
    holders = await roles.everyone(visit.tx, "admin")
    for admin in sorted({*visit.office.admins, *holders}):
        scope = await rights.scope_of(visit, admin)
        mine = [(area, count) for area, count in late if any(roles.covers(one, area) for one in scope.areas)]
        if not mine:
            continue
        places = [
            _("• {place}: {count}", place=visit.office.areas.describe(area), count=count)
            for area, count in mine[:SHOWN]
        ]
        more = len(mine) - SHOWN
        await visit.write_to(
            [admin],
            paragraphs(
                _(
                    "⏰ <b>{count} registrations have waited for more than {days} days.</b>",
                    count=sum(count for _area, count in mine),
                    days=days,
                ),
                Lines([*places, _("… and {count} other places", count=more) if more > 0 else ""]),
                _("Please remind the reviewers there, or decide yourself."),
            ),
            [[Key(_("Open the queue"), button("queue", "open"))]],
            slot="escalation",
            fresh=True,
        )
