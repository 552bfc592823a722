"""Parts: one that fails ends the program, and a stop goes through them in order."""

from __future__ import annotations

import asyncio

import pytest

from bot.parts import Part, together


class Worker:
    """A part that works until it is told to stop, and writes down what happens to it."""

    def __init__(self, name: str, happened: list[str], *, stubborn: bool = False) -> None:
        self.name, self._happened, self._stubborn = name, happened, stubborn
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        """Work."""
        try:
            await self._stopped.wait()
            if self._stubborn:
                await asyncio.Event().wait()
            self._happened.append(f"{self.name} ended")
        except asyncio.CancelledError:
            self._happened.append(f"{self.name} broken off")
            raise

    def stop(self) -> None:
        """Stop."""
        self._happened.append(f"{self.name} told")
        self._stopped.set()

    @property
    def part(self) -> Part:
        """What is run."""
        return Part(self.name, self.run(), self.stop)


async def test_stopped_group_by_group() -> None:
    """What cannot be told to stop is broken off; then a group ends before the next is told, and a group is told at once."""
    happened: list[str] = []
    intake = Part("intake", Worker("intake", happened).run())
    first, second, third = (Worker(name, happened) for name in ("first", "second", "third"))
    async with together([intake, first.part], [second.part, third.part]):
        await asyncio.sleep(0)
    assert happened == [
        "first told",
        "intake broken off",
        "first ended",
        "second told",
        "third told",
        "second ended",
        "third ended",
    ]


async def test_a_part_that_fails() -> None:
    """The program ends with the error of the part that failed, after the others have been stopped."""
    happened: list[str] = []

    async def fails() -> None:
        raise OSError("trouble")

    with pytest.raises(OSError, match="trouble"):
        async with together([Part("bad", fails())], [Worker("good", happened).part]):
            await asyncio.Event().wait()
    assert happened == ["good told", "good ended"]


async def test_a_part_that_does_not_end() -> None:
    """A part that does not end in time is broken off."""
    happened: list[str] = []
    async with together([Worker("late", happened, stubborn=True).part], drain=0.0):
        await asyncio.sleep(0)
    assert happened == ["late told", "late broken off"]
