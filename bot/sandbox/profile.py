"""How the bot presents itself: name, descriptions, command lists by scope and language."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
About = Literal["name", "description", "short_description"]

_DEFAULT = {"type": "default"}
_PRIVATE = {"type": "all_private_chats"}


@dataclass(slots=True)
class Profile:
    """The bot itself; texts are kept by (which, language), "" standing for every other language."""

    id: int
    username: str
    texts: dict[tuple[About, str], str] = field(default_factory=dict)
    menu_button: Json = field(default_factory=lambda: {"type": "commands"})
    _commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)

    def about(self, which: About, language: str) -> str:
        """A text in `language`, or the one for every language."""
        return self.texts.get((which, language)) or self.texts.get((which, ""), "")

    def as_telegram(self) -> Json:
        """A User of the Bot API, as messages carry it."""
        return {"id": self.id, "is_bot": True, "first_name": self.about("name", ""), "username": self.username}

    def set_commands(self, scope: Json | None, language: str, commands: list[Json]) -> None:
        """Replace the list of one scope and language; an empty one deletes it."""
        key = (_key(scope or _DEFAULT), language)
        if commands:
            self._commands[key] = commands
        else:
            self._commands.pop(key, None)

    def commands(self, scope: Json | None, language: str) -> list[Json]:
        """Exactly the list of this scope and language."""
        return self._commands.get((_key(scope or _DEFAULT), language), [])

    def shown_commands(self, chat_id: int, language: str) -> list[Json]:
        """What somebody sees in a private chat: the narrowest scope first, in each the own language first."""
        for scope in ({"type": "chat", "chat_id": chat_id}, _PRIVATE, _DEFAULT):
            for code in (language, ""):
                if found := self.commands(scope, code):
                    return found
        return []


def _key(scope: Json) -> str:
    return json.dumps({name: str(value) for name, value in scope.items()}, sort_keys=True)
