"""A report with several matters on its pages: the sealed room tells of both parts, the open case of its own alone."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from casework.models.attachments import Attachment
from casework.models.cases import Case, Message
from intake.held import MOST_WAIT
from intake.models import Report
from intake.parts import open_held_parts
from intake.types import Filed
from tests.api.houses import CLUE, DISPATCHER, OTHER_CLUE
from tests.api.test_console_clues import at, unlocked
from tests.api.visitors import Doors, Page, Visitor
from tests.intake import files as sent_files

FOOD = "麦陇镇敬老院食堂的饭老是馊的，我妈吃了拉肚子。"
MONEY = "还有院长崔广田把护理补贴装自己口袋，去年冬天就开始了。"
NOTES = "麦陇镇民政办副主任鲁守田收了敬老院院长三千元购物卡。"
MOULD = "谁都知道。麦陇镇敬老院食堂的饭菜发霉。"
PICTURE = sent_files.a_picture((300, 200))
SECRET = ("崔广田", "口袋", "去年冬天", "密2026")


def open_parts(doors: Doors) -> int:
    """The waiting time is over; the schedule's step runs."""
    doors.home.clock.turn(seconds=(MOST_WAIT + timedelta(minutes=1)).total_seconds())
    house = doors.home.house
    with house.store.write() as session:
        return open_held_parts(session, office=house.office, secrets=house.secrets, now=doors.home.clock())


def open_case(doors: Doors) -> Case:
    with doors.home.house.store.read() as session:
        return session.scalars(select(Case).where(~Case.sealed)).one()


def test_the_sealed_page_says_which_part_went_open_and_why(doors: Doors) -> None:
    filed = doors.report(FOOD + MONEY)
    assert "还没立" in unlocked(doors).get(at(filed)).text
    assert open_parts(doors) == 1
    page = unlocked(doors).get(at(filed))
    (panel,) = page.tree.xpath("//section[@id='parting']")
    said = " ".join(panel.text_content().split())
    assert open_case(doors).number in said
    assert f"“{FOOD}”" in said
    assert "自成一件事" in said
    assert "说到人或者单位" in said


def test_the_sealed_page_says_why_nothing_was_parted(one_doors: Doors) -> None:
    filed = one_doors.report(f"麦陇镇敬老院的饭是馊的，院长不管。{MONEY}")
    assert "没有分开：没有能单独办的事" in unlocked(one_doors).get(at(filed)).text


def test_the_open_page_says_nothing_of_the_sealed_part(doors: Doors) -> None:
    doors.report(FOOD + MONEY)
    open_parts(doors)
    clerk = doors.sign_in(DISPATCHER)
    page = clerk.get(f"/console/cases/{open_case(doors).id}")
    assert FOOD in page.quoted
    assert [word for word in SECRET if word in page.text] == []


def test_one_code_shows_the_open_part_first_and_leads_to_the_sealed_one(doors: Doors) -> None:
    filed = doors.report(FOOD + MONEY)
    visitor = doors.visitor()
    assert "已按程序转交" in visitor.post("/track", {"code": filed.code}).text
    open_parts(doors)
    page = visitor.post("/track", {"code": filed.code})
    assert "收到了" in page.text
    assert "您这个码还有一件" in page.text
    other = visitor.post("/track", {"code": filed.code, "matter": "1"})
    assert "已按程序转交" in other.text
    assert visitor.post("/track", {"code": filed.code, "matter": "77"}).text.count("您这个码还有一件") == 1


def test_what_he_says_goes_to_the_matter_whose_page_it_is(doors: Doors) -> None:
    filed = doors.report(FOOD + MONEY)
    open_parts(doors)
    visitor = doors.visitor()
    visitor.post("/track/say", {"code": filed.code, "text": "今天的粥还是馊的", "aim": "shown"})
    sealed = visitor.post("/track/say", {"code": filed.code, "matter": "1", "text": "账本在东厢房"})
    assert "账本在东厢房" in sealed.text
    assert "今天的粥还是馊的" not in sealed.text
    page = doors.sign_in(DISPATCHER).get(f"/console/cases/{open_case(doors).id}").text
    assert "今天的粥还是馊的" in page
    assert "东厢房" not in page
    assert "账本在东厢房" in unlocked(doors).get(at(filed)).text


def test_what_has_to_be_sealed_goes_to_the_sealed_part_wherever_he_writes_it(doors: Doors) -> None:
    filed = doors.report(FOOD + MONEY)
    open_parts(doors)
    grave = "麦陇镇民政办副主任鲁守田也收了院长三千元购物卡"
    page = doors.visitor().post("/track/say", {"code": filed.code, "text": grave, "aim": "shown"})
    assert "已按程序转交" in page.text
    assert grave in page.text
    assert open_case(doors).sealed is False
    assert "鲁守田" not in doors.sign_in(DISPATCHER).get(f"/console/cases/{open_case(doors).id}").text
    assert grave in unlocked(doors).get(at(filed)).text


def test_an_answer_in_the_sealed_part_is_read_by_the_same_code(doors: Doors) -> None:
    filed = doors.report(FOOD + MONEY)
    open_parts(doors)
    unlocked(doors).act(at(filed, "answer"), {"text": "您是怎么知道的？"})
    visitor = doors.visitor()
    assert "您是怎么知道的" not in visitor.post("/track", {"code": filed.code}).text
    assert "您是怎么知道的" in visitor.post("/track", {"code": filed.code, "matter": "1"}).text


def test_a_part_is_opened_by_two_from_the_page(doors: Doors) -> None:
    filed = doors.report(
        f"麦陇镇敬老院食堂的饭是馊的，老人吃了拉肚子，听说没人管。{NOTES}谁都知道。麦陇镇敬老院食堂的饭菜发霉。"
    )
    first, second = unlocked(doors), unlocked(doors, OTHER_CLUE)
    empty = first.act(at(filed, "ask-release"), {"reason": ""})
    assert empty.status == 422
    none = first.act(at(filed, "ask-release"), {"reason": "饭菜先查"})
    assert (none.status, "这一项要填" in none.text) == (422, True)
    assert "等另一位同意" in first.act(at(filed, "ask-release"), {"reason": "饭菜先查", "picks": "0"}).text
    page = second.get(at(filed))
    assert "饭菜先查" in page.text
    (proposal,) = page.tree.xpath("//input[@name='proposal']/@value")
    assert first.act(at(filed, "release"), {"proposal": proposal}).status == 403
    assert "公开这几句" not in second.act(at(filed, "release"), {"proposal": proposal}).text
    assert open_parts(doors) == 1
    assert open_case(doors).category == "food_safety"


def test_marked_sentences_are_sealed_from_the_page_of_an_open_case(doors: Doors) -> None:
    filed = doors.report("芦渚镇中心敬老院后门拿铁链子锁着，灭火器都过期两年了。床位补贴多报了二十张。")
    house = doors.home.house
    with house.store.write() as session:
        session.get_one(Case, filed.case_id).discipline = True
        report_id = session.scalars(select(Report.id).where(Report.case_id == filed.case_id)).one()
    act = f"/console/cases/{filed.case_id}/seal-part"
    locked = doors.sign_in(CLUE)
    assert locked.act(act, {"picks": f"{report_id}:1"}).status == 423
    clerk = unlocked(doors)
    assert "只密封几句" in clerk.get(f"/console/cases/{filed.case_id}").text
    assert clerk.act(act, {}).status == 422
    assert clerk.act(act, {"picks": f"{report_id}:1"}).status == 200
    page = doors.sign_in(DISPATCHER).get(f"/console/cases/{filed.case_id}")
    assert "灭火器都过期两年了" in page.quoted
    assert "多报了" not in page.text
    with house.store.read() as session:
        sealed = session.scalars(select(Case).where(Case.sealed)).one()
    assert "床位补贴多报了二十张" in clerk.get(f"/console/sealed/{sealed.id}").quoted


def add(visitor: Visitor, filed: Filed, text: str, *files: bytes, aim: str | None = None) -> Page:
    """What he adds at the open part's page, with the button that he presses."""
    form = visitor.post("/track", {"code": filed.code}).form("/track/say") | {"text": text}
    sent = [("files", (f"{number}.jpg", data)) for number, data in enumerate(files)]
    return visitor.post("/track/say", form | ({"aim": aim} if aim else {}), files=sent or [("files", ("", b""))])


def kept_at(doors: Doors, case_id: str) -> tuple[int, int]:
    """How many words and files a case has."""
    with doors.home.house.store.read() as session:
        return (
            len(session.scalars(select(Message.id).where(Message.case_id == case_id)).all()),
            len(session.scalars(select(Attachment.id).where(Attachment.case_id == case_id)).all()),
        )


def test_a_reporter_of_two_matters_is_asked_which_his_words_are_of_and_no_answer_is_laid_out(doors: Doors) -> None:
    filed = doors.report(FOOD + MONEY)
    visitor = doors.visitor()
    assert visitor.post("/track", {"code": filed.code}).buttons("aim") == {}
    open_parts(doors)
    page = visitor.post("/track", {"code": filed.code})
    assert list(page.buttons("aim")) == ["sealed", "shown"]
    assert "aim" not in page.form("/track/say")
    (form,) = page.tree.xpath("//form[@action='/track/say']")
    assert form.xpath(".//button[not(@type) and not(@name='aim')]") == []
    assert visitor.post("/track", {"code": filed.code, "matter": "1"}).buttons("aim") == {}


UNSAID = [("他昨天又来要钱了", None), ("今天的粥还是馊的", "1"), ("", None), ("今天的粥还是馊的", "sealed")]


@pytest.mark.parametrize(("text", "aim"), UNSAID, ids=["no name", "no choice of ours", "files alone", "his wish"])
def test_what_he_adds_goes_to_the_sealed_part_unless_he_says_that_it_is_of_the_open_one(
    one_doors: Doors, text: str, aim: str | None
) -> None:
    filed = one_doors.report(FOOD + MONEY)
    open_parts(one_doors)
    page = add(one_doors.visitor(), filed, text, PICTURE, aim=aim)
    assert "放在要保密的这一件里" in page.text
    assert kept_at(one_doors, filed.case_id) == (1, 1)
    part = open_case(one_doors)
    assert kept_at(one_doors, part.id) == (0, 0)
    seen = one_doors.sign_in(DISPATCHER).get(f"/console/cases/{part.id}").text
    assert [word for word in (text or "发来1份", "发来1份") if word in seen] == []


def test_who_says_that_it_is_of_the_open_matter_is_read_there_files_and_all(one_doors: Doors) -> None:
    filed = one_doors.report(FOOD + MONEY)
    open_parts(one_doors)
    page = add(one_doors.visitor(), filed, "他昨天又没来做饭", PICTURE, aim="shown")
    assert "办事的人看得到" in page.text
    assert kept_at(one_doors, filed.case_id) == (0, 0)
    assert kept_at(one_doors, open_case(one_doors).id) == (1, 1)


def test_files_go_with_words_that_have_to_be_sealed_whatever_he_says(one_doors: Doors) -> None:
    filed = one_doors.report(FOOD + MONEY)
    open_parts(one_doors)
    grave = "麦陇镇民政办副主任鲁守田也收了院长三千元购物卡"
    page = add(one_doors.visitor(), filed, grave, PICTURE, aim="shown")
    assert "该保密的、说不准的，都放这里。" in page.text
    assert kept_at(one_doors, filed.case_id) == (1, 1)
    assert kept_at(one_doors, open_case(one_doors).id) == (0, 0)


def test_added_words_that_are_of_the_open_matter_are_let_over_by_two(one_doors: Doors) -> None:
    filed = one_doors.report(FOOD + MONEY)
    open_parts(one_doors)
    part = open_case(one_doors)
    add(one_doors.visitor(), filed, "今天的粥还是馊的，打我15412345678")
    add(one_doors.visitor(), filed, "他昨天又来要钱了", PICTURE)
    first, second = unlocked(one_doors), unlocked(one_doors, OTHER_CLUE)
    page = first.get(at(filed))
    (porridge, money, picture) = page.tree.xpath("//input[@name='added']/@value")
    asked = first.act(at(filed, "ask-release"), {"reason": "只说饭菜", "added": [porridge, picture]})
    assert "等另一位同意" in asked.text
    page = second.get(at(filed))
    assert "放进公开的那一件" in page.text
    (proposal,) = page.tree.xpath("//input[@name='proposal']/@value")
    assert first.act(at(filed, "release"), {"proposal": proposal}).status == 403
    done = second.act(at(filed, "release"), {"proposal": proposal})
    assert done.tree.xpath("//input[@name='added']/@value") == [money]
    assert kept_at(one_doors, part.id) == (0, 0)
    assert open_parts(one_doors) == 2
    assert kept_at(one_doors, part.id) == (2, 1)
    seen = one_doors.sign_in(DISPATCHER).get(f"/console/cases/{part.id}").text
    assert "今天的粥还是馊的，打我▇▇▇▇▇▇▇▇▇▇▇" in seen
    assert "要钱" not in seen
    assert "今天的粥还是馊的" in one_doors.visitor().post("/track", {"code": filed.code}).text
