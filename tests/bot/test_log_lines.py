"""The promise: a line of the log stops nothing, and what is wrong is shown to whoever reports it, without what is personal."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr
from typing import Any

import pytest
import structlog

from bot.watching import logs


class Full(io.StringIO):
    """A file on a disk that is full."""

    def write(self, _text: str) -> int:
        """Fail."""
        raise OSError(28, "No space left on device")


@pytest.fixture
def restored() -> Iterator[None]:
    """Put logging back as it was."""
    root, before, hook = logging.getLogger(), (logging.getLogger().handlers, logging.getLogger().level), sys.excepthook
    levels = {name: logging.getLogger(name).level for name in (*logs.CHATTY, "telegram")}
    yield
    structlog.reset_defaults()
    root.handlers, sys.excepthook = before[0], hook
    root.setLevel(before[1])
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.usefixtures("restored")
def test_a_line_that_cannot_be_written() -> None:
    """A log on a full disk, or one that is closed, raises nothing where something is logged."""
    for file in (Full(), closed := io.StringIO()):
        closed.close()
        with redirect_stderr(file):
            logs.configure("json")
            structlog.get_logger("anything").warning("it goes on")


@pytest.mark.usefixtures("restored")
def test_what_is_wrong_is_shown_as_it_is_written() -> None:
    """Only errors are shown to reporters, of libraries as of our own, and after everything personal has been taken out."""
    shown: list[Mapping[str, Any]] = []
    logs.reporters.append(shown.append)
    try:
        with redirect_stderr(io.StringIO()) as written:
            logs.configure("json")
            log = structlog.get_logger("anything")
            log.warning("a warning")
            log.error("of 3319030505909876", update=318000001)
            logging.getLogger("library").error("of 081234509876")
    finally:
        logs.reporters.remove(shown.append)
    assert [each["event"] for each in shown] == ["of <nik>", "of <phone>"]
    assert shown[0]["update"] == 318000001
    assert "3319030505909876" not in written.getvalue()
    assert len(written.getvalue().splitlines()) == 3
