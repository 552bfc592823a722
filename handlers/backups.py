"""What admins hear of backups: once a day, that the day's could not be made."""

from __future__ import annotations

from datetime import datetime

from conversations.words import _, paragraphs
from handlers.visit import Visit
from storage import roles, rounds

NAME = "backup failed"


async def tell_failed(visit: Visit, latest: datetime | None) -> None:
    """Tell the admins, unless they were told today; `latest` is when the newest good backup was made."""
    if not await rounds.begin(visit.tx, NAME, visit.today):
        return
    made = None if latest is None else latest.astimezone(visit.office.zone).date()
    await visit.write_to(
        sorted({*visit.office.admins, *await roles.everyone(visit.tx, "admin")}),
        paragraphs(
            _("💾 <b>Today's backup of the data could not be made.</b>"),
            _("No backup has been made yet.") if made is None else _("The last good one is of {day}.", day=made),
            _("The bot goes on working. Please ask whoever runs its server to look today: its log says why."),
        ),
        slot=NAME,
        fresh=True,
    )
