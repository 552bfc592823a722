"""Broadcasts: their recipients one by one, the campaigns, who wants news, and the pace that all senders share.

Safe beside code of the revision before: tables are added, and columns that may stay empty.
"""

import sqlalchemy as sa
from alembic import op

from storage.moment import Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NEWS = ("news_at", "stopped_at", "news_asked_at")
# By what reminders find who is due.
_DUE = (
    ("registrations_paid", "registrations", ["state", "paid_until"], "paid_until IS NOT NULL"),
    ("registrations_cover", "registrations", ["state", "cover_from"], "cover_from IS NOT NULL"),
    ("claims_unused", "claims", ["created_at"], "used_at IS NULL"),
)


def upgrade() -> None:
    """Add what broadcasts need."""
    _broadcasts()
    _recipients()
    op.create_table(
        "campaigns",
        sa.Column("code", sa.Text(), primary_key=True),
        sa.Column("on", sa.Boolean(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("changed_by", sa.BigInteger()),
        sa.Column("changed_at", Moment(), nullable=False),
    )
    op.create_table(
        "pace",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("state", sa.JSON(), nullable=False),
    )
    for column in _NEWS:
        op.add_column("people", sa.Column(column, Moment()))
    op.add_column("people", sa.Column("news_version", sa.Text()))
    _index("people_news", "people", ["news_version"], "news_version IS NOT NULL")
    op.create_index("sessions_touched", "sessions", ["flow", "touched_at"])
    op.drop_index("registrations_paid", "registrations")
    for name, table, columns, where in _DUE:
        _index(name, table, columns, where)


def downgrade() -> None:
    """Take it away again, with what it holds."""
    for name, table, _columns, _where in reversed(_DUE):
        op.drop_index(name, table)
    _index("registrations_paid", "registrations", ["paid_until"], "state = 'active'")
    op.drop_index("sessions_touched", "sessions")
    op.drop_index("people_news", "people")
    op.drop_column("people", "news_version")
    for column in _NEWS:
        op.drop_column("people", column)
    for table in ("pace", "campaigns", "recipients", "broadcasts"):
        op.drop_table(table)


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _broadcasts() -> None:
    op.create_table(
        "broadcasts",
        sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
        sa.Column("campaign", sa.Text()),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("necessary", sa.Boolean(), nullable=False),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.Column("due_at", Moment()),
        sa.Column("canary", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("confirmed_by", sa.BigInteger()),
        sa.Column("started_at", Moment()),
        sa.Column("finished_at", Moment()),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.UniqueConstraint("campaign", name="broadcasts_campaign_key"),
        sqlite_autoincrement=True,
    )
    _index("broadcasts_open", "broadcasts", ["stage", "id"], "finished_at IS NULL")


def _recipients() -> None:
    op.create_table(
        "recipients",
        sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
        sa.Column("broadcast", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("registration", sa.Text()),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("wave", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("leased_until", Moment()),
        sa.Column("message_id", sa.BigInteger()),
        sa.Column("finished_at", Moment()),
        sa.Column("action", sa.Text()),
        sa.Column("acted_at", Moment()),
        sa.ForeignKeyConstraint(["broadcast"], ["broadcasts.id"], name="recipients_broadcast_fkey"),
        sa.UniqueConstraint("broadcast", "person", "occasion", name="recipients_broadcast_person_occasion_key"),
        sqlite_autoincrement=True,
    )
    _index("recipients_due", "recipients", ["broadcast", "wave", "zone", "due_at", "id", "state"], "state = 'waiting'")
    _index("recipients_tried", "recipients", ["broadcast", "finished_at"], "state IN ('failed', 'sent', 'unknown')")
    _index("recipients_about", "recipients", ["registration"], "registration IS NOT NULL")
    _index("recipients_leased", "recipients", ["leased_until"], "state = 'sending'")
    _index("recipients_lately", "recipients", ["person", "finished_at", "broadcast"], "state IN ('sent', 'unknown')")
    op.create_index("recipients_listed", "recipients", ["broadcast", "id"])
    op.create_index("recipients_counts", "recipients", ["broadcast", "wave", "state", "reason"])
