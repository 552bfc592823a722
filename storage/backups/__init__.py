"""Backups: one sealed file each, made beside a running bot, tried out before it counts, and put back when all is lost.

Their names tell when they were made (UTC), so that a folder of them needs no list: `sertakan-20261120-190000.backup`.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

_NAME = re.compile(r"sertakan-(\d{8}-\d{6})\.backup", re.ASCII)
_FORM = "%Y%m%d-%H%M%S"


class BackupError(Exception):
    """A backup cannot be made or used; the text is a sentence for the operator."""


def name(made_at: datetime) -> str:
    """Return the name of the backup made at this moment."""
    return f"sertakan-{made_at.astimezone(UTC):{_FORM}}.backup"


def found(folder: Path) -> list[tuple[datetime, Path]]:
    """List the backups in a folder, the oldest first; none where the folder is not there."""
    if not folder.is_dir():
        return []
    return sorted((made_at, path) for path in folder.iterdir() if (made_at := _made_at(path.name)) is not None)


def latest(folder: Path) -> datetime | None:
    """Say when the newest backup in a folder was made; what lies there under its name has been tried out."""
    return max((made_at for made_at, _path in found(folder)), default=None)


def thin_out(folder: Path, keep: int) -> int:
    """Remove all but the newest backups, and return how many went."""
    old = [path for _made_at, path in found(folder)][:-keep]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _made_at(file: str) -> datetime | None:
    if (read := _NAME.fullmatch(file)) is None:
        return None
    try:
        return datetime.strptime(read[1], _FORM).replace(tzinfo=UTC)
    except ValueError:
        return None
