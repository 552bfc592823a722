"""Migrations by Alembic, on a connection that is already open: they work inside a running event loop.

The caller's transaction is theirs: on both databases a migration happens as a whole or not at all.
"""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

# The advisory lock under which PostgreSQL migrates once when many processes start together.
LOCK = 0x53657274616B616E


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the schema up to a revision."""
    command.upgrade(_config(connection), revision)


def downgrade(connection: Connection, revision: str = "base") -> None:
    """Take the schema back to a revision; at `base` every table of ours, and what it holds, is gone."""
    command.downgrade(_config(connection), revision)


def revision(connection: Connection) -> str | None:
    """Return the revision the schema is at; None when there is none yet."""
    return MigrationContext.configure(connection).get_current_revision()


def is_current(connection: Connection) -> bool:
    """Tell whether the schema is at the newest revision."""
    return revision(connection) == _revisions()[0]


def knows(found: str | None) -> bool:
    """Tell whether this program can bring a schema up to date: not one that only a newer program knows."""
    return found is None or found in _revisions()


def serves(found: str | None) -> bool:
    """Tell whether this program can work with a schema: the newest it knows, or a newer one, migrated to beside it."""
    return found is not None and (found == _revisions()[0] or found not in _revisions())


@cache
def _revisions() -> tuple[str, ...]:
    """Return the revisions this program knows, the newest first."""
    scripts = ScriptDirectory.from_config(_config())
    return tuple(script.revision for script in scripts.walk_revisions())


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
