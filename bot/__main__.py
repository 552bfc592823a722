"""The command line: `sertakan` and `python -m bot`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click
import uvloop

from bot import logs
from bot.intake import WrongTokenError
from bot.sandbox.server import NotLoopbackError
from bot.settings import Settings, SettingsError, load
from storage.engines import DatabaseError

T = TypeVar("T")


def _settings() -> Settings:
    try:
        settings = load()
    except SettingsError as wrong:
        raise click.ClickException(f"{wrong}\n`sertakan init` writes a complete .env for you.") from None
    logs.configure(settings.log_format)
    return settings


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="sertakan")
def main() -> None:
    """Sertakan Bot: registers informal workers for BPJS Ketenagakerjaan over Telegram.

    To try it: `sertakan demo`. To go live: `sertakan init`, `sertakan doctor`, `sertakan run`.
    Settings come from the environment or from .env in the folder you stand in.
    """


@main.command()
def init() -> None:
    """Ask for token, operator, area and admins, and write a commented .env with fresh keys.

    The keys open the stored data. Keep a copy of .env in a safe place: without it, a backup is worth nothing.
    """
    from bot.first_settings import ask

    ask(Path(".env"))


@main.command()
def run() -> None:
    """Run the bot: migrate if needed, take messages in, answer them. Ctrl-C or SIGTERM stops it cleanly.

    What is in hand is finished within 20 seconds; whatever comes later waits at Telegram or in the database.
    """
    from bot.running import run_until_stopped

    settings = _settings()
    _fail_kindly(lambda: uvloop.run(run_until_stopped(settings)))


@main.command()
def migrate() -> None:
    """Bring the database to the schema of this version. `run` does it as well; safe to repeat."""
    from bot.running import migrate_once

    settings = _settings()
    _fail_kindly(lambda: asyncio.run(migrate_once(settings)))
    click.echo("The database has the current schema.")


@main.command()
def doctor() -> None:
    """Check settings, token, database, keys, catalogues and clock, and name everything that is wrong at once."""
    from bot.doctor import examine

    findings = asyncio.run(examine())
    for finding in findings:
        click.echo(("✓ " if finding.well else "✗ ") + finding.sentence)
    if not all(finding.well for finding in findings):
        sys.exit(1)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts and monitoring.")
def stats(*, as_json: bool) -> None:
    """Print how many registrations are in which state, and how full inbox and outbox are. No personal data."""
    from bot.running import figures

    settings = _settings()
    snapshot = _fail_kindly(lambda: asyncio.run(figures(settings)))
    if as_json:
        click.echo(json.dumps(snapshot))
        return
    for subject, values in snapshot.items():
        click.echo(f"{subject}: {values}")


@main.command()
@click.option("--transcript", is_flag=True, help="At the end, print the conversation as a transcript, which is a test.")
@click.option("--start", "payload", default="", help="Open the bot with this start payload, as a poster's link does.")
@click.option("--language", default="id", show_default=True, help="The language of the Telegram client.")
def chat(*, transcript: bool, payload: str, language: str) -> None:
    """Hold a conversation in the terminal, against the real bot with an empty database of its own.

    Type what the worker would type; [Label] or its number presses a button, "contact" shares the phone number, "quit" ends.
    """
    from bot.terminal import converse

    logs.configure(level=40)
    asyncio.run(converse(payload, language, transcript=transcript))


@main.command()
@click.option("--port", default=8765, show_default=True, help="Where the page is served.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Only this machine's own addresses are taken.")
def demo(*, port: int, host: str) -> None:
    """Start the real bot against the built-in sandbox, with made-up data, and print the address of its page."""
    from bot.demo import serve_until_stopped

    logs.configure(level=30)
    _fail_kindly(lambda: asyncio.run(serve_until_stopped(host, port)))


def _fail_kindly(work: Callable[[], T]) -> T:
    """Do the work, and turn what an operator can mend into a sentence."""
    try:
        return work()
    except WrongTokenError:
        raise click.ClickException("Telegram does not know SERTAKAN_TOKEN. Ask @BotFather for it (/token).") from None
    except (DatabaseError, NotLoopbackError) as wrong:
        raise click.ClickException(str(wrong)) from None
    except OSError as wrong:
        raise click.ClickException(
            f"{wrong.strerror or type(wrong).__name__}: is another program using the address?"
        ) from None


if __name__ == "__main__":
    main()
