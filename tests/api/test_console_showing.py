"""给承办单位看这张: that picture and no other, for the body that handles it, until somebody takes it back."""

import pytest
from sqlalchemy import select

from casework.apikeys import Scope, create_api_key
from casework.links import make_token
from casework.models.ledger import LedgerEntry
from casework.models.secrecy import Exclusion
from casework.models.shownpictures import ShownPicture
from casework.rowpacks import drop_rows
from casework.types import ExclusionReason
from tests.api.houses import CLUE, DISPATCHER, HANDLER, LEADER, OTHER_HANDLER, RECEIVER
from tests.api.test_console_attachments import PICTURE, at, attach
from tests.api.test_console_receiving import LIST, issue, letter
from tests.api.visitors import Clerk, Doors
from tests.intake import files

STORY = "麦陇镇敬老院的饭是馊的，老人吃了拉肚子。"


def referred(doors: Doors) -> tuple[str, str, str]:
    """A fire matter at the brigade, with two pictures; gives the case and both pictures."""
    case_id = issue(doors)
    return case_id, attach(doors, case_id, PICTURE), attach(doors, case_id, files.a_picture((200, 300)))


def show(doors: Doors, ident: str, body: str = "fire") -> Clerk:
    clerk = doors.sign_in(DISPATCHER)
    page = clerk.act(at(ident, "show"), {"body": body})
    assert "给他们看了" in page.text, page.text
    return clerk


def shown_of(clerk: Clerk, case_id: str) -> str:
    (found,) = clerk.get(f"/console/cases/{case_id}").tree.xpath("//input[@name='shown']/@value")
    return str(found)


def verbs(doors: Doors, ident: str) -> list[str]:
    with doors.home.house.store.read() as session:
        query = select(LedgerEntry.verb).where(LedgerEntry.subject_id == ident).order_by(LedgerEntry.id)
        return list(session.scalars(query))


def test_the_receiving_officer_sees_that_picture_and_no_other(doors: Doors) -> None:
    case_id, shown, other = referred(doors)
    path = f"{LIST}/{letter(doors).id}"
    clerk = doors.sign_in(RECEIVER)
    assert not [link for link in clerk.get(path).links if "/pictures/" in link]
    ours = show(doors, shown)
    assert [link for link in clerk.get(path).links if "/pictures/" in link] == [f"{path}/pictures/{shown}"]
    answer = clerk.client.get(f"{path}/pictures/{shown}")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content != PICTURE
    assert clerk.client.get(f"{path}/pictures/{other}").status_code == 404
    for what in ("copy", "thumbnail", "original"):
        assert clerk.client.get(at(other, what)).status_code == 404
    ours.act(at(shown, "take-back"), {"shown": shown_of(ours, case_id)})
    assert clerk.client.get(f"{path}/pictures/{shown}").status_code == 404
    assert not [link for link in clerk.get(path).links if "/pictures/" in link]
    assert verbs(doors, shown) == ["attached", "picture_shown", "read", "picture_taken_back"]


def test_the_link_in_the_letter_leads_to_it(doors: Doors) -> None:
    _case_id, shown, other = referred(doors)
    show(doors, shown)
    house = doors.home.house
    with house.store.write() as session:
        link = f"/acknowledge/{make_token(session, house.secrets, letter(doors).id)}"
    visitor = doors.visitor()
    page = visitor.get(link)
    (picture,) = [each for each in page.links if "/pictures/" in each]
    assert "read" not in verbs(doors, shown)
    answer = visitor.client.get(picture)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "no-store"
    assert visitor.client.get(f"{link}/pictures/{other}").status_code == 404
    assert visitor.client.get(f"/acknowledge/nobody/pictures/{shown}").status_code == 404
    page = visitor.post(link, {"decision": "taken", "receiver": "值班员林"})
    assert picture in page.links
    doors.home.clock.turn(days=31)
    assert visitor.client.get(picture).status_code == 404


def test_a_system_of_the_bodys_own_fetches_it(doors: Doors) -> None:
    _case_id, shown, other = referred(doors)
    show(doors, shown)
    with doors.home.house.store.write() as session:
        key = create_api_key(
            session, label="消防", scopes=[Scope.REFERRALS_READ], body_code="fire", now=doors.home.clock()
        )
        police = create_api_key(
            session, label="公安", scopes=[Scope.REFERRALS_READ], body_code="police", now=doors.home.clock()
        )
    path, client = f"/api/v1/referrals/{letter(doors).id}", doors.client()
    bearer = {"Authorization": f"Bearer {key}"}
    assert client.get(path, headers=bearer).json()["pictures"] == [shown]
    assert client.get(f"{path}/pictures/{shown}", headers=bearer).headers["content-type"] == "image/jpeg"
    assert client.get(f"{path}/pictures/{other}", headers=bearer).status_code == 404
    foreign = client.get(f"{path}/pictures/{shown}", headers={"Authorization": f"Bearer {police}"})
    assert foreign.status_code == 404


def test_a_section_of_our_own_house_sees_it_in_its_case(doors: Doors) -> None:
    filed = doors.report(STORY)
    shown, other = (attach(doors, filed.case_id, each) for each in (PICTURE, files.a_picture((200, 300))))
    dispatcher = doors.sign_in(DISPATCHER)
    dispatcher.act(f"/console/cases/{filed.case_id}/assign", {"body": HANDLER.body})
    clerk = doors.sign_in(HANDLER)
    case = f"/console/cases/{filed.case_id}"
    assert clerk.client.get(at(shown, "copy")).status_code == 404
    show(doors, shown, HANDLER.body)
    assert at(shown, "copy") in clerk.get(case).links
    assert at(other, "copy") not in clerk.get(case).links
    assert clerk.client.get(at(shown, "copy")).status_code == 200
    assert clerk.client.get(at(other, "copy")).status_code == 404
    assert clerk.client.get(at(shown, "original")).status_code == 403
    assert doors.sign_in(OTHER_HANDLER).client.get(at(shown, "copy")).status_code == 404


@pytest.mark.parametrize("person", [LEADER, HANDLER, RECEIVER, CLUE], ids=lambda each: each.username)
def test_nobody_else_shows_one(one_doors: Doors, person) -> None:
    _case_id, shown, _other = referred(one_doors)
    page = one_doors.sign_in(person).act(at(shown, "show"), {"body": "fire"})
    assert page.status in (403, 404)
    with one_doors.home.house.store.read() as session:
        assert session.scalars(select(ShownPicture)).all() == []


@pytest.mark.parametrize("body", ["police", "discipline", "nobody", ""])
def test_only_a_body_that_handles_the_case_is_offered(one_doors: Doors, body: str) -> None:
    case_id, shown, _other = referred(one_doors)
    clerk = one_doors.sign_in(DISPATCHER)
    assert clerk.act(at(shown, "show"), {"body": body}).status == 422
    page = clerk.get(f"/console/cases/{case_id}")
    assert "给承办单位看这张" in page.text


def test_a_recording_and_a_scan_with_a_name_are_never_shown(one_doors: Doors) -> None:
    case_id, _shown, _other = referred(one_doors)
    clerk = one_doors.sign_in(DISPATCHER)
    for ident in (
        attach(one_doors, case_id, files.a_marked_voice("WORDS")),
        attach(one_doors, case_id, files.a_picture((90, 90)), private=True),
    ):
        assert clerk.act(at(ident, "show"), {"body": "fire"}).status == 404


def test_a_body_that_is_kept_out_later_sees_it_no_longer(one_doors: Doors) -> None:
    case_id, shown, _other = referred(one_doors)
    show(one_doors, shown)
    house = one_doors.home.house
    with house.store.write() as session:
        link = f"/acknowledge/{make_token(session, house.secrets, letter(one_doors).id)}/pictures/{shown}"
        session.add(
            Exclusion(
                case_id=case_id, body_code="fire", reason=ExclusionReason.UNIT_NAMED, certain=True, made_at=house.now()
            )
        )
    assert one_doors.visitor().client.get(link).status_code == 404


def test_a_withdrawn_letter_shows_nothing(one_doors: Doors) -> None:
    _case_id, shown, _other = referred(one_doors)
    show(one_doors, shown)
    house = one_doors.home.house
    with house.store.write() as session:
        link = f"/acknowledge/{make_token(session, house.secrets, letter(one_doors).id)}/pictures/{shown}"
    one_doors.sign_in(DISPATCHER).act(f"/console/referrals/{letter(one_doors).id}/cancel", {"reason": "写错了"})
    assert one_doors.visitor().client.get(link).status_code == 404


def test_of_a_case_that_is_sealed_no_such_row_stays(one_doors: Doors) -> None:
    case_id, shown, _other = referred(one_doors)
    show(one_doors, shown)
    with one_doors.home.house.store.write() as session:
        drop_rows(session, case_id)
        assert session.scalars(select(ShownPicture)).all() == []
        session.rollback()
