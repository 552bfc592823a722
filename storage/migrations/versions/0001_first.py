"""The first schema: everything from an update's arrival to a registration's history."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.moment import Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_REFUSAL = "history is append-only"


def upgrade() -> None:
    """Make every table, and let history only grow."""
    op.create_table(
        "inbox",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("bot_id", sa.BigInteger(), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("lane", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment()),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="inbox_pkey"),
        sa.UniqueConstraint("bot_id", "update_id", name="inbox_bot_id_update_id_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("inbox_due", "inbox", ["due_at", "id", "lane"], **_where("state = 'waiting'"))
    op.create_index("inbox_finished", "inbox", ["state", "finished_at"], **_where("finished_at IS NOT NULL"))
    op.create_index("inbox_lane", "inbox", ["lane", "id"], **_where("state = 'waiting'"))
    op.create_table(
        "invitations",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("token_index", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_by", sa.BigInteger()),
        sa.Column("used_at", Moment()),
        sa.PrimaryKeyConstraint("id", name="invitations_pkey"),
        sa.UniqueConstraint("token_index", name="invitations_token_index_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "outbox",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary()),
        sa.Column("slot", sa.Text()),
        sa.Column("ref", sa.Text()),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("leased_until", Moment()),
        sa.Column("reason", sa.Text()),
        sa.Column("message_id", sa.BigInteger()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment()),
        sa.PrimaryKeyConstraint("id", name="outbox_pkey"),
        sa.UniqueConstraint("ticket", name="outbox_ticket_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("outbox_chat", "outbox", ["chat_id", "priority", "id"], **_where("finished_at IS NULL"))
    op.create_index("outbox_due", "outbox", ["priority", "due_at", "id", "chat_id"], **_where("state = 'waiting'"))
    op.create_index("outbox_finished", "outbox", ["state", "finished_at"], **_where("finished_at IS NOT NULL"))
    op.create_index("outbox_leased", "outbox", ["leased_until"], **_where("state = 'sending'"))
    op.create_index("outbox_ref", "outbox", ["ref"], **_where("ref IS NOT NULL AND finished_at IS NULL"))
    op.create_table(
        "proofs",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name="proofs_pkey"),
    )
    op.create_table(
        "people",
        sa.Column("telegram_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("language", sa.Text()),
        sa.Column("met_at", Moment(), nullable=False),
        sa.Column("unreachable_at", Moment()),
        sa.Column("nik_tries", sa.SmallInteger(), nullable=False),
        sa.Column("nik_tries_on", sa.Date()),
        sa.Column("name", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("telegram_id", name="people_pkey"),
    )
    op.create_table(
        "pictures",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pictures_pkey"),
    )
    op.create_table(
        "registrations",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("person", sa.BigInteger()),
        sa.Column("registered_by", sa.BigInteger(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("occupation", sa.Text(), nullable=False),
        sa.Column("transport", sa.Boolean(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("programme", sa.Text()),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("duplicate_of", sa.Text()),
        sa.Column("document", sa.LargeBinary()),
        sa.Column("nik_index", sa.LargeBinary()),
        sa.Column("phone_index", sa.LargeBinary()),
        sa.Column("hints", sa.JSON(), nullable=False),
        sa.Column("wanted", sa.Text()),
        sa.Column("queued_at", Moment(), nullable=False),
        sa.Column("decided_at", Moment()),
        sa.Column("decided_by", sa.BigInteger()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["duplicate_of"], ["registrations.number"], name="registrations_duplicate_of_fkey"),
        sa.PrimaryKeyConstraint("number", name="registrations_pkey"),
    )
    op.create_index(
        "registrations_decided", "registrations", ["decided_at", "area"], **_where("decided_at IS NOT NULL")
    )
    op.create_index("registrations_nik", "registrations", ["nik_index"])
    op.create_index(
        "registrations_open_nik",
        "registrations",
        ["nik_index"],
        unique=True,
        **_where(
            "state IN ('active', 'approved', 'handed_over', 'lapsed', 'needs_correction', 'not_matched', 'queued')"
            " AND duplicate_of IS NULL"
        ),
    )
    op.create_index("registrations_person", "registrations", ["person"])
    op.create_index("registrations_phone", "registrations", ["phone_index"])
    op.create_index("registrations_queue", "registrations", ["state", "area", "queued_at"])
    op.create_table(
        "roles",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("granted_by", sa.BigInteger()),
        sa.Column("granted_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment()),
        sa.PrimaryKeyConstraint("id", name="roles_pkey"),
        sqlite_autoincrement=True,
    )
    op.create_index("roles_area", "roles", ["role", "area"], **_where("revoked_at IS NULL"))
    op.create_index("roles_held", "roles", ["person", "role", "area"], unique=True, **_where("revoked_at IS NULL"))
    op.create_table(
        "screens",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("shown_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "slot", name="screens_pkey"),
    )
    op.create_table(
        "sessions",
        sa.Column("person", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("person", "flow", name="sessions_pkey"),
    )
    op.create_table(
        "history",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.BigInteger()),
        sa.Column("from_state", sa.Text()),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("reason", sa.LargeBinary()),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["registration"], ["registrations.number"], name="history_registration_fkey"),
        sa.PrimaryKeyConstraint("id", name="history_pkey"),
        sqlite_autoincrement=True,
    )
    op.create_index("history_registration", "history", ["registration", "id"])

    _guard_history()


def downgrade() -> None:
    """Drop everything."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION history_refuse() CASCADE")
    op.drop_table("history")
    op.drop_table("sessions")
    op.drop_table("screens")
    op.drop_table("roles")
    op.drop_table("registrations")
    op.drop_table("pictures")
    op.drop_table("proofs")
    op.drop_table("people")
    op.drop_table("outbox")
    op.drop_table("invitations")
    op.drop_table("inbox")


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _guard_history() -> None:
    """Refuse every change of what is written, from whatever program it comes."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION history_refuse() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER history_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON history"
            " FOR EACH STATEMENT EXECUTE FUNCTION history_refuse()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER history_no_{change.lower()} BEFORE {change} ON history"
            f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )
