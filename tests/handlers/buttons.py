"""Every button of every screen, read from the source: so that one nobody thought of is found."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

HANDLERS = Path(__file__).parents[2] / "handlers"


def screens(source: Path = HANDLERS) -> dict[str, set[str]]:
    """Return the actions of each screen: those its file compares with, and those a button names anywhere."""
    found: dict[str, set[str]] = {}
    for file in source.rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for screen in _routed(tree):
            found.setdefault(screen, set()).update(_compared(tree))
        for screen, action in _made(tree):
            found.setdefault(screen, set()).add(action)
    return found


def _routed(tree: ast.AST) -> Iterator[str]:
    """Find `F.data.startswith("s|screen|")`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("s|"):
            screen, _bar, rest = node.value[2:].partition("|")
            if screen and not rest:
                yield screen


def _compared(tree: ast.AST) -> Iterator[str]:
    """Find what a variable called `action` is matched or compared with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Match) and _is_action(node.subject):
            for case in node.cases:
                yield from _texts(case.pattern)
        elif isinstance(node, ast.Compare) and _is_action(node.left):
            for right in node.comparators:
                yield from _texts(right)


def _is_action(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "action"


def _made(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Find `button("screen", "action", …)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "button":
            texts = [each.value for each in node.args[:2] if isinstance(each, ast.Constant)]
            if len(texts) == 2 and all(isinstance(text, str) for text in texts):
                yield str(texts[0]), str(texts[1])


def _texts(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value
