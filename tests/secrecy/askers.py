"""Who asks the database for anything that hangs on a case, in whatever way a query can be written.

`queries.py` sees plain questions to the table of cases; here are the ways around it: rows that hang on a case, aliases,
raw SQL, tables named by a string, a class behind a variable, statements outside a function.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import bot.models
import casework.models
import intake.models
from casework.store import Base

ROOT = Path(__file__).parents[2]
FOLDERS = ("casework", "intake", "bot", "api")
ROW_MODULES = (bot.models, casework.models, intake.models)
"""Imported so that every table is known."""
ASKING = frozenset(
    {*("select", "join", "outerjoin", "select_from", "get", "get_one", "delete", "update", "insert")}
    | {*("exists", "aliased", "query", "scalars", "scalar", "count")}
)
BY_CLASS = frozenset({"select", "get", "get_one", "query", "aliased"})
DOORS = frozenset(
    {*("visible_cases", "get_case_for", "get_case_by_number_for", "list_cases_for", "get_referral_for", "_counted")}
    | {*("get_received", "received_by", "is_excluded", "open_case_key", "read_sealed_case", "opened_referral")}
)
"""The one condition, what stands on it, and the two that need the officer's own key of the very case."""
OPENED = frozenset({"SealedContent", "Opened", "ActInput"})
"""What only a door gives out."""
ASKERS = frozenset({"Officer", "Signed", "SignedIn", "Staff", "SignedStaff", "PostingStaff"})
RAW = frozenset({"text", "exec_driver_sql", "literal_column", "TextClause"})
LAZY = frozenset({"relationship", "association_proxy", "automap_base"})
SQL = re.compile(r"\b(select|update|delete|insert|copy|from|join|vacuum|alter)\b", re.IGNORECASE)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Asker:
    """A function (or a statement outside one) that asks for rows of a case without any door.

    `for_somebody`: it belongs to a page, or is told which officer wants to know; then it is reviewed by its own name.
    """

    place: str
    models: frozenset[str]
    for_somebody: bool = False

    @property
    def file(self) -> str:
        """The file that it stands in."""
        return self.place.partition(":")[0]


def list_case_models() -> Mapping[str, str]:
    """Every model that hangs on a case, directly or by others, with its table; and the ledger, which names cases."""
    under = {"case_file", "ledger_entry"}
    tables = Base.metadata.tables.values()
    while (
        more := {each.name for each in tables if {key.column.table.name for key in each.foreign_keys} & under} - under
    ):
        under |= more
    named = {mapper.class_.__name__: str(mapper.local_table) for mapper in Base.registry.mappers}
    return {name: table for name, table in named.items() if table in under}


def walk_files() -> Iterator[tuple[str, ast.Module]]:
    """The product's files but for the models and the migrations."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not {"versions", "models"} & set(path.parts) and path.name != "models.py":
                yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def find_bare(name: str, tree: ast.Module, models: Mapping[str, str]) -> Iterator[Asker]:
    """Who in this file asks for rows of a case with neither a door nor a case that somebody got through one."""
    homes = _list_homes(tree)
    for top in _list_tops(tree):
        hit = frozenset(_list_asked(top, homes) & set(models))
        if hit and not set(_list_names(top)) & DOORS and not _is_given(top, models):
            for_somebody = name.startswith("api/") or bool(_list_kinds(top) & ASKERS)
            yield Asker(f"{name}:{getattr(top, 'name', 'outside')}", hit, for_somebody)


def find_raw(name: str, tree: ast.Module, models: Mapping[str, str]) -> Iterator[str]:
    """Ways that no look at class names would see.

    Raw SQL, a table by its name, `__table__`, `metadata.tables[...]`, relations that load by themselves, and a class
    that the caller gives.
    """
    tables = {*models.values()}
    for top in _list_tops(tree):
        given = {each.arg for each in _list_parameters(top)}
        for node in ast.walk(top):
            if isinstance(node, ast.Attribute) and node.attr in ("__table__", "tables"):
                yield f"{name}:{node.attr}"
            elif isinstance(node, ast.Call) and (way := _name_raw(node, tables, given)):
                yield f"{name}:{way}"


def _name_raw(node: ast.Call, tables: set[str], given: set[str]) -> str:
    called = _name_call(node)
    texts = {each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    if called in RAW and any(SQL.search(each) for each in texts):
        return called
    if called in ("table", "Table") and tables & texts:
        return f"table({', '.join(sorted(tables & texts))})"
    first = node.args[0] if node.args else None
    of_session = isinstance(node.func, ast.Name) or ast.unparse(node.func).startswith("session.")
    if called in BY_CLASS and of_session and isinstance(first, ast.Name) and first.id in given:
        return "a class that the caller gives"
    return called if called in LAZY else ""


def _name_call(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _list_tops(tree: ast.Module) -> Iterator[ast.stmt]:
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef):
            yield from statement.body
        elif not isinstance(statement, ast.Import | ast.ImportFrom):
            yield statement


def _list_homes(tree: ast.Module) -> dict[str, str]:
    """What a name of this file is called where it comes from."""
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {each.asname or each.name: each.name for node in froms for each in node.names}


def _list_names(node: ast.AST) -> Iterator[str]:
    for leaf in ast.walk(node):
        if isinstance(leaf, ast.Name):
            yield leaf.id
        elif isinstance(leaf, ast.Attribute):
            yield leaf.attr


def _list_asked(top: ast.stmt, homes: Mapping[str, str]) -> set[str]:
    """The classes in the arguments of calls that ask, by the names they have at home."""
    calls = [node for node in ast.walk(top) if isinstance(node, ast.Call) and _name_call(node) in ASKING]
    return {homes.get(each, each) for node in calls for argument in node.args for each in _list_names(argument)}


def _is_given(top: ast.stmt, models: Mapping[str, str]) -> bool:
    """Whether its caller hands over a row of the case, or, where nobody asks in it, the case's id.

    What a route takes out of an address was given by nobody.
    """
    if not isinstance(top, Function) or any("router" in ast.unparse(each) for each in top.decorator_list):
        return False
    kinds = _list_kinds(top)
    by_id = any(each.arg in ("case_id", "case_ids") for each in _list_parameters(top))
    return bool(kinds & (OPENED | set(models))) or (by_id and not kinds & ASKERS)


def _list_parameters(top: ast.stmt) -> list[ast.arg]:
    if not isinstance(top, Function):
        return []
    return [*top.args.posonlyargs, *top.args.args, *top.args.kwonlyargs]


def _list_kinds(top: ast.stmt) -> set[str]:
    """Every word in the annotations of its parameters."""
    told = [ast.unparse(each.annotation) for each in _list_parameters(top) if each.annotation]
    return {word for each in told for word in re.findall(r"\w+", each)}
