"""Files travel with backups and moves, open again afterwards, and go for good when their case does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from api.migrate import find_revision
from bot.models import LooseMedium
from casework.backups import copy_database, restore_backup, write_backup
from casework.models import Attachment, Case, Officer
from casework.retention import SHRUNK_AWAY, _destroy
from casework.rings import ring_private_key, unlock_key
from casework.rowcopies import LEFT_OUT, Digest
from casework.store import Store
from casework.wiping import SEALED_OUT_OF, SHORT_LIVED
from intake.attachments import keep_attachment, open_copy, open_original
from intake.reports import receive_report
from intake.types import Filed
from tests.casework.people import NOW
from tests.infrastructure.databases import KINDS, Databases, check_kind
from tests.intake import files
from tests.intake.desk import a_desk, a_draft, a_house
from tests.intake.test_resealing import SECRETS

PICTURE = files.a_picture((80, 60))


@pytest.fixture(params=KINDS)
def other(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Store]:
    """An empty migrated database of each kind."""
    check_kind(request.param)
    with databases.fresh(request.param) as url:
        opened = Store(url)
        yield opened
        opened.close()


def furnish(store: Store) -> tuple[str, str, str]:
    """A case with a picture; a member's name and passphrase, and the picture's id."""
    with store.write() as session:
        (member, _), sheet = a_house(session)
        filed = receive_report(session, a_draft(), desk=a_desk(), now=NOW)
        assert isinstance(filed, Filed)
        case = session.get_one(Case, filed.case_id)
        row = keep_attachment(session, case, data=PICTURE, secrets=SECRETS, now=NOW)
        return member.username, dict(sheet.passphrases)[member.username], row.id


def check_opens(store: Store, username: str, passphrase: str, ident: str) -> None:
    with store.read() as session:
        member = session.scalars(select(Officer).where(Officer.username == username)).one()
        row = session.get_one(Attachment, ident)
        key = ring_private_key(session, member, unlock_key(member, passphrase), row.ring_id)
        assert open_original(row, key).data == PICTURE
        assert open_copy(row, secrets=SECRETS).data


def test_a_backup_brings_them_back(store: Store, other: Store, tmp_path: Path) -> None:
    member = furnish(store)
    file = tmp_path / "b.hotline"
    write_backup(store, file, revision=find_revision(store), secrets=SECRETS, now=NOW)
    assert PICTURE[300:340] not in file.read_bytes()
    restore_backup(other, file, revision=find_revision(other), secrets=SECRETS)
    check_opens(other, *member)


def test_a_move_takes_them_along(store: Store, other: Store) -> None:
    member = furnish(store)
    copy_database(store, other)
    check_opens(other, *member)


def test_destroying_a_case_destroys_them(store: Store) -> None:
    furnish(store)
    with store.write() as session:
        _destroy(session, session.scalars(select(Case.id)).one(), Digest())
        assert session.scalar(select(func.count()).select_from(Attachment)) == 0


def test_every_list_of_what_vanishes_knows_them() -> None:
    assert Attachment.__tablename__ in SHRUNK_AWAY
    assert Attachment.__tablename__ in SEALED_OUT_OF
    assert Attachment.__tablename__ not in LEFT_OUT
    assert LooseMedium.__tablename__ in LEFT_OUT
    assert LooseMedium.__tablename__ in SHORT_LIVED
