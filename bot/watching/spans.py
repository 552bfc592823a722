"""Spans: the way of an update from its intake over its turn to its letters, for an OpenTelemetry collector.

Every process works out the same trace from an update's id, so the parts of its way find each other wherever they were
walked. A span holds ids and kinds, nothing else.

Spans are made here and taken away by a thread of our own: the library's provider would begin a thread in every process
that is forked, before another program takes it over, and under uvloop such a process may never get there.
"""

from __future__ import annotations

import atexit
import hashlib
import secrets
import threading
import time
from queue import SimpleQueue

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext, TraceFlags

from bot.build import release
from bot.watching import traces

TOGETHER = 500  # spans in one call
MOST = 10_000  # spans that wait; what is more is left out
PATIENCE = 5.0  # seconds that a call may take


class Courier:
    """Takes spans to a collector."""

    def __init__(self, endpoint: str) -> None:
        # Only what is said here: the library would name the machine, the command line and what the environment adds.
        self._resource = Resource({"service.name": "sertakan", "service.version": release()})
        self._exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=PATIENCE)
        self._waiting: SimpleQueue[ReadableSpan | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="spans", daemon=True)
        self._thread.start()

    def record(self, name: str, trace: str, seconds: float, notes: traces.Notes) -> None:
        """Take along a part of an update's way that ends now: "intake", "turn" or "send"."""
        if self._waiting.qsize() >= MOST:
            return
        ended, origin = time.time_ns(), _origin(trace)
        first = name == "intake"
        span = ReadableSpan(
            name,
            context=origin if first else _beside(origin),
            parent=None if first else origin,
            resource=self._resource,
            attributes={f"sertakan.{name}": value for name, value in notes.items() if value is not None},
            start_time=ended - int(seconds * 10**9),
            end_time=ended,
        )
        self._waiting.put(span)

    def close(self) -> None:
        """Take away what waits, if that can be done at once."""
        self._waiting.put(None)
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        more = True
        while more:
            some = [self._waiting.get()]
            while some[-1] is not None and len(some) < TOGETHER and not self._waiting.empty():
                some.append(self._waiting.get())
            more = some[-1] is not None
            if spans := [span for span in some if span is not None]:
                self._exporter.export(spans)


def export(endpoint: str) -> None:
    """Send spans to a collector from now on, until the program ends."""
    courier = Courier(endpoint)
    traces.recorders.append(courier.record)
    atexit.register(courier.close)


def _origin(trace: str) -> SpanContext:
    """Return where a trace begins: its intake."""
    digest = hashlib.blake2b(trace.encode(), digest_size=24).digest()
    return _context(int.from_bytes(digest[:16]), int.from_bytes(digest[16:]))


def _beside(origin: SpanContext) -> SpanContext:
    """Return a place of its own in the same trace."""
    return _context(origin.trace_id, secrets.randbits(64))


def _context(trace: int, span: int) -> SpanContext:
    return SpanContext(trace, span, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))
