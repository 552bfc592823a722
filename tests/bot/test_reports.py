"""The promise: what is reported elsewhere says what went wrong and where, and nothing of anybody."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from applicants import Applicant
from bot_process import INDEX_KEY, KEY, settings, started
from canaries import leaks
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bot.sandbox.client import Sandbox
from bot.watching import reports, traces

TOKEN = "4200000001:canary-token-that-nobody-may-see"
NIK = "3319030505909876"


class Elsewhere:
    """Services that take reports: whatever they were sent, unpacked, with its headers."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.envelopes: list[bytes] = []
        self.spans: list[bytes] = []
        self.heads: list[bytes] = []

    @classmethod
    @asynccontextmanager
    async def listening(cls) -> AsyncIterator[Elsewhere]:
        """Take reports while the block runs."""
        application = web.Application()
        runner = web.AppRunner(application, access_log=None)

        def kept(body: bytes, request: web.Request, into: list[bytes]) -> web.Response:
            zipped = body[:2] == b"\x1f\x8b"
            into.append(gzip.decompress(body) if zipped else body)
            taken.heads.append(repr([request.path_qs, *request.headers.items()]).encode())
            return web.Response()

        async def errors(request: web.Request) -> web.Response:
            return kept(await request.read(), request, taken.envelopes)

        async def spans(request: web.Request) -> web.Response:
            return kept(await request.read(), request, taken.spans)

        application.router.add_post("/api/1/envelope/", errors)
        application.router.add_post("/v1/traces", spans)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            taken = cls(runner.addresses[0][1])
            yield taken
        finally:
            await runner.cleanup()


async def test_reports_say_nothing_of_anybody(tmp_path: Path) -> None:
    """A registration, an update nobody can read and a stop, with both services: ids and kinds arrive, and no canary."""
    async with Elsewhere.listening() as elsewhere, Sandbox.start(limits=None, token=TOKEN) as sandbox:
        ani = sandbox.person("Kenarijati", phone="6281234509876")
        worker = Applicant(ani, NIK, "Kenari Kuningan", "Gang Kenanga Ungu 77")
        environment = settings(
            sandbox,
            f"sqlite:///{tmp_path / 'sertakan.db'}",
            SENTRY_DSN=f"http://abcdef@127.0.0.1:{elsewhere.port}/1",
            OTEL_ENDPOINT=f"http://127.0.0.1:{elsewhere.port}",
            LOG_LEVEL="debug",
        )
        async with started(environment, tmp_path) as process:
            await worker.registers()
            sandbox.world.updates.add("message", {"text": f"{worker.name} {worker.nik}"})
            await ani.says("/data")
            await ani.hears(worker.name)
            assert await process.stops() == 0, process.output
    keys = b64encode(KEY).decode(), b64encode(INDEX_KEY).decode()
    planted = [NIK, worker.name, worker.address, ani.phone, ani.name, TOKEN, *keys, str(ani.id), str(tmp_path)]
    texts = [*elsewhere.envelopes, *elsewhere.spans, *elsewhere.heads, process.output.encode()]
    assert leaks(planted[:-2], texts) == []
    assert leaks(planted[-2:], texts[:-1]) == []
    (event,) = [json.loads(each.split(b"\n")[2]) for each in elsewhere.envelopes]
    assert set(event) <= set(reports.EVENT)
    assert event["message"] == "an update could not be read and was laid aside"
    number = int(event["tags"]["update"])
    assert event["tags"]["trace"] == traces.trace_of(number)
    _spans_add_up(elsewhere.spans, number)


def _spans_add_up(bodies: list[bytes], poisoned: int) -> None:
    """Check that the spans of each update belong together: one intake, above it its turn and its letters."""
    requests = [ExportTraceServiceRequest.FromString(body) for body in bodies]
    resources = [one for request in requests for one in request.resource_spans]
    assert {each.key for one in resources for each in one.resource.attributes} == {"service.name", "service.version"}
    spans = [span for one in resources for scope in one.scope_spans for span in scope.spans]
    assert {span.name for span in spans} == {"intake", "turn", "send"}
    known = {
        f"sertakan.{name}"
        for name in ("kind", "result", "flow", "step", "letters", "update", "trace", "method", "ticket")
    }
    assert {each.key for span in spans for each in span.attributes} <= known
    intakes = {span.trace_id: span.span_id for span in spans if span.name == "intake"}
    turns = [span for span in spans if span.name == "turn"]
    assert len(intakes) == len(turns) > 10
    for span in spans:
        assert span.parent_span_id == (b"" if span.name == "intake" else intakes[span.trace_id])
    numbers = [each.value.int_value for span in turns for each in span.attributes if each.key == "sertakan.update"]
    assert poisoned in numbers


def test_an_error_is_reported_by_its_kind_and_places() -> None:
    """A line of the log becomes an event that can be told apart from others, the innermost place last."""
    line = {"event": "it failed", "level": "error", "error": "KeyError at b.py:7 < a.py:3", "update": 5, "name": "Ani"}
    event = reports._event(line)
    (error,) = event["exception"]["values"]
    assert (error["type"], error["value"]) == ("KeyError", "it failed")
    assert [(each["filename"], each["lineno"]) for each in error["stacktrace"]["frames"]] == [("a.py", 3), ("b.py", 7)]
    assert event["tags"] == {"update": "5"}


def test_what_a_library_adds_is_left_out() -> None:
    """The last look keeps what is known to be harmless."""
    event = {"message": "it failed", "server_name": "host", "modules": {}, "request": {}, "breadcrumbs": {}, "user": {}}
    assert reports._bare(event, None) == {"message": "it failed"}


@pytest.mark.parametrize(
    ("setting", "value", "package", "extra"),
    [
        ("SENTRY_DSN", "http://abcdef@127.0.0.1:1/1", "sentry_sdk", "sentry"),
        ("OTEL_ENDPOINT", "http://127.0.0.1:1", "opentelemetry", "otel"),
    ],
)
async def test_a_package_that_is_missing(tmp_path: Path, setting: str, value: str, package: str, extra: str) -> None:
    """A service is asked for whose package is not there: one sentence says what to install."""
    async with Sandbox.start(limits=None) as sandbox:
        environment = settings(sandbox, f"sqlite:///{tmp_path / 'sertakan.db'}", **{setting: value})
        code = f"import sys; sys.modules[{package!r}] = None; sys.argv = ['bot', 'stats']; from bot.__main__ import main; main()"
        async with started(environment, tmp_path, ("-c", code)) as process:
            assert await process.ends() == 1
    assert f"SERTAKAN_{setting} needs more packages" in process.output
    assert f"sertakan[{extra}]" in process.output
    assert "Traceback" not in process.output
