"""Reads a table in a process of its own, with little memory and little time.

A parser of workbooks that meets a hostile file may ask for all memory or never end; here only that process dies of it.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from collections.abc import Sequence

from sheets.reading import LARGEST, PASTED, Row, Sheet, SheetError, read

MEMORY = 768 * 1024 * 1024  # bytes of address space
SECONDS = 20

_COMMAND = ("-I", "-c", "import sys; sys.path[:0] = {path!r}; from sheets.apart import serve; serve()")


async def read_apart(body: bytes, pasted: Sequence[str] = PASTED) -> Sheet:
    """Read a sheet as `sheets.reading.read` does; raises SheetError, with the code `bomb` where the reader died of it."""
    if len(body) > LARGEST:
        raise SheetError("too_large")
    isolated, flag, code = _COMMAND
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        isolated,
        flag,
        code.format(path=[path for path in sys.path if path]),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
    )
    try:
        async with asyncio.timeout(2 * SECONDS):
            wish = json.dumps(list(pasted)).encode() + b"\n" + body
            told, _nothing = await process.communicate(wish)
    except TimeoutError:
        raise SheetError("bomb") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise SheetError("bomb")
    return _unpacked(json.loads(told))


def serve() -> None:
    """Read one sheet from standard input and write it to standard output, within the limits."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pasted = json.loads(sys.stdin.buffer.readline())
    try:
        told = _packed(read(sys.stdin.buffer.read(), pasted))
    except SheetError as error:
        told = {"error": error.code}
    sys.stdout.write(json.dumps(told))


def _packed(sheet: Sheet) -> dict[str, object]:
    return {
        "name": sheet.name,
        "fields": sheet.fields,
        "notes": sheet.notes,
        "rows": [[row.line, row.cells, row.damaged, row.merged] for row in sheet.rows],
    }


def _unpacked(told: dict[str, object]) -> Sheet:
    match told:
        case {"error": str(code)}:
            raise SheetError(code)
        case {"name": str(name), "fields": list(fields), "notes": list(notes), "rows": list(rows)}:
            made = [Row(line, cells, tuple(damaged), tuple(merged)) for line, cells, damaged, merged in rows]
            return Sheet(tuple(made), tuple(fields), name, tuple(notes))
        case _:
            raise SheetError("damaged")
