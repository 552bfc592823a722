"""Figures as a picture: bars that a program of its own draws, because its library is large and seldom needed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from importlib.resources import as_file, files
from io import BytesIO

from PIL import Image

from handlers.pictures import palette
from handlers.pictures.palette import Colour

_SECONDS = 60  # that the program may take; it takes about one
_COLOURS = 64


def _hex(colour: Colour) -> str:
    return "#" + bytes(colour).hex()


LOOK: Mapping[str, str] = {
    "paper": _hex(palette.PAPER),
    "ink": _hex(palette.BODY.text),
    "soft": _hex(palette.ABSENT.text),
    "head": _hex(palette.HEAD.ground),
    "on_head": _hex(palette.HEAD.text),
    "empty": _hex(palette.ABSENT.ground),
    "covered": _hex(palette.COVERED),
    "agreed": _hex(palette.AGREED),
    "waits": _hex(palette.WAITS),
    "over": _hex(palette.OVER),
}


def recap_picture(facts: str) -> bytes:
    """Draw a sheet written by `handlers.pictures.sheet.Sheet.to_json` as a PNG, 1080 pixels wide; raises RuntimeError when it cannot be drawn."""
    here = files(__package__)
    fonts = here / "fonts"
    with (
        as_file(here / "chart.py") as program,
        as_file(fonts / "DejaVuSans.ttf") as plain,
        as_file(fonts / "DejaVuSans-Bold.ttf") as bold,
    ):
        look = {**LOOK, "plain": str(plain), "bold": str(bold)}
        wish = json.dumps({**json.loads(facts), "look": look}).encode()
        # Isolated (-I): nothing from the folder the bot was started in, nor from its environment, is imported.
        done = subprocess.run(  # noqa: S603 - our own program, nothing of it comes from outside
            [sys.executable, "-I", str(program)], input=wish, capture_output=True, timeout=_SECONDS, check=False
        )
    if done.returncode:
        raise RuntimeError(f"the chart program ended with {done.returncode}")
    return _small(done.stdout)


def _small(png: bytes) -> bytes:
    """Reduce the colours, so that the picture costs little data."""
    out = BytesIO()
    with Image.open(BytesIO(png)) as image:
        image.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()
