"""A bot in a process of its own on a core of its own, and what it costs. Reads /proc, so it is for Linux."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PEERS = Path(__file__).parent / "peers"
CORES = sorted(os.sched_getaffinity(0))
_TICKS = os.sysconf("SC_CLK_TCK")
_START = _STOP = 60  # seconds


@dataclass(frozen=True, slots=True)
class Gauge:
    """Measures one process."""

    pid: int

    def cpu(self) -> float:
        """Seconds of processor time, user and system, of all its threads; exact to 10 ms."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS  # utime and stime in proc(5)

    def kill(self) -> None:
        """End it without a warning."""
        os.kill(self.pid, signal.SIGKILL)

    def peak_memory(self) -> float:
        """Return the most memory it has held so far, in MiB (VmHWM)."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def pin(pid: int, place: int) -> None:
    """Keep a process with all its threads to come on one of our cores; with a single core there is nothing to do."""
    if place < len(CORES):
        os.sched_setaffinity(pid, {CORES[place]})


@asynccontextmanager
async def measured(peer: str, environment: Mapping[str, str], folder: Path) -> AsyncIterator[Gauge]:
    """Run a peer on the second core while the block runs; raises RuntimeError when it does not become ready."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(PEERS / f"{peer}.py"), stdout=PIPE, cwd=folder, env={**os.environ, **environment}
    )
    pin(process.pid, 1)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_START):
            if await process.stdout.readline() != b"ready\n":
                raise RuntimeError(f"{peer} did not start")
        yield Gauge(process.pid)
    finally:
        with suppress(ProcessLookupError):  # somebody may have killed it
            process.terminate()
        async with asyncio.timeout(_STOP):
            await process.wait()
