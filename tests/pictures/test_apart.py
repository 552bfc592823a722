"""Drawing in a process of its own: the same picture, and nothing of it in the bot."""

from __future__ import annotations

import subprocess
import sys

import pytest

from handlers.pictures.apart import draw_apart
from handlers.pictures.drawing import draw

FACTS = {"link": "https://t.me/contoh?start=désa", "title": "Contoh “baik”", "lines": "satu\ndua"}


async def test_the_same_picture_is_drawn_apart() -> None:
    """The other process draws, byte for byte, what would be drawn here."""
    assert await draw_apart("qr", FACTS, "id") == draw("qr", FACTS, "id")


async def test_what_cannot_be_drawn_is_said_without_its_facts() -> None:
    """A picture that fails to be drawn raises an error that holds nothing of what was to be on it."""
    with pytest.raises(RuntimeError) as error:
        await draw_apart("qr", {"link": "https://t.me/contoh"}, "id")
    assert "contoh" not in str(error.value)


def test_the_bot_loads_nothing_that_draws() -> None:
    """What the running bot imports leaves out the libraries that only drawing needs."""
    program = "import sys, bot.app; print(*{'PIL', 'matplotlib', 'segno'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True, timeout=60)  # noqa: S603 - our own
    assert done.stdout.split() == []
