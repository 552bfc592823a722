"""Programmes, the places they give, and what was handed over to BPJS."""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from storage.moment import Moment
from storage.tables.base import metadata, partial, serial

programmes = Table(
    "programmes",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", LargeBinary, nullable=False),
    Column("payer", Text, nullable=False),
    Column("owner", BigInteger),
    Column("area", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("months", Integer, nullable=False),
    Column("first_month", Date, nullable=False),
    Column("last_month", Date, nullable=False),
    Column("people", Integer),
    Column("person_months", Integer),
    Column("budget", BigInteger),
    Column("taken_people", Integer, nullable=False),
    Column("taken_months", Integer, nullable=False),
    Column("taken_budget", BigInteger, nullable=False),
    Column("terms", JSON, nullable=False),
    Column("digest", LargeBinary),
    Column("state", Text, nullable=False),
    Column("created_by", BigInteger),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    # The last line of defence: no program, whatever its mistake, can promise more than there is.
    CheckConstraint("taken_people >= 0 AND (people IS NULL OR taken_people <= people)", name="people"),
    CheckConstraint("taken_months >= 0 AND (person_months IS NULL OR taken_months <= person_months)", name="months"),
    CheckConstraint("taken_budget >= 0 AND (budget IS NULL OR taken_budget <= budget)", name="budget"),
)
Index("programmes_owner", programmes.c.owner)

shares = Table(
    "shares",
    metadata,
    Column("programme", Text, ForeignKey("programmes.code"), primary_key=True),
    Column("area", Text, primary_key=True),
    Column("people", Integer, nullable=False),
    Column("taken", Integer, nullable=False),
    CheckConstraint("taken >= 0 AND taken <= people", name="people"),
)

places = Table(
    "places",
    metadata,
    serial(),
    Column("registration", Text, ForeignKey("registrations.number"), nullable=False),
    Column("programme", Text, ForeignKey("programmes.code"), nullable=False),
    Column("share", Text),
    Column("months", Integer, nullable=False),
    Column("rupiah", BigInteger, nullable=False),
    Column("first_month", Date, nullable=False),
    Column("taken_at", Moment, nullable=False),
    Column("released_at", Moment),
    sqlite_autoincrement=True,
)
partial("places_held", places.c.registration, unique=True, where=places.c.released_at.is_(None))
Index("places_programme", places.c.programme, places.c.first_month)

offers = Table(
    "offers",
    metadata,
    serial(),
    Column("registration", Text, ForeignKey("registrations.number"), nullable=False),
    Column("programme", Text, ForeignKey("programmes.code"), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("answer", Text),
    Column("answered_by", BigInteger),
    Column("answered_at", Moment),
    sqlite_autoincrement=True,
)
partial("offers_open", offers.c.registration, unique=True, where=offers.c.answered_at.is_(None))
Index("offers_programme", offers.c.programme)

handovers = Table(
    "handovers",
    metadata,
    serial(),
    Column("programme", Text, ForeignKey("programmes.code")),
    Column("state", Text, nullable=False),
    Column("mapping", Text, nullable=False),
    Column("asked_by", BigInteger),
    Column("asked_at", Moment, nullable=False),
    Column("confirmed_by", BigInteger),
    Column("confirmed_at", Moment),
    Column("count", Integer, nullable=False),
    Column("checksum", Text),
    Column("password", LargeBinary),
    sqlite_autoincrement=True,
)

handed = Table(
    "handed",
    metadata,
    Column("handover", BigInteger, ForeignKey("handovers.id"), primary_key=True),
    Column("registration", Text, ForeignKey("registrations.number"), primary_key=True),
    Column("outcome", Text),
)
Index("handed_registration", handed.c.registration)

handover_log = Table(
    "handover_log",
    metadata,
    serial(),
    Column("handover", BigInteger, ForeignKey("handovers.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", BigInteger),
    Column("event", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("handover_log_handover", handover_log.c.handover)
