"""Audiences: whoever fits belongs, once, with the newest registration that fits."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledgers import clear, person, registered
from sqlalchemy import Select, insert

from storage import broadcasts, people, sessions
from storage.broadcasts import Audience, audience, registering
from storage.database import Database
from storage.tables import roles
from storage.transaction import Transaction

AREAS = ("33.19.02.2003", "33.19.02.2004", "33.19.03.2003", "33.1", "33.19.021", "94.01.02.2003", "33.1902.2003")
PREFIXES = ("", "33", "33.19", "33.19.02", "33.19.02.2003", "94", "33.1")
STATES = ("queued", "active", "withdrawn", "rejected")
PEOPLE = st.integers(1, 5)


class Form(NamedTuple):
    """A registration as the model sees it."""

    number: str
    owner: int | None
    by: int
    area: str
    state: str
    programme: str | None
    occupation: str
    erased: bool
    paid_for: int | None
    age: int


class Held(NamedTuple):
    """A role as the model sees it."""

    person: int
    role: str
    area: str
    revoked: bool


FORMS = st.lists(
    st.builds(
        Form,
        number=st.text("ABCDEF", min_size=4, max_size=4),
        owner=st.none() | PEOPLE,
        by=st.integers(1, 6),
        area=st.sampled_from(AREAS),
        state=st.sampled_from(STATES),
        programme=st.sampled_from([None, "kudus", "rembang"]),
        occupation=st.sampled_from(["ojek", "tani"]),
        erased=st.booleans(),
        paid_for=st.none() | st.integers(-2, 5),
        age=st.integers(0, 2),
    ),
    max_size=12,
    unique_by=lambda form: form.number,
)
HELD = st.lists(
    st.builds(Held, PEOPLE, st.sampled_from(["facilitator", "sponsor"]), st.sampled_from(AREAS[:4]), st.booleans()),
    max_size=8,
    unique_by=lambda held: held[:3],
)
SESSIONS = st.sets(st.tuples(PEOPLE, st.sampled_from(["registration", "neighbour"])), max_size=6)
# Nobody answers for the last two: they never met the bot.
LANGUAGES = st.fixed_dictionaries({number: st.sampled_from([None, "id", "jv"]) for number in range(1, 4)})


def some(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
    """Choose a few of these, mostly none."""
    return st.just(()) | st.lists(st.sampled_from(values), unique=True, max_size=2).map(tuple)


AUDIENCES = st.builds(
    Audience,
    whom=st.sampled_from(["registered", "registered", "unfinished", "facilitators"]),
    area=st.sampled_from(PREFIXES),
    states=some(*STATES),
    programmes=some("", "kudus"),
    occupations=some("ojek", "tani"),
    languages=some("id", "jv", "en"),
    entered=st.sampled_from(["", "", "self", "others"]),
    lapses_within=st.none() | st.integers(0, 4),
    registrant=st.none() | st.integers(1, 6),
)


def inside(area: str, prefix: str) -> bool:
    """Tell whether an area lies in a prefix, on dot boundaries."""
    return not prefix or f"{area}.".startswith(f"{prefix}.")


def fits(form: Form, wanted: Audience) -> bool:
    """Tell whether a registration fits an audience: the rules in plain words."""
    lasts = wanted.lapses_within is None or (
        form.state == "active" and form.paid_for is not None and 0 <= form.paid_for <= wanted.lapses_within
    )
    return (
        not form.erased
        and inside(form.area, wanted.area)
        and (not wanted.states or form.state in wanted.states)
        and (not wanted.programmes or (form.programme or "") in wanted.programmes)
        and (not wanted.occupations or form.occupation in wanted.occupations)
        and (not wanted.entered or (form.by == form.owner) is (wanted.entered == "self"))
        and (wanted.registrant is None or wanted.registrant == form.by != form.owner)
        and lasts
    )


def belong(
    wanted: Audience, languages: dict[int, str | None], forms: list[Form], held: list[Held], begun: set[tuple[int, str]]
) -> dict[int, str | None]:
    """Return who belongs to an audience, by which registration, found by looking at everything."""
    speak = {one for one, spoken in languages.items() if not wanted.languages or (spoken or "id") in wanted.languages}
    if wanted.whom == "unfinished":
        return {one: None for one, flow in begun if flow == "registration" and one in speak}
    if wanted.whom == "facilitators":
        roles_held = [one for one in held if one.role == "facilitator" and not one.revoked]
        return {one.person: None for one in roles_held if inside(one.area, wanted.area) and one.person in speak}
    newest_last = sorted(forms, key=lambda form: (-form.age, form.number))
    return {form.owner: form.number for form in newest_last if form.owner in speak and fits(form, wanted)}  # type: ignore[misc]


async def fill(
    tx: Transaction,
    now: datetime,
    languages: dict[int, str | None],
    forms: list[Form],
    held: list[Held],
    begun: set[tuple[int, str]],
) -> None:
    """Write down what the model knows."""
    await clear(tx)
    for number, spoken in languages.items():
        await person(tx, number, now, language=spoken)
    for form in forms:
        more: dict[str, Any] = {"document": None} if form.erased else {}
        paid_until = None if form.paid_for is None else now.date() + timedelta(days=form.paid_for)
        await registered(
            tx, form.number, form.owner, now - timedelta(days=form.age), registered_by=form.by, area=form.area,
            state=form.state, programme=form.programme, occupation=form.occupation, paid_until=paid_until, **more,
        )  # fmt: skip
    for one in held:
        revoked = now if one.revoked else None
        values = {"person": one.person, "role": one.role, "area": one.area, "granted_at": now, "revoked_at": revoked}
        await tx.connection.execute(insert(roles).values(values))
    for number, flow in begun:
        await sessions.save(tx, number, flow, {}, now)


async def found(tx: Transaction, wanted: Audience, today: date, limit: int) -> dict[int, str | None]:
    """List an audience page by page."""
    members: dict[int, str | None] = {}
    while page := await audience.page(tx, wanted, today, after=max(members, default=0), limit=limit):
        assert len(page) <= limit
        assert [one.person for one in page] == sorted({one.person for one in page} - set(members))
        members |= {one.person: one.registration for one in page}
    return members


@given(wanted=AUDIENCES, languages=LANGUAGES, forms=FORMS, held=HELD, begun=SESSIONS, limit=st.integers(1, 3))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_who_belongs(
    database: Database,
    now: datetime,
    wanted: Audience,
    languages: dict[int, str | None],
    forms: list[Form],
    held: list[Held],
    begun: set[tuple[int, str]],
    limit: int,
) -> None:
    """Whatever is asked of whichever people, counting, listing and asking about somebody find just those who fit."""
    async with database.write() as tx:
        await fill(tx, now, languages, forms, held, begun)
        expected = belong(wanted, languages, forms, held, begun)
        assert await found(tx, wanted, now.date(), limit) == expected
        assert await broadcasts.count(tx, wanted, now.date()) == len(expected)
        assert await broadcasts.still(tx, wanted, now.date(), range(7)) == set(expected)


async def test_the_newest_that_fits(database: Database, now: datetime) -> None:
    """Of several registrations that fit, somebody is written to about the newest, whatever their numbers."""
    async with database.write() as tx:
        await person(tx, 1, now)
        for number, age, state in (("B", 2, "queued"), ("A", 1, "queued"), ("C", 0, "rejected")):
            await registered(tx, number, 1, now - timedelta(days=age), state=state)
        assert await found(tx, Audience(states=("queued",)), now.date(), 1) == {1: "A"}
        assert await found(tx, Audience(), now.date(), 1) == {1: "C"}


@pytest.mark.parametrize(
    "wanted",
    [Audience(), Audience("facilitators", "33.19", languages=("jv",)), Audience(states=("active",), lapses_within=3)],
)
def test_an_audience_is_stored_as_it_is(wanted: Audience) -> None:
    """What is written as JSON is read back the same, tuples and all."""
    assert Audience.of_json(wanted.as_json()) == wanted
    assert Audience.of_json({**wanted.as_json(), "states": ["queued"]}) == replace(wanted, states=("queued",))


def test_an_audience_stored_by_an_earlier_version_is_read() -> None:
    """What was stored when nobody could choose a registrant is for whoever registered them."""
    stored = {name: value for name, value in Audience(area="33.19").as_json().items() if name != "registrant"}
    assert Audience.of_json(stored) == Audience(area="33.19", registrant=None)


async def test_whom_one_person_registered(database: Database, now: datetime) -> None:
    """Of one registrant belong the others whom they entered in the area, not they themselves, nor whom somebody else did."""
    async with database.write() as tx:
        await clear(tx)
        for number, by, area in ((1, 1, AREAS[0]), (2, 1, AREAS[0]), (3, 4, AREAS[0]), (5, 1, AREAS[2])):
            await person(tx, number, now)
            await registered(tx, f"N{number}", number, now, registered_by=by, area=area)
        wanted = Audience("registered", AREAS[0], registrant=1)
        assert await found(tx, wanted, now.date(), 1) == {2: "N2"}
        assert await broadcasts.count(tx, wanted, now.date()) == 1


@pytest.mark.parametrize(("registrant", "index"), [(None, "registrations_person"), (7, "registrations_registrant")])
async def test_a_page_costs_the_same_at_any_size(
    database: Database, now: datetime, registrant: int | None, index: str
) -> None:
    """A page goes along the people's index, whatever the audience is narrowed by; of one registrant, along theirs."""
    wanted = Audience("registered", "33.19", programmes=("kudus", ""), entered="self", registrant=registrant)
    what = audience._search(wanted, now.date())
    async with database.write() as tx:
        for statement in (audience._end(what, 5, 250), audience._between(what, 5, 99)):
            assert index in await explained(tx, statement)


async def test_registrants_are_looked_up_by_area(database: Database) -> None:
    """Who has registered others in a village is found along the index of areas, without reading another village."""
    async with database.write() as tx:
        assert "registrations_figures" in await explained(tx, registering._most(AREAS[0], 100))


async def explained(tx: Transaction, statement: Select[Any]) -> str:
    """Return the plan by which a database finds what is asked, however few rows there are."""
    dialect = tx.connection.dialect
    if dialect.name == "postgresql":
        await tx.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    sql = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True, "render_postcompile": True}))
    explain = "EXPLAIN QUERY PLAN " if dialect.name == "sqlite" else "EXPLAIN "
    return str((await tx.connection.exec_driver_sql(explain + sql.replace("%", "%%"))).all())


async def test_who_has_registered_others(database: Database, now: datetime) -> None:
    """Of an area, by name, those who entered most first; not what they entered elsewhere, for themselves, or was erased."""
    async with database.write() as tx:
        await clear(tx)
        for one, name in ((1, "Bu Sri"), (2, "Pak Min"), (3, "Bu Ani"), (4, None)):
            await person(tx, one, now)
            if name is not None:
                await people.named(tx, one, name)
        here, elsewhere = AREAS[0], AREAS[2]
        rows: list[tuple[int, str, dict[str, Any]]] = [
            (1, here, {}), (2, here, {}), (2, here, {}), (2, elsewhere, {}), (3, elsewhere, {}), (4, here, {}),
            (1, here, {"claim": "own"}), (1, here, {"document": None}),
        ]  # fmt: skip
        for number, (by, area, more) in enumerate(rows):
            await registered(tx, f"N{number}", None, now, registered_by=by, area=area, **{"claim": "attested", **more})
        found = await broadcasts.registrants(tx, here, 10)
        assert [(one.person, one.name, one.count) for one in found] == [(2, "Pak Min", 2), (1, "Bu Sri", 1)]
        assert [one.person for one in await broadcasts.registrants(tx, "33.19", 10)] == [2, 1, 3]
        assert [one.person for one in await broadcasts.registrants(tx, "", 1)] == [2]
