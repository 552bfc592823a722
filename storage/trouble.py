"""Trouble with the database that an operator can mend, known by the driver's code: a sentence, without any data."""

import sqlite3
import traceback

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

_SQLITE = {
    sqlite3.SQLITE_FULL: "the disk is full: make room, it goes on by itself",
    sqlite3.SQLITE_IOERR: "the disk cannot be written, it is full or fails: make room or look at it, it goes on by itself",
    sqlite3.SQLITE_BUSY: "another program holds the database for writing: end it (`fuser` names it), it goes on by itself",
    sqlite3.SQLITE_READONLY: "the database may not be written: give file and folder to the user who runs this, on a disk mounted for writing",
    sqlite3.SQLITE_CANTOPEN: "the database's file or folder cannot be opened: look at its owner and whether it is there",
    sqlite3.SQLITE_CORRUPT: "the database's file is damaged: stop the bot and restore a backup",
    sqlite3.SQLITE_NOTADB: "the database's file is damaged or sealed: stop the bot and restore a backup",
}
_AWAY = "PostgreSQL cannot be reached: look whether it runs, it goes on by itself"
_POSTGRES = {
    "08": _AWAY,
    "57P": _AWAY,
    "53100": "PostgreSQL's disk is full: make room, it goes on by itself",
    "53": "PostgreSQL has no connection or memory left: raise max_connections or run fewer processes",
    "25006": "PostgreSQL may only be read: it is a standby, so point SERTAKAN_DATABASE_URL at the primary",
    "28": "PostgreSQL refuses user or password: look at SERTAKAN_DATABASE_URL",
}


def remedy(error: BaseException) -> str | None:
    """Return what is wrong with the database and what to do; None for an error that says nothing of it."""
    if isinstance(error, DBAPIError):
        code, state = getattr(error.orig, "sqlite_errorcode", None), getattr(error.orig, "sqlstate", None)
        if code is not None:
            return _SQLITE.get(code & 0xFF)
        known = next((told for start, told in _POSTGRES.items() if state and state.startswith(start)), None)
        return known or (_AWAY if error.connection_invalidated else None)
    if isinstance(error, PoolTimeoutError):
        return "all connections to the database are taken, or it does not answer"
    # A connection that cannot be made is an error of the system, as one to the Bot API is: the way it came tells them apart.
    came = traceback.extract_tb(error.__traceback__) if isinstance(error, OSError | TimeoutError) else ()
    return _AWAY if any("/asyncpg/" in frame.filename for frame in came) else None
