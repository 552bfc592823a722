"""Lists of NIK: imported from a file of any length, kept as blind indexes, and never printed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from bot.__main__ import main
from bot.list_files import ListFileError, Outcome, import_list, niks
from bot.settings import Settings
from storage import lists
from storage.database import Database
from storage.vault import fresh_keys

FIRST, SECOND = "3319020505909001", "3319020505909002"


def written(folder: Path, text: str) -> Path:
    """A file with this text."""
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        f"NIK\n{FIRST}\n{SECOND}\n",
        f"nama;nik\nSlamet;'{FIRST}\nSri;3319 0205 0590 9002\n",
        f'\ufeffNo,Nik,Desa\r\n1,"{FIRST}",x\r\n2,{SECOND},y\r\n',
        f"{FIRST}\n{SECOND}\n",
    ],
)
def test_files_as_offices_write_them(tmp_path: Path, text: str) -> None:
    """The column is found by its name, whatever stands between columns, and a bare list is taken as it is."""
    outcome = Outcome()
    assert list(niks(written(tmp_path, text), outcome)) == [FIRST, SECOND]
    assert (outcome.read, outcome.wrong) == (2, 0)


def test_wrong_lines_are_counted_by_number(tmp_path: Path) -> None:
    """Damaged and short numbers are skipped and told by their line; a file without the column is refused."""
    outcome = Outcome()
    path = written(tmp_path, f"NIK\n{FIRST}\n3.31902E+15\n\n123\n{SECOND}\n")
    assert list(niks(path, outcome)) == [FIRST, SECOND]
    assert (outcome.wrong, outcome.lines) == (2, [3, 5])
    for text in ("nama,alamat\nSlamet,Jl. Mawar\n", "", "x" * 9000):
        with pytest.raises(ListFileError):
            list(niks(written(tmp_path, text), Outcome()))


def test_the_command_prints_no_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Import and show tell counts and lines, never what stood in them; the database holds no NIK in clear."""
    monkeypatch.chdir(tmp_path)
    keys, index_key = fresh_keys()
    values = {"TOKEN": "123456789:" + "A" * 30, "KEYS": keys, "INDEX_KEY": index_key, "OPERATOR": "Dinas Contoh",
              "OPERATOR_CONTACT": "Jl. Contoh", "AREA": "33.19", "DATABASE_URL": f"sqlite:///{tmp_path / 'x.db'}"}  # fmt: skip
    for name, value in values.items():
        monkeypatch.setenv(f"SERTAKAN_{name}", value)
    path, run = written(tmp_path, f"NIK\n{FIRST}\n{SECOND}x\n"), CliRunner()
    assert run.invoke(main, ["migrate"]).exit_code == 0
    said = run.invoke(main, ["list", "import", "participants", str(path)])
    shown = run.invoke(main, ["list", "show"])
    assert said.exit_code == 0, said.output
    assert "1 NIK read" in said.output
    assert "line 3" in said.output
    assert "participants: 1 NIK" in shown.output
    assert "social_register: not imported" in shown.output
    assert FIRST not in said.output + shown.output
    assert FIRST.encode() not in b"".join(one.read_bytes() for one in tmp_path.glob("x.db*"))


def test_a_file_that_breaks_off_takes_nothing_away(tmp_path: Path) -> None:
    """Replacing happens at the end: a file found out to be none half-way leaves what was on the list."""
    keys, index_key = fresh_keys()
    settings = Settings(
        _env_file=None, token=SecretStr("123456789:" + "A" * 30), keys=keys, index_key=index_key, operator="Dinas",
        operator_contact="Jl. Contoh", area="33.19", database_url=f"sqlite:///{tmp_path / 'y.db'}",
    )  # fmt: skip

    async def scene() -> int:
        database = await Database.open(settings.database_url.get_secret_value(), settings.vault())
        await database.migrate()
        await import_list(settings, "participants", written(tmp_path, f"NIK\n{FIRST}\n"), add=False)
        with pytest.raises(ListFileError):
            await import_list(settings, "participants", written(tmp_path, f"NIK\n{SECOND}\n{'9' * 9000}\n"), add=False)
        async with database.read() as tx:
            count = sum(one.count for one in await lists.all_(tx))
        await database.close()
        return count

    assert asyncio.run(scene()) == 1  # the broken file's batch was never begun
