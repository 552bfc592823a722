"""What is sent to many: broadcasts and campaigns, one row for each recipient, and the pace that all senders share."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from storage.moment import Moment
from storage.tables.base import is_in, metadata, partial, serial

broadcasts = Table(
    "broadcasts",
    metadata,
    serial(),
    Column("campaign", Text),
    Column("area", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("necessary", Boolean, nullable=False),
    Column("quiet", Boolean, nullable=False),
    Column("due_at", Moment),
    Column("canary", Integer, nullable=False),
    Column("cursor", BigInteger, nullable=False),
    Column("created_by", BigInteger),
    Column("created_at", Moment, nullable=False),
    Column("confirmed_by", BigInteger),
    Column("started_at", Moment),
    Column("finished_at", Moment),
    Column("changed_at", Moment, nullable=False),
    UniqueConstraint("campaign"),
    sqlite_autoincrement=True,
)
partial("broadcasts_open", broadcasts.c.stage, broadcasts.c.id, where=broadcasts.c.finished_at.is_(None))

recipients = Table(
    "recipients",
    metadata,
    serial(),
    Column("broadcast", BigInteger, ForeignKey("broadcasts.id"), nullable=False),
    Column("person", BigInteger, nullable=False),
    Column("registration", Text),
    Column("occasion", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("wave", SmallInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("due_at", Moment, nullable=False),
    Column("leased_until", Moment),
    Column("message_id", BigInteger),
    Column("finished_at", Moment),
    Column("action", Text),
    Column("acted_at", Moment),
    UniqueConstraint("broadcast", "person", "occasion"),
    sqlite_autoincrement=True,
)
partial(
    "recipients_due",
    recipients.c.broadcast,
    recipients.c.wave,
    recipients.c.zone,
    recipients.c.due_at,
    recipients.c.id,
    recipients.c.state,  # so that SQLite need not look at the rows
    where=is_in(recipients.c.state, "waiting"),
)
partial(
    "recipients_tried",
    recipients.c.broadcast,
    recipients.c.finished_at,
    where=is_in(recipients.c.state, "sent", "failed", "unknown"),
)
partial("recipients_about", recipients.c.registration, where=recipients.c.registration.is_not(None))
partial("recipients_leased", recipients.c.leased_until, where=is_in(recipients.c.state, "sending"))
partial(
    "recipients_lately",
    recipients.c.person,
    recipients.c.finished_at,
    recipients.c.broadcast,
    where=is_in(recipients.c.state, "sent", "unknown"),
)
Index("recipients_listed", recipients.c.broadcast, recipients.c.id)
Index("recipients_counts", recipients.c.broadcast, recipients.c.wave, recipients.c.state, recipients.c.reason)

campaigns = Table(
    "campaigns",
    metadata,
    Column("code", Text, primary_key=True),
    Column("on", Boolean, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("changed_by", BigInteger),
    Column("changed_at", Moment, nullable=False),
)

pace = Table(
    "pace",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("state", JSON, nullable=False),
)
