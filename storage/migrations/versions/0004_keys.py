"""Keys are exchanged: what history tells still only grows, while its seals and links may be renewed.

And registrations say since when their form is erased.

Safe beside code of the revision before: it asks for less, and the column may stay empty.
"""

import sqlalchemy as sa
from alembic import op

from storage.moment import Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TOLD = "id, registration, at, actor, from_state, to_state"


def upgrade() -> None:
    """Refuse changes of what is told, and no more; whoever changes a reason or a link without the key breaks the chain."""
    _refuse(f"UPDATE OF {_TOLD}")
    op.add_column("registrations", sa.Column("erased_at", Moment()))


def downgrade() -> None:
    """Refuse every change again."""
    _refuse("UPDATE")
    op.drop_column("registrations", "erased_at")


def _refuse(change: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER history_only_grows ON history")
        op.execute(
            f"CREATE TRIGGER history_only_grows BEFORE {change} OR DELETE OR TRUNCATE ON history"
            " FOR EACH STATEMENT EXECUTE FUNCTION history_refuse()"
        )
        return
    op.execute("DROP TRIGGER history_no_update")
    op.execute(
        f"CREATE TRIGGER history_no_update BEFORE {change} ON history"
        " BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
    )
