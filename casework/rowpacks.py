"""Rows as JSON and back: how what stood open of a case is carried into a sealed item, and out of it again.

Every column of a row travels by its own type, so that a packed row comes back as the very row it was.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, TypeDecorator, delete, inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from casework.duplicate_index import drop_from_index
from casework.models.cases import (
    Assignment,
    CaseAssessment,
    Deadline,
    Disposition,
    DuplicateHint,
    Extension,
    Note,
    Return,
)
from casework.models.lexicon import LabelledExample, LexiconMove
from casework.models.papers import CasePaper, CasePaperFile
from casework.models.referrals import NoticeFile, Referral
from casework.models.secrecy import Exclusion
from casework.models.shownpictures import ShownPicture
from casework.store import Base

Packed = Mapping[str, list[dict[str, Any]]]

PARENTS: Sequence[type[Base]] = (CaseAssessment, Assignment, Deadline, Note, Disposition, Exclusion, CasePaper)
"""Tables with a `case_id` whose rows go inside whole, in the order in which they come back."""


def pack_rows(session: Session, case_id: str) -> dict[str, list[dict[str, Any]]]:
    """Everything that stands open of a case beside its own row, its talk and its reports, by table name."""
    found: dict[str, list[dict[str, Any]]] = {}
    for model, condition in _list_tables(case_id):
        found[model.__tablename__] = [pack_row(row) for row in session.scalars(select(model).where(condition))]
    return found


def drop_rows(session: Session, case_id: str) -> None:
    """Delete what `pack_rows` packed, children first, hints that it is like another, what was learnt from it, and
    which picture a body was let see: a sealed case shows none.
    """
    for model, condition in reversed(_list_tables(case_id)):
        session.execute(delete(model).where(condition))
    hints = (DuplicateHint.case_id == case_id) | (DuplicateHint.other_case_id == case_id)
    session.execute(delete(DuplicateHint).where(hints))
    drop_from_index(session, case_id)
    for gone in (LabelledExample, LexiconMove, ShownPicture):
        session.execute(delete(gone).where(gone.case_id == case_id))
    session.flush()


def restore_rows(session: Session, packed: Packed) -> None:
    """Put packed rows back, as they were."""
    tables: tuple[type[Base], ...] = (*PARENTS, Return, Extension, NoticeFile, CasePaperFile)
    for model in tables:
        session.add_all(unpack_row(model, values) for values in packed.get(model.__tablename__, ()))
        session.flush()


def pack_row(row: Base) -> dict[str, Any]:
    """One row as JSON values by column name."""
    return {column.key: _to_json(getattr(row, column.key)) for column in inspect(type(row)).column_attrs}


def unpack_row(model: type[Base], values: Mapping[str, Any]) -> Base:
    """The row that `pack_row` packed, not yet in a session."""
    types = {each.key: _python_type(each.columns[0].type) for each in inspect(model).column_attrs}
    return model(**{name: _from_json(types[name], value) for name, value in values.items()})


def _list_tables(case_id: str) -> list[tuple[type[Base], ColumnElement[bool]]]:
    """Each table with the condition that picks the case's rows, parents before children."""
    assignments = select(Assignment.id).where(Assignment.case_id == case_id)
    deadlines = select(Deadline.id).where(Deadline.case_id == case_id)
    referrals = select(Referral.id).where(Referral.case_id == case_id)
    papers = select(CasePaper.id).where(CasePaper.case_id == case_id)
    own = [(model, inspect(model).columns["case_id"] == case_id) for model in PARENTS]
    return [
        *own,
        (Return, Return.assignment_id.in_(assignments)),
        (Extension, Extension.deadline_id.in_(deadlines)),
        (NoticeFile, NoticeFile.referral_id.in_(referrals)),
        (CasePaperFile, CasePaperFile.paper_id.in_(papers)),
    ]


def _python_type(kind: TypeEngine[Any]) -> type[Any]:
    return (kind.impl_instance if isinstance(kind, TypeDecorator) else kind).python_type


def _to_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _from_json(kind: type[Any], value: Any) -> Any:
    if value is None:
        return None
    if kind is bytes:
        return bytes.fromhex(value)
    if issubclass(kind, datetime | date):
        return kind.fromisoformat(value)
    return kind(value) if issubclass(kind, Enum) else value
