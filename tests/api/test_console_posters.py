"""Posters from the console, and what happens when somebody scans one."""

import pytest
from sqlalchemy import select

from casework.models.cases import Case
from tests.api.houses import DISPATCHER, HANDLER, OPERATOR, Person
from tests.api.visitors import Doors, find_code

STORY = "饭是馊的，老人吃了拉肚子。"
HOME = "mailong-jly"


@pytest.mark.parametrize("who", [DISPATCHER, OPERATOR], ids=lambda who: who.username)
def test_those_who_hang_them_up_get_a_sheet_for_every_home(one_doors: Doors, who: Person) -> None:
    clerk = one_doors.sign_in(who)
    assert f"/console/posters/{HOME}.pdf" in clerk.get("/console/posters").links
    sheet = clerk.client.get(f"/console/posters/{HOME}.pdf")
    assert (sheet.status_code, sheet.headers["content-type"]) == (200, "application/pdf")
    assert sheet.content.startswith(b"%PDF")


def test_others_get_none_and_an_unknown_home_has_none(one_doors: Doors) -> None:
    assert one_doors.sign_in(HANDLER).get("/console/posters").status == 403
    assert one_doors.sign_in(DISPATCHER).get("/console/posters/nowhere.pdf").status == 404


def test_whoever_scans_one_is_not_asked_where(doors: Doors) -> None:
    visitor = doors.visitor()
    page = visitor.get(f"/?at={HOME}")
    assert "您扫的是麦陇镇敬老院的码" in page.text
    asked = visitor.say(STORY, page=page)
    assert "contact_none" in asked.buttons()
    read_back = visitor.say(choice="contact_none", page=asked)
    assert "麦陇镇敬老院" in read_back.text
    assert find_code(visitor.say(choice="confirm_yes", page=read_back))
    with doors.home.house.store.read() as session:
        assert session.scalars(select(Case.institution_code)).one() == HOME


@pytest.mark.parametrize("at", ["nowhere", "<b>", "x" * 64])
def test_a_code_of_nowhere_says_nothing(one_doors: Doors, at: str) -> None:
    page = one_doors.visitor().get(f"/?at={at}")
    assert page.status == 200
    assert "您扫的是" not in page.text
    assert "at" not in page.form("/say")
