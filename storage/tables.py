"""Every table, as the migrations leave it.

Personal data stands only in sealed columns (see `storage.vault`). Where an index is partial, its condition is a
literal and the queries repeat it as one: a bound parameter would hide it from both query planners.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    and_,
    literal_column,
)

from storage.moment import Moment
from storage.states import OPEN

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    }
)


def _serial() -> Column[int]:
    """Make an id that grows and is never used twice (the tables say sqlite_autoincrement)."""
    return Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True)


def is_in(column: Column[str], *states: str) -> ColumnElement[bool]:
    """Compare with states written out in the statement, as the partial indexes need it."""
    values: list[ColumnElement[str]] = [literal_column(f"'{state}'", Text) for state in sorted(states)]
    return column == values[0] if len(values) == 1 else column.in_(values)


def _partial(name: str, *columns: Column[object], where: ColumnElement[bool], unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


inbox = Table(
    "inbox",
    metadata,
    _serial(),
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
_partial("inbox_due", inbox.c.due_at, inbox.c.id, inbox.c.lane, where=is_in(inbox.c.state, "waiting"))
_partial("inbox_lane", inbox.c.lane, inbox.c.id, where=is_in(inbox.c.state, "waiting"))
_partial("inbox_finished", inbox.c.state, inbox.c.finished_at, where=inbox.c.finished_at.is_not(None))

outbox = Table(
    "outbox",
    metadata,
    _serial(),
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
_partial(
    "outbox_due",
    outbox.c.priority,
    outbox.c.due_at,
    outbox.c.id,
    outbox.c.chat_id,
    where=is_in(outbox.c.state, "waiting"),
)
_partial("outbox_chat", outbox.c.chat_id, outbox.c.priority, outbox.c.id, where=outbox.c.finished_at.is_(None))
_partial("outbox_leased", outbox.c.leased_until, where=is_in(outbox.c.state, "sending"))
_partial("outbox_ref", outbox.c.ref, where=and_(outbox.c.ref.is_not(None), outbox.c.finished_at.is_(None)))
_partial("outbox_finished", outbox.c.state, outbox.c.finished_at, where=outbox.c.finished_at.is_not(None))

screens = Table(
    "screens",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("slot", Text, primary_key=True),
    Column("message_id", BigInteger, nullable=False),
    Column("shown_at", Moment, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("telegram_id", BigInteger, primary_key=True, autoincrement=False),
    Column("language", Text),
    Column("met_at", Moment, nullable=False),
    Column("unreachable_at", Moment),
    Column("nik_tries", SmallInteger, nullable=False),
    Column("nik_tries_on", Date),
    Column("name", LargeBinary),
)

proofs = Table(
    "proofs",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("proof", LargeBinary, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("person", BigInteger, primary_key=True, autoincrement=False),
    Column("flow", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("touched_at", Moment, nullable=False),
)

registrations = Table(
    "registrations",
    metadata,
    Column("number", Text, primary_key=True),
    Column("person", BigInteger),
    Column("registered_by", BigInteger, nullable=False),
    Column("area", Text, nullable=False),
    Column("occupation", Text, nullable=False),
    Column("transport", Boolean, nullable=False),
    Column("tier", Text, nullable=False),
    Column("payer", Text, nullable=False),
    Column("programme", Text),
    Column("language", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("duplicate_of", Text, ForeignKey("registrations.number")),
    Column("document", LargeBinary),
    Column("nik_index", LargeBinary),
    Column("phone_index", LargeBinary),
    Column("hints", JSON, nullable=False),
    Column("wanted", Text),
    Column("queued_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", BigInteger),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
)
_partial(
    "registrations_open_nik",
    registrations.c.nik_index,
    unique=True,
    where=and_(is_in(registrations.c.state, *OPEN), registrations.c.duplicate_of.is_(None)),
)
Index("registrations_nik", registrations.c.nik_index)
Index("registrations_phone", registrations.c.phone_index)
Index("registrations_person", registrations.c.person)
Index("registrations_queue", registrations.c.state, registrations.c.area, registrations.c.queued_at)
_partial(
    "registrations_decided",
    registrations.c.decided_at,
    registrations.c.area,
    where=registrations.c.decided_at.is_not(None),
)

history = Table(
    "history",
    metadata,
    _serial(),
    Column("registration", Text, ForeignKey("registrations.number"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", BigInteger),
    Column("from_state", Text),
    Column("to_state", Text, nullable=False),
    Column("reason", LargeBinary),
    Column("link", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
Index("history_registration", history.c.registration, history.c.id)

roles = Table(
    "roles",
    metadata,
    _serial(),
    Column("person", BigInteger, nullable=False),
    Column("role", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("granted_by", BigInteger),
    Column("granted_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    sqlite_autoincrement=True,
)
_partial("roles_held", roles.c.person, roles.c.role, roles.c.area, unique=True, where=roles.c.revoked_at.is_(None))
_partial("roles_area", roles.c.role, roles.c.area, where=roles.c.revoked_at.is_(None))

invitations = Table(
    "invitations",
    metadata,
    _serial(),
    Column("token_index", LargeBinary, nullable=False),
    Column("role", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("created_by", BigInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_by", BigInteger),
    Column("used_at", Moment),
    UniqueConstraint("token_index"),
    sqlite_autoincrement=True,
)

pictures = Table(
    "pictures",
    metadata,
    Column("key", Text, primary_key=True),
    Column("file_id", Text, nullable=False),
)
