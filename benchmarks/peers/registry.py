"""Where the peers write a finished form: one row of an SQLite file, through SQLAlchemy's ORM, as its documentation shows."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar

from sqlalchemy import JSON
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine("sqlite+aiosqlite:///peer.db", connect_args={"timeout": 60})
sessions = async_sessionmaker(engine, expire_on_commit=False)
present: ContextVar[AsyncSession | None] = ContextVar("present", default=None)
"""The session of an update, where each has one."""


class Base(DeclarativeBase):
    """The peers' tables."""


class Registration(Base):
    """A finished form."""

    __tablename__ = "registrations"

    id: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[int]
    form: Mapped[dict[str, str]] = mapped_column(JSON)


async def create() -> None:
    """Make the tables that are not there."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


async def register(person: int, form: Mapping[str, str]) -> None:
    """Write a finished form down, within the session that is `present`."""
    row = Registration(person=person, form=dict(form))
    if (session := present.get()) is not None:
        session.add(row)
        return
    async with sessions() as session, session.begin():
        session.add(row)
