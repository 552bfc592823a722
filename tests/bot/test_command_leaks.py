"""Whatever file an operator gives to a command by mistake, nothing of what stands in it is printed or left behind."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from canaries import files, leaks
from click.testing import CliRunner

from bot.__main__ import main
from storage import handovers
from storage.database import Database
from storage.vault import Vault

SECRETS = ("3319020505909876", "Kenari Kuningan", "081234509876", "Gang Kenanga Ungu 77", "98765432109")
NIK, NAME, PHONE, ADDRESS, KPJ = SECRETS

FILES = {
    "list.csv": f"NIK,Nama,HP,Alamat,KPJ\n{NIK},{NAME},{PHONE},{ADDRESS},{KPJ}\n{NIK}1,{NAME},,,\n",
    "answer.csv": f"NIK;KPJ;Terlindungi sejak;Status\n{NIK};{KPJ};{NAME};{ADDRESS}\n{NIK};;31-02-2026;aktif\n",
    "paid.csv": f"NIK;Dibayar sampai\n{NIK};{NAME}\n{NIK};31-12-2027\n",
    "swapped.csv": f"{NIK};{NAME}\n{PHONE};{ADDRESS}\n",
    "quotes.csv": f'NIK;KPJ\n"{NIK};{NAME}\n\x00{ADDRESS}"";{KPJ}\n',
    "programme.toml": f'[[programme]]\ncode = "{NIK}"\nname = "{NAME}"\npeople = "{PHONE}"\narea = "{ADDRESS}"\n',
    "broken.toml": f'[[programme]]\ncode = "{NIK}\n{NAME} = {PHONE}\n',
    "programme.csv": f"code,name,people\n{NIK},{NAME},{PHONE}\n",
}
COMMANDS = (
    ("list", "import", "participants"),
    ("return", "--batch", "1"),
    ("paid",),
    ("programme", "import"),
)


@pytest.fixture
def folder(tmp_path: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with a confirmed hand-over, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path / 'bot' / 'sertakan.db'}"
    values = {"TOKEN": "123456789:" + "A" * 30, "OPERATOR": "Dinas", "OPERATOR_CONTACT": "Jl. Contoh", "AREA": "33.19"}
    keys = {
        "KEYS": "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "INDEX_KEY": "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=",
    }
    for name, value in {**values, **keys, "DATABASE_URL": url}.items():
        monkeypatch.setenv(f"SERTAKAN_{name}", value)

    async def prepare() -> None:
        database = await Database.open(url, vault)
        await database.migrate()
        async with database.write() as tx:
            now = datetime.now(UTC)
            asked = await handovers.propose(tx, None, mapping="default", count=1, by=1, now=now)
            await handovers.confirm(tx, asked.id, by=2, now=now)
        await database.close()

    asyncio.run(prepare())
    return tmp_path


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_commands_repeat_nothing_of_a_file(folder: Path, command: tuple[str, ...], name: str) -> None:
    """A command given any of these files ends with a sentence, and tells rows by number."""
    (folder / name).write_text(FILES[name], encoding="utf-8")
    run = CliRunner().invoke(main, [*command, name])
    assert isinstance(run.exception, SystemExit | None), run.exc_info
    assert run.output
    assert leaks(SECRETS, [run.output.encode(), *files(folder / "bot")]) == []
