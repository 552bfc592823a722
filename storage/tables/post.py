"""Updates in, letters out, and what is on people's screens."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    and_,
)

from storage.moment import Moment
from storage.tables.base import is_in, metadata, partial, serial

inbox = Table(
    "inbox",
    metadata,
    serial(),
    Column("bot_id", BigInteger, nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("lane", BigInteger, nullable=False),
    Column("body", LargeBinary),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("reason", Text),
    UniqueConstraint("bot_id", "update_id"),
    sqlite_autoincrement=True,
)
partial("inbox_due", inbox.c.due_at, inbox.c.id, inbox.c.lane, where=is_in(inbox.c.state, "waiting"))
partial("inbox_lane", inbox.c.lane, inbox.c.id, where=is_in(inbox.c.state, "waiting"))
partial("inbox_finished", inbox.c.state, inbox.c.finished_at, where=inbox.c.finished_at.is_not(None))

outbox = Table(
    "outbox",
    metadata,
    serial(),
    Column("ticket", Text, nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("method", Text, nullable=False),
    Column("payload", LargeBinary),
    Column("slot", Text),
    Column("ref", Text),
    Column("fresh", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("leased_until", Moment),
    Column("reason", Text),
    Column("message_id", BigInteger),
    Column("created_at", Moment, nullable=False),
    Column("finished_at", Moment),
    UniqueConstraint("ticket"),
    sqlite_autoincrement=True,
)
partial(
    "outbox_due",
    outbox.c.priority,
    outbox.c.due_at,
    outbox.c.id,
    outbox.c.chat_id,
    where=is_in(outbox.c.state, "waiting"),
)
partial("outbox_chat", outbox.c.chat_id, outbox.c.priority, outbox.c.id, where=outbox.c.finished_at.is_(None))
partial("outbox_leased", outbox.c.leased_until, where=is_in(outbox.c.state, "sending"))
partial("outbox_ref", outbox.c.ref, where=and_(outbox.c.ref.is_not(None), outbox.c.finished_at.is_(None)))
partial("outbox_finished", outbox.c.state, outbox.c.finished_at, where=outbox.c.finished_at.is_not(None))

screens = Table(
    "screens",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("slot", Text, primary_key=True),
    Column("message_id", BigInteger, nullable=False),
    Column("shown_at", Moment, nullable=False),
)

pictures = Table(
    "pictures",
    metadata,
    Column("key", Text, primary_key=True),
    Column("file_id", Text, nullable=False),
)
