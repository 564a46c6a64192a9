"""The categories a report can be about, and the bodies that handle them.

They are data that an office may edit, so everything is checked here once and wrong data stops the start.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from triage.errors import DataError, line_of
from triage.types import Urgency

DATA_DIR = Path(__file__).parent / "data"


class DisciplineRule(StrEnum):
    """When a category goes before the discipline inspection bodies."""

    NO = "no"
    IF = "if"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Category:
    """One category: who leads, who is told as well, how urgent it is by default; `alone` stands beside no other."""

    code: str
    name: str
    says: str
    lead: str
    co_bodies: tuple[str, ...]
    discipline: DisciplineRule
    urgency: Urgency
    checks: tuple[int, ...] = ()
    focus: tuple[int, ...] = ()
    alone: bool = False


@dataclass(frozen=True)
class Taxonomy:
    """All categories in the order of the data file, and the bodies' names by code."""

    categories: tuple[Category, ...]
    bodies: Mapping[str, str]

    @cached_property
    def by_code(self) -> Mapping[str, Category]:
        """The categories by code."""
        return {category.code: category for category in self.categories}

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The codes in the order of the data file."""
        return tuple(category.code for category in self.categories)


def load_taxonomy(data_dir: Path = DATA_DIR) -> Taxonomy:
    """Read `taxonomy.toml`; raise DataError with file and line where a category names an unknown body or value."""
    path = data_dir / "taxonomy.toml"
    source = path.read_text(encoding="utf-8")
    try:
        raw = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise DataError(path, 0, str(error)) from error
    bodies: dict[str, str] = raw.get("bodies", {})
    categories = tuple(
        _read_category(code, fields, bodies, path, line_of(source, f"[categories.{code}]"))
        for code, fields in raw.get("categories", {}).items()
    )
    if not categories:
        raise DataError(path, 0, "no categories")
    return Taxonomy(categories, bodies)


def _read_category(code: str, fields: dict[str, Any], bodies: Mapping[str, str], path: Path, line: int) -> Category:
    co_bodies = tuple(fields.get("with", ()))
    for body in (fields.get("lead"), *co_bodies):
        if body not in bodies:
            raise DataError(path, line, f"{code}: unknown body {body!r}")
    try:
        return Category(
            code=code,
            name=fields["name"],
            says=fields["says"],
            lead=fields["lead"],
            co_bodies=co_bodies,
            discipline=DisciplineRule(fields["discipline"]),
            urgency=Urgency(fields["urgency"]),
            checks=tuple(fields.get("checks", ())),
            focus=tuple(fields.get("focus", ())),
            alone=bool(fields.get("alone", False)),
        )
    except (KeyError, ValueError) as error:
        raise DataError(path, line, f"{code}: {error}") from error
