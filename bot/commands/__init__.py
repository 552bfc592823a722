"""The subjects of the command line, a file each; what a command needs is imported when it is called."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from bot.settings import Settings

T = TypeVar("T")


def settings() -> Settings:
    """Return the settings, with logs set up; settings that are wrong end the command with a sentence."""
    from bot.settings import SettingsError, load
    from bot.watching import logs, reports

    try:
        found = load()
    except SettingsError as wrong:
        raise click.ClickException(f"{wrong}\n`sertakan init` writes a complete .env for you.") from None
    logs.configure(found.log_format, logging.getLevelNamesMapping()[found.log_level.upper()])
    try:
        reports.configure(found)
    except reports.MissingPackageError as missing:
        raise click.ClickException(str(missing)) from None
    return found


def fail_kindly(work: Callable[[], T], *sentences: type[Exception]) -> T:
    """Do the work, and show what an operator can mend as a sentence: these errors, and those of database and address."""
    from storage.engines import DatabaseError

    told: tuple[type[Exception], ...] = (DatabaseError, *sentences)
    try:
        return work()
    except told as wrong:
        raise click.ClickException(str(wrong)) from None
    except OSError as wrong:
        why = (wrong.strerror or type(wrong).__name__).rpartition(": ")[2]
        raise click.ClickException(f"The address cannot be used: {why}. Does another program run there?") from None


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM end the work in the block as Ctrl-C does, so that it clears up behind itself."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
