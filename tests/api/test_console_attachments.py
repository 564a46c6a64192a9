"""The files of a case at the console: for whom they are there, and that no browser runs them."""

import io

import pytest
from PIL import Image
from sqlalchemy import select

from api.console.byteranges import Span, read_range
from casework.ledger import SYSTEM
from casework.models import Case, LedgerEntry, Officer
from casework.rings import add_member, give_key_pair
from casework.signins import get_officer_by_token
from casework.types import AttachmentKind, AttachmentProblem
from intake.attachments import keep_attachment, keep_stub
from tests.api.houses import AUDITOR, CLUE, DISPATCHER, HANDLER, LEADER, LIGHT, OTHER_HANDLER, SUPERVISOR, Person
from tests.api.visitors import Doors
from tests.intake import files

STORY = "麦陇镇敬老院的饭是馊的，老人吃了拉肚子。"
SEALED = "麦陇镇副镇长卜庆林收了院长两万块红包，才让他侄子当上院长，我亲眼看见的。"
PICTURE = files.a_picture((300, 200))


def attach(doors: Doors, case_id: str, data: bytes, *, private: bool = False) -> str:
    house = doors.home.house
    with house.store.write() as session:
        case = session.get_one(Case, case_id)
        row = keep_attachment(session, case, data=data, secrets=house.secrets, private=private, now=house.now())
        return row.id


def at(ident: str, what: str) -> str:
    return f"/console/attachments/{ident}/{what}"


def readings(doors: Doors, ident: str) -> list[tuple[str, str]]:
    with doors.home.house.store.read() as session:
        query = select(LedgerEntry).where(LedgerEntry.subject_id == ident, LedgerEntry.verb == "read")
        return [(row.subject, row.details["what"]) for row in session.scalars(query)]


def let_into_ring(doors: Doors, person: Person) -> str:
    """A clue officer with an open vault makes somebody a member; his five words come back."""
    house, clerk = doors.home.house, doors.sign_in(CLUE)
    clerk.unlock()
    token, now = clerk.client.cookies["staff"], house.now()
    with house.store.write() as session:
        signed = get_officer_by_token(session, token, now)
        officer = session.scalars(select(Officer).where(Officer.username == person.username)).one()
        assert signed is not None
        phrase = give_key_pair(session, officer, strength=LIGHT, by=SYSTEM, now=now)
        add_member(session, officer, signed=signed, token=token, now=now)
    return phrase


def test_a_dispatcher_sees_the_clean_picture_in_the_page(doors: Doors) -> None:
    filed = doors.report(STORY)
    ident = attach(doors, filed.case_id, PICTURE)
    clerk = doors.sign_in(DISPATCHER)
    page = clerk.get(f"/console/cases/{filed.case_id}")
    assert page.tree.xpath("//ul[@class='attached']//img/@src") == [at(ident, "thumbnail")]
    assert page.tree.xpath("//ul[@class='attached']//a/@href") == [at(ident, "copy")]
    small = clerk.client.get(at(ident, "thumbnail"))
    large = clerk.client.get(at(ident, "copy"))
    for answer in (small, large):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["content-disposition"].startswith("inline; ")
        assert dict(Image.open(io.BytesIO(answer.content)).getexif()) == {}
    assert readings(doors, ident) == [("attachment", "copy")]


def test_every_answer_keeps_a_browser_from_running_it(doors: Doors) -> None:
    filed = doors.report(SEALED)
    ident = attach(doors, filed.case_id, files.PDF)
    clerk = doors.sign_in(CLUE)
    clerk.unlock()
    answer = clerk.client.get(at(ident, "original"))
    assert answer.content == files.PDF
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    name = answer.headers["content-disposition"]
    assert name == f'attachment; filename="{ident[:8]}.pdf"'
    assert name.isascii()


@pytest.mark.parametrize("what", ["thumbnail", "copy", "original"])
@pytest.mark.parametrize("person", [HANDLER, OTHER_HANDLER, LEADER, AUDITOR, CLUE], ids=lambda each: each.username)
def test_an_open_cases_files_do_not_exist_for_those_who_may_not_read_it(
    doors: Doors, person: Person, what: str
) -> None:
    ident = attach(doors, doors.report(STORY).case_id, PICTURE)
    clerk = doors.sign_in(person)
    assert clerk.client.get(at(ident, what)).status_code == 404
    assert clerk.client.get(at("nobody", what)).status_code == 404
    assert readings(doors, ident) == []


def test_a_sealed_cases_files_open_in_the_clue_officers_sign_in_alone(doors: Doors) -> None:
    filed = doors.report(SEALED)
    assert filed.sealed
    ident = attach(doors, filed.case_id, PICTURE)
    assert doors.sign_in(DISPATCHER).client.get(at(ident, "copy")).status_code == 404
    clerk = doors.sign_in(CLUE)
    assert clerk.client.get(at(ident, "copy")).status_code == 423
    clerk.unlock()
    page = clerk.get(f"/console/sealed/{filed.case_id}")
    assert page.tree.xpath("//ul[@class='attached']//img/@src") == [at(ident, "thumbnail")]
    assert clerk.client.get(at(ident, "thumbnail")).headers["content-type"] == "image/jpeg"
    original = clerk.client.get(at(ident, "original"))
    assert original.content == PICTURE
    assert readings(doors, ident) == [("attachment", "original")]


def test_a_recording_waits_for_an_ear_and_plays_for_who_may_hear_it(doors: Doors) -> None:
    filed = doors.report(SEALED)
    ident = attach(doors, filed.case_id, files.WEBM_SOUND)
    clerk = doors.sign_in(CLUE)
    clerk.unlock()
    page = clerk.get(f"/console/sealed/{filed.case_id}")
    assert "1段等人听" in page.text
    assert page.tree.xpath("//audio/@src") == [at(ident, "sound")]
    sound = clerk.client.get(at(ident, "sound"))
    assert sound.headers["content-type"] == "audio/webm"
    assert sound.content == files.WEBM_SOUND
    assert "等人听" not in clerk.get(f"/console/sealed/{filed.case_id}").text


def test_what_wechat_recorded_is_heard_in_the_page(doors: Doors) -> None:
    filed = doors.report(SEALED)
    voice = files.spoken_amr()
    ident = attach(doors, filed.case_id, voice)
    clerk = doors.sign_in(CLUE)
    clerk.unlock()
    assert clerk.get(f"/console/sealed/{filed.case_id}").tree.xpath("//audio/@src") == [at(ident, "sound")]
    sound = clerk.client.get(at(ident, "sound"))
    assert (sound.headers["content-type"], sound.content[:4]) == ("audio/wav", b"RIFF")
    assert clerk.client.get(at(ident, "original")).content == voice
    assert clerk.client.get(at(attach(doors, filed.case_id, PICTURE), "sound")).status_code == 404


def test_an_open_cases_voice_stays_locked_for_who_has_no_key(doors: Doors) -> None:
    filed = doors.report(STORY)
    ident = attach(doors, filed.case_id, files.AMR)
    clerk = doors.sign_in(DISPATCHER)
    page = clerk.get(f"/console/cases/{filed.case_id}")
    assert "1段等人听" in page.text
    assert "录音和原件由有密钥的人打开" in page.text
    assert page.tree.xpath("//audio") == []
    assert clerk.client.get(at(ident, "original")).status_code == 423


def test_a_supervisor_with_a_key_opens_the_vault_on_the_page_and_hears_it(doors: Doors) -> None:
    filed = doors.report(STORY)
    ident = attach(doors, filed.case_id, files.WEBM_SOUND)
    phrase = let_into_ring(doors, SUPERVISOR)
    clerk = doors.sign_in(SUPERVISOR)
    page = clerk.get(f"/console/cases/{filed.case_id}")
    assert page.tree.xpath("//audio") == []
    form = page.form("/console/attachments/unlock")
    wrong = clerk.post("/console/attachments/unlock", form | {"passphrase": "不是这个"})
    assert wrong.status == 422
    assert "口令不对" in wrong.error_at("vault")
    page = clerk.post("/console/attachments/unlock", form | {"passphrase": phrase})
    assert page.path == f"/console/cases/{filed.case_id}"
    assert page.tree.xpath("//audio/@src") == [at(ident, "sound")]
    assert clerk.client.get(at(ident, "original")).content == files.WEBM_SOUND


def test_a_letter_kept_private_shows_no_picture_at_all(doors: Doors) -> None:
    filed = doors.report(STORY)
    ident = attach(doors, filed.case_id, PICTURE, private=True)
    clerk = doors.sign_in(DISPATCHER)
    assert clerk.get(f"/console/cases/{filed.case_id}").tree.xpath("//ul[@class='attached']//img") == []
    assert clerk.client.get(at(ident, "copy")).status_code == 404


def test_a_handling_body_is_told_that_there_is_something_and_sees_nothing(doors: Doors) -> None:
    filed = doors.report(STORY)
    ident = attach(doors, filed.case_id, PICTURE)
    dispatcher = doors.sign_in(DISPATCHER)
    version = dispatcher.get(f"/console/cases/{filed.case_id}").form("/assign")["version"]
    dispatcher.act(f"/console/cases/{filed.case_id}/assign", {"version": version, "body": "civil_affairs"})
    page = doors.sign_in(HANDLER).get(f"/console/cases/{filed.case_id}")
    assert "这些由派单员和密件员看" in page.text
    assert ident not in page.response.text


def test_what_never_came_is_told(doors: Doors) -> None:
    filed = doors.report(STORY)
    house = doors.home.house
    with house.store.write() as session:
        case = session.get_one(Case, filed.case_id)
        problem, kind = AttachmentProblem.GONE, AttachmentKind.RECORDING
        keep_stub(session, case, kind, problem, secrets=house.secrets, now=house.now())
    page = doors.sign_in(DISPATCHER).get(f"/console/cases/{filed.case_id}")
    assert "已经过期，没取到" in page.text
    assert "等人听" not in page.text


def test_a_case_without_files_has_no_panel(doors: Doors) -> None:
    filed = doors.report(STORY)
    page = doors.sign_in(DISPATCHER).get(f"/console/cases/{filed.case_id}")
    assert page.tree.xpath("//*[@id='files']") == []


def test_a_player_may_seek_and_one_hearing_is_one_line_in_the_ledger(doors: Doors) -> None:
    filed = doors.report(SEALED)
    ident = attach(doors, filed.case_id, files.WEBM_SOUND)
    clerk = doors.sign_in(CLUE)
    clerk.unlock()
    whole = clerk.client.get(at(ident, "sound"))
    assert (whole.status_code, whole.headers["accept-ranges"]) == (200, "bytes")
    part = clerk.client.get(at(ident, "sound"), headers={"Range": "bytes=4-9"})
    assert (part.status_code, part.content) == (206, files.WEBM_SOUND[4:10])
    assert part.headers["content-range"] == f"bytes 4-9/{len(files.WEBM_SOUND)}"
    assert part.headers["content-security-policy"] == whole.headers["content-security-policy"]
    beyond = clerk.client.get(at(ident, "sound"), headers={"Range": f"bytes={len(files.WEBM_SOUND)}-"})
    assert (beyond.status_code, beyond.content) == (416, b"")
    assert readings(doors, ident) == [("attachment", "sound")]
    doors.home.clock.turn(minutes=31)
    clerk = doors.sign_in(CLUE)
    clerk.unlock()
    clerk.client.get(at(ident, "sound"), headers={"Range": "bytes=1-"})
    assert readings(doors, ident) == [("attachment", "sound")] * 2


def test_nobody_hears_a_part_of_what_he_may_not_hear(doors: Doors) -> None:
    filed = doors.report(SEALED)
    ident = attach(doors, filed.case_id, files.WEBM_SOUND)
    clerk = doors.sign_in(DISPATCHER)
    assert clerk.client.get(at(ident, "sound"), headers={"Range": "bytes=0-3"}).status_code == 404


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-3", Span(0, 4)),
        ("bytes=6-", Span(6, 10)),
        ("bytes=-4", Span(6, 10)),
        ("bytes=-40", Span(0, 10)),
        ("bytes=2-99", Span(2, 10)),
        ("bytes=0-1,4-5", None),
        ("bytes=-", None),
        ("bytes=5-2", None),
        ("lines=1-2", None),
        (None, None),
    ],
)
def test_a_range_is_read_as_the_standard_says(header: str | None, span: Span | None) -> None:
    assert read_range(header, 10) == span


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_a_range_beyond_the_end_is_none(header: str) -> None:
    with pytest.raises(ValueError, match="out of range"):
        read_range(header, 10)
