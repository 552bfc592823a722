"""Roles on the screen: who may invite whom, who may take a role away, and what that changes at once."""

from __future__ import annotations

import pytest
from aiogram.types import BotCommandScopeChat
from village import OTHER_VILLAGE, VILLAGE, Office

from bot.sandbox.client import Person
from storage import people, roles
from storage.roles import Role, RoleName

PARTS: dict[RoleName, tuple[str, str]] = {
    "sponsor": ("33.19.02", ""),
    "facilitator": (VILLAGE, ""),
    "verifier": ("33.19", "Dinas Perhubungan"),
    "admin": ("33.19", ""),
}


async def newcomer(office: Office, name: str, role: RoleName | None = None, area: str | None = None) -> Person:
    """Bring somebody in, with a role if one is named."""
    person = office.sandbox.person(name)
    await person.start()
    await office.settle()
    if role is not None:
        async with office.app.database.write() as tx:
            where, department = PARTS[role]
            await roles.grant(tx, person.id, role, area or where, department=department, by=None, now=office.clock())
            await people.named(tx, person.id, name)
    return person


async def held(office: Office, person: Person) -> list[Role]:
    """Return somebody's roles."""
    async with office.app.database.read() as tx:
        return await roles.of(tx, person.id)


async def does(office: Office, who: Person, *lines: str) -> None:
    """Let somebody press or type, one after the other."""
    for line in lines:
        await (who.presses(line[1:-1]) if line.startswith("[") else who.says(line))
        await office.settle()


def link(person: Person) -> str:
    """Return the start payload of the last invitation on somebody's screen."""
    return next(one.plain for one in reversed(person.chat.messages) if "start=i-" in one.plain).rpartition("start=")[2]


@pytest.mark.parametrize(
    ("lines", "role", "area", "department"),
    [
        (("[Pendamping]", "[Satu kecamatan]", "[Kaliwungu]"), "facilitator", "33.19.01", ""),
        (("[Petugas desa]", "[Seluruh wilayah]"), "sponsor", "33.19", ""),
        (("[Petugas dinas]", "[Seluruh wilayah]", "[Dinas Perdagangan]"), "verifier", "33.19", "Dinas Perdagangan"),
        (("[Petugas dinas]", "[Seluruh wilayah]", "Dinas Koperasi"), "verifier", "33.19", "Dinas Koperasi"),
        (("[Admin]",), "admin", "33.19", ""),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_an_admin_of_the_settings_invites_everybody(
    office: Office, lines: tuple[str, ...], role: str, area: str, department: str
) -> None:
    """Each role can be given, for a village, a district or the whole area, and is what the guest then has."""
    admin = office.people["admin"]
    await does(office, admin, "/undang", *lines, "[Buat undangan]")
    guest = office.sandbox.person("Tamu")
    await guest.start(link(admin))
    await office.settle()
    assert [(one.role, one.area, one.department) for one in await held(office, guest)] == [(role, area, department)]
    assert "(picture)" not in link(admin)
    assert admin.chat.messages[-1].picture
    menu = await office.app.bot.get_my_commands(scope=BotCommandScopeChat(chat_id=guest.id))
    assert "peran" in {command.command for command in menu}
    assert ("antrean" in {command.command for command in menu}) == (role != "facilitator")
    assert ("serahkan" in {command.command for command in menu}) == (role == "admin")


async def test_an_admin_by_role_makes_no_admins(office: Office) -> None:
    """Further admins come from those whom the settings name, not even by a forged conversation."""
    second = await newcomer(office, "Admin Dua", "admin")
    await does(office, second, "/undang")
    assert "[Admin]" not in second.chat.transcript().splitlines()[-1]
    assert all("Admin" not in labels for labels in second.chat.messages[-1].labels)
    await does(office, second, "4", "admin")
    assert "start=i-" not in second.chat.transcript()


async def test_a_sponsor_invites_facilitators_of_the_own_places_only(office: Office) -> None:
    """With several places one is chosen among them; no other place and no other role can be reached."""
    sponsor = office.people["sponsor"]
    async with office.app.database.write() as tx:
        await roles.grant(tx, sponsor.id, "sponsor", OTHER_VILLAGE, by=None, now=office.clock())
    await does(office, sponsor, "/undang")
    assert [labels for labels in sponsor.chat.messages[-1].labels if "Desa" in labels or "Kel" in labels]
    await does(office, sponsor, "33.19.01.2001", "[Jati Kulon]", "[Buat undangan]")
    guest = office.sandbox.person("Tamu")
    await guest.start(link(sponsor))
    await office.settle()
    assert [(one.role, one.area, one.granted_by) for one in await held(office, guest)] == [
        ("facilitator", OTHER_VILLAGE, sponsor.id)
    ]


async def test_an_invitation_dies_with_the_right_to_give_it(office: Office) -> None:
    """A sponsor whose role ended has invited nobody, and an open invitation form ends kindly."""
    sponsor = office.people["sponsor"]
    await does(office, sponsor, "/undang", "[Buat undangan]", "/undang")
    async with office.app.database.write() as tx:
        for role in await roles.of(tx, sponsor.id):
            await roles.revoke(tx, role.id, office.clock())
    await does(office, sponsor, "[Buat undangan]")
    assert sponsor.chat.transcript().count("start=i-") == 1
    guest = office.sandbox.person("Tamu")
    await guest.start(link(sponsor))
    await office.settle()
    assert "Undangan ini tidak berlaku" in guest.chat.transcript()
    assert await held(office, guest) == []


async def test_taking_a_role_away(office: Office) -> None:
    """The role ends at once, its holder reads it kindly, and the own menu is that of everybody."""
    facilitator = await newcomer(office, "Bu Kader", "facilitator")
    await does(
        office, office.people["sponsor"], "/peran", "[Orang di sini]", "[Bu Kader]", "[Cabut peran]", "[Ya, cabut]"
    )
    assert await held(office, facilitator) == []
    assert "Peran Bapak/Ibu di sini sudah berakhir" in facilitator.chat.transcript()
    menu = await office.app.bot.get_my_commands(scope=BotCommandScopeChat(chat_id=facilitator.id))
    assert "daftarkan" not in {command.command for command in menu}


@pytest.mark.parametrize("who", ["stranger", "other", "sponsor", "second"])
async def test_nobody_takes_away_what_they_could_not_give(office: Office, who: str) -> None:
    """A forged button ends no role and shows none, except where the rule allows taking it away."""
    actor = await newcomer(office, "Admin Dua", "admin") if who == "second" else office.people[who]
    wide = await newcomer(office, "Sasaran luas", "facilitator", "33.19.02")
    targets = {role: await newcomer(office, f"Sasaran {role}", role) for role in PARTS} | {"wide": wide}
    for whose, target in targets.items():
        [before] = await held(office, target)
        allowed = whose != "admin" if who == "second" else (who, whose) == ("sponsor", "facilitator")
        for action in ("see", "take", "leave", "left", "taken"):
            await actor.presses_raw(f"s|role|{action}|{before.id}")
            await office.settle()
            assert await held(office, target) == ([] if allowed and action == "taken" else [before])
        assert allowed or target.name not in actor.chat.transcript(), whose


async def test_giving_a_role_up(office: Office) -> None:
    """One may leave; nothing else of the person changes, and nobody else's role does."""
    facilitator = await newcomer(office, "Bu Kader", "facilitator")
    other = await newcomer(office, "Pak Kader", "facilitator")
    await does(office, facilitator, "/peran", "[Lepas: Pendamping]", "[Ya, lepas]")
    assert await held(office, facilitator) == []
    assert len(await held(office, other)) == 1


@pytest.mark.parametrize(
    "data", ["s|role|people|x", "s|role|people|-1", "s|role|see|", "s|role|see|9" + "9" * 40, "s|role||1"]
)
async def test_made_up_subjects(office: Office, data: str) -> None:
    """Whatever stands in a forged button, the bot stays well and shows no person."""
    await office.people["sponsor"].presses_raw(data)
    await office.people["sponsor"].says("/peran")
    await office.settle()
    assert "Peran Bapak/Ibu" in office.people["sponsor"].chat.messages[-1].plain
