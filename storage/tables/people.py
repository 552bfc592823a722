"""Everyone the bot has met, what they may do, and the conversations they are in."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from storage.moment import Moment
from storage.tables.base import metadata, partial, serial

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
    Column("link_tries", SmallInteger, nullable=False, server_default="0"),
    Column("link_tries_on", Date),
    Column("news_at", Moment),
    Column("stopped_at", Moment),
    Column("news_asked_at", Moment),
    Column("news_version", Text),
)
partial("people_news", people.c.news_version, where=people.c.news_version.is_not(None))

sessions = Table(
    "sessions",
    metadata,
    Column("person", BigInteger, primary_key=True, autoincrement=False),
    Column("flow", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("touched_at", Moment, nullable=False),
)
Index("sessions_touched", sessions.c.flow, sessions.c.touched_at)

roles = Table(
    "roles",
    metadata,
    serial(),
    Column("person", BigInteger, nullable=False),
    Column("role", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("department", Text, nullable=False, server_default=""),
    Column("granted_by", BigInteger),
    Column("granted_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    sqlite_autoincrement=True,
)
partial(
    "roles_held",
    roles.c.person,
    roles.c.role,
    roles.c.area,
    roles.c.department,
    unique=True,
    where=roles.c.revoked_at.is_(None),
)
partial("roles_area", roles.c.role, roles.c.area, where=roles.c.revoked_at.is_(None))

invitations = Table(
    "invitations",
    metadata,
    serial(),
    Column("token_index", LargeBinary, nullable=False),
    Column("role", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("department", Text, nullable=False, server_default=""),
    Column("created_by", BigInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_by", BigInteger),
    Column("used_at", Moment),
    UniqueConstraint("token_index"),
    sqlite_autoincrement=True,
)
