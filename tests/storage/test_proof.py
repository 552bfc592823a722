"""The proof of the keys: a database tells its own keys from others."""

import pytest

from storage import proof
from storage.database import Database
from storage.vault import Vault

KEY, INDEX = bytes(range(32)), bytes(range(32, 64))  # those of the fixture `vault`
OTHER = bytes(32)


@pytest.mark.parametrize(
    ("vault_now", "expected"),
    [
        (Vault([("1", KEY)], INDEX), True),
        (Vault([("2", OTHER), ("1", KEY)], INDEX), True),
        (Vault([("1", OTHER)], INDEX), False),
        (Vault([("2", KEY)], INDEX), False),
        (Vault([("1", KEY)], OTHER), False),
    ],
)
async def test_keys(database_url: str, vault_now: Vault, expected: bool) -> None:
    """The keys of the first start hold, rotated ones too; a wrong key or index key is found out, also after a migration."""
    database = await Database.open(database_url, vault_now)
    await database.migrate()
    async with database.read() as tx:
        assert await proof.holds(tx) is expected
    await database.close()
