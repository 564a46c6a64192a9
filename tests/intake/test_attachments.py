"""Files of a case: sealed as evidence, shown as a clean copy, carried inside when the case is sealed late and back."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.errors import BrokenSeal, InvalidField, NotFound
from casework.ledger import by_officer
from casework.models import Attachment, Case, LedgerEntry
from casework.rings import officer_private_key, ring_private_key
from casework.sealing import open_case_key
from casework.store import Store
from casework.types import AttachmentKind, AttachmentProblem
from intake.attachments import (
    MOST_A_REPORT,
    count_room,
    get_attachment,
    keep_attachment,
    keep_stub,
    list_attachments,
    note_reading,
    open_copy,
    open_original,
)
from intake.reports import receive_report
from intake.types import Filed
from tests.casework.people import NOW
from tests.intake import files
from tests.intake.desk import a_desk, a_draft
from tests.intake.test_resealing import SECRETS, House


class Kept(House):
    """A case with a picture and a recording."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.data = files.a_picture()
        self.picture = keep_attachment(session, self.case, data=self.data, secrets=SECRETS, now=NOW).id
        self.voice = keep_attachment(session, self.case, data=files.AMR, secrets=SECRETS, now=NOW).id

    def row(self, session: Session, ident: str = "") -> Attachment:
        return session.get_one(Attachment, ident or self.picture)

    def ring_key(self, session: Session, ident: str = "") -> bytes:
        private = officer_private_key(self.one, "t1")
        return ring_private_key(session, self.first, private, self.row(session, ident).ring_id)

    def case_key(self, session: Session) -> bytes:
        return open_case_key(session, self.first, officer_private_key(self.one, "t1"), self.case.id)


@contextmanager
def kept(store: Store) -> Iterator[tuple[Session, Kept]]:
    with store.write() as session:
        yield session, Kept(session)


def test_a_picture_shows_its_clean_copy_to_the_house(store: Store) -> None:
    with kept(store) as (session, house):
        row = house.row(session)
        copy = open_copy(row, secrets=SECRETS)
        small = open_copy(row, thumbnail=True, secrets=SECRETS)
    assert (row.kind, row.media_type, row.size) == (AttachmentKind.PICTURE, "image/jpeg", len(house.data))
    assert copy.media_type == small.media_type == "image/jpeg"
    assert dict(Image.open(io.BytesIO(copy.data)).getexif()) == {}
    assert len(small.data) < len(copy.data) < len(house.data) * 20


def test_the_original_opens_for_the_ring_alone_byte_for_byte(store: Store) -> None:
    with kept(store) as (session, house):
        row = house.row(session)
        opened = open_original(row, house.ring_key(session))
        assert opened.data == house.data
        assert opened.sha256 == hashlib.sha256(house.data).hexdigest()
        with pytest.raises(BrokenSeal):
            open_original(row, bytes(32))


def test_nothing_of_the_content_lies_in_plain(store: Store) -> None:
    with kept(store) as (session, house):
        for ident in (house.picture, house.voice):
            row = house.row(session, ident)
            blobs = [row.original, row.copy, row.thumbnail, row.original_wrap, row.copy_wrap]
            joined = b"".join(blob for blob in blobs if blob)
            assert files.MAKER.encode() not in joined
            assert house.data[300:340] not in joined
            assert files.AMR[6:60] not in joined


def test_of_a_voice_and_of_a_private_picture_there_is_no_copy(store: Store) -> None:
    with kept(store) as (session, house):
        letter = keep_attachment(session, house.case, data=house.data, secrets=SECRETS, private=True, now=NOW)
        for ident in (house.voice, letter.id):
            assert house.row(session, ident).copy is None
            with pytest.raises(NotFound):
                open_copy(house.row(session, ident), secrets=SECRETS)
        assert open_original(letter, house.ring_key(session, letter.id)).data == house.data
        assert [view.has_copy for view in list_attachments(session, house.case)].count(True) == 1


def test_the_ledger_keeps_a_hash_that_proves_the_original_and_betrays_it_to_nobody(store: Store) -> None:
    with kept(store) as (session, house):
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.subject_id == house.picture)).one()
        assert (entry.subject, entry.verb, entry.case_id) == ("attachment", "attached", house.case.id)
        (commitment,) = entry.details.values()
        assert len(commitment) == 64
        assert hashlib.sha256(house.data).hexdigest() not in str(entry.details)


def test_equal_pictures_look_unlike_and_their_length_says_little(store: Store) -> None:
    with kept(store) as (session, house):
        again = keep_attachment(session, house.case, data=house.data, secrets=SECRETS, now=NOW)
        first = house.row(session)
        assert first.original is not None
        assert again.original is not None
        assert len(again.original) == len(first.original)
        assert again.original != first.original
        assert (len(first.original) - 1 - 12 - 16) % (32 * 1024) == 0


def test_sealing_moves_keys_and_columns_inside(store: Store) -> None:
    with kept(store) as (session, house):
        house.seal(session)
        row = house.row(session)
        assert (row.sealed, row.kind, row.media_type, row.size) == (True, None, None, None)
        with pytest.raises(BrokenSeal):
            SECRETS.decrypt("attachment", row.copy_wrap or b"", row.id.encode())
        with pytest.raises(NotFound):
            open_copy(row, secrets=SECRETS)
        with pytest.raises(BrokenSeal):
            open_original(row, house.ring_key(session))
        key, case = house.case_key(session), session.get_one(Case, house.case.id)
        assert open_copy(row, secrets=SECRETS, case_key=key).media_type == "image/jpeg"
        assert open_original(row, house.ring_key(session), case_key=key).data == house.data
        kinds = {view.id: view.kind for view in list_attachments(session, case, case_key=key)}
    assert kinds == {house.picture: AttachmentKind.PICTURE, house.voice: AttachmentKind.RECORDING}


def test_unsealing_puts_everything_back(store: Store) -> None:
    with kept(store) as (session, house):
        before = list_attachments(session, house.case)
        house.seal(session)
        house.unseal(session)
        case = session.get_one(Case, house.case.id)
        assert list_attachments(session, case) == before
        assert open_copy(house.row(session), secrets=SECRETS).media_type == "image/jpeg"
        assert open_original(house.row(session), house.ring_key(session)).data == house.data
        assert house.row(session, house.voice).copy_wrap is None


def test_a_file_of_a_sealed_case_goes_straight_inside(store: Store) -> None:
    with kept(store) as (session, house):
        filed = receive_report(session, a_draft(), desk=a_desk(who=True, what=True), now=NOW)
        assert isinstance(filed, Filed)
        case = session.get_one(Case, filed.case_id)
        row = keep_attachment(session, case, data=house.data, secrets=SECRETS, now=NOW)
        assert (row.sealed, row.kind, row.media_type) == (True, None, None)
        key = open_case_key(session, house.first, officer_private_key(house.one, "t1"), case.id)
        (view,) = list_attachments(session, case, case_key=key)
        assert (view.kind, view.has_copy, view.size) == (AttachmentKind.PICTURE, True, len(house.data))
        with pytest.raises(NotFound):
            list_attachments(session, case)


def test_a_stub_says_what_never_came(store: Store) -> None:
    with kept(store) as (session, house):
        gone = AttachmentProblem.GONE
        stub = keep_stub(session, house.case, AttachmentKind.RECORDING, gone, secrets=SECRETS, now=NOW)
        view = next(each for each in list_attachments(session, house.case) if each.id == stub.id)
        assert (view.kind, view.problem, view.size) == (AttachmentKind.RECORDING, gone, 0)
        with pytest.raises(NotFound):
            open_original(stub, house.ring_key(session, stub.id))


def test_a_recording_waits_for_an_ear_until_somebody_opens_it(store: Store) -> None:
    with kept(store) as (session, house):
        heard = [view.heard for view in list_attachments(session, house.case)]
        note_reading(session, house.row(session, house.voice), by=by_officer(house.first), what="original", now=NOW)
        session.flush()
        after = {view.id: view.heard for view in list_attachments(session, house.case)}
    assert heard == [False, False]
    assert after == {house.picture: False, house.voice: True}


def test_a_file_belongs_to_its_own_case(store: Store) -> None:
    with kept(store) as (session, house):
        filed = receive_report(session, a_draft(), desk=house.desk, now=NOW)
        assert isinstance(filed, Filed)
        with pytest.raises(NotFound):
            get_attachment(session, session.get_one(Case, filed.case_id), house.picture)


def test_what_is_wanted_as_a_recording_must_be_one(store: Store) -> None:
    with kept(store) as (session, house), pytest.raises(InvalidField):
        keep_attachment(session, house.case, data=house.data, kind=AttachmentKind.RECORDING, secrets=SECRETS, now=NOW)


def test_there_is_room_for_nine_a_day(store: Store) -> None:
    with kept(store) as (session, house):
        assert count_room(session, house.case.id, now=NOW) == MOST_A_REPORT - 2


def test_a_content_moved_to_another_row_does_not_open(store: Store) -> None:
    with kept(store) as (session, house):
        other = keep_attachment(session, house.case, data=files.a_picture((80, 60)), secrets=SECRETS, now=NOW)
        row = house.row(session)
        row.copy = other.copy
        with pytest.raises(BrokenSeal):
            open_copy(row, secrets=SECRETS)
