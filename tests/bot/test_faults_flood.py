"""A flood of strangers: whoever is registering is answered within few turns, and nobody's message is lost."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from bot.app import App
from bot.demo import stage
from bot.sandbox.limits import TELEGRAM
from bot.sending.pace import UNHURRIED, UNLIMITED
from storage.tables import inbox

STRANGERS = 400


async def stored(app: App) -> int:
    """Return how many updates were stored."""
    async with app.database.read() as tx:
        return await tx.connection.scalar(select(func.count()).select_from(inbox)) or 0


async def test_whoever_is_registering_goes_first(tmp_path: Path) -> None:
    """However many strangers came before, somebody whom the bot has met waits for a few replies to them at most."""
    async with stage(tmp_path, pace=UNHURRIED, limits=TELEGRAM) as (sandbox, app, _admin):
        ani = sandbox.person("Ani")
        await ani.start()
        await ani.hears("Bolehkah")
        for number in range(STRANGERS):
            stranger = sandbox.person(f"Orang {number}")
            await stranger.start()
            await stranger.says("halo")
        while await stored(app) < 2 * STRANGERS:
            await sandbox.api.bell.rung()
        sent = sum(sandbox.world.received.values())
        await ani.presses("Ya, saya setuju")
        await ani.hears("NIK, 16 angka", within=60)
        meanwhile = sum(sandbox.world.received.values()) - sent
        assert meanwhile < STRANGERS  # half of what waits; in turn it would be all of it


async def test_nobody_is_forgotten(tmp_path: Path) -> None:
    """When the flood is over every one of them has been answered."""
    async with stage(tmp_path, pace=UNLIMITED, limits=None) as (sandbox, app, _admin):
        crowd = [sandbox.person(f"Orang {number}") for number in range(STRANGERS)]
        for stranger in crowd:
            await stranger.start()
            await stranger.says("/bahasa")
        for stranger in crowd:
            await stranger.hears("bahasa apa", within=30)
        await app.settled(sandbox.world.updates.count)
