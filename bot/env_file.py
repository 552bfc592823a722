"""`.env` as it is edited at the machine: one value is changed, and everything else stays as it was written."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from pathlib import Path

from bot.settings import PREFIX


class EnvFileError(Exception):
    """The file cannot be changed; the text is a sentence for the operator and repeats no value."""


def change(path: Path, name: str, text: str) -> None:
    """Write another value into the file, in one step: whoever reads it sees the old one or the new one.

    Mode, owner and every other line stay. Raises EnvFileError.
    """
    if f"{PREFIX}{name}" in os.environ:
        raise EnvFileError(f"{PREFIX}{name} comes from the environment: put it into {path}, where it can be changed.")
    path = path.resolve()
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        mine = [at for at, line in enumerate(lines) if re.match(rf"\s*(export\s+)?{PREFIX}{name}\s*=", line)]
        if len(mine) != 1:
            raise EnvFileError(f"{PREFIX}{name} must stand in {path} once, and on one line.")
        end = "\n" if lines[mine[0]].endswith("\n") else ""
        lines[mine[0]] = f"{lines[mine[0]].partition('=')[0]}={text}{end}"
        _replace(path, "".join(lines))
    except (OSError, UnicodeDecodeError) as wrong:
        why = wrong.strerror if isinstance(wrong, OSError) else "it is no UTF-8"
        raise EnvFileError(f"{path} cannot be changed: {why}.") from None


def _replace(path: Path, text: str) -> None:
    before, new = path.stat(), path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)  # of a change that was killed
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), stat.S_IMODE(before.st_mode))
            if os.geteuid() == 0:
                os.fchown(file.fileno(), before.st_uid, before.st_gid)
            os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        with suppress(OSError):
            new.unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
