"""Files in and out, rounds made once a day, and the proof of the keys."""

from sqlalchemy import JSON, BigInteger, Column, Date, Index, Integer, LargeBinary, Table, Text

from storage.moment import Moment
from storage.tables.base import metadata, partial, serial

files = Table(
    "files",
    metadata,
    Column("ticket", Text, primary_key=True),
    Column("owner", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)
Index("files_expiry", files.c.expires_at)

uploads = Table(
    "uploads",
    metadata,
    serial(),
    Column("person", BigInteger, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("wish", LargeBinary),
    Column("body", LargeBinary),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("result", JSON),
    Column("created_at", Moment, nullable=False),
    Column("finished_at", Moment),
    sqlite_autoincrement=True,
)
partial("uploads_due", uploads.c.due_at, where=uploads.c.finished_at.is_(None))
Index("uploads_person", uploads.c.person)

rounds = Table(
    "rounds",
    metadata,
    Column("name", Text, primary_key=True),
    Column("done_on", Date, nullable=False),
)

proofs = Table(
    "proofs",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("proof", LargeBinary, nullable=False),
)
