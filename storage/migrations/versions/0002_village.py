"""The village: programmes and their places, registrations by others, departments, files, and the hand-over.

Safe beside code of the revision before: tables are added, and columns that may stay empty.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.moment import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN_BEFORE = "'active', 'approved', 'handed_over', 'lapsed', 'needs_correction', 'not_matched', 'queued'"
_OPEN = (
    "'active', 'approved', 'handed_over', 'lapsed', 'needs_correction', 'not_matched', 'queued', 'waiting_list',"
    " 'with_department'"
)
_WHOLE = "duplicate_of IS NULL"


def upgrade() -> None:
    """Add what the village needs."""
    _programmes()
    _registrations()
    _papers()
    for table in ("roles", "invitations"):
        op.add_column(table, sa.Column("department", sa.Text(), nullable=False, server_default=""))
    op.add_column("people", sa.Column("link_tries", sa.SmallInteger(), nullable=False, server_default="0"))
    op.add_column("people", sa.Column("link_tries_on", sa.Date()))
    op.drop_index("roles_held", "roles")
    _index("roles_held", "roles", ["person", "role", "area", "department"], "revoked_at IS NULL", unique=True)


def downgrade() -> None:
    """Take it away again, with what it holds."""
    op.drop_index("roles_held", "roles")
    _index("roles_held", "roles", ["person", "role", "area"], "revoked_at IS NULL", unique=True)
    for table in ("roles", "invitations"):
        op.drop_column(table, "department")
    for column in ("link_tries", "link_tries_on"):
        op.drop_column("people", column)
    for table in (
        "handover_log",
        "handed",
        "handovers",
        "uploads",
        "files",
        "rounds",
        "unmatched_words",
        "wrote_words",
        "listed",
        "claims",
        "offers",
        "places",
    ):
        op.drop_table(table)
    op.drop_index("registrations_open_nik", "registrations")
    for index in ("registrant", "figures", "programme", "paid"):
        op.drop_index(f"registrations_{index}", "registrations")
    for column in ("claim", "department", "first_yes_by", "kpj", "cover_from", "paid_until"):
        op.drop_column("registrations", column)
    op.drop_column("history", "digest")
    _index(
        "registrations_open_nik",
        "registrations",
        ["nik_index"],
        f"state IN ({_OPEN_BEFORE}) AND {_WHOLE}",
        unique=True,
    )
    op.drop_table("shares")
    op.drop_table("programmes")


def _index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition: dict[str, Any] = {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)}
    op.create_index(name, table, columns, unique=unique, **condition)


def _registrations() -> None:
    op.add_column("registrations", sa.Column("claim", sa.Text(), nullable=False, server_default="own"))
    op.add_column("registrations", sa.Column("department", sa.Text()))
    op.add_column("registrations", sa.Column("first_yes_by", sa.BigInteger()))
    op.add_column("registrations", sa.Column("kpj", sa.LargeBinary()))
    op.add_column("registrations", sa.Column("cover_from", sa.Date()))
    op.add_column("registrations", sa.Column("paid_until", sa.Date()))
    op.add_column("history", sa.Column("digest", sa.LargeBinary()))
    op.drop_index("registrations_open_nik", "registrations")
    _index("registrations_open_nik", "registrations", ["nik_index"], f"state IN ({_OPEN}) AND {_WHOLE}", unique=True)
    op.create_index("registrations_registrant", "registrations", ["registered_by", "created_at"])
    figures = ["area", "programme", "state", "queued_at", "decided_at", "claim", "department"]
    op.create_index("registrations_figures", "registrations", figures)
    _index("registrations_programme", "registrations", ["programme", "state", "queued_at"], "programme IS NOT NULL")
    _index("registrations_paid", "registrations", ["paid_until"], "state = 'active'")
    op.create_table(
        "claims",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("token_index", sa.LargeBinary(), nullable=False),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment()),
        sa.Column("used_by", sa.BigInteger()),
        sa.Column("answer", sa.Text()),
        sa.ForeignKeyConstraint(["registration"], ["registrations.number"], name="claims_registration_fkey"),
        sa.PrimaryKeyConstraint("id", name="claims_pkey"),
        sa.UniqueConstraint("token_index", name="claims_token_index_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("claims_registration", "claims", ["registration"])
    op.create_table(
        "listed",
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("nik_index", sa.LargeBinary(), nullable=False),
        sa.Column("imported_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("list", "nik_index", name="listed_pkey"),
    )
    op.create_table(
        "unmatched_words",
        sa.Column("words_index", sa.LargeBinary(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", Moment(), nullable=False),
        sa.Column("solved_at", Moment()),
        sa.Column("solved_as", sa.Text()),
        sa.PrimaryKeyConstraint("words_index", name="unmatched_words_pkey"),
    )
    op.create_table(
        "wrote_words",
        sa.Column("who_index", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("who_index", name="wrote_words_pkey"),
    )


def _programmes() -> None:
    op.create_table(
        "programmes",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("owner", sa.BigInteger()),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("first_month", sa.Date(), nullable=False),
        sa.Column("last_month", sa.Date(), nullable=False),
        sa.Column("people", sa.Integer()),
        sa.Column("person_months", sa.Integer()),
        sa.Column("budget", sa.BigInteger()),
        sa.Column("taken_people", sa.Integer(), nullable=False),
        sa.Column("taken_months", sa.Integer(), nullable=False),
        sa.Column("taken_budget", sa.BigInteger(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("digest", sa.LargeBinary()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_by", sa.BigInteger()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.CheckConstraint(
            "taken_people >= 0 AND (people IS NULL OR taken_people <= people)", name="programmes_people_check"
        ),
        sa.CheckConstraint(
            "taken_months >= 0 AND (person_months IS NULL OR taken_months <= person_months)",
            name="programmes_months_check",
        ),
        sa.CheckConstraint(
            "taken_budget >= 0 AND (budget IS NULL OR taken_budget <= budget)", name="programmes_budget_check"
        ),
        sa.PrimaryKeyConstraint("code", name="programmes_pkey"),
    )
    op.create_index("programmes_owner", "programmes", ["owner"])
    op.create_table(
        "shares",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("taken >= 0 AND taken <= people", name="shares_people_check"),
        sa.ForeignKeyConstraint(["programme"], ["programmes.code"], name="shares_programme_fkey"),
        sa.PrimaryKeyConstraint("programme", "area", name="shares_pkey"),
    )
    op.create_table(
        "places",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("share", sa.Text()),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("rupiah", sa.BigInteger(), nullable=False),
        sa.Column("first_month", sa.Date(), nullable=False),
        sa.Column("taken_at", Moment(), nullable=False),
        sa.Column("released_at", Moment()),
        sa.ForeignKeyConstraint(["programme"], ["programmes.code"], name="places_programme_fkey"),
        sa.ForeignKeyConstraint(["registration"], ["registrations.number"], name="places_registration_fkey"),
        sa.PrimaryKeyConstraint("id", name="places_pkey"),
        sqlite_autoincrement=True,
    )
    _index("places_held", "places", ["registration"], "released_at IS NULL", unique=True)
    op.create_index("places_programme", "places", ["programme", "first_month"])
    op.create_table(
        "offers",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("answer", sa.Text()),
        sa.Column("answered_by", sa.BigInteger()),
        sa.Column("answered_at", Moment()),
        sa.ForeignKeyConstraint(["programme"], ["programmes.code"], name="offers_programme_fkey"),
        sa.ForeignKeyConstraint(["registration"], ["registrations.number"], name="offers_registration_fkey"),
        sa.PrimaryKeyConstraint("id", name="offers_pkey"),
        sqlite_autoincrement=True,
    )
    _index("offers_open", "offers", ["registration"], "answered_at IS NULL", unique=True)
    op.create_index("offers_programme", "offers", ["programme"])


def _papers() -> None:
    op.create_table(
        "files",
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("ticket", name="files_pkey"),
    )
    op.create_index("files_expiry", "files", ["expires_at"])
    op.create_table(
        "uploads",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("wish", sa.LargeBinary()),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("result", sa.JSON()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment()),
        sa.PrimaryKeyConstraint("id", name="uploads_pkey"),
        sqlite_autoincrement=True,
    )
    _index("uploads_due", "uploads", ["due_at"], "finished_at IS NULL")
    op.create_index("uploads_person", "uploads", ["person"])
    op.create_table(
        "rounds",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="rounds_pkey"),
    )
    op.create_table(
        "handovers",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("programme", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.BigInteger()),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("confirmed_by", sa.BigInteger()),
        sa.Column("confirmed_at", Moment()),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("checksum", sa.Text()),
        sa.Column("password", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["programme"], ["programmes.code"], name="handovers_programme_fkey"),
        sa.PrimaryKeyConstraint("id", name="handovers_pkey"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "handed",
        sa.Column("handover", sa.BigInteger(), nullable=False),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.ForeignKeyConstraint(["handover"], ["handovers.id"], name="handed_handover_fkey"),
        sa.ForeignKeyConstraint(["registration"], ["registrations.number"], name="handed_registration_fkey"),
        sa.PrimaryKeyConstraint("handover", "registration", name="handed_pkey"),
    )
    op.create_index("handed_registration", "handed", ["registration"])
    op.create_table(
        "handover_log",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("handover", sa.BigInteger(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.BigInteger()),
        sa.Column("event", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["handover"], ["handovers.id"], name="handover_log_handover_fkey"),
        sa.PrimaryKeyConstraint("id", name="handover_log_pkey"),
        sqlite_autoincrement=True,
    )
    op.create_index("handover_log_handover", "handover_log", ["handover"])
