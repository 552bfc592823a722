"""Reports: errors and traces for a service elsewhere, where the operator wants one. Without a setting, nothing is loaded.

A report is made of the line that stands in the log, after everything personal has been taken out of it: the kind of
error and the places it passed through, the update and its trace. No values, no texts, no machine's name, no addresses.
"""

from __future__ import annotations

import atexit
import re
from collections.abc import Mapping
from typing import Any

from bot.build import release
from bot.settings import PREFIX, Settings
from bot.watching import logs

PLACE = re.compile(r"(\S+\.py):(\d+)")
KEPT = ("update", "trace", "ticket", "flow", "step", "part", "round", "broadcast")
EVENT = ("event_id", "timestamp", "level", "platform", "release", "logger", "message", "exception", "tags")
FLUSH = 2.0  # seconds that the last reports may take when the program ends


class MissingPackageError(Exception):
    """A package that a setting asks for is not installed; the text is a sentence for the operator."""

    def __init__(self, setting: str, extra: str) -> None:
        super().__init__(f"{PREFIX}{setting} needs more packages: install them with `pip install 'sertakan[{extra}]'`.")


def configure(settings: Settings) -> None:
    """Report what the settings ask for, until the program ends. Raises MissingPackageError."""
    if settings.sentry_dsn is not None:
        _report_errors(settings.sentry_dsn.get_secret_value())
    if settings.otel_endpoint is not None:
        try:
            from bot.watching import spans
        except ImportError:
            raise MissingPackageError("OTEL_ENDPOINT", "otel") from None
        spans.export(settings.otel_endpoint)


def _report_errors(dsn: str) -> None:
    try:
        import sentry_sdk
    except ImportError:
        raise MissingPackageError("SENTRY_DSN", "sentry") from None
    sentry_sdk.init(
        dsn,
        release=release(),
        server_name="",
        default_integrations=False,  # they would take arguments, modules, locals and what was logged before
        auto_enabling_integrations=False,
        max_breadcrumbs=0,
        include_local_variables=False,
        include_source_context=False,
        send_default_pii=False,
        send_client_reports=False,
        auto_session_tracking=False,
        before_send=_bare,
    )

    def report(line: Mapping[str, Any]) -> None:
        sentry_sdk.capture_event(_event(line))

    logs.reporters.append(report)
    atexit.register(sentry_sdk.flush, FLUSH)


def _event(line: Mapping[str, Any]) -> Any:  # noqa: ANN401  # the library's own type
    """Return what is reported of a line of the log."""
    kind, _at, places = str(line.get("error", "")).partition(" at ")
    frames = [{"filename": name, "lineno": int(number)} for name, number in PLACE.findall(places)]
    event: dict[str, Any] = {
        "level": "fatal" if line["level"] == "critical" else "error",
        "message": str(line["event"]),
        "tags": {name: str(line[name]) for name in KEPT if name in line},
    }
    if kind:
        error = {"type": kind, "value": str(line["event"]), "stacktrace": {"frames": frames[::-1]}}
        event["exception"] = {"values": [error if frames else {**error, "stacktrace": None}]}
    return event


def _bare(event: Any, _hint: object) -> Any:  # noqa: ANN401  # the library's own types
    """Leave out whatever the library has added."""
    return {name: event[name] for name in EVENT if name in event}
