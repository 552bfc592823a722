"""Backups: what was there comes back, whatever was done to the file is noticed, and nothing unsealed stays behind."""

from __future__ import annotations

import asyncio
import io
import os
import stat
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from everything import fill, held
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import claimed, crowd, released, remind, states, stored
from sqlalchemy import select, update

from storage import backups, broadcasts, copying, inbox, outbox, registrations, rounds, schema
from storage.audit import Audit
from storage.backups import BackupError
from storage.backups.making import make
from storage.backups.restoring import Restored, restore
from storage.backups.sealing import FORM, PIECE, TAG, Header, seal, unseal
from storage.backups.trial import opened
from storage.backups.workroom import NAME, workroom
from storage.broadcasts import Stage
from storage.copying import CopyError
from storage.database import Database
from storage.outbox import Letter
from storage.tables import broadcasts as broadcast_table
from storage.tables import outbox as letters
from storage.vault import Vault

NOW = datetime(2026, 11, 20, 19, 0, tzinfo=UTC)
KEYS = [("1", bytes(range(32)))]
INDEX_KEY = bytes(range(32, 64))
CONTENTS = os.urandom(2 * PIECE + 999)  # which no compression makes smaller


@pytest.fixture
async def empty(tmp_path: Path, vault: Vault) -> AsyncIterator[Database]:
    """Open an SQLite file that is new."""
    async with opened(tmp_path / "restored" / "new.db", vault) as database:
        yield database


async def put_back(backup: Path, target: Database, vault: Vault, *, resend: bool = True) -> Restored:
    """Restore as the command does, the day after."""
    later = NOW + timedelta(hours=12)
    within = backup.parent
    return await restore(backup, target, vault, within=within, now=later, today=later.date(), resend=resend)


# The round trip


async def test_what_was_there_comes_back(database: Database, empty: Database, tmp_path: Path, vault: Vault) -> None:
    """A backup of either database holds every row; one file that only its owner can read is all that is left."""
    async with database.write() as tx:
        await fill(tx)
        before = await held(tx)
    made = await make(database, vault, tmp_path / "kept", NOW)
    assert made.path.name == "sertakan-20261120-190000.backup"
    assert backups.latest(tmp_path / "kept") == NOW
    assert sorted(path.name for path in made.path.parent.rglob("*")) == [NAME, made.path.name]
    assert (stat.S_IMODE(made.path.stat().st_mode), made.path.stat().st_size) == (0o600, made.size)
    assert (await put_back(made.path, empty, vault)).sums == made.sums
    async with empty.read() as tx:
        assert await held(tx) == before
    assert list((made.path.parent / NAME).iterdir()) == []


async def test_back_into_either_database(database: Database, empty: Database, tmp_path: Path, vault: Vault) -> None:
    """A backup of an SQLite file becomes the data of whatever database is empty."""
    await empty.migrate()
    async with empty.write() as tx:
        await fill(tx)
        before = await held(tx)
    made = await make(empty, vault, tmp_path, NOW)
    await put_back(made.path, database, vault)
    async with database.read() as tx:
        assert await held(tx) == before


async def test_one_view_while_others_write(
    database: Database, empty: Database, tmp_path: Path, vault: Vault, apply: Any
) -> None:
    """A backup made while people register holds of each registration all or nothing, and holds up nobody."""
    during = 0
    making = asyncio.create_task(make(database, vault, tmp_path, NOW))
    while not making.done():
        async with database.write() as tx:
            during += 1
            nik = f"33190225059{during:05}"
            form = apply(person=1000 + during, nik=nik, phone=None, document={"nik": nik})
            await registrations.submit(tx, form, NOW)
    made = await making
    assert during > made.sums["registrations"].rows
    await put_back(made.path, empty, vault)
    async with empty.read() as tx:
        look = Audit(tx)
        assert [one async for one in look.findings()] == []
    assert look.registrations == look.entries == made.sums["registrations"].rows


async def test_only_into_what_is_empty(database: Database, tmp_path: Path, vault: Vault) -> None:
    """Where there are data, nothing is restored."""
    made = await make(database, vault, tmp_path, NOW)
    async with database.write() as tx:
        await fill(tx)
        before = await held(tx)
    with pytest.raises(CopyError, match="is not empty"):
        await put_back(made.path, database, vault)
    async with database.read() as tx:
        assert await held(tx) == before


# The file


@cache
def sealed() -> bytes:
    """Return a backup of more than two pieces."""
    vault = Vault(KEYS, INDEX_KEY)
    return b"".join(seal([CONTENTS], Header(NOW, "0003"), vault))


def read(file: bytes, vault: Vault) -> bytes:
    """Return what is in a backup."""
    _header, parts = unseal(io.BytesIO(file), vault)
    return b"".join(parts)


@given(
    sizes=st.lists(st.sampled_from([0, 1, 7, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE]), max_size=4), plain=st.booleans()
)
@settings(max_examples=40, deadline=None)
def test_any_contents_come_back(sizes: list[int], *, plain: bool) -> None:
    """However the contents are cut, and however well they pack, they come out as they went in."""
    vault = Vault(KEYS, INDEX_KEY)
    parts = [bytes(size) if plain else os.urandom(size) for size in sizes]
    header = Header(NOW, "0003")
    said, out = unseal(io.BytesIO(b"".join(seal(parts, header, vault))), vault)
    assert (said, b"".join(out)) == (header, b"".join(parts))


@given(position=st.integers(0, len(CONTENTS)), bit=st.integers(0, 7))
@settings(max_examples=300, deadline=None)
def test_no_bit_can_be_changed(position: int, bit: int) -> None:
    """Whatever bit of a backup is turned, it is refused with a sentence."""
    changed = bytearray(sealed())
    changed[position] ^= 1 << bit
    with pytest.raises(BackupError, match=r"damaged|no backup|SERTAKAN_KEYS"):
        read(bytes(changed), Vault(KEYS, INDEX_KEY))


@given(
    length=st.one_of(st.integers(0, len(CONTENTS)), st.integers(0, 3).map(lambda n: _beginning() + n * (PIECE + TAG)))
)
@settings(max_examples=150, deadline=None)
def test_no_end_can_be_missing(length: int) -> None:
    """A backup that ends too early is refused, also when it ends between two pieces."""
    if length < len(sealed()):
        with pytest.raises(BackupError):
            read(sealed()[:length], Vault(KEYS, INDEX_KEY))


def _beginning() -> int:
    """Return where the pieces begin."""
    return len(FORM) + 4 + int.from_bytes(sealed()[len(FORM) : len(FORM) + 4])


def _arranged(which: Iterable[int], file: bytes) -> bytes:
    begin = _beginning()
    pieces = [file[at : at + PIECE + TAG] for at in range(begin, len(file), PIECE + TAG)]
    return file[:begin] + b"".join(pieces[one] for one in which)


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 2), (0, 1, 1, 2), (0, 1, 2, 2), (2,), ()])
def test_pieces_stay_where_they_are(order: tuple[int, ...], vault: Vault) -> None:
    """Pieces that are swapped, left out or doubled are noticed."""
    assert read(_arranged((0, 1, 2), sealed()), vault) == CONTENTS
    with pytest.raises(BackupError, match="damaged"):
        read(_arranged(order, sealed()), vault)


def test_pieces_of_two_backups_do_not_mix(vault: Vault) -> None:
    """A piece of another backup, or another's header, is noticed."""
    other = b"".join(seal([CONTENTS], Header(NOW, "0003"), vault))
    begin = _beginning()
    for mixed in (sealed()[:begin] + other[begin:], sealed()[: begin + PIECE + TAG] + other[begin + PIECE + TAG :]):
        with pytest.raises(BackupError, match="damaged"):
            read(mixed, vault)


async def test_other_keys_do_not_open_it(database: Database, empty: Database, tmp_path: Path) -> None:
    """With other keys, or only another index key, a sentence says whose .env is needed, and nothing is restored."""
    made = await make(database, Vault(KEYS, INDEX_KEY), tmp_path, NOW)
    others = {
        "do not open the backup": Vault([("1", bytes(32))], INDEX_KEY),
        "do not name the key": Vault([("2", bytes(range(32)))], INDEX_KEY),
        "INDEX_KEY is not that of the backup": Vault(KEYS, bytes(32)),
    }
    for sentence, vault in others.items():
        with pytest.raises(BackupError, match=sentence) as refused:
            await put_back(made.path, empty, vault)
        assert "in force then" in str(refused.value)
    async with empty.read() as tx:
        assert await copying.is_empty(tx)


async def test_of_other_versions(empty: Database, tmp_path: Path, vault: Vault) -> None:
    """A backup of an older version is brought up to date; one of a newer version is refused with a sentence."""
    old = tmp_path / "old.db"
    async with opened(old, vault) as database:
        await database.migrate()
        async with database.write() as tx:
            await tx.connection.run_sync(schema.downgrade, "0002")
    (tmp_path / "old").write_bytes(b"".join(seal([old.read_bytes()], Header(NOW, "0002"), vault)))
    assert (await put_back(tmp_path / "old", empty, vault)).made_at == NOW
    assert await empty.schema_is_current()
    async with opened(old, vault) as database, database.write() as tx:
        await tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    (tmp_path / "new").write_bytes(b"".join(seal([old.read_bytes()], Header(NOW, "9999"), vault)))
    with pytest.raises(BackupError, match="newer version of Sertakan: install that one first"):
        await put_back(tmp_path / "new", empty, vault)


# The folder


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    """The oldest go first, and what is no backup stays."""
    assert (backups.latest(tmp_path / "none"), backups.thin_out(tmp_path / "none", 1)) == (None, 0)
    days = [NOW - timedelta(days=day) for day in range(5)]
    for name in [*map(backups.name, days), "sertakan-20269999-000000.backup", "sertakan.db", ".env"]:
        (tmp_path / name).touch()
    assert backups.thin_out(tmp_path, 2) == 3
    assert [made_at for made_at, _path in backups.found(tmp_path)] == days[1::-1]
    assert len(list(tmp_path.iterdir())) == 5


def test_what_a_killed_one_left_is_cleared_away(tmp_path: Path) -> None:
    """A room is empty when somebody comes in, and when they have gone, whatever happened there."""
    room = tmp_path / NAME
    (room / "folder").mkdir(parents=True, mode=0o700)
    room.chmod(0o700)
    (room / "copy.db").write_text("left behind")
    with workroom(tmp_path) as mine:
        assert list(mine.iterdir()) == []
        (mine / "copy.db").write_text("half done")
    assert list(room.iterdir()) == []
    with pytest.raises(BackupError, match="No space left"), workroom(tmp_path):
        raise OSError(28, "No space left on device")
    assert list(room.iterdir()) == []


def test_a_room_of_others_is_not_used(tmp_path: Path) -> None:
    """A room that others can read, or that is a way to somewhere else, is refused."""
    (tmp_path / NAME).mkdir(mode=0o755)
    with pytest.raises(BackupError, match="others can read it"), workroom(tmp_path):
        pass
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / NAME).symlink_to(tmp_path)
    with pytest.raises(BackupError, match="cannot be written"), workroom(tmp_path / "a"):
        pass


# Afterwards


async def _busy(database: Database) -> dict[str, int]:
    """Leave something of everything that can be under way, and return the broadcasts by stage."""
    made = {}
    async with database.write() as tx:
        await crowd(tx, 3, NOW)
        await inbox.keep(tx, 1, [inbox.Arrival(5, 7, b"{}")], NOW)
        await outbox.post(tx, [Letter(one, "sendMessage", {"text": "Halo"}) for one in (1, 2)], NOW)
        await outbox.claim(tx, 1, NOW)
        await rounds.begin(tx, "digest", NOW.date() - timedelta(days=1))
        made["running"] = await released(tx, NOW)
        assert len(await claimed(tx, NOW, limit=1)) == 1
        for stage in (Stage.DUE, Stage.PAUSED, Stage.READY, Stage.DONE):
            made[stage.value] = await released(tx, NOW, stage=stage)
        made["later"] = await released(tx, NOW, stage=Stage.DUE, due_at=NOW + timedelta(days=2))
        reminders = await broadcasts.create(
            tx,
            area="",
            body={},
            necessary=False,
            quiet=True,
            due_at=None,
            canary=0,
            by=None,
            now=NOW,
            campaign="lapse",
            stage=Stage.RUNNING,
        )
        await tx.connection.execute(
            update(broadcast_table).where(broadcast_table.c.id == reminders).values(cursor=int(NOW.timestamp()))
        )
        await remind(tx, reminders, 1, NOW + timedelta(hours=1))
        await remind(tx, reminders, 2, NOW + timedelta(days=3))
        made["campaign"] = reminders
    return made


async def test_nothing_that_may_have_been_sent_is_sent_again(
    database: Database, empty: Database, tmp_path: Path, vault: Vault
) -> None:
    """After a restore no letter and no message to many goes out twice; what was surely not yet due still comes."""
    made = await _busy(database)
    backup = await make(database, vault, tmp_path, NOW)
    restored = await put_back(backup.path, empty, vault, resend=False)
    later = NOW + timedelta(days=4)
    async with empty.write() as tx:
        assert await outbox.claim(tx, 100, later) == []
        assert {(row.state, row.payload) for row in await tx.connection.execute(select(letters))} == {
            ("withdrawn", None)
        }
        assert len(await inbox.claim(tx, 10, later)) == 1
        assert [one.person for one in await claimed(tx, later)] == [2]
        for name in ("running", "due", "paused", "ready"):
            assert await states(tx, made[name]) == {"unknown": 3}, name
        assert await states(tx, made["later"]) == {"skipped": 3}
        assert (await stored(tx, made["ready"])).stage is Stage.DISCARDED
        assert (await stored(tx, made["running"])).stage is Stage.STOPPED
        campaign = await stored(tx, made["campaign"])
        assert (campaign.stage, campaign.cursor) == (Stage.RUNNING, int((NOW + timedelta(hours=12)).timestamp()))
        assert (await rounds.made(tx))["digest"] == (NOW + timedelta(hours=12)).date()
    assert restored.halted is not None
    assert (restored.halted.letters, restored.halted.broadcasts) == (2, 5)


async def test_unless_no_bot_has_run_since(database: Database, empty: Database, tmp_path: Path, vault: Vault) -> None:
    """With `resend` everything goes on where it stood."""
    await _busy(database)
    async with database.read() as tx:
        before = await held(tx)
    backup = await make(database, vault, tmp_path, NOW)
    assert (await put_back(backup.path, empty, vault, resend=True)).halted is None
    async with empty.read() as tx:
        assert await held(tx) == before
