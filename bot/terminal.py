"""A conversation in the terminal: the real bot in a sandbox of its own, one worker, plain text."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bot.app import App
from bot.demo import stage
from bot.pacer import UNLIMITED
from bot.sandbox.client import Person, Sandbox
from bot.sandbox.seen import Seen


async def converse(payload: str, language: str, *, transcript: bool) -> None:
    """Talk until "quit" or the end of the input; with `transcript`, print the whole chat at the end."""
    with TemporaryDirectory(prefix="sertakan-chat-") as folder:
        async with stage(Path(folder), pace=UNLIMITED, limits=None) as (sandbox, app, _admin):
            worker = sandbox.person("Pekerja", language=language)
            await worker.start(payload)
            shown = await _show_news(sandbox, app, worker, 0, quiet=transcript)
            while (line := await asyncio.to_thread(_line)) is not None:
                try:
                    await act(worker, line)
                except AssertionError as impossible:
                    click.echo(str(impossible).split(" sees:")[0], err=True)
                shown = await _show_news(sandbox, app, worker, shown, quiet=transcript)
            if transcript:
                click.echo(worker.chat.transcript())


def _line() -> str | None:
    try:
        line = input("> ").strip()
    except EOFError:
        return None
    return None if line == "quit" else line


async def act(person: Person, line: str) -> None:
    """Do what a line of a transcript says: a [button], a contact, something unreadable, an edit, or words."""
    match line:
        case "<contact>" | "contact":
            await person.shares_contact()
        case "<contact of another>":
            await person.shares_contact_of("+6281100009999")
        case "<photo>":
            await person.sends_photo()
        case "<sticker>":
            await person.sends_sticker()
        case "<voice>":
            await person.sends_voice()
        case "<location>":
            await person.sends_location()
        case "<forward>":
            await person.forwards("Pesan berantai")
        case _ if line.startswith("[") and line.endswith("]"):
            await person.presses(line[1:-1])
        case _ if line.isdigit() and (label := _numbered(person, int(line))) is not None:
            await person.presses(label)
        case _ if line.startswith("<edit> "):
            own = [message for message in person.chat.messages if message.sender == "user"]
            await person.edits(own[-1], line.removeprefix("<edit> "))
        case _:
            await person.says(line)


def _numbered(person: Person, number: int) -> str | None:
    """Return the label of the newest message's button with this number, counted from 1."""
    newest = next((message for message in reversed(person.chat.messages) if message.sender == "bot"), None)
    labels = [button.label for row in newest.buttons for button in row] if newest is not None else []
    return labels[number - 1] if 0 < number <= len(labels) else None


async def _show_news(sandbox: Sandbox, app: App, worker: Person, shown: int, *, quiet: bool) -> int:
    """Wait for the answers and print what changed on the screen since the tick `shown`."""
    await app.settled(sandbox.world.updates.count)
    for message in worker.chat.messages:
        if message.sender == "bot" and message.tick > shown and not quiet:
            click.echo(_written(message))
    return sandbox.world.tick


def _written(message: Seen) -> str:
    labels = [button.label for row in message.buttons for button in row]
    return message.plain + "".join(f"\n   [{number}] {label}" for number, label in enumerate(labels, start=1)) + "\n"
