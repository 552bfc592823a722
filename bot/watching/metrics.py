"""Metrics: what Prometheus is told. All of them are named here, and whoever counts calls a small function.

A label has one of a few values that are written down in this file: never an id, a name or anything that was typed.
Every process has its own figures; what waits is read from the database when it is asked for.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from itertools import product
from pathlib import Path

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from bot.build import release
from storage.broadcasts import Stage
from storage.depth import Depth
from storage.load import Load

disable_created_metrics()  # type: ignore[no-untyped-call]

FORMAT = CONTENT_TYPE_LATEST
KINDS = ("message", "edited_message", "callback_query", "my_chat_member", "other")
ENDINGS = ("done", "again", "dead")
METHODS = {
    "sendMessage": "message",
    "editMessageText": "edit",
    "editMessageReplyMarkup": "edit",
    "deleteMessage": "delete",
    "answerCallbackQuery": "press",
    "sendPhoto": "picture",
    "sendDocument": "document",
}
LANES = ("reply", "notice", "broadcast")
RESULTS = ("sent", "failed", "blocked", "again", "returned", "unknown")
QUICK = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)  # seconds
SLOW = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120)  # seconds
SIZES = (1, 2, 4, 8, 15, 30, 60)

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

UPDATES = Counter("sertakan_updates", "Updates handled", ["kind", "result"], registry=REGISTRY)
TURN = Histogram("sertakan_turn_seconds", "Time of one update's turn", buckets=QUICK, registry=REGISTRY)
GROUP = Histogram("sertakan_group_updates", "Updates in one transaction", buckets=SIZES, registry=REGISTRY)
SENDS = Counter("sertakan_sends", "Calls that send", ["method", "lane", "result"], registry=REGISTRY)
SEND = Histogram(
    "sertakan_send_seconds",
    "From taking a message up to the answer, with the wait for its turn",
    ["lane"],
    buckets=SLOW,
    registry=REGISTRY,
)
HALTS = Counter("sertakan_halts", "Times Telegram said to send nothing (429)", registry=REGISTRY)
HALTED = Counter("sertakan_halted_seconds", "Seconds for which it said so", registry=REGISTRY)
TRANSACTION = Histogram(
    "sertakan_transaction_seconds",
    "Database transactions, with the wait for the writer",
    ["kind"],
    buckets=QUICK,
    registry=REGISTRY,
)
LAG = Histogram("sertakan_loop_lag_seconds", "How late the event loop wakes up", buckets=QUICK, registry=REGISTRY)
READY = Gauge("sertakan_ready", "1 when /readyz says ok", registry=REGISTRY)
WAITING = Gauge("sertakan_box_waiting", "Rows still to be done", ["box"], registry=REGISTRY)
OLDEST = Gauge("sertakan_box_oldest_seconds", "Age of the oldest row that is due", ["box"], registry=REGISTRY)
DEAD = Gauge("sertakan_box_dead", "Rows given up", ["box"], registry=REGISTRY)
BROADCASTS = Gauge("sertakan_broadcasts", "Broadcasts by stage", ["stage"], registry=REGISTRY)
BACKUP_AT = Gauge("sertakan_backup_timestamp_seconds", "When the last backup was tried", ["result"], registry=REGISTRY)
DISK = Gauge("sertakan_disk_free_bytes", "Free bytes where the bot keeps its files", registry=REGISTRY)
BUILD = Info("sertakan_build", "Version of the program, and the schema's revision", registry=REGISTRY)


_updates = {pair: UPDATES.labels(*pair) for pair in product(KINDS, ENDINGS)}  # shown from the start, and found quickly
_sends = {three: SENDS.labels(*three) for three in product(sorted({*METHODS.values(), "other"}), LANES, RESULTS)}
_send = {lane: SEND.labels(lane) for lane in LANES}
_transaction = {kind: TRANSACTION.labels(kind) for kind in ("read", "write")}


def turn(kind: str, result: str, seconds: float) -> None:
    """Count an update, and how long its turn took."""
    _updates[kind if kind in KINDS else "other", result].inc()
    TURN.observe(seconds)


def group(size: int) -> None:
    """Count a transaction of so many updates."""
    GROUP.observe(size)


def sent(method: str, lane: str, result: str, seconds: float) -> None:
    """Count a call of the Bot API by what became of it."""
    _sends[METHODS.get(method, "other"), lane, result].inc()
    _send[lane].observe(seconds)


def halted(seconds: float) -> None:
    """Count a 429, and for how long nothing may be sent."""
    HALTS.inc()
    HALTED.inc(seconds)


def transaction(kind: str, seconds: float) -> None:
    """Count a transaction, "read" or "write"."""
    _transaction[kind].observe(seconds)


def lagged(seconds: float) -> None:
    """Note how late the event loop woke up."""
    LAG.observe(seconds)


def record_backup(when: datetime, *, ok: bool) -> None:
    """Note when a backup was made, or failed."""
    BACKUP_AT.labels("ok" if ok else "failed").set(when.timestamp())


def looked(load: Load | None, revision: str | None, *, ready: bool) -> None:
    """Note what the last look at the database found; what is not known is not shown."""
    READY.set(ready)
    BUILD.info({"version": release(), "schema": revision or ""})
    for gauge in (WAITING, OLDEST, DEAD, BROADCASTS):
        gauge.clear()
    if load is not None:
        _show("inbox", load.inbox)
        _show("outbox", load.outbox)
        for stage in Stage:
            BROADCASTS.labels(stage.value).set(load.broadcasts[stage])


def page(folder: Path) -> bytes:
    """Return all figures in Prometheus's text format; `folder` is where the bot keeps its files."""
    DISK.set(shutil.disk_usage(folder).free)
    return generate_latest(REGISTRY)


def _show(box: str, depth: Depth) -> None:
    WAITING.labels(box).set(depth.count)
    OLDEST.labels(box).set(depth.oldest_seconds)
    DEAD.labels(box).set(depth.dead)
