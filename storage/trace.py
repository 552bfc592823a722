"""The trace of what is being done: a short name without a meaning, by which an operator follows an update to its letters."""

import secrets
from contextvars import ContextVar

LENGTH = 8  # hexadecimal digits

current = ContextVar("trace", default="")
"""The trace of the update that is being handled, empty for what the bot does by itself."""


def ticket() -> str:
    """Return a name for something that comes of it: the trace it belongs to, and as many digits of its own."""
    return (current.get() or secrets.token_hex(LENGTH // 2)) + secrets.token_hex(LENGTH // 2)


def of(name: str) -> str:
    """Return the trace in a ticket."""
    return name[:LENGTH]
