"""An aiogram bot whose conversations are kept in memory (MemoryStorage), and each finished form in an SQLite file."""

from __future__ import annotations

from aiogram import Dispatcher
from aiogram.fsm.storage.memory import MemoryStorage
from asking import poll

if __name__ == "__main__":
    poll(Dispatcher(storage=MemoryStorage()))
