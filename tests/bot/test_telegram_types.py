"""Telegram's types are built when they are needed, and are the same types then."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

import pytest

ALL = """
from aiogram import methods, types
from pydantic import BaseModel
kinds = [getattr(place, name) for place in (types, methods) for name in place.__all__]
models = {one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel)}
"""
BUILT = ALL + "print(*(one.__name__ for one in models if one.__pydantic_complete__))"
SCHEMAS = (
    ALL
    + """
import json, re, sys
for one in sorted(models, key=lambda one: one.__name__):
    one.model_rebuild()
fields = {
    f"{one.__module__}.{one.__name__}": {
        name: re.sub("0x[0-9a-f]+", "", str(field.annotation)) for name, field in one.model_fields.items()
    }
    for one in models
}
update = types.Update.model_validate_json(sys.argv[1])
print(json.dumps([fields, update.model_dump_json(exclude_none=True)], sort_keys=True))
"""
)
UPDATE = {
    "update_id": 1,
    "callback_query": {
        "id": "1",
        "from": {"id": 7, "is_bot": False, "first_name": "Ani"},
        "chat_instance": "1",
        "data": "t|a|b|c|1",
        "message": {
            "message_id": 3,
            "date": 1795161600,
            "chat": {"id": 7, "type": "private", "first_name": "Ani"},
            "text": "NIK?",
            "entities": [{"type": "bold", "offset": 0, "length": 3}],
            "reply_markup": {"inline_keyboard": [[{"text": "Ya", "callback_data": "t|a|b|c|1"}]]},
        },
    },
}


def said(program: str, *arguments: str) -> str:
    """Run a program in a process that has imported nothing, and return what it prints."""
    command: Sequence[str] = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, check=True, text=True, timeout=60).stdout  # noqa: S603 - our own


@pytest.mark.parametrize("program", ["app", "front", "sending.post", "handing", "intake.hook"])
def test_a_program_builds_no_type_that_it_does_not_need(program: str) -> None:
    """What each program and command imports leaves the types unbuilt, but for the few it touches."""
    built = said(f"import bot.{program}{BUILT}")
    assert {"Message", "Update", "SendMessage"}.isdisjoint(built.split())


def test_types_that_are_built_later_are_the_same() -> None:
    """Each type and method of the Bot API can be built when it is needed, with the very fields aiogram gives it."""
    update = json.dumps(UPDATE)
    assert said(f"import bot.telegram_types{SCHEMAS}", update) == said(SCHEMAS, update)
