"""Telegram's types, each built when it is first needed. It has to be imported before aiogram is.

Importing aiogram builds the validators of all its three hundred types, which takes more than a second and 110 MB; the
bot reads one of them, the update. What pydantic does by itself for a type that is not built yet is left to it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from inspect import isclass
from typing import Any

from pydantic import BaseModel

_NAME = re.compile(r"\w+")


@contextmanager
def _built_later() -> Iterator[None]:
    """Let nobody build types while the block runs."""

    def later(_type: type[BaseModel], /, **_how: Any) -> None:  # noqa: ANN401  # as pydantic's own
        """Leave the type for the moment when it is needed."""

    build = BaseModel.__dict__["model_rebuild"]
    BaseModel.model_rebuild = classmethod(later)  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        BaseModel.model_rebuild = build  # type: ignore[method-assign]


with _built_later():
    from aiogram import types
    from aiogram.client.default import Default


def _introduce() -> None:
    """Tell the modules of the types the names that they know only while they are checked, as aiogram tells pydantic."""
    names = {name: getattr(types, name) for name in types.__all__} | {"Default": Default}
    for kind in filter(isclass, names.values()):
        said = " ".join(str(vars(one).get("__annotations__", "")) for one in kind.__mro__)
        module = vars(sys.modules[kind.__module__])
        module |= {name: names[name] for name in set(_NAME.findall(said)) & names.keys() - module.keys()}


_introduce()
