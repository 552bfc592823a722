"""The demo as a whole, in a real browser with the real bot: what somebody meets who has just typed `make demo`."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from bot.app import App
from bot.demo import AREA, CAST, performance
from bot.sandbox.client import Sandbox
from bot.seeds import NEIGHBOURS, VILLAGE, VILLAGE_NAME, Neighbour, papers
from conversations.rules import nik, occupations
from conversations.rules.areas import Areas

WORKER, FACILITATOR, SPONSOR, DEPARTMENT, PAYER, ADMIN, SECOND_ADMIN = (name.partition(" ·")[0] for name in CAST)
PATIENCE = 20_000  # milliseconds


class Ahead:
    """The real clock, put forward by `by`."""

    def __init__(self) -> None:
        self.by = timedelta()

    def __call__(self) -> datetime:
        """Return the moment."""
        return datetime.now(UTC) + self.by


@dataclass
class Show:
    """The demo on a page: people act on their phones."""

    page: Page
    sandbox: Sandbox
    app: App
    clock: Ahead

    def phone(self, name: str) -> Locator:
        """Return a person's phone, found as a screen reader finds it."""
        return self.page.get_by_role("region", name=name)

    async def settled(self) -> None:
        """Wait until the bot has answered everything."""
        await self.app.settled(self.sandbox.world.updates.count)

    async def press(self, name: str, label: str) -> None:
        """Press the newest button that is called so, when the bot has nothing more to say."""
        await self.settled()
        await self.phone(name).get_by_role("button", name=label).last.click()
        await self.settled()

    async def say(self, name: str, text: str) -> None:
        """Type a text and send it."""
        box = self.phone(name).get_by_role("textbox")
        await box.fill(text)
        await box.press("Enter")
        await self.settled()

    async def reads(self, name: str, text: str) -> None:
        """Wait until this stands in a phone's chat."""
        await expect(self.phone(name).get_by_role("log").get_by_text(text).last).to_be_visible(timeout=PATIENCE)

    async def a_minute_passes(self) -> None:
        """Let the minute in which a decision can be undone go by."""
        self.clock.by += timedelta(seconds=61)
        self.app.sender.wake()
        await self.settled()


@pytest.fixture
async def show(browser: Browser, tmp_path: Path) -> AsyncIterator[Show]:
    """Open the demo's page; nothing may reach the console, and nothing may be loaded from elsewhere."""
    clock = Ahead()
    async with performance(tmp_path, clock=clock) as (sandbox, app):
        page = await browser.new_page(viewport={"width": 1400, "height": 900}, reduced_motion="reduce")
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "request", lambda request: None if request.url.startswith(sandbox.url) else problems.append(request.url)
        )
        await page.goto(sandbox.url)
        await expect(page.get_by_role("region")).to_have_count(len(CAST), timeout=PATIENCE)
        yield Show(page, sandbox, app, clock)
        await page.close()
        assert [each for each in problems if not each.startswith("data:")] == []


async def registers(show: Show) -> None:
    """Let the worker answer every question, from the poster to the summary."""
    await show.press(WORKER, f"Pindai poster {VILLAGE_NAME}")
    await show.reads(WORKER, "Bolehkah data Bapak/Ibu saya catat")
    await show.press(WORKER, "Ya, saya setuju")
    await show.phone(WORKER).get_by_role("button", name="Lampirkan").click()
    await show.phone(WORKER).get_by_role("button", name="NIK karangan").click()
    await show.phone(WORKER).get_by_role("textbox").press("Enter")
    await show.reads(WORKER, "lahir 5 Mei 1990")
    await show.press(WORKER, "Ya, benar")
    await show.say(WORKER, "Slamet Riyadi")
    await show.press(WORKER, "Bagikan nomor saya")
    await show.page.get_by_role("dialog").get_by_role("button", name="Bagikan").click()
    await show.reads(WORKER, "Nomor HP dicatat: 0811-")
    await show.say(WORKER, "ngojek")
    await show.press(WORKER, "Ojek pangkalan")
    await show.say(WORKER, "Jl. Mawar No. 12, RT 03 RW 02")
    await show.press(WORKER, "Tidak")
    await show.press(WORKER, "Saya bayar sendiri")


@pytest.mark.browser
async def test_a_worker_registers_and_the_sponsor_decides(show: Show) -> None:
    """From the poster through the picture, an explanation and a change in the summary to the news of the decision."""
    names = await show.page.get_by_role("region").get_by_role("heading").all_inner_texts()
    assert tuple(name.splitlines()[-1] for name in names) == CAST
    await registers(show)
    picture = show.phone(WORKER).get_by_role("img", name="Gambar dengan keterangan")
    assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") >= 1000
    await show.press(WORKER, "Celaka saat kerja")
    await show.reads(WORKER, "tanpa batas biaya")
    await show.press(WORKER, "① Paket Rp16.800")
    await show.press(WORKER, "12 bulan")
    await show.press(WORKER, "Ubah jawaban")
    await show.press(WORKER, "Nama")
    await show.say(WORKER, "Slamet Riyadi Santoso")
    await show.press(WORKER, "📨 Kirim")
    await show.reads(WORKER, "Urutan di antrean: 4")
    await show.reads(WORKER, "Biasanya ada jawaban dalam sekitar 7 jam")
    shown = await show.phone(WORKER).get_by_role("log").inner_text()
    assert papers(7_000_000_001)["NIK karangan"] not in shown

    await show.press(SPONSOR, "Buka antrean")
    await show.reads(SPONSOR, "NIK yang sama diajukan orang lain")
    await show.press(SPONSOR, "✅ Setujui")
    await show.press(SPONSOR, "Lanjut")
    await show.reads(SPONSOR, "Tanggal lahir berbeda dengan NIK")
    await show.press(SPONSOR, "Perlu perbaikan")
    await show.press(SPONSOR, "Tanggal lahir")
    await show.press(SPONSOR, "Berbeda dengan KTP")
    await show.press(SPONSOR, "Lanjut")
    await show.reads(SPONSOR, "Kasmuri bin Sarjo")
    await show.press(SPONSOR, "Tolak")
    await show.press(SPONSOR, "NIK ini sudah pernah diajukan")
    await show.press(SPONSOR, "Lanjut")
    await show.reads(SPONSOR, "Slamet Riyadi Santoso")
    await show.press(SPONSOR, "✅ Setujui")
    await show.a_minute_passes()
    await show.reads(WORKER, "Sudah disetujui petugas desa")


@pytest.mark.browser
async def test_an_invitation_makes_a_new_sponsor(show: Show) -> None:
    """The admin taps a command in the welcome, chooses a village, and somebody new opens the link on their own phone."""
    await show.press(ADMIN, "/undang")
    await show.press(ADMIN, "Petugas desa")
    await show.press(ADMIN, "Satu desa")
    await show.say(ADMIN, "jati wetan")
    await show.press(ADMIN, "Desa Jati Wetan")
    await show.press(ADMIN, "Buat undangan")
    await show.page.get_by_role("button", name="Tambah orang").click()
    await show.page.get_by_role("dialog").get_by_label("Nama").fill("Pak Carik")
    await show.page.keyboard.press("Enter")
    await expect(show.phone("Pak Carik").get_by_role("button", name="Pindai poster")).to_be_focused()
    await show.phone(ADMIN).get_by_role("link", name="https://t.me").click()
    await show.page.get_by_role("dialog").get_by_role("button", name="Pak Carik").click()
    await show.reads("Pak Carik", "Sekarang Bapak/Ibu menjadi: Petugas desa, Desa Jati Wetan")
    await show.press("Pak Carik", "Buka antrean")
    await show.reads("Pak Carik", "Antrean kosong")


async def reach(show: Show, control: Locator) -> None:
    """Press Tab until the control has the focus."""
    await expect(control).to_be_visible(timeout=PATIENCE)
    for _step in range(120):
        if await control.evaluate("node => node === document.activeElement"):
            return
        await show.page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {control}.")


async def enters(show: Show, name: str, label: str) -> None:
    """Go to the newest button that is called so by Tab alone, and press it with Enter."""
    await show.settled()
    await reach(show, show.phone(name).get_by_role("button", name=label).last)
    await show.page.keyboard.press("Enter")
    await show.settled()


async def types(show: Show, name: str, text: str) -> None:
    """Go to the text box by Tab alone, type and send."""
    await reach(show, show.phone(name).get_by_role("textbox"))
    await show.page.keyboard.type(text)
    await show.page.keyboard.press("Enter")
    await show.settled()


@pytest.mark.browser
async def test_the_keyboard_alone_registers_and_decides(show: Show) -> None:
    """Nobody needs a mouse: worker and sponsor do all they do with Tab, Enter and letters."""
    await enters(show, WORKER, "Pindai poster")
    await enters(show, WORKER, "Ya, saya setuju")
    await enters(show, WORKER, "Lampirkan")
    await expect(show.phone(WORKER).get_by_role("button", name="NIK karangan")).to_be_focused()
    await show.page.keyboard.press("Enter")
    await expect(show.phone(WORKER).get_by_role("textbox")).to_be_focused()
    await show.page.keyboard.press("Enter")
    await enters(show, WORKER, "Ya, benar")
    await types(show, WORKER, "Slamet Riyadi")
    await enters(show, WORKER, "Bagikan nomor saya")
    await expect(show.page.get_by_role("dialog").get_by_role("button", name="Bagikan")).to_be_focused()
    await show.page.keyboard.press("Enter")
    await show.reads(WORKER, "Nomor HP dicatat")
    await enters(show, WORKER, "Ojek pangkalan")
    await types(show, WORKER, "Jl. Mawar No. 12, RT 03 RW 02")
    await enters(show, WORKER, "Tidak")
    await enters(show, WORKER, "Belum tahu")
    await enters(show, WORKER, "Tidak ada / belum tahu")
    await enters(show, WORKER, "② Paket Rp36.800")
    await enters(show, WORKER, "📨 Kirim")
    await show.reads(WORKER, "Urutan di antrean: 4")
    await enters(show, SPONSOR, "Buka antrean")
    await enters(show, SPONSOR, "Bandingkan keduanya")
    await enters(show, SPONSOR, "① Pertahankan")
    await show.reads(SPONSOR, "ditolak karena NIK-nya sama")
    await enters(show, SPONSOR, "Batalkan keputusan")
    await show.reads(SPONSOR, "antrean: 4")


@pytest.mark.parametrize("neighbour", NEIGHBOURS, ids=lambda neighbour: neighbour.nik[-4:])
def test_who_waits_in_the_demo_could_be_anybody(neighbour: Neighbour) -> None:
    """The neighbours' answers would be accepted from anybody, and their NIKs belong to nobody."""
    read = nik.read(neighbour.nik, date(2026, 11, 20), Areas.load(AREA))
    assert isinstance(read, nik.Understood)
    assert not read.warnings
    assert neighbour.nik[-4] == "9"
    assert neighbour.occupation in {one.code for one in occupations.all_()}
    assert Areas.load(AREA).known(VILLAGE)
    assert Areas.load(AREA).name(VILLAGE) in VILLAGE_NAME


def test_everybody_has_papers_of_their_own() -> None:
    """The NIKs to type differ from person to person, can be read, and are from the range of tests."""
    handed_out = [papers(7_000_000_001 + number)["NIK karangan"] for number in range(20)]
    assert len(set(handed_out)) == len(handed_out)
    for number in handed_out:
        assert isinstance(nik.read(number, date(2026, 11, 20), Areas.load(AREA)), nik.Understood)
        assert number[-4] == "9"
