"""The poster: its code is read from every shape it comes in, its price is of the day, and it prints small and grey."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO

import pytest
from PIL import Image
from scanner import scan

from handlers.pictures.drawing import draw
from handlers.pictures.pen import width, wrap
from handlers.pictures.poster import INCHES
from handlers.pictures.poster_words import PosterWords, poster_words
from handlers.pictures.qr import modules
from locales import words

FACTS = {
    "link": "https://t.me/sertakan_kudus_bot?start=v-3319032007",
    "place": "Desa Jati Kulon, Kec. Jati, Kab. Kudus",
    "name": "sertakan_kudus_bot",
    "operator": "Dinas Tenaga Kerja (contoh)",
    "contact": "Jl. Contoh No. 1, telepon 0291-000000",
    "day": "2026-11-20",
}


def page(paper: str, **differences: str) -> bytes:
    """The poster in one shape."""
    return draw("poster", {**FACTS, **differences, "paper": paper}, "id")


def said(day: date) -> PosterWords:
    """What the poster says on a day."""
    return poster_words("Desa Contoh", "contoh_bot", "Dinas", "Jl. Contoh", day, words("id"))


def printed(pdf: bytes) -> Image.Image:
    """The picture on the page."""
    start = pdf.index(b"\xff\xd8\xff")
    return Image.open(BytesIO(pdf[start : pdf.index(b"endstream", start)]))


def test_the_code_is_read_from_the_picture() -> None:
    """At 212 dots an inch of an A5 page, at half of that as in a chat, and from grey paper."""
    with Image.open(BytesIO(page("screen"))) as image:
        assert image.size == (1240, 1754)
        assert scan(image) == modules(FACTS["link"])
        assert scan(image.convert("L").resize((620, 877))) == modules(FACTS["link"])
        assert scan(image.convert("L").point(lambda value: 60 + value * 150 // 255)) == modules(FACTS["link"])


@pytest.mark.parametrize("paper", INCHES)
def test_the_code_is_read_from_the_page(paper: str) -> None:
    """One page of the right size, at least 300 dots an inch, below a megabyte, always the same bytes."""
    pdf = page(paper)
    image = printed(pdf)
    assert scan(image) == modules(FACTS["link"])
    assert image.width / INCHES[paper] >= 299
    assert len(pdf) < 1_000_000
    (box,) = re.findall(rb"/MediaBox \[ 0 0 ([0-9.]+) ([0-9.]+) \]", pdf)
    assert [float(side) for side in box] == pytest.approx([72 * INCHES[paper], 72 * INCHES[paper] * 2**0.5], abs=1)
    assert pdf == page(paper)


def test_the_price_is_of_the_day() -> None:
    """Half price with its last month; when only drivers have it both prices; and the full price when nobody has."""
    assert "Rp8.400 per bulan, berlaku sampai Desember 2026." in said(date(2026, 11, 20)).price
    january = said(date(2027, 1, 5)).price
    assert "Rp16.800 per bulan" in january
    assert "Rp8.400, berlaku sampai Maret 2027" in january
    later = said(date(2027, 5, 5)).price
    assert "Mei 2027" in later
    assert later.endswith("Rp16.800 per bulan.")


def test_says_what_protects_people() -> None:
    """Free, no OTP, PIN or money; how to know the real bot; and that nobody is a member before paying."""
    poster = said(date(2026, 11, 20))
    assert poster.promise == "Tidak dipungut biaya. Tidak meminta OTP, PIN, atau uang."
    assert "@contoh_bot" in poster.check
    assert "Jl. Contoh" in poster.check
    assert "Belum resmi" in poster.warning


@pytest.mark.parametrize("place", ["W" * 40, "Pangkalan <b>&amp;</b> {x} %s", "Warung ‘Bu Sri’ 🛵", "م" * 40])
def test_any_name_of_a_stand_is_drawn(place: str) -> None:
    """A name of forty wide letters is broken, signs are drawn as they are, and the code stays readable."""
    with Image.open(BytesIO(page("screen", place=f"{place} · {FACTS['place']}"))) as image:
        assert scan(image) == modules(FACTS["link"])
    assert all(width(line, 57, bold=True) <= 1112 for line in wrap(place, 57, 1112, bold=True))


def test_a_book_is_refused() -> None:
    """What cannot fit is an error, not a cut sentence."""
    with pytest.raises(ValueError, match="too many words"):
        page("screen", contact="kantor " * 400)
