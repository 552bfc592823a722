"""The build: which version of the program this is."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def release() -> str:
    """Return the version, "unknown" where the program was not installed."""
    try:
        return version("sertakan")
    except PackageNotFoundError:
        return "unknown"
