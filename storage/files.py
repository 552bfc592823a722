"""Files that wait to be fetched by one person: sealed, for a limited time, known by a ticket that says nothing."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from storage.tables import files
from storage.transaction import Transaction

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class File:
    """A file: whom it is for, the name it is saved under (never a person's), and its bytes."""

    ticket: str
    owner: int
    name: str
    body: bytes = field(repr=False)


async def keep(
    tx: Transaction, owner: int, name: str, body: bytes, now: datetime, *, lifetime: timedelta = KEPT
) -> str:
    """Keep a file for its owner and return its ticket."""
    ticket = secrets.token_hex(16)
    sealed = tx.vault.seal(body, place(ticket))
    row = {"ticket": ticket, "owner": owner, "name": name, "body": sealed}
    await tx.connection.execute(insert(files).values(**row, created_at=now, expires_at=now + lifetime))
    return ticket


async def fetch(tx: Transaction, ticket: str, now: datetime) -> File | None:
    """Return the file with this ticket; None when there is none, or its time is over."""
    query = select(files).where(files.c.ticket == ticket, files.c.expires_at > now)
    row = (await tx.connection.execute(query)).one_or_none()
    return None if row is None else File(ticket, row.owner, row.name, tx.vault.open(row.body, place(ticket)))


async def sweep(tx: Transaction, now: datetime, limit: int = 100) -> int:
    """Delete files whose time is over, and return how many."""
    over = select(files.c.ticket).where(files.c.expires_at <= now).limit(limit)
    return (await tx.connection.execute(delete(files).where(files.c.ticket.in_(over)))).rowcount


def place(ticket: str) -> str:
    """Name the place a file is sealed for."""
    return f"files.body:{ticket}"
