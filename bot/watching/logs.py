"""Logs: one line an event, on standard error, with the last step taking out whatever may be personal or secret.

Nothing personal is logged on purpose: events carry update ids, steps and error types. The redaction is the net below
that, for libraries and for mistakes.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Literal

import structlog

from bot.watching.repeats import Repeats
from storage.trouble import remedy

SECRETS = (
    (re.compile(r"\d{5,}:[\w-]{20,}"), "<token>"),
    (re.compile(r"(?<!\d)(?:\d[\s.-]{0,2}){15}\d(?!\d)"), "<nik>"),
    (re.compile(r"(?<!\d)(?:\+?62|0)[\s().-]{0,2}8\d{1,2}(?:[\s().-]{0,2}\d){6,9}(?!\d)"), "<phone>"),
    (re.compile(r"[A-Za-z0-9+/_-]{42,}={0,2}"), "<key>"),
    (re.compile(r"(://[^\s:/@]+):[^\s@]+@"), r"\1:<password>@"),
)

GRAVE = ("error", "critical")
reporters: list[Callable[[Mapping[str, Any]], None]] = []
"""Who is shown what is wrong, after everything personal has been taken out."""

SHORTEST = 7  # characters of the shortest secret, a password in an address
LETTERS = 42  # characters of the shortest secret that may be letters only, a key
LEAST = 10**9  # no number below it is a NIK or a phone number

CHATTY = (
    "aiogram",
    "aiohttp.access",
    "aiosqlite",
    "alembic",
    "apscheduler",
    "asyncio",
    "httpcore",
    "httpx",
    "opentelemetry",
    "sentry_sdk",
    "urllib3",
)


def redact(text: str) -> str:
    """Return the text without tokens, keys, NIK, phone numbers and passwords in addresses."""
    if len(text) < SHORTEST or (len(text) < LETTERS and text.isalpha()):
        return text  # as most words of a line are
    for pattern, mark in SECRETS:
        text = pattern.sub(mark, text)
    return text


def _redacted(value: object) -> object:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {key: _redacted(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted(part) for part in value]
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        if -LEAST < value < LEAST:
            return value
        return value if (shown := redact(str(value))) == str(value) else shown
    return redact(str(value))


def _redact_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: _redacted(value) for key, value in event.items()}


def where(error: BaseException) -> str:
    """Return an error's type and the places it passed through, without its message: that may quote what people typed.

    Of trouble with the database that an operator can mend, return what to do instead of the places.
    """
    if (known := remedy(error)) is not None:
        return f"{known} ({type(error).__name__})"
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    places = " < ".join(f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__} at {places or 'unknown'}"


def _report(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Show what is wrong, as it will be written, to whoever reports errors elsewhere."""
    if event.get("level") in GRAVE:
        for report in reporters:
            report(event)
    return event


class _Lines:
    """Writes lines to standard error at once: by way of the standard library a turn's line would cost thrice as much.

    A line that cannot be written, as on a full disk, stops nothing.
    """

    def __init__(self, *_names: object) -> None:
        self._file = sys.stderr

    def msg(self, line: str) -> None:
        """Write one line."""
        with suppress(OSError, ValueError):
            self._file.write(line + "\n")
            self._file.flush()

    debug = info = warning = error = critical = msg


def _last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Report a crash without its message, which may quote personal data."""
    if issubclass(kind, KeyboardInterrupt):
        return
    structlog.get_logger("crash").critical("the program stopped", error=where(error.with_traceback(trace)))


def configure(style: Literal["console", "json"] = "console", level: int = logging.INFO) -> None:
    """Set logging up for the whole process, standard library loggers included."""
    renderer: Any = structlog.processors.JSONRenderer()
    if style == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Any] = [_redact_event, _report, renderer]
    structlog.configure(
        processors=[*shared, Repeats(), *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_Lines,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _without_exception],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    hush()
    sys.excepthook = _last_words


def hush() -> None:
    """Let libraries log what is wrong and no more, since some log addresses with the token, or whole answers."""
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)
    logging.getLogger("telegram").setLevel(logging.CRITICAL)  # its errors quote an answer that it cannot read


def _without_exception(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace a library's traceback by its type and places."""
    record = event.get("_record")
    if record is not None and record.name == "asyncio":
        event["event"] = str(event["event"]).partition("\n")[0]  # what follows is the task and its error, word for word
    if record is not None and record.exc_info and record.exc_info[1] is not None:
        event["error"] = where(record.exc_info[1])
        record.exc_info = record.exc_text = None
        event.pop("exc_info", None)
    return event
