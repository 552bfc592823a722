"""Pictures: uploaded once, known by their key."""

from storage import pictures
from storage.database import Database


async def test_known_pictures(database: Database) -> None:
    """A file id is remembered by key, and the newest one wins."""
    async with database.write() as tx:
        assert await pictures.known(tx, "tiers-id") is None
        await pictures.learn(tx, "tiers-id", "AgAC1")
        await pictures.learn(tx, "tiers-id", "AgAC2")
        assert await pictures.known(tx, "tiers-id") == "AgAC2"
