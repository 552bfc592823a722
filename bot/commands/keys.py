"""`sertakan keys`: the keys of the stored data are exchanged while the bot goes on working."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TypeVar

import click

from bot.commands import fail_kindly, settings

if TYPE_CHECKING:
    from bot.keyring import Rotated

T = TypeVar("T")
Kind = Literal["data", "index"]
EVERY = 5000  # values between two lines of progress

REMEDIES = {
    "listed.nik_index": "import the list anew: `sertakan list import`",
    "registrations.nik_index": "of erased registrations: `keys drop index OLD --give-up` forgets them",
    "registrations.phone_index": "of erased registrations: `keys drop index OLD --give-up` forgets them",
    "claims.token_index": "links that are open; they end within 7 days",
    "invitations.token_index": "invitations that are open; they end within 7 days",
    "wrote_words.who_index": "`keys drop` forgets them; at worst somebody's words are counted twice",
    "history.link": "of broken histories, which are not blessed: `sertakan audit verify`",
    "programmes.digest": "of programmes changed by hand: `sertakan audit verify`",
}


@click.group()
def keys() -> None:
    """Exchange the keys of the stored data: add, restart, rotate, restart, rotate, drop.

    `data` keys seal what is personal, `index` keys make the indexes of NIK and phone and chain the history. The bot need not stand still: it is restarted twice, and whatever comes meanwhile waits. No key is ever printed.
    """


which = click.argument("kind", type=click.Choice(["data", "index"]))


@keys.command()
def status() -> None:
    """Print how much each key has written, by table; nothing is opened."""
    from bot.keyring import rings

    chosen = settings()
    for ring in _kindly(lambda: asyncio.run(rings(chosen))):
        for place, name in enumerate(ring.names):
            mine = [one for one in ring.held if one.key == name]
            uses = "writes" if place == 0 else "is only read with"
            click.echo(f"{ring.kind} key {name} {uses}: {sum(one.count for one in mine)} values")
            for one in mine:
                click.echo(f"  {one.column}: {one.count}")
        if ring.unknown:
            click.echo(f"✗ {ring.unknown} values were written with a {ring.kind} key that is not here any more.")


@keys.command()
@which
def add(kind: Kind) -> None:
    """Append a fresh key to .env. Nothing is written with it yet."""
    from bot import keyring

    chosen = settings()
    name = _kindly(lambda: keyring.add(chosen, kind))
    click.echo(
        f"The {kind} key {name} stands in .env; nothing is written with it yet. Keep a copy of .env beside the older one.\n"
        f"Next: restart every `sertakan run` and `sertakan send`, then `sertakan keys rotate {kind}`."
    )


@keys.command()
@which
def rotate(kind: Kind) -> None:
    """Make the newest key the first, and write everything anew with it.

    It goes on beside a running bot and may be broken off and repeated: it continues with what is left.
    """
    from bot import keyring

    chosen = settings()
    counts: Counter[str] = Counter()

    def told(table: str, count: int) -> None:
        before = counts[table]
        counts[table] += count
        if counts[table] // EVERY > before // EVERY:
            click.echo(f"  {table}: {counts[table]} …", err=True)

    rotated = _kindly(lambda: asyncio.run(keyring.rotate(chosen, kind, told)))
    _tell(kind, rotated)


def _tell(kind: Kind, rotated: Rotated) -> None:
    click.echo(f"The {kind} key {rotated.name} writes now. Written anew with it:")
    for column, count in sorted(rotated.rewritten.done.items()):
        if count:
            click.echo(f"  {column}: {count}")
    for column, count in sorted(rotated.rewritten.broken.items()):
        if count:
            click.echo(f"✗ {column}: {count} left as they are: changed by hand, or damaged.")
    for number in rotated.rewritten.histories:
        click.echo(f"✗ {number}: its history is broken and was not written anew: `sertakan audit verify`.")
    for one in rotated.left:
        click.echo(f"Under key {one.key} stay {one.column}: {one.count}{_remedy(one.column)}")
    behind = rotated.standing.at_work - rotated.standing.write
    if behind:
        click.echo(f"{behind} processes at work still write with an older key: restart them, then run this once more.")
    elif rotated.left:
        click.echo("The older key stays in .env until nothing is left under it.")
    else:
        click.echo(f"Nothing is left under an older key: `sertakan keys drop {kind} OLD` takes it out.")


def _remedy(column: str) -> str:
    return f" ({REMEDIES[column]})" if column in REMEDIES else ""


@keys.command()
@which
@click.argument("name")
@click.option("--give-up", is_flag=True, help="Also forget what only this index key can find; it is counted first.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def drop(kind: Kind, name: str, *, give_up: bool, yes: bool) -> None:
    """Take the key NAME out of .env, unless anything still needs it.

    Backups made until now need it: keep a copy of today's .env with them.
    """
    from bot import keyring

    chosen = settings()
    if not yes:
        click.confirm(f"Take the {kind} key {name} out? Backups made until now can only be read with it.", abort=True)
    gone = _kindly(lambda: asyncio.run(keyring.drop(chosen, kind, name, give_up=give_up)))
    for column, count in sorted(gone.items()):
        if count:
            click.echo(f"Forgotten: {column}: {count}")
    click.echo(f"The {kind} key {name} is out of .env. Keep the copy that has it with the backups made before.")


def _kindly(work: Callable[[], T]) -> T:
    from bot.env_file import EnvFileError
    from bot.keyring import KeyStepError

    return fail_kindly(work, EnvFileError, KeyStepError)
