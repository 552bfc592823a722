"""Registrations, what happened to them, and the links by which a neighbour claims one."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    and_,
)

from storage.moment import Moment
from storage.states import OPEN
from storage.tables.base import is_in, metadata, partial, serial

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
    Column("claim", Text, nullable=False, server_default="own"),
    Column("department", Text),
    Column("first_yes_by", BigInteger),
    Column("language", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("duplicate_of", Text, ForeignKey("registrations.number")),
    Column("document", LargeBinary),
    Column("nik_index", LargeBinary),
    Column("phone_index", LargeBinary),
    Column("hints", JSON, nullable=False),
    Column("wanted", Text),
    Column("kpj", LargeBinary),
    Column("cover_from", Date),
    Column("paid_until", Date),
    Column("queued_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", BigInteger),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("erased_at", Moment),
)
partial(
    "registrations_open_nik",
    registrations.c.nik_index,
    unique=True,
    where=and_(is_in(registrations.c.state, *OPEN), registrations.c.duplicate_of.is_(None)),
)
Index("registrations_nik", registrations.c.nik_index)
Index("registrations_phone", registrations.c.phone_index)
Index("registrations_person", registrations.c.person)
Index("registrations_queue", registrations.c.state, registrations.c.area, registrations.c.queued_at)
partial(
    "registrations_decided",
    registrations.c.decided_at,
    registrations.c.area,
    where=registrations.c.decided_at.is_not(None),
)

Index("registrations_registrant", registrations.c.registered_by, registrations.c.created_at)
# All that figures are made of, so that counting a regency does not read a single sealed document.
Index(
    "registrations_figures",
    registrations.c.area,
    registrations.c.programme,
    registrations.c.state,
    registrations.c.queued_at,
    registrations.c.decided_at,
    registrations.c.claim,
    registrations.c.department,
)
partial(
    "registrations_programme",
    registrations.c.programme,
    registrations.c.state,
    registrations.c.queued_at,
    where=registrations.c.programme.is_not(None),
)
partial(
    "registrations_paid",
    registrations.c.state,
    registrations.c.paid_until,
    where=registrations.c.paid_until.is_not(None),
)
partial(
    "registrations_cover",
    registrations.c.state,
    registrations.c.cover_from,
    where=registrations.c.cover_from.is_not(None),
)

history = Table(
    "history",
    metadata,
    serial(),
    Column("registration", Text, ForeignKey("registrations.number"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", BigInteger),
    Column("from_state", Text),
    Column("to_state", Text, nullable=False),
    Column("reason", LargeBinary),
    Column("digest", LargeBinary),
    Column("link", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
Index("history_registration", history.c.registration, history.c.id)

claims = Table(
    "claims",
    metadata,
    serial(),
    Column("token_index", LargeBinary, nullable=False),
    Column("registration", Text, ForeignKey("registrations.number"), nullable=False),
    Column("created_by", BigInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Column("used_by", BigInteger),
    Column("answer", Text),
    UniqueConstraint("token_index"),
    sqlite_autoincrement=True,
)
Index("claims_registration", claims.c.registration)
partial("claims_unused", claims.c.created_at, where=claims.c.used_at.is_(None))

listed = Table(
    "listed",
    metadata,
    Column("list", Text, primary_key=True),
    Column("nik_index", LargeBinary, primary_key=True),
    Column("imported_at", Moment, nullable=False),
)

wrote_words = Table(
    "wrote_words",
    metadata,
    Column("who_index", LargeBinary, primary_key=True),
)

unmatched_words = Table(
    "unmatched_words",
    metadata,
    Column("words_index", LargeBinary, primary_key=True),
    Column("words", LargeBinary, nullable=False),
    Column("count", Integer, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("solved_at", Moment),
    Column("solved_as", Text),
)
