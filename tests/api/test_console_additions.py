"""What a reporter adds later, on the page of his case: reasons in both texts, a new category, a proposal."""

from api.console.marking import Reason
from api.console.verdict_view import share_reasons
from casework.types import Channel
from intake.reports import amend_report
from intake.types import Filed, ReportDraft
from tests.api.houses import DISPATCHER
from tests.api.visitors import Doors

STORY = "南荇镇敬老院的饭是馊的，老人吃了拉肚子。"
WORSE = "护工还拿绳子把我妈的手绑在床上，打得胳膊青一块紫一块，骂她老不死的。"


def add(doors: Doors, filed: Filed, text: str) -> None:
    house = doors.home.house
    with house.store.write() as session:
        draft = ReportDraft(text, Channel.WEB, house.now())
        amend_report(session, filed.case_id, draft, desk=house.intake_desk, now=house.now())


def test_the_timeline_says_which_category_the_machine_sees_since(doors: Doors) -> None:
    filed = doors.report(STORY)
    add(doors, filed, WORSE)
    page = doors.sign_in(DISPATCHER).get(f"/console/cases/{filed.case_id}")
    assert "补充后重新研判：欺老虐老" in page.text
    assert doors.case(filed.case_id).category == "elder_abuse"


def test_who_decided_reads_what_the_machine_would_say_now_and_nothing_has_moved(doors: Doors) -> None:
    filed = doors.report(STORY)
    clerk = doors.sign_in(DISPATCHER)
    at = f"/console/cases/{filed.case_id}"
    clerk.act(f"{at}/correct", {"category": "service_quality", "urgency": "normal"})
    add(doors, filed, WORSE)
    page = clerk.get(at)
    assert "机器认为是“欺老虐老”" in page.text
    assert "补充后，建议改类别：欺老虐老" in page.text
    assert doors.case(filed.case_id).category == "service_quality"
    clerk.act(f"{at}/correct", {"category": "elder_abuse", "urgency": "high"})
    assert "机器认为是" not in clerk.get(at).text


def test_each_text_keeps_its_own_reasons() -> None:
    first, second = Reason(1, "馊", "饭坏了", "食品", 2, 3), Reason(2, "绑", "约束", "虐待", 5, 6)
    gone = Reason(3, "不在", "别处", "别的", 0, 2)
    mine, later = share_reasons([first, second, gone], ["饭是馊", "她绑着"])
    assert [(each.words, each.start) for each in mine] == [("馊", 2)]
    assert [(each.words, each.start) for each in later] == [("绑", 1)]
