"""Reply markups: what Telegram accepts below a message."""

from __future__ import annotations

from typing import Any

from bot.sandbox.refusals import bad_request

Markup = dict[str, Any]

BUTTON_DATA = 64  # bytes
_BUTTONS = 100
_ACTIONS = {"callback_data", "url", "copy_text", "web_app", "login_url", "switch_inline_query",
            "switch_inline_query_current_chat", "switch_inline_query_chosen_chat", "pay"}  # fmt: skip
_LINKS = ("http://", "https://", "tg://")


def checked(markup: object) -> Markup | None:
    """`markup` as it is kept (None for none or for an empty inline keyboard); raises Refusal as Telegram would."""
    if markup is None or markup == {}:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        rows = _rows(markup["inline_keyboard"], "inline keyboard")
        for row in rows:
            for button in row:
                _check_inline(button)
        return {"inline_keyboard": rows} if rows else None
    if "keyboard" in markup:
        rows = _rows(markup["keyboard"], "keyboard")
        if not rows:
            raise bad_request("reply keyboard must have at least one button")
        return {**markup, "keyboard": rows}
    if markup.get("remove_keyboard") or markup.get("force_reply"):
        return dict(markup)
    raise bad_request("can't parse reply keyboard markup JSON object")


def inline(markup: object) -> Markup | None:
    """As `checked`, for an edit, where only an inline keyboard may stand."""
    kept = checked(markup)
    if kept is not None and "inline_keyboard" not in kept:
        raise bad_request("inline keyboard expected")
    return kept


def _rows(rows: object, what: str) -> list[list[Markup]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(f"can't parse {what} button: field must be of type Array")
    read = [[_button(button, what) for button in row] for row in rows if row]
    if sum(map(len, read)) > _BUTTONS:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    return read


def _button(button: object, what: str) -> Markup:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request(f"can't parse {what} button: Can't find field \"text\"")
    if not button["text"].strip():
        raise bad_request(f"can't parse {what} button: Button text must be non-empty")
    return {name: value for name, value in button.items() if value is not None}


def _check_inline(button: Markup) -> None:
    actions = _ACTIONS & button.keys()
    if not actions:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        )
    if len(actions) > 1:
        raise bad_request("can't parse inline keyboard button: exactly one optional field must be used")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= BUTTON_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and not str(url).startswith(_LINKS):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
