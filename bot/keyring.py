"""The keys of an installation, exchanged step by step: added, made the first, dropped.

Each step changes `.env` and says what has to happen before the next. Nothing here prints or returns a key.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bot import env_file
from bot.settings import Settings, load
from bot.upkeep import opened
from handlers.office import utc_now
from storage import proof, rotation
from storage.proof import Kind
from storage.rotation import Held, Progress, Rewritten
from storage.standing import Standing
from storage.tables import wrote_words
from storage.transaction import Transaction
from storage.vault import UNMARKED, fresh_key

ENV = Path(".env")
SETTING: dict[Kind, str] = {"data": "KEYS", "index": "INDEX_KEY"}
FORGOTTEN = str(wrote_words.c.who_index)


class KeyStepError(Exception):
    """This step cannot be taken now; the text says why, and what has to be done first."""


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys of one kind: their ids in order, how many values each has written, and what no key can read."""

    kind: Kind
    names: list[str]
    held: list[Held]
    unknown: int


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation came to: the key that writes now, what was written anew, what is left, who is at work."""

    name: str
    rewritten: Rewritten
    left: list[Held]
    standing: Standing


async def rings(settings: Settings) -> list[Ring]:
    """Count what every key has written."""
    kinds: tuple[Kind, ...] = ("data", "index")
    async with opened(settings) as database, database.read() as tx:
        return [
            Ring(one, _names(settings, one), await rotation.held(tx, one), await rotation.unknown(tx, one))
            for one in kinds
        ]


def add(settings: Settings, kind: Kind) -> str:
    """Append a fresh key, which is only read with until it is made the first, and return its id; raises EnvFileError."""
    entries = _entries(settings, kind)
    name = str(max(_age(one) for one in entries) + 1)
    _write(kind, entries | {name: fresh_key()})
    return name


async def rotate(settings: Settings, kind: Kind, told: Progress) -> Rotated:
    """Make the newest key the first, and write anew with it; raises KeyStepError, EnvFileError, DatabaseError.

    It may be repeated, and goes on where it was broken off.
    """
    entries = _entries(settings, kind)
    name = max(entries, key=_age)
    if len(entries) == 1:
        raise KeyStepError(f"There is one key only: `sertakan keys add {kind}` makes another.")
    async with opened(settings) as database:
        standing = await database.standing(kind, name)
    if standing.know < standing.at_work:
        raise KeyStepError(
            f"{standing.at_work - standing.know} of {standing.at_work} processes at work do not know key {name} yet: "
            "restart them (`sertakan run`, `sertakan send`), then try again. Nothing was changed."
        )
    if next(iter(entries)) != name:
        _write(kind, {name: entries[name]} | entries)
        settings = load(ENV)
    async with opened(settings) as database:
        async with database.write() as tx:
            await proof.leave(tx)
        if kind == "data":
            done = await rotation.reseal(database, told)
        else:
            done = await rotation.reindex(database, utc_now(), told)
        async with database.read() as tx:
            left = [one for one in await rotation.held(tx, kind) if one.key != name]
        return Rotated(name, done, left, await database.standing(kind, name))


async def drop(settings: Settings, kind: Kind, name: str, *, give_up: bool) -> Counter[str]:
    """Take a key out; raises KeyStepError while anything needs it, EnvFileError, DatabaseError.

    With `give_up` goes what only an index key can find. Returns how much that was, by column.
    """
    entries = _entries(settings, kind)
    if name not in entries:
        raise KeyStepError(f"There is no {kind} key {name}; `sertakan keys status` shows them.")
    if next(iter(entries)) == name:
        raise KeyStepError(f"Key {name} is the first, with which everything is written: it stays.")
    async with opened(settings) as database:
        if (writing := (await database.standing(kind, name)).write) > 0:
            raise KeyStepError(f"{writing} processes at work still write with key {name}: restart them first.")
        gone: Counter[str] = Counter()
        if give_up and kind == "index":
            async with database.read() as tx:
                await _needless(tx, kind, name, rotation.GIVEN_UP)
            gone = await rotation.give_up(database, name)
        async with database.write() as tx:
            await _needless(tx, kind, name, set())
            if kind == "index":
                gone[FORGOTTEN] = await rotation.forget_writers(tx, name)
            await proof.drop(tx, kind, name)
    _write(kind, {one: key for one, key in entries.items() if one != name})
    return gone


async def _needless(tx: Transaction, kind: Kind, name: str, others: set[str]) -> None:
    """Make sure that nothing needs a key but what stands in these other columns; raises KeyStepError."""
    held = [one for one in await rotation.held(tx, kind) if one.key == name]
    left = [f"  {one.column}: {one.count}" for one in held if one.column not in {FORGOTTEN, *others}]
    if left:
        raise KeyStepError("\n".join([f"Key {name} is still needed:", *left, "Nothing was changed."]))


def _names(settings: Settings, kind: Kind) -> list[str]:
    return list(_entries(settings, kind))


def _entries(settings: Settings, kind: Kind) -> dict[str, str]:
    """Return the keys of a kind by id, as they stand in the settings."""
    text = (settings.keys if kind == "data" else settings.index_key).get_secret_value()
    entries = [entry.strip() for entry in text.split(",") if entry.strip()]
    pairs = [entry.split(":", 1) if ":" in entry else (UNMARKED, entry) for entry in entries]
    return {name.strip(): key.strip() for name, key in pairs}


def _write(kind: Kind, entries: dict[str, str]) -> None:
    env_file.change(ENV, SETTING[kind], ",".join(f"{name}:{key}" for name, key in entries.items()))


def _age(name: str) -> int:
    """Return how late a key was made: ids are numbers that grow; one that an operator has named is older."""
    return int(name) if name.isascii() and name.isdigit() else 0
