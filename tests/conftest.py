"""What every test may use: a vault, one fixed moment, and a fresh migrated database of each kind."""

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.engine import make_url

from storage.database import Database
from storage.vault import Vault

pytest_plugins = ["browser"]

POSTGRES = os.environ.get("SERTAKAN_TEST_POSTGRES", "")
# How fast a machine is proves nothing.
settings.register_profile("unhurried", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
KINDS = ["sqlite", *([pytest.param("postgres", marks=pytest.mark.postgres)] if POSTGRES else [])]


def pytest_configure() -> None:
    """Let no build pass that has not seen PostgreSQL."""
    if os.environ.get("CI") == "true" and not POSTGRES:
        raise pytest.UsageError("SERTAKAN_TEST_POSTGRES must name a PostgreSQL server when CI=true.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about PostgreSQL alone where there is none; the summary says so."""
    if not POSTGRES:
        away = [
            one for one in items if getattr(one, "callspec", None) and one.callspec.params.get("kind") == "postgres"
        ]
        items[:] = [one for one in items if one not in away]
        config.hook.pytest_deselected(items=away)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line what was left out."""
    if not POSTGRES:
        terminalreporter.write_line("Left out: PostgreSQL (set SERTAKAN_TEST_POSTGRES=postgresql://user@host/name).")
    elif shutil.which("nginx") is None:
        terminalreporter.write_line("Left out: the proxy (install nginx).")


@pytest.fixture
def now() -> datetime:
    """Return the moment at which tests begin."""
    return datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def vault() -> Vault:
    """Return a vault with keys that are nowhere else."""
    return Vault([("1", bytes(range(32)))], bytes(range(32, 64)))


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Name the database of this run of the test: sqlite or postgres."""
    return str(request.param)


@pytest.fixture
async def database(database_url: str, vault: Vault) -> AsyncIterator[Database]:
    """Open an empty, migrated database of each kind in turn."""
    opened = await Database.open(database_url, vault)
    yield opened
    await opened.close()


@pytest.fixture
def database_url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Make an empty, migrated database of each kind in turn and return where it is."""
    if kind == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copy(template, tmp_path / "sertakan.db")
        yield f"sqlite:///{tmp_path / 'sertakan.db'}"
    else:
        name = f"sertakan_test_{uuid.uuid4().hex[:12]}"
        _on_server(f"CREATE DATABASE {name} TEMPLATE {request.getfixturevalue('postgres_template')}")
        yield _postgres_url(name)
        _on_server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, vault: Vault) -> Path:
    """Migrate one SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "sertakan.db"
    asyncio.run(_migrate(f"sqlite:///{path}", vault))
    return path


@pytest.fixture(scope="session")
def postgres_template(vault: Vault) -> Iterator[str]:
    """Migrate one PostgreSQL database, to be copied."""
    name = f"sertakan_template_{uuid.uuid4().hex[:12]}"
    _on_server(f"CREATE DATABASE {name}")
    asyncio.run(_migrate(_postgres_url(name), vault))
    yield name
    _on_server(f"DROP DATABASE {name} WITH (FORCE)")


async def _migrate(url: str, vault: Vault) -> None:
    opened = await Database.open(url, vault)
    await opened.migrate()
    await opened.close()


def _postgres_url(name: str) -> str:
    return make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)


def _on_server(statement: str) -> None:
    async def execute() -> None:
        server = await asyncpg.connect(make_url(POSTGRES).set(drivername="postgresql").render_as_string(False))
        await server.execute(statement)
        await server.close()

    asyncio.run(execute())
