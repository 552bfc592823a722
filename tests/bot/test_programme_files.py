"""Programmes from files: read whole or not at all, with every mistake named, and entered as often as one likes."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import update
from test_audit_command import opened, settings
from test_command_line import sertakan

from bot.programme_files import ProgrammeFileError, read
from bot.programme_files.entry import enter
from conversations.rules.areas import Areas
from conversations.rules.prices import Payer, Tier, total
from conversations.rules.programmes import Terms
from storage import programmes
from storage.database import Database
from storage.programmes import Programme, Taken
from storage.tables import programmes as table

FILES = Path(__file__).parents[2] / "bot" / "seeds" / "programmes"
JAVA = Areas.load("33")

CSV = """\
code,name,payer,area,tier,months,first_month,last_month,people,budget,occupations,by_department,departments,shares
ojek-kudus,Ojek Kudus,apbd,33.19,basic,12,2026-12,2027-11,30,,ojek;ojek_online,ya,ojek=Dishub;*=Disnaker,33.19.03.2007=20;33.19.02.1001=10
warung,Warung,company,33.19.03,with_jht,6,2026-12,2027-11,,1000000,,,,
"""


def written(folder: Path, text: str, name: str = "x.csv") -> Path:
    """Write a file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def of_articles() -> dict[str, Programme]:
    """Read the programmes of the articles."""
    return {one.code: one for path in sorted(FILES.glob("*.toml")) for one in read(path, JAVA)}


def test_the_programmes_of_the_articles() -> None:
    """The example files can be imported, and hold the figures of the news."""
    found = of_articles()
    assert list(found) == ["klaten-sertakan", "klaten-sertakan-jht", "kudus", "pekalongan", "rembang"]
    kudus, pekalongan = found["kudus"], found["pekalongan"]
    assert (kudus.payer, kudus.people, kudus.budget) == ("apbd", 26_000, 5_000_000_000)
    assert total(kudus.first_month, 12, transport=False, payer=Payer.APBD, tier=Tier.BASIC) == 12 * 16_800
    assert Terms.read(kudus.terms).departments["market_trader"] == "Dinas Perdagangan"
    assert (sum(pekalongan.shares.values()), len(pekalongan.shares)) == (1000, 27)
    assert Terms.read(pekalongan.terms).breadwinner
    assert {"batik", "mosque"} <= set(Terms.read(pekalongan.terms).occupations)
    assert (found["rembang"].payer, found["rembang"].people) == ("self", None)
    assert found["klaten-sertakan-jht"].tier == "with_jht"


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_a_spreadsheet(tmp_path: Path, delimiter: str) -> None:
    """A row is a programme; lists stand in one cell; what is empty is not limited."""
    text = CSV.replace(",", delimiter)
    first, second = read(written(tmp_path, "\ufeff" + text), JAVA)
    assert (first.code, first.people, first.budget, first.last_month) == ("ojek-kudus", 30, None, date(2027, 11, 1))
    terms = Terms.read(first.terms)
    assert (terms.occupations, terms.by_department) == (("ojek", "ojek_online"), True)
    assert terms.departments == {"ojek": "Dishub", "*": "Disnaker"}
    assert first.shares == {"33.19.03.2007": 20, "33.19.02.1001": 10}
    assert (second.tier, second.people, second.budget, second.shares) == ("with_jht", None, 1_000_000, {})


GOOD = """\
[[programme]]
code = "kudus"
name = "Kudus"
payer = "apbd"
area = "33.19"
tier = "basic"
months = 12
first_month = "2026-12"
last_month = "2027-11"
people = 100
"""

WRONG = [
    ('code = "kudus"', 'code = "Kudus!"', "code should be 3 to 20 small letters, digits and dashes, a letter first."),
    ('name = "Kudus"', "", "name is missing."),
    ('name = "Kudus"', 'name = "<b>Kudus"', "name should be 2 to 80 letters."),
    ('payer = "apbd"', 'payer = "pemkab"', "payer should be one of apbd, company, sponsor, self."),
    ('area = "33.19"', 'area = "33.99"', "area should be an area code in quotation marks, such as 33.19 or 33.19.03."),
    ('area = "33.19"', "area = 33.19", "area should be an area code in quotation marks, such as 33.19 or 33.19.03."),
    ('area = "33.19"', 'area = "34.04"', "area should be within 33, the area that this bot serves (SERTAKAN_AREA)."),
    ('tier = "basic"', 'tier = "jht"', "tier should be one of basic, with_jht."),
    ("months = 12", "months = 13", "months should be a whole number from 1 to 12, without dots."),
    ("months = 12", "months = true", "months should be a whole number from 1 to 12, without dots."),
    ('first_month = "2026-12"', 'first_month = "12-2026"', "first_month should be a month such as 2026-12."),
    ('last_month = "2027-11"', 'last_month = "2026-11"', "last_month is before first_month: exchange them."),
    (
        'last_month = "2027-11"',
        'last_month = "2027-10"',
        "months is 12, but there are only 11 from first_month to last_month.",
    ),
    ("people = 100", "", "An APBD programme needs an end: give people, person_months or budget."),
    ("people = 100", "people = 0", "people should be a whole number from 1 to 10000000, without dots."),
    ("people = 100", "people = 100\npeopel = 5", "peopel is not known; did you mean people?"),
    ("people = 100", "people = 100\nowner = 7000000001", "owner is not known: take it out."),
    (
        "people = 100",
        'people = 100\nterms = { occupations = ["ojekk"] }',
        "occupations should be codes from the list of occupations, which has no ojekk.",
    ),
    ("people = 100", "people = 100\nterms = { youngest = 17 }", "youngest should be a whole number from 18 to 64"),
    (
        "people = 100",
        "people = 100\nterms = { youngest = 40, oldest = 30 }",
        "youngest is above oldest: exchange them.",
    ),
    ("people = 100", 'people = 100\nterms = { social_register = "yes" }', "social_register should be one of in, out."),
    ("people = 100", 'people = 100\nterms = { fields = ["mother"] }', "fields should be some of phone, address"),
    (
        "people = 100",
        'people = 100\nterms = { departments = { ojek = "Dishub" } }',
        "departments are named, but by_department is not true: add it, or take them out.",
    ),
    (
        "people = 100",
        'people = 100\nshares = { "33.17.01.2001" = 5 }',
        "shares names 33.17.01.2001, which is no village of 33.19.",
    ),
    (
        "people = 100",
        'people = 100\nshares = { "33.19.03.2007" = 101 }',
        "shares make 101 people together, but people is 100: lower them.",
    ),
    ("people = 100", 'people = 100\npopulation = "no.csv"', "population should be a table or a CSV file, and no.csv"),
    ("people = 100", 'budget = 5\npopulation = { "33.19.03.2007" = 9 }', "population divides the places over villages"),
    (
        "people = 100",
        'people = 100\nshares = { "33.19.03.2007" = 1 }\npopulation = { "33.19.03.2007" = 9 }',
        "shares and population are two ways to say the same: take one out.",
    ),
]


@pytest.mark.parametrize(("good", "bad", "told"), WRONG)
def test_a_mistake_is_named(tmp_path: Path, good: str, bad: str, told: str) -> None:
    """One mistake is one sentence, with the programme it is in, the key, and how to put it right."""
    with pytest.raises(ProgrammeFileError) as wrong:
        read(written(tmp_path, GOOD.replace(good, bad), "x.toml"), JAVA)
    assert len(wrong.value.mistakes) == 1
    assert wrong.value.mistakes[0].startswith("Programme 1")
    assert told in wrong.value.mistakes[0]


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    """Whoever repairs a file wants to do it once: mistakes of every row come together, with their rows."""
    text = CSV.replace("basic", "x").replace("with_jht", "y").replace(",6,", ",60,").replace("people,", "persons,")
    with pytest.raises(ProgrammeFileError) as wrong:
        read(written(tmp_path, text), JAVA)
    assert [one.partition(" should")[0].partition(" is not")[0] for one in wrong.value.mistakes] == [
        "Row 2: tier",
        "Row 2: persons",
        "Row 3: tier",
        "Row 3: months",
    ]


BROKEN = [
    ("x.toml", "a = [", "This is not TOML"),
    ("x.toml", "", "Each programme begins with a line [[programme]]"),
    ("x.toml", GOOD + "[other]\nx = 1\n", "Each programme begins with a line [[programme]]"),
    ("x.toml", GOOD + GOOD, "The code kudus is there 2 times"),
    ("x.csv", "", "The first row names the columns"),
    ("x.csv", "name\nx\n", "The first row names the columns"),
    ("x.csv", "code,name\na,b,c\n", "Row 2 has more cells than there are columns."),
]


@pytest.mark.parametrize(("name", "text", "told"), BROKEN)
def test_a_file_that_is_none(tmp_path: Path, name: str, text: str, told: str) -> None:
    """What cannot be read as a list of programmes is refused in a sentence."""
    with pytest.raises(ProgrammeFileError, match=told.replace("[", r"\[")):
        read(written(tmp_path, text, name), JAVA)


def test_a_workbook_is_none(tmp_path: Path) -> None:
    """Bytes that are no text are refused, and so is a file of an absurd size."""
    path = tmp_path / "x.csv"
    path.write_bytes(b"PK\x03\x04\xff\xfe")
    with pytest.raises(ProgrammeFileError, match="no UTF-8"):
        read(path, JAVA)
    path.write_bytes(b"a" * 5_000_001)
    with pytest.raises(ProgrammeFileError, match="larger than 5 MB"):
        read(path, JAVA)


def test_population_by_name_or_code(tmp_path: Path) -> None:
    """Villages are told by code or by a name that only one has; what is ambiguous is refused with its row."""
    text = GOOD.replace("33.19", "33.19.03") + 'population = "p.csv"\n'
    written(tmp_path, "desa,penduduk\nJati Kulon,300\n33.19.03.2006,100\n", "p.csv")
    (found,) = read(written(tmp_path, text, "x.toml"), JAVA)
    assert found.shares == {"33.19.03.2006": 25, "33.19.03.2007": 75}
    written(tmp_path, "desa,penduduk\nJati Kulon,300\nEntah,100\n", "p.csv")
    with pytest.raises(ProgrammeFileError, match=r"row 3 of p\.csv does not fit"):
        read(tmp_path / "x.toml", JAVA)


async def test_importing_is_repeatable(database: Database, now: datetime, tmp_path: Path) -> None:
    """The same file twice changes nothing; a changed one says what; who owns it and whether it is closed stays."""
    wanted = read(written(tmp_path, CSV), JAVA)
    assert await enter(database, wanted, now, dry_run=True) == ["+ ojek-kudus: new", "+ warung: new"]
    async with database.read() as tx:
        assert await programmes.all_(tx) == []
    await enter(database, wanted, now)
    async with database.write() as tx:
        closed = Programme(**{**_plain(wanted[1]), "state": "closed", "owner": 5})
        await programmes.save(tx, closed, by=None, now=now)
    changed = read(written(tmp_path, CSV.replace(",30,", ",40,")), JAVA)
    assert await enter(database, changed, now) == ["~ ojek-kudus: people 30 → 40", "= warung: as it was"]
    async with database.read() as tx:
        assert await programmes.get(tx, "warung") == closed


def _plain(one: Programme) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__dataclass_fields__ if name != "taken"} | {"taken": Taken()}


async def test_nothing_is_entered_unless_all_is(database: Database, now: datetime, tmp_path: Path) -> None:
    """A quota below what is promised is named with the programme, and the other rows wait too."""
    wanted = read(written(tmp_path, CSV), JAVA)
    await enter(database, wanted[:1], now)
    async with database.write() as tx:
        await tx.connection.execute(update(table).values(taken_people=25))
    fewer = read(written(tmp_path, CSV.replace(",30,", ",24,").replace("=20;", "=10;")), JAVA)
    with pytest.raises(ProgrammeFileError) as wrong:
        await enter(database, fewer, now)
    assert wrong.value.mistakes == ("ojek-kudus: 25 people are promised already; the quota cannot be smaller.",)
    async with database.read() as tx:
        assert [one.people for one in await programmes.all_(tx)] == [30]


# As an operator sees it


async def test_import_list_and_close(tmp_path: Path) -> None:
    """A file is tried, entered, listed and closed; mistakes end with code 1 and a whole list."""
    given = settings(tmp_path)
    await (await opened(given)).close()
    kudus, bad = str(FILES / "kudus.toml"), str(written(tmp_path, CSV.replace("basic", "x")))
    tried = await sertakan(tmp_path, "programme", "import", kudus, "--dry-run", **given)
    empty = await sertakan(tmp_path, "programme", "list", **given)
    done = await sertakan(tmp_path, "programme", "import", kudus, **given)
    listed = await sertakan(tmp_path, "programme", "list", **given)
    refused = await sertakan(tmp_path, "programme", "import", bad, **given)
    closed = await sertakan(tmp_path, "programme", "close", "kudus", **given)
    nobody = await sertakan(tmp_path, "programme", "close", "nobody", **given)
    audited = await sertakan(tmp_path, "audit", "verify", **given)
    assert (tried.out, tried.err) == ("+ kudus: new\nNothing was entered: this was a dry run.\n", "")
    assert empty.out == "There is no programme yet.\n"
    assert done.out == "+ kudus: new\nEntered.\n"
    figures = "0 of 26000 people, 0 person-months, 0 of 5000000000 rupiah; 0 waiting"
    assert listed.out == f"kudus (open, 33.19, 2026-12 to 2027-11): {figures}\n"
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == "Error: Row 2: tier should be one of basic, with_jht.\nNothing was entered.\n"
    assert closed.out == "kudus is closed.\n"
    assert (nobody.code, nobody.err) == (
        1,
        "Error: There is no programme nobody; `sertakan programme list` shows them.\n",
    )
    assert audited.code == 0
