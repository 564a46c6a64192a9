"""What triage reads by on the command line: the office's directory and words where it has a database, else the shipped.

It makes nothing: a checkout without a database stays without one.
"""

from pathlib import Path

import typer
from sqlalchemy import inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from api.settings import load_settings
from casework.institutions import load_directory
from casework.lexicons import build_office_context, get_active, read_changes
from casework.models.lexicon import LexiconState
from casework.store import Store
from triage.context import Context, build_context


def has_database(url: str) -> bool:
    """Whether there is a database to open; a missing SQLite file would be made by asking it anything."""
    parsed = make_url(url)
    return parsed.get_backend_name() != "sqlite" or Path(parsed.database or "").is_file()


def read_office_context(url: str | None = None) -> Context:
    """The office's context; the shipped words alone where there is no database, or none that is ready (it says so)."""
    address = url or load_settings().resolved_database_url
    if not has_database(address):
        return build_context()
    store = Store(address)
    try:
        if not inspect(store.engine).has_table(LexiconState.__tablename__):
            raise LookupError(LexiconState.__tablename__)
        with store.read() as session:
            directory = load_directory(session)
            number = get_active(session)
            changes = read_changes(session, number)
    except (SQLAlchemyError, LookupError):
        typer.echo("数据库没有建好，这次只用随附词库（先运行 hotline migrate，或者加 --base）。", err=True)
        return build_context()
    finally:
        store.close()
    return build_office_context(build_context(directory=directory), number, changes)
