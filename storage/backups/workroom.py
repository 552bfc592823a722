"""The room in which backups are made and tried out: a folder of its own that is empty before and after.

Whoever holds its lock is alone in it, and others wait. A process that is killed leaves a database behind, sealed where every database
is; the next one to hold the lock clears it away first.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from storage import engines
from storage.backups import BackupError

NAME = ".sertakan-work"


@contextmanager
def workroom(within: Path) -> Iterator[Path]:
    """Give an empty folder within this one, readable by nobody else; raises BackupError, also for errors in the block."""
    room = within / NAME
    try:
        within.mkdir(mode=0o700, parents=True, exist_ok=True)
        room.mkdir(mode=0o700, exist_ok=True)
        door = os.open(room, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise BackupError(f"{within} cannot be written: {error.strerror}.") from None
    try:
        known = os.fstat(door)
        if known.st_uid != os.geteuid() or stat.S_IMODE(known.st_mode) & 0o077:
            raise BackupError(f"{room} belongs to somebody else, or others can read it: take it away first.")
        fcntl.flock(door, fcntl.LOCK_EX)
        clear(room)
        try:
            yield room
        except (OSError, DBAPIError) as error:  # as when the disk is full
            raise BackupError(f"{within} cannot be written, or read: {engines.cause(error)}.") from None
        finally:
            clear(room)
    finally:
        os.close(door)


def clear(room: Path) -> None:
    """Take away whatever is in a room."""
    for left in room.iterdir():
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
        else:
            left.unlink(missing_ok=True)
