"""`sertakan forget`: everything about a person is erased, on their demand."""

from __future__ import annotations

import asyncio
import re
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from bot.commands import fail_kindly, settings

if TYPE_CHECKING:
    from bot.settings import Settings
    from storage.forgetting import Subject
    from storage.states import State

OUT_OF_REACH = """\
Out of reach, and to be told to the person:
  what BPJS Ketenagakerjaan has received; it erases on its own demand
  backups made before: they go with time, and after a restore this command has to be repeated
  files in hand and hand-over files, which go within a day, or when their receivers erase them
  messages in Telegram's chats
  imported lists (social register, participants), which are not ours
What stays: number, village, work and state of each registration, and its history as the proof of the erasure, with the Telegram ids of who acted."""


@click.command()
@click.argument("number", required=False)
@click.option("--telegram", is_flag=True, help="By a Telegram id, for somebody who has registered nothing.")
@click.option("--reason", help="Why, for the history: a letter's number or date, never a name.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(number: str | None, *, telegram: bool, reason: str | None, yes: bool) -> None:
    """Erase everything about a person (UU 27/2022).

    By a registration's NUMBER; without it the NIK is asked for, which is not shown and stands in no list of processes. It tells how much there is, and erases once that is confirmed. It may be repeated.
    """
    from storage.registrations import read_number

    if number is not None and (telegram or (read := read_number(number)) is None):
        raise click.UsageError("NUMBER is a registration's number such as K7M-4QX9, and stands alone.")
    chosen = settings()
    nik = person = None
    if telegram:
        person = click.prompt("Telegram id", type=click.IntRange(1, 2**52))
    elif number is None:
        nik = re.sub(r"[\s.-]", "", click.prompt("NIK (it is not shown)", hide_input=sys.stdin.isatty()))
    wanted = {"nik": nik, "number": read if number else None, "person": person}
    subject, found = fail_kindly(lambda: asyncio.run(_found(chosen, wanted)))
    if not found:
        raise click.ClickException("Nothing is kept about this person.")
    if len(subject.persons) > 1:
        numbers = ", ".join(subject.numbers)
        raise click.ClickException(
            f"Several people entered this NIK: {numbers}. `sertakan forget NUMBER` says who is meant."
        )
    for what, count in sorted(found.items()):
        click.echo(f"{what}: {count}")
    if subject.staff:
        click.echo("This person acts for others: role, name and what they do for others stay until the role is ended.")
    click.echo(OUT_OF_REACH)
    why = reason or click.prompt("Reason, for the history (no name)")
    if not yes:
        click.confirm("Erase all of it for good?", abort=True)
    stands = fail_kindly(lambda: asyncio.run(_forgotten(chosen, subject, why)))
    for one, state in sorted(stands.items()):
        needed = "" if state in {"withdrawn", "rejected"} else "; BPJS has it, so what cover needs stays"
        click.echo(f"{one}: erased, {state}{needed}")
    click.echo("Forgotten.")


async def _found(chosen: Settings, wanted: dict[str, Any]) -> tuple[Subject, Counter[str]]:
    from bot.upkeep import opened
    from storage import forgetting

    async with opened(chosen) as database, database.read() as tx:
        subject = await forgetting.find(tx, **wanted)
        return subject, await forgetting.count(tx, subject)


async def _forgotten(chosen: Settings, subject: Subject, reason: str) -> dict[str, State]:
    from bot.upkeep import opened
    from handlers.office import utc_now
    from storage import forgetting

    async with opened(chosen) as database, database.write() as tx:
        return await forgetting.forget(tx, subject, reason, utc_now())
