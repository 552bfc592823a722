"""The commands: announced in every language, and usable in any state."""

from __future__ import annotations

import re
from pathlib import Path

from aiogram.types import BotCommandScopeChat
from village import VILLAGE, Office

from bot.demo import stage
from bot.scenes import grant
from bot.sending.pace import UNLIMITED
from handlers.commands import COMMANDS, HELP, USED_BY
from storage import sessions

ANSWERS = (
    "[Ya, saya setuju]", "3319020505909019", "[Ya, benar]", "Slamet Riyadi", "081234567899", "[Ojek pangkalan]",
    "Jl. Mawar No. 1", "[Tidak]", "[Saya bayar sendiri]", "[① Paket]", "[1 bulan]",
)  # fmt: skip


async def test_each_command_works_in_any_state(office: Office) -> None:
    """At every question each command is answered, the question stays open, and it comes back on the screen."""
    worker = office.sandbox.person("Slamet")
    await worker.start("v-" + VILLAGE.replace(".", ""))
    await office.settle()
    for answer in (*ANSWERS, None):
        async with office.app.database.read() as tx:
            before = await sessions.load(tx, worker.id, "registration")
        assert before is not None
        for command in COMMANDS:
            if command in {"batal", "bayarkan"}:  # these put another question on the screen
                continue
            seen = len(worker.chat.messages)
            await worker.says("/" + command)
            await office.settle()
            assert len(worker.chat.messages) > seen + 1, command
            async with office.app.database.read() as tx:
                after = await sessions.load(tx, worker.id, "registration")
            assert after is not None
            assert (after.body["at"], after.body["answers"]) == (before.body["at"], before.body["answers"]), command
        await worker.says("/batal")
        await office.settle()
        await worker.presses("Tidak, lanjutkan")
        await office.settle()
        if answer is not None:
            await (worker.presses(answer[1:-1]) if answer.startswith("[") else worker.says(answer))
            await office.settle()
    assert "Mohon dilihat sekali lagi" in worker.chat.transcript()


async def test_the_bot_introduces_itself_in_every_language(tmp_path: Path) -> None:
    """Commands and descriptions are set at the start, in Indonesian for everybody and in English for English clients."""
    async with stage(tmp_path, pace=UNLIMITED, limits=None) as (_sandbox, app, _admin):
        for code, word in ((None, "Daftar"), ("en", "Register")):
            commands = await app.bot.get_my_commands(language_code=code)
            assert [command.command for command in commands] == list(COMMANDS)
            assert any(word.casefold() in command.description.casefold() for command in commands)
            short = (await app.bot.get_my_short_description(language_code=code)).short_description
            long = (await app.bot.get_my_description(language_code=code)).description
            assert "BPJS Ketenagakerjaan" in short
            assert "OTP" in long
            assert 0 < len(short) <= 120
            assert 0 < len(long) <= 512


async def test_staff_get_their_commands_only_for_themselves(office: Office) -> None:
    """Who accepts an invitation sees the staff's commands in the own menu; nobody else does."""
    admin, guest = office.people["admin"], office.sandbox.person("Guest")
    await admin.says("/undang")
    for line in ("Petugas desa", "Satu desa", "Jati", "Jati Kulon", "Buat undangan"):
        await office.settle()
        await admin.presses(line)
    await office.settle()
    link = next(one.plain for one in reversed(admin.chat.messages) if "start=" in one.plain)
    await guest.start(link.rpartition("start=")[2])
    await office.settle()
    own = await office.app.bot.get_my_commands(scope=BotCommandScopeChat(chat_id=guest.id))
    assert "antrean" in {command.command for command in own}
    assert "antrean" not in {command.command for command in await office.app.bot.get_my_commands()}


async def test_help_names_what_a_role_can_do(office: Office) -> None:
    """/bantuan tells each role its own commands first, and everybody else only those for everybody; the menus agree."""
    lurah, stranger = office.sandbox.person("Lurah"), office.sandbox.person("Orang")
    await grant(office.app, lurah, "sponsor", VILLAGE)
    for person in (lurah, stranger):
        person.has_started()
        await person.says("/bantuan")
        await office.settle()
    told = {one.name: one.chat.messages[-1].plain for one in (lurah, stranger)}
    assert "/antrean" in told["Lurah"]
    assert "/antrean" not in told["Orang"]
    assert all("/bayarkan" in text for text in told.values())
    for role, text in HELP.items():
        assert set(re.findall(r"/(\w+)", text.sentence)) <= USED_BY[role], role
