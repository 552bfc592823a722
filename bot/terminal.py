"""A conversation in the terminal: the real bot in a sandbox of its own, one worker, plain text."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bot.demo import stage
from bot.sandbox.client import Person
from bot.sending.pace import UNLIMITED
from bot.transcript import ACTS, Transcript

WORKER = "pekerja"


async def converse(payload: str, language: str, *, transcript: bool) -> None:
    """Talk until "quit" or the end of the input; with `transcript`, print the whole chat at the end only."""
    with TemporaryDirectory(prefix="sertakan-chat-") as folder:
        async with stage(Path(folder), pace=UNLIMITED, limits=None) as (sandbox, app, admin):
            talk = Transcript(sandbox, app, admin)
            worker = talk.cast[WORKER] = sandbox.person("Pekerja", language=language)
            shown, line = 0, f"/start {payload}".strip()
            while line != "quit":
                try:
                    await talk.act(WORKER, _label(worker, line))
                except AssertionError as impossible:
                    click.echo(str(impossible).split(f" {worker.name} sees:")[0], err=True)
                if not transcript:
                    click.echo("\n".join(talk.lines[shown + 1 :]))
                shown = len(talk.lines)
                line = await asyncio.to_thread(_line)
            if transcript:
                click.echo("\n".join(talk.lines))


def _line() -> str:
    try:
        return input("> " if sys.stdin.isatty() else "").strip()
    except EOFError:
        return "quit"


def _label(worker: Person, line: str) -> str:
    """Return what a line means in a transcript: a small number is a button of the newest message, "contact" an act."""
    if f"<{line}>" in ACTS:
        return f"<{line}>"
    newest = worker.chat.last
    labels = newest.labels if newest is not None else []
    return f"[{labels[int(line) - 1]}]" if line.isdigit() and 0 < int(line) <= len(labels) else line
