"""How the imitated server says no: Telegram's own codes and texts."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - it is an answer to the caller, not a fault of this program
    """An answer with "ok": false; `code` is both the HTTP status and Telegram's error_code."""

    def __init__(self, code: int, description: str, *, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after

    def as_telegram(self) -> dict[str, object]:
        """The JSON body of the answer."""
        body: dict[str, object] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        return body


def bad_request(reason: str) -> Refusal:
    """A 400 with Telegram's prefix."""
    return Refusal(400, f"Bad Request: {reason}")


def too_many_requests(retry_after: int) -> Refusal:
    """A 429; nothing may be sent for `retry_after` seconds."""
    return Refusal(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)


def blocked() -> Refusal:
    """A 403 for somebody who has blocked the bot."""
    return Refusal(403, "Forbidden: bot was blocked by the user")


def deactivated() -> Refusal:
    """A 403 for an account that was deleted."""
    return Refusal(403, "Forbidden: user is deactivated")
