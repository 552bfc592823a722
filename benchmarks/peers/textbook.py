"""The durable aiogram bot of the textbooks: the state of each conversation is a row of the database.

A session of SQLAlchemy's ORM for each update, given by a middleware and committed at its end: an answer is one commit. SQLite's own default makes each of them wait for the disk (`synchronous=FULL`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiogram import Dispatcher
from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey
from aiogram.fsm.storage.memory import SimpleEventIsolation
from aiogram.types import TelegramObject
from asking import poll
from registry import Base, present, sessions
from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column


class Conversation(Base):
    """Where somebody stands."""

    __tablename__ = "conversations"

    person: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str | None]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)


class OrmStorage(BaseStorage):
    """Keeps conversations in the session of the update."""

    async def _row(self, key: StorageKey) -> Conversation:
        session = present.get()
        assert session is not None
        row = await session.get(Conversation, key.user_id)
        if row is None:
            row = Conversation(person=key.user_id, state=None, data={})
            session.add(row)
        return row

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        """Change the state."""
        (await self._row(key)).state = state.state if isinstance(state, State) else state

    async def get_state(self, key: StorageKey) -> str | None:
        """Return the state."""
        return (await self._row(key)).state

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        """Change the answers."""
        (await self._row(key)).data = dict(data)

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        """Return the answers."""
        return dict((await self._row(key)).data)

    async def close(self) -> None:
        """Do nothing: sessions end with their updates."""


Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


async def in_a_session(handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:  # noqa: ANN401  # as aiogram asks
    """Handle an update with a session of its own."""
    async with sessions() as session:
        present.set(session)
        return await handler(event, data)


async def committed(handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:  # noqa: ANN401  # likewise
    """Commit what the handling of an update has changed."""
    done = await handler(event, data)
    if (session := present.get()) is not None:
        await session.commit()
    return done


if __name__ == "__main__":
    # One update of a person after another: else an answer overtakes the commit of the question before.
    dispatcher = Dispatcher(storage=OrmStorage(), events_isolation=SimpleEventIsolation(), disable_fsm=True)
    for middleware in (in_a_session, dispatcher.fsm, committed):
        dispatcher.update.outer_middleware(middleware)
    poll(dispatcher)
