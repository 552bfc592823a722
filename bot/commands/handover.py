"""`sertakan handover`, `return` and `paid`: to BPJS and back, at the machine."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any, TypeVar

    from bot.handing import Taken

    T = TypeVar("T")

FAULTS = 20  # rows whose fault is printed

REFUSALS = {
    "empty": "it is empty",
    "too_large": "it is too large; please split it",
    "too_many_rows": "it has more than 5.000 rows; please split it",
    "encrypted": "it is locked with a password; please save it without one",
    "no_header": "the row with the names of the columns is missing",
    "no_rows": "there are no rows in it",
}


@click.command()
@click.option("--programme", help="The code of the programme whose approved registrations are to go.")
@click.option("--no-programme", is_flag=True, help="Those of no programme, who pay themselves.")
@click.option("--confirmed", type=click.IntRange(1), help="The number of a hand-over that an admin has confirmed.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="The folder for its files.")
@click.option("--csv", "as_csv", is_flag=True, help="Write a CSV file beside the workbook.")
@click.option("--fields", is_flag=True, help="List what can stand in a column of SERTAKAN_HANDOVER_TEMPLATE.")
def handover(
    *, programme: str | None, no_programme: bool, confirmed: int | None, out: Path | None, as_csv: bool, fields: bool
) -> None:
    """Hand approved registrations over to BPJS.

    It takes two people. `--programme CODE` proposes, and the admins are asked in the chat. Once one of them has confirmed, `--confirmed NUMBER --out FOLDER` writes the files and prints their checksum. Without options it lists what waits.
    """
    if fields:
        from handlers.handover.facts import FACTS

        click.echo("\n".join(f"{name}: {fact.kind}" for name, fact in FACTS.items()))
    elif confirmed is not None:
        _write_out(confirmed, out or Path(), as_csv=as_csv)
    elif programme is not None or no_programme:
        _propose(programme)
    else:
        _list()


def _list() -> None:
    from bot.handing import standing

    found = _kindly(lambda: standing(settings()))
    for ready in found.ready:
        click.echo(f"{ready.programme or '(no programme)'}: {ready.people} wait to be handed over")
    for one in found.handovers:
        click.echo(f"hand-over {one.id}, {one.programme or 'no programme'}: {one.state}, {one.count} registrations")
    if not found.ready and not found.handovers:
        click.echo("Nothing waits to be handed over.")


def _propose(programme: str | None) -> None:
    from bot.handing import propose

    asked = _kindly(lambda: propose(settings(), programme))
    click.echo(
        f"Hand-over {asked.id} is proposed: {asked.count} registrations. An admin has to confirm it in the chat within a "
        f"day. Then: sertakan handover --confirmed {asked.id} --out FOLDER"
    )


def _write_out(number: int, folder: Path, *, as_csv: bool) -> None:
    from bot.handing import write_out

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = _kindly(lambda: write_out(settings(), number, folder, as_csv=as_csv))
    for file in written.files:
        click.echo(f"{file}: {written.count} registrations")
    click.echo(f"SHA-256 of the workbook: {written.checksum}")
    click.echo("These files are not locked. Please erase them once they are delivered.")


@click.command("return")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--batch", required=True, type=click.IntRange(1), help="The number of the hand-over it answers.")
def returned(file: Path, batch: int) -> None:
    """Record BPJS's answers to a hand-over.

    FILE is XLSX or CSV with registration number or NIK, KPJ number and the date from which cover holds, or a status and a reason. It may be repeated: what is recorded already stays as it is.
    """
    from bot.handing import take_back

    _tell(_kindly(lambda: take_back(settings(), file, batch)))


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def paid(file: Path) -> None:
    """Record until when contributions are paid.

    FILE is XLSX or CSV with registration number or NIK, and a column "Dibayar sampai". Whoever had lapsed is covered again.
    """
    from bot.handing import take_paid

    _tell(_kindly(lambda: take_paid(settings(), file)))


def _tell(taken: Taken) -> None:
    counts = taken.counts
    click.echo(f"Recorded: {taken.entered}. Known already: {counts.known}. To be put right: {counts.bad}.")
    for line, why in taken.faults[:FAULTS]:
        click.echo(f"  row {line}: {why}")
    if len(taken.faults) > FAULTS:
        click.echo(f"  and {len(taken.faults) - FAULTS} more")


def _kindly(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run the work, and show what an operator can mend as a sentence."""
    from bot.handing import NotNowError
    from handlers.handover.mapping import MappingError
    from sheets.reading import SheetError
    from storage.engines import DatabaseError

    try:
        return asyncio.run(work())
    except (NotNowError, MappingError, DatabaseError) as wrong:
        raise click.ClickException(str(wrong)) from None
    except SheetError as wrong:
        why = REFUSALS.get(wrong.code, f"it is no table that can be read ({wrong.code})")
        raise click.ClickException(f"The file was not read: {why}.") from None
    except OSError as wrong:
        raise click.ClickException(f"A file cannot be read or written: {wrong.strerror}.") from None
