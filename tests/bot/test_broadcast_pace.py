"""The promise: a broadcast keeps within Telegram's limits, and whoever chats meanwhile is answered before it ends.

The pace is a little faster than in earnest, so that it takes seconds; `benchmarks/broadcasts.py` has the real one.
"""

from __future__ import annotations

import asyncio

from bot_process import chosen
from crowds import announce, copies, crowd, reaches

from bot.app import running
from bot.sandbox.client import Sandbox
from bot.sandbox.limits import Limits
from bot.sending.pace import Pace
from storage.broadcasts import Stage

PEOPLE = 300
PACE = Pace(overall=40, while_chatting=30)
LIMITS = Limits(per_second=50, strict=True)  # further above the pace than Telegram's: the machine may be busy


async def test_within_the_limits(database_url: str) -> None:
    """Everybody gets it once without a single 429, and somebody who comes meanwhile need not wait for the end."""
    async with Sandbox.start(limits=LIMITS) as sandbox, running(chosen(sandbox, database_url), pace=PACE) as app:
        people, ani, traffic = crowd(sandbox, PEOPLE), sandbox.person("Ani"), sandbox.api.traffic
        number = await announce(app.database, people, app.office.clock, canary=10)
        done = asyncio.create_task(reaches(app, number, Stage.DONE))
        while traffic.statuses[200] < PEOPLE // 10:
            await sandbox.api.bell.rung()
        await ani.start()
        await ani.hears("Dinas Contoh")
        assert not done.done()
        await done
        assert [copies(person) for person in people] == [1] * PEOPLE
        assert (sandbox.api.pace.exceeded, sandbox.sent_inside_halt, traffic.statuses[429]) == (0, 0, 0)
        assert traffic.per_second <= PACE.overall
