"""A moment to come: now, or date and time in one of Indonesia's zones. Stored as "now", or in ISO 8601 in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from conversations.events import Contact, Json, Pressed
from conversations.flow import Answers, Context, Reading, Refused, Reply, Step, Taken
from conversations.replies import Button
from conversations.rules import zones
from conversations.rules.zones import Zone
from conversations.words import Value, _

NOW = "now"
TOMORROW = "tomorrow"
EIGHT = time(8)
AHEAD = timedelta(days=90)
SPOKEN = {NOW, "sekarang", "langsung"}


class MomentPick:
    """Now, tomorrow at eight, or a moment typed as "25-11-2026 08:00 WIT"; without a zone, in that of the operator."""

    contact = False
    digits = True

    def rows(self, step: Step, _draft: Json, _answers: Answers, context: Context) -> tuple[tuple[Button, ...], ...]:
        """Offer the usual moments."""
        tomorrow = zones.written(_tomorrow(context), home(context))
        return ((Button(_("Now"), step.id, NOW),), (Button(tomorrow, step.id, TOMORROW),))

    def read(self, reply: Reply, _draft: Json, _answers: Answers, context: Context) -> Reading:
        """Take a press, or a typed moment that is still to come."""
        if isinstance(reply, Pressed) and reply.option == TOMORROW:
            return Taken(_tomorrow(context).isoformat())
        said = "" if isinstance(reply, Contact) else reply.option if isinstance(reply, Pressed) else reply.text
        if said.strip().casefold() in SPOKEN:
            return Taken(NOW)
        moment = zones.at(said, home(context))
        if moment is None:
            example = zones.written(_tomorrow(context), home(context))
            return Refused(_("Please type date and time, for example: {example}.", example=example))
        if not context.now < moment <= context.now + AHEAD:
            return Refused(_("Please choose a time within the next {days} days.", days=AHEAD.days))
        return Taken(moment.isoformat())

    def holds(self, value: Json, _answers: Answers, context: Context) -> bool:
        """Tell whether the moment is still to come."""
        moment = moment_of(value)
        return value == NOW or (moment is not None and moment > context.now)

    def shown(self, value: Json, _answers: Answers, context: Context) -> Value:
        """Return the moment as the operator's clocks show it."""
        moment = moment_of(value)
        return _("now") if moment is None else zones.written(moment, home(context))


def moment_of(value: Json) -> datetime | None:
    """Return the moment that was answered, None for now."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def home(context: Context) -> Zone:
    """Return the zone of the operator; western time where the operator serves all of Indonesia."""
    return zones.zone_of(context.area) if context.area else Zone.WIB


def _tomorrow(context: Context) -> datetime:
    clock = home(context).clock
    day = (context.now.astimezone(clock) + timedelta(days=1)).date()
    return datetime.combine(day, EIGHT, clock).astimezone(UTC)
