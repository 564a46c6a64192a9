"""An office's directory as data: its towns, bodies and homes in one TOML file, checked when it is read.

Loading adds and changes but never removes, for cases point at what stands there; loading it again changes nothing.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from casework.errors import DataError
from casework.exclusions import screen_open_cases
from casework.ledger import Actor, Verb, record
from casework.models.people import Body, Institution, Town
from casework.types import BodyKind, DeliveryMethod
from triage.types import OperatorKind

FOLDER = Path(__file__).parent / "data" / "offices"
CODE_LENGTH = 32
Row = TypeVar("Row", Town, Body, Institution)


@dataclass(frozen=True)
class OfficeData:
    """What the file says, by code; `office` holds the bureau's own name, district and marks."""

    office: Mapping[str, Any]
    towns: Mapping[str, Mapping[str, Any]]
    bodies: Mapping[str, Mapping[str, Any]]
    institutions: Mapping[str, Mapping[str, Any]]


def find_office_file(name: str) -> Path:
    """The file of a packaged office (`wangtong`), or the one at a path. Raises DataError where there is neither."""
    for path in (FOLDER / f"{name}.toml", Path(name), Path(name) / "office.toml"):
        if path.is_file():
            return path
    raise DataError(name, "no such office")


def read_office_data(path: Path) -> OfficeData:
    """Read and check a file: every code once, every reference known, every kind one of ours. Raises DataError."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        read = OfficeData(
            office=dict(data["office"]),
            towns=_by_code(_to_town(each) for each in data.get("towns", [])),
            bodies=_by_code(_to_body(each) for each in data.get("bodies", [])),
            institutions=_by_code(_to_institution(each) for each in data.get("institutions", [])),
        )
        _check_references(read)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise DataError(path.name, f"{type(error).__name__}: {error}") from error
    return read


def load_office_data(session: Session, path: Path, *, by: Actor, now: datetime) -> OfficeData:
    """Lay an office's file into the tables; open cases are screened anew, for a new body may be one complained of."""
    data = read_office_data(path)
    for code, town in data.towns.items():
        _put(session, Town, code, town)
    for code, body in data.bodies.items():
        _put(session, Body, code, {**body, "part_of_code": None, "superior_code": None})
    session.flush()
    for code, body in data.bodies.items():
        _put(session, Body, code, body)
    for code, home in data.institutions.items():
        _put(session, Institution, code, home)
    session.flush()
    details = {"towns": len(data.towns), "bodies": len(data.bodies), "institutions": len(data.institutions)}
    record(session, actor=by, verb=Verb.DATA_LOADED, subject="office", subject_id=path.stem, details=details, now=now)
    screen_open_cases(session, now=now)
    return data


def _put(session: Session, model: type[Row], code: str, values: Mapping[str, Any]) -> None:
    row = session.get(model, code)
    if row is None:
        session.add(model(code=code, **values))
        return
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def _by_code(rows: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        code = row.pop("code")
        if code in found or len(code) > CODE_LENGTH:
            raise ValueError(f"{code} stands twice or is too long")
        found[code] = row
    return found


def _to_town(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": said["code"],
        "name": said["name"],
        "aliases": list(said.get("aliases", [])),
        "villages": list(said.get("villages", [])),
    }


def _to_body(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": said["code"],
        "kind": BodyKind(said["kind"]),
        "name": said["name"],
        "aliases": list(said.get("aliases", [])),
        "town_code": said.get("town"),
        "part_of_code": said.get("part_of"),
        "superior_code": said.get("superior"),
        "internal": bool(said.get("internal", False)),
        "accepts": [DeliveryMethod(method).value for method in said.get("accepts", [])],
        "address": said.get("address", ""),
        "mail": said.get("mail"),
    }


def _to_institution(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": said["code"],
        "name": said["name"],
        "aliases": list(said.get("aliases", [])),
        "town_code": said.get("town"),
        "operator_kind": OperatorKind(said.get("operator", OperatorKind.UNKNOWN)),
        "operator_name": said.get("operator_name", ""),
        "director_name": said.get("director", ""),
        "run_by_code": said.get("run_by"),
        "beds": said.get("beds"),
        "address": said.get("address", ""),
    }


def _check_references(data: OfficeData) -> None:
    known = {
        "town_code": data.towns,
        "part_of_code": data.bodies,
        "superior_code": data.bodies,
        "run_by_code": data.bodies,
    }
    for code, row in (*data.bodies.items(), *data.institutions.items()):
        for name, codes in known.items():
            if row.get(name) is not None and row[name] not in codes:
                raise ValueError(f"{code}: {name} {row[name]} is not in the file")
