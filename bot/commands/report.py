"""`sertakan report`: figures by programme, village and state, for a spreadsheet or another program."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands import fail_kindly, settings

if TYPE_CHECKING:
    from bot.settings import Settings
    from handlers.recap.report import Line


@click.command()
@click.option("--csv", "form", flag_value="csv", default="csv", help="Print CSV (RFC 4180, UTF-8); the usual form.")
@click.option("--json", "form", flag_value="json", help="Print JSON, for scripts.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file, not to the screen.")
@click.option("--exact", is_flag=True, help="Tell small counts too: only for those who may see the names behind them.")
def report(form: str, out: Path | None, *, exact: bool) -> None:
    """Print figures by programme, village and state.

    Registrations, person-months and rupiah, and the median hours from the queue to the decision. Nobody is named. Counts from one to four, and others that would give one away, are left empty: with --exact they are told.
    """
    chosen = settings()
    lines = fail_kindly(lambda: asyncio.run(_lines(chosen, exact=exact)))
    body = _as_json(lines) if form == "json" else _as_csv(lines)
    if out is None:
        click.echo(body, nl=False)
        return
    try:
        out.write_bytes(body)
    except OSError as wrong:
        raise click.ClickException(f"{out} cannot be written: {wrong.strerror}.") from None
    click.echo(f"{len(lines)} lines are in {out}.")


async def _lines(chosen: Settings, *, exact: bool) -> list[Line]:
    from bot.upkeep import opened
    from conversations.rules.areas import Areas
    from handlers.recap import report as figures
    from storage import recap

    everything = [recap.Part()]
    async with opened(chosen) as database, database.read() as tx:
        cells, waits = await recap.cells(tx, everything), await recap.usual_waits(tx, everything)
    return figures.lines(cells, waits, Areas.load(chosen.area), exact=exact)


def _as_csv(lines: list[Line]) -> bytes:
    from dataclasses import astuple, fields

    from handlers.recap.report import Line
    from sheets.writing import csv_text

    cells = ([None if value is None else str(value) for value in astuple(line)] for line in lines)
    return csv_text([one.name for one in fields(Line)], cells)


def _as_json(lines: list[Line]) -> bytes:
    import json
    from dataclasses import asdict

    return json.dumps([asdict(line) for line in lines], ensure_ascii=False, indent=1).encode() + b"\n"
