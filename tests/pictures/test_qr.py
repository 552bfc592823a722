"""The QR card: read from its pixels it is the code of the link, whatever stands around it."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from scanner import scan

from handlers.pictures.drawing import draw
from handlers.pictures.qr import modules

LINK = "https://t.me/sertakan_kudus_bot?start=c-" + "aB3_" * 8


@pytest.mark.parametrize("title", ["Pendaftaran", "Ambil alih pendaftaran Bapak/Ibu yang sudah dimasukkan pendamping"])
@pytest.mark.parametrize("operator", ["", "Dinas Tenaga Kerja (contoh)"])
def test_the_code_is_read_from_the_picture(title: str, operator: str) -> None:
    """A camera finds the three marks and every module of the link, also after the picture was made half as large."""
    facts = {"link": LINK, "title": title, "lines": "Pindai.\nLalu tekan Mulai.", "operator": operator}
    with Image.open(BytesIO(draw("qr", facts, "id"))) as image:
        assert image.width == 1080
        assert scan(image) == modules(LINK)
        assert scan(image.convert("L").resize((image.width // 2, image.height // 2))) == modules(LINK)


def test_an_unknown_picture_is_an_error() -> None:
    """A name nobody draws is a LookupError, never an empty picture."""
    with pytest.raises(LookupError):
        draw("nothing", {}, "id")
