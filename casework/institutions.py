"""Care homes (养老机构) and towns: the directory that triage recognises names by, and a home's earlier cases.

A home is what is complained of, never who handles.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.errors import NotFound
from casework.models.people import Institution, Town
from triage.types import Directory, DirectoryInstitution, DirectoryTown


def load_directory(session: Session) -> Directory:
    """The homes and towns as triage needs them; built at start and after the office's data changed."""
    institutions = tuple(
        DirectoryInstitution(row.code, row.name, tuple(row.aliases), row.town_code, row.operator_kind)
        for row in session.scalars(select(Institution).order_by(Institution.code))
    )
    towns = tuple(
        DirectoryTown(row.code, row.name, tuple(row.aliases), tuple(row.villages))
        for row in session.scalars(select(Town).order_by(Town.code))
    )
    return Directory(institutions, towns)


def get_institution(session: Session, code: str) -> Institution:
    """The home with that code. Raises NotFound."""
    row = session.get(Institution, code)
    if row is None:
        raise NotFound("institution", code)
    return row


def list_institutions(session: Session, *, town_code: str | None = None) -> list[Institution]:
    """All homes by name, or those of one town."""
    query = select(Institution).order_by(Institution.name)
    if town_code is not None:
        query = query.where(Institution.town_code == town_code)
    return list(session.scalars(query))
