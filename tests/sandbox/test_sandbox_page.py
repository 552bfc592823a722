"""The chat page in a real browser, with a bot that echoes."""

import re
from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

import bot.sandbox
from bot.sandbox.client import Person, Sandbox

PAGE = Path(bot.sandbox.__file__).parent / "page"
CONTROLS = {"button", "link", "textbox", "combobox", "checkbox"}
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 780}


@pytest.fixture
async def people(sandbox: Sandbox) -> list[Person]:
    """Return two people who have not started."""
    return [sandbox.person("Pak Slamet · ojek"), sandbox.person("Bu Lurah · village sponsor", "en")]


@pytest.fixture
async def page(browser: Browser, sandbox: Sandbox, people: list[Person], echo: None) -> AsyncIterator[Page]:  # noqa: ARG001 - the bot has to run
    """Open the page; nothing may reach the console and nothing may be loaded from elsewhere."""
    opened = await browser.new_page(viewport=WIDE, reduced_motion="reduce")
    problems: list[str] = []
    opened.on("console", lambda message: problems.append(message.text))
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("request", lambda request: None if request.url.startswith(sandbox.url) else problems.append(request.url))
    await opened.goto(sandbox.url)
    await expect(opened.get_by_role("region")).to_have_count(len(people))
    yield opened
    assert [each for each in problems if not each.startswith("data:")] == []


def phone(page: Page, name: str = "Pak Slamet") -> Locator:
    """Return one person's phone, found as a screen reader finds it."""
    return page.get_by_role("region", name=name)


async def started(page: Page, name: str = "Pak Slamet") -> Locator:
    """Start the bot on one phone and return the phone."""
    found = phone(page, name)
    await found.get_by_role("button", name="Mulai").click()
    await expect(found.get_by_text("Gema: /start")).to_be_visible()
    return found


async def say(where: Locator, text: str) -> None:
    """Type into the phone and press Enter."""
    await where.get_by_role("textbox").fill(text)
    await where.get_by_role("textbox").press("Enter")


@pytest.mark.browser
async def test_typing_and_pressing_reach_the_bot(page: Page) -> None:
    """A text is echoed as it was typed, a press edits its message, and the other phone stays untouched."""
    slamet = await started(page)
    await say(slamet, "<b>tebal</b> & <script>alert(1)</script>")
    await expect(slamet.get_by_text("Gema: <b>tebal</b> & <script>alert(1)</script>")).to_be_visible()
    await say(slamet, "tombol")
    await expect(slamet.locator("em", has_text="pilih")).to_be_visible()
    await slamet.get_by_role("button", name="Setuju").click()
    await expect(slamet.locator("strong", has_text="ya")).to_be_visible()
    await expect(slamet.get_by_text("diubah")).to_be_visible()
    await expect(slamet.get_by_role("button", name="Setuju")).to_have_count(0)
    await expect(phone(page, "Bu Lurah").get_by_role("button", name="Mulai")).to_be_visible()


@pytest.mark.browser
async def test_toasts_alerts_and_deletes_show(page: Page) -> None:
    """An alert waits for OK, a toast appears by itself, a deleted message vanishes."""
    slamet = await started(page)
    await say(slamet, "tombol")
    await slamet.get_by_role("button", name="Perhatian").click()
    alert = page.get_by_role("dialog")
    await expect(alert.get_by_text("Perhatian dulu.")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(alert).to_be_hidden()
    await slamet.get_by_role("button", name="Hapus").click()
    await expect(slamet.get_by_text("Sudah dihapus.")).to_be_visible()
    await expect(slamet.get_by_text("Silakan pilih")).to_have_count(0)


@pytest.mark.browser
async def test_a_number_is_shared_after_a_question(page: Page) -> None:
    """The contact button asks first, sends the own number, and the keyboard goes when the bot removes it."""
    slamet = await started(page)
    await say(slamet, "nomor")
    share = slamet.get_by_role("button", name="Bagikan nomor saya")
    await share.click()
    await page.get_by_role("dialog").get_by_role("button", name="Batal").click()
    await expect(slamet.get_by_text("Nomor sendiri")).to_have_count(0)
    await share.click()
    await page.get_by_role("dialog").get_by_role("button", name="Bagikan").click()
    await expect(slamet.get_by_text("Nomor sendiri")).to_be_visible()
    await expect(share).to_have_count(0)


@pytest.mark.browser
async def test_own_texts_can_be_edited(page: Page) -> None:
    """The pencil puts the text back into the box, and the bot sees the edit."""
    slamet = await started(page)
    await say(slamet, "salah")
    await slamet.get_by_role("button", name="Ubah pesan: salah").click()
    await expect(slamet.get_by_role("textbox")).to_have_value("salah")
    await say(slamet, "benar")
    await expect(slamet.get_by_text("Diubah menjadi: benar")).to_be_visible()
    await expect(slamet.get_by_text("Mengubah pesan")).to_be_hidden()


@pytest.mark.browser
async def test_pictures_and_files_come_and_go(page: Page) -> None:
    """The bot's photo loads, its document downloads, and everything in the attach menu is sent."""
    slamet = await started(page)
    await say(slamet, "gambar")
    picture = slamet.get_by_role("img", name="Gambar dengan keterangan")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 640
    await say(slamet, "berkas")
    async with page.expect_download() as download:
        await slamet.get_by_role("link", name="bukti.txt").click()
    assert (await (await download.value).path()).read_bytes() == b"isi berkas"
    for entry, kind in (
        ("Foto contoh", "photo"),
        ("Stiker", "sticker"),
        ("Pesan suara", "voice"),
        ("Lokasi", "location"),
    ):
        await slamet.get_by_role("button", name="Lampirkan").click()
        await slamet.get_by_role("button", name=entry).click()
        await expect(slamet.get_by_text(f"Gema: {kind}")).to_be_visible()
    async with page.expect_file_chooser() as chooser:
        await slamet.get_by_role("button", name="Lampirkan").click()
        await slamet.get_by_role("button", name="Dokumen").click()
    await (await chooser.value).set_files({"name": "surat.txt", "mimeType": "text/plain", "buffer": b"halo"})
    await expect(slamet.get_by_role("link", name="surat.txt")).to_be_visible()
    for entry, confirm, heard in (
        ("Kontak orang lain", "Kirim", "Nomor orang lain"),
        ("Teks terusan", "Teruskan", "Gema: pesan grup"),
    ):
        await slamet.get_by_role("button", name="Lampirkan").click()
        await slamet.get_by_role("button", name=entry).click()
        if entry == "Teks terusan":
            await page.get_by_role("dialog").get_by_role("textbox").fill("pesan grup")
        await page.get_by_role("dialog").get_by_role("button", name=confirm).click()
        await expect(slamet.get_by_text(heard)).to_be_visible()


@pytest.mark.browser
async def test_a_link_to_the_bot_opens_on_the_chosen_phone(page: Page) -> None:
    """An invitation shown on one phone starts the bot on another, or on the same, or by its code."""
    slamet = await started(page)
    await say(slamet, "undangan")
    for name in ("Bu Lurah", "Pak Slamet"):
        await slamet.get_by_role("link", name="https://t.me").click()
        await page.get_by_role("dialog").get_by_role("button", name=name).click()
        await expect(phone(page, name).get_by_text("Gema: /start undangan-1")).to_be_visible()
    await slamet.get_by_role("button", name="Menu telepon").click()
    await slamet.get_by_role("button", name="Buka tautan").click()
    await page.get_by_role("dialog").get_by_role("textbox").fill("desa-1")
    await page.keyboard.press("Enter")
    await expect(slamet.get_by_text("Gema: /start desa-1")).to_be_visible()


@pytest.mark.browser
async def test_a_person_is_added_and_blocks_the_bot(page: Page) -> None:
    """The plus makes a phone, its menu blocks and unblocks the bot."""
    await page.get_by_role("button", name="Tambah orang").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Nama").fill("Mbak Ani")
    await dialog.get_by_label("Bahasa Telegram").select_option("jv")
    await page.keyboard.press("Enter")
    ani = await started(page, "Mbak Ani")
    await expect(ani.get_by_role("log")).to_have_attribute("lang", "jv")
    await ani.get_by_role("button", name="Menu telepon").click()
    await ani.get_by_role("button", name="Blokir bot").click()
    await ani.get_by_role("button", name="Buka blokir bot").click()
    await expect(ani.get_by_role("textbox")).to_be_visible()


@pytest.mark.browser
async def test_the_keyboard_alone_is_enough(page: Page) -> None:
    """Start, type, press a button and send from the menu without touching the mouse; focus is never lost."""
    slamet = phone(page)
    await slamet.get_by_role("button", name="Mulai").focus()
    await page.keyboard.press("Enter")
    await expect(slamet.get_by_role("textbox")).to_be_focused()
    await page.keyboard.type("tombol")
    await page.keyboard.press("Enter")
    await expect(slamet.get_by_role("button", name="Hapus")).to_be_visible()
    await slamet.get_by_role("log").focus()
    await page.keyboard.press("Tab")
    while not await slamet.get_by_role("button", name="Setuju").evaluate("node => node === document.activeElement"):
        await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await expect(slamet.get_by_text("Dipilih: ya")).to_be_visible()
    await expect(slamet.get_by_role("log")).to_be_focused()
    await slamet.get_by_role("button", name="Lampirkan").focus()
    await page.keyboard.press("Enter")
    await expect(slamet.get_by_role("button", name="Foto contoh")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(slamet.get_by_role("button", name="Lampirkan")).to_be_focused()
    await slamet.get_by_role("textbox").focus()
    await page.keyboard.press("ArrowUp")
    await expect(slamet.get_by_role("textbox")).to_have_value("tombol")


@pytest.mark.browser
async def test_the_theme_can_be_changed_and_is_kept(page: Page) -> None:
    """The toggle turns the page dark, says so, and the choice outlives a reload."""
    toggle = page.get_by_role("button", name="Tampilan gelap")
    await expect(toggle).to_have_attribute("aria-pressed", "false")
    await toggle.click()
    await page.reload()
    await expect(toggle).to_have_attribute("aria-pressed", "true")
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 19, 18)"


@pytest.mark.browser
async def test_a_narrow_window_shows_one_phone_at_a_time(page: Page) -> None:
    """Tabs choose the phone, news on another phone is marked, and nothing scrolls sideways."""
    slamet = await started(page)
    await page.set_viewport_size(NARROW)
    tabs = page.get_by_role("navigation", name="Pilih telepon")
    await tabs.get_by_role("button", name="Bu Lurah").click()
    await expect(slamet).to_be_hidden()
    await expect(phone(page, "Bu Lurah")).to_be_visible()
    await expect(tabs.get_by_role("button", name="Bu Lurah")).to_have_attribute("aria-current", "true")
    assert await page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]


@pytest.mark.browser
async def test_every_control_has_a_name(page: Page) -> None:
    """Each control in Chromium's accessibility tree has a name, whatever is open."""
    slamet = await started(page)
    for text in ("tombol", "nomor", "gambar", "berkas", "undangan"):
        await say(slamet, text)
    await expect(slamet.get_by_role("link", name="https://t.me")).to_be_visible()
    for open_it in ("Lampirkan", "Menu telepon"):
        await slamet.get_by_role("button", name=open_it).click()
        assert await _nameless(page) == []
    await page.get_by_role("button", name="Tambah orang").click()
    assert await _nameless(page) == []


async def _nameless(page: Page) -> list[str]:
    session = await page.context.new_cdp_session(page)
    tree = await session.send("Accessibility.getFullAXTree")
    shown = [node for node in tree["nodes"] if not node["ignored"]]
    controls = [node for node in shown if node["role"]["value"] in CONTROLS]
    assert len(controls) > 3
    return [node["role"]["value"] for node in controls if not node.get("name", {}).get("value")]


READABLE = [
    ("ink", "page"), ("ink", "surface"), ("ink", "theirs"), ("ink", "mine"), ("ink", "raised"), ("ink", "tint"),
    ("soft", "surface"), ("soft", "theirs"), ("soft", "raised"), ("soft", "page"),
    ("accent", "surface"), ("accent", "tint"), ("accent", "theirs"), ("accent", "raised"),
    ("on-accent", "accent"), ("warn", "raised"),
]  # fmt: skip


@pytest.mark.parametrize(("pair", "theme"), list(product(READABLE, (0, 1))), ids=str)
def test_colours_can_be_told_apart(pair: tuple[str, str], theme: int) -> None:
    """Text and ground have a contrast of 4,5 at least (WCAG AA), light and dark."""
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", (PAGE / "chat.css").read_text())
    colours = {name: (light, dark)[theme] for name, light, dark in found}
    one, other = sorted(_luminance(colours[name]) for name in pair)
    assert (other + 0.05) / (one + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
