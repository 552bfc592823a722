"""The command line: `sertakan` and `python -m bot`."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import click

from bot.commands import fail_kindly, settings
from bot.commands.audit import audit
from bot.commands.backup import backup
from bot.commands.copy import copy
from bot.commands.dead import dead
from bot.commands.forget import forget
from bot.commands.handover import handover, paid, returned
from bot.commands.hook import hook
from bot.commands.keys import keys
from bot.commands.lists import lists
from bot.commands.programme import programme
from bot.commands.report import report
from bot.commands.restore import restore
from bot.commands.send import send
from bot.commands.serve import serve
from bot.commands.serving import keep_going


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="sertakan")
def main() -> None:
    """Sertakan Bot: registers informal workers for BPJS Ketenagakerjaan over Telegram.

    To try it: `sertakan demo`. To go live: `sertakan init`, `sertakan doctor`, `sertakan run`.
    Settings come from the environment or from .env in the folder you stand in.
    """


@main.command()
def init() -> None:
    """Ask a few questions and write .env.

    It asks for token, operator, area and admins, and makes fresh keys. The keys open the stored data. Keep a copy of .env in a safe place: without it, a backup is worth nothing.
    """
    from bot.first_settings import ask

    ask(Path(".env"))


@main.command()
def run() -> None:
    """Run the bot until it is stopped.

    It migrates the database if needed, takes messages in and answers them. Ctrl-C or SIGTERM stops it cleanly: what is in hand is finished within 20 seconds; whatever comes later waits at Telegram or in the database.
    """
    chosen = settings()  # before all that running needs is loaded

    from bot.app import running

    keep_going(running(chosen))


@main.command()
def migrate() -> None:
    """Bring the database to the current schema.

    `sertakan run` does it as well. It is safe to repeat.
    """
    from bot.upkeep import migrate_once

    chosen = settings()
    fail_kindly(lambda: asyncio.run(migrate_once(chosen)))
    click.echo("The database has the current schema.")


@main.command()
def doctor() -> None:
    """Check everything, and say what is wrong.

    It looks at settings, token, database, keys, catalogues, clock, disk and backups, and names all that is wrong at once.
    """
    from bot.doctor import examine

    findings = asyncio.run(examine())
    for finding in findings:
        click.echo(("✓ " if finding.well else "✗ ") + finding.sentence)
    if not all(finding.well for finding in findings):
        sys.exit(1)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts and monitoring.")
def stats(*, as_json: bool) -> None:
    """Print figures, without personal data.

    How many registrations are in which state and broadcasts in which stage, and how full inbox and outbox are, with the oldest age in seconds.
    """
    from bot.upkeep import figures

    chosen = settings()
    snapshot = fail_kindly(lambda: asyncio.run(figures(chosen)))
    if as_json:
        click.echo(json.dumps(snapshot))
        return
    for subject, figure in snapshot.items():
        counted = figure if isinstance(figure, dict) else {"open": figure}
        parts = [f"{count} {name.replace('_', ' ')}" for name, count in counted.items() if count]
        click.echo(f"{subject}: {', '.join(parts) or 'none'}")


@main.command()
@click.option("--transcript", is_flag=True, help="At the end, print the conversation as a transcript, which is a test.")
@click.option("--start", "payload", default="", help="Open the bot with this start payload, as a poster's link does.")
@click.option("--language", default="id", show_default=True, help="The language of the Telegram client.")
def chat(*, transcript: bool, payload: str, language: str) -> None:
    """Hold a conversation in the terminal.

    The real bot answers, with an empty database of its own. Type what the worker would type; [Label] or its number presses a button, "contact" shares the phone number, "quit" ends.
    """
    from bot.terminal import converse
    from bot.watching import logs

    logs.configure(level=40)
    asyncio.run(converse(payload, language, transcript=transcript))


@main.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Where the page is served: 8765, or a free port when that is taken, unless you say so.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Only this machine's own addresses are taken.")
def demo(*, port: int | None, host: str) -> None:
    """Try the bot here, with made-up people.

    It starts the real bot against the built-in imitation of Telegram and prints the address of its page. Nothing leaves
    this computer, and everything is forgotten at the end.
    """
    from bot.demo import serve_until_stopped
    from bot.sandbox.server import NotLoopbackError
    from bot.watching import logs

    logs.configure(level=30)
    fail_kindly(lambda: asyncio.run(serve_until_stopped(host, port)), NotLoopbackError)


for command in (
    audit,
    backup,
    copy,
    dead,
    forget,
    handover,
    hook,
    keys,
    paid,
    programme,
    report,
    restore,
    returned,
    lists,
    send,
    serve,
):
    main.add_command(command)

if __name__ == "__main__":
    main()
