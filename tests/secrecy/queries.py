"""Which functions of the product ask the database for cases, and whether the one condition stands beside that."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("casework", "intake", "bot", "api")
ASKING = frozenset({"select", "join", "outerjoin", "select_from", "get", "get_one", "delete", "update"})
DOORS = frozenset({"visible_cases", "get_case_for", "_counted", "received_by"})
"""The condition, the door that uses it, the statistics' own one, which begins with it, and the receiving bodies'."""


def list_askers() -> Iterator[tuple[str, bool]]:
    """Each function that asks for rows of `Case`: its name with its file, and whether a door stands in it."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "versions" not in path.parts:
                yield from find_askers(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))


def find_askers(name: str, source: str) -> Iterator[tuple[str, bool]]:
    """The same for one file's source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(map(_asks, ast.walk(node))):
            used = {leaf.id for leaf in ast.walk(node) if isinstance(leaf, ast.Name)}
            yield f"{name}:{node.name}", bool(used & DOORS)


def _asks(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    return called in ASKING and any(_is_case(argument) for argument in node.args)


def _is_case(node: ast.AST) -> bool:
    """`Case`, a column of it, or a tuple that holds one."""
    if isinstance(node, ast.Attribute):
        return _is_case(node.value)
    if isinstance(node, ast.Tuple):
        return any(_is_case(element) for element in node.elts)
    return isinstance(node, ast.Name) and node.id == "Case"
