"""Who may do what: every screen asks for the right again, whatever a forged button says."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from village import VILLAGE, Office

from storage import roles, sessions


@pytest.mark.parametrize("who", ["stranger", "other"])
@pytest.mark.parametrize("action", ["approve", "fix", "reject", "skip", "undo"])
async def test_nobody_decides_outside_their_area(office: Office, who: str, action: str) -> None:
    """A forged button of the queue changes nothing and shows nothing to a stranger or another village's sponsor."""
    before = await office.all()
    for number in office.numbers:
        await office.people[who].presses_raw(f"s|queue|{action}|{number}|0")
    await office.settle()
    assert await office.all() == before
    assert "NIK" not in office.people[who].chat.transcript().split("BPJS", 1)[0]
    async with office.app.database.read() as tx:
        assert await sessions.load(tx, office.people[who].id, "decision") is None


@pytest.mark.parametrize("who", ["stranger", "other", "sponsor", "admin"])
@pytest.mark.parametrize("action", ["refresh", "correct", "edit", "withdraw", "erase"])
async def test_nobody_touches_the_registration_of_another(office: Office, who: str, action: str) -> None:
    """A forged button of one's own registrations does nothing to those of others, whatever the role."""
    before = await office.all()
    for number in office.numbers:
        await office.people[who].presses_raw(f"s|own|{action}|{number}")
    await office.settle()
    assert await office.all() == before


async def test_a_right_that_was_taken_away_is_gone_at_once(office: Office) -> None:
    """A sponsor in the middle of a decision loses the role: the decision is not made."""
    sponsor = office.people["sponsor"]
    await sponsor.says("/antrean")
    await sponsor.hears("3319")
    await sponsor.presses("Tolak")
    await sponsor.hears("Mengapa")
    async with office.app.database.write() as tx:
        for role in await roles.of(tx, sponsor.id):
            await roles.revoke(tx, role.id, office.app.office.clock())
    before = await office.all()
    await sponsor.presses("Tidak bisa dihubungi")
    await office.settle()
    assert await office.all() == before


async def test_only_admins_invite(office: Office) -> None:
    """Neither the command nor a forged conversation makes an invitation for somebody who is no admin."""
    for who in ("stranger", "sponsor"):
        await office.people[who].says("/undang")
        await office.people[who].presses_raw("t|invitation|scope|village|1")
        await office.settle()
        assert "start=i-" not in office.people[who].chat.transcript()


async def test_a_guessed_invitation_gives_nothing(office: Office) -> None:
    """Wrong, used and made-up invitations are answered with the same words."""
    stranger = office.people["stranger"]
    answers = set()
    for payload in ("i-", "i-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "i-x"):
        await stranger.start(payload)
        await office.settle()
        last = stranger.chat.last
        assert last is not None
        answers.add(last.plain)
    assert len(answers) == 1
    async with office.app.database.read() as tx:
        assert await roles.of(tx, stranger.id) == []


async def test_too_many_guessed_invitations(office: Office) -> None:
    """After five made-up invitations nobody is told whether one is good until tomorrow; a good one works the day after."""
    stranger = office.people["stranger"]
    async with office.app.database.write() as tx:
        good = await roles.invite(tx, "facilitator", VILLAGE, office.people["admin"].id, office.clock())

    async def opens(token: str) -> str:
        await stranger.start(f"i-{token}")
        await office.settle()
        return stranger.chat.messages[-1].plain

    for guess in range(5):
        assert "tidak berlaku" in await opens(f"guess{guess}")
    for token in ("guess", good):
        assert "terlalu banyak percobaan" in await opens(token)
    office.clock.pass_by(86_400)
    assert "Selamat datang" in await opens(good)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.one_of(
        st.text(max_size=60).filter(lambda text: len(text.encode("utf-8", "replace")) <= 64),
        st.lists(st.sampled_from(["s", "t", "queue", "own", "menu", "approve", "erase", "registration", "decision",
                                  "consent", "agree", "subject", "1", "zz", "", "K7M-4QXT"]), max_size=6).map("|".join),
    )
)  # fmt: skip
async def test_arbitrary_data_has_no_effect(office: Office, data: str) -> None:
    """Whatever a forged app sends as a button's data, no registration changes and the bot stays well."""
    before = await office.all()
    await office.people["stranger"].presses_raw(data)
    await office.settle()
    assert await office.all() == before
