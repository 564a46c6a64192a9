"""One case frozen from destruction by one person and let go by another; the schedules pass it by."""

from casework.retention import ScheduleId, load_schedules, shrink_referred
from tests.api.houses import CLUE, DISPATCHER, LEADER, OTHER_CLUE, SUPERVISOR
from tests.api.visitors import Doors

FEES = "芦渚镇中心敬老院退费一直不退，合同上写的能退。"
SEALED = "麦陇镇民政办副主任鲁守田收了敬老院三千元购物卡，就不去检查了。"
DESK = "/console/retention"
SCHEDULES = load_schedules()
DAYS = SCHEDULES[ScheduleId.GENERAL_CASE].days
WHY, LATER = "家属打官司，法院要看", "2026-12-01"


def close_one(doors: Doors) -> str:
    filed = doors.report(FEES)
    clerk = doors.sign_in(DISPATCHER)
    path = f"/console/cases/{filed.case_id}"
    clerk.act(f"{path}/reply", {"finding": "true", "outcomes": "explained", "public_reply": "查过了，已经退了。"})
    clerk.act(f"{path}/close", {})
    return filed.case_id


def test_a_frozen_case_is_not_due_until_another_lets_it_go(one_doors: Doors) -> None:
    case_id = close_one(one_doors)
    here = f"/console/holds/{case_id}"
    first = one_doors.sign_in(SUPERVISOR)
    assert here in first.get(f"/console/cases/{case_id}").links
    assert "到期也不销毁" in first.act(f"{here}/place", {"reason": WHY, "review_on": LATER}).text
    one_doors.home.clock.turn(days=DAYS + 2)
    first = one_doors.sign_in(SUPERVISOR)
    page = first.get(DESK)
    assert "没有到期的" in page.text
    held = page.tree.xpath("//section[@id='held']")[0].text_content()
    number = one_doors.case(case_id).number
    assert number in held
    assert WHY in held
    assert "等另一位恢复" in held
    assert f"{here}/lift" not in first.get(here).actions
    refused = first.act(f"{here}/lift", {"reason": "我自己恢复"})
    assert refused.status == 403
    assert "要另一位来恢复" in refused.text
    second = one_doors.sign_in(LEADER)
    assert "到了，该看看还要不要停" in second.get(here).text
    assert "按保存期限走" in second.act(f"{here}/lift", {"reason": "官司打完了"}).text
    assert number in second.get(DESK).tree.xpath("//tbody")[0].text_content()
    timeline = second.get(f"/console/cases/{case_id}").tree.xpath("//ol[@class='stem']")[0].text_content()
    assert "暂停销毁" in timeline
    assert "恢复按期销毁" in timeline


def test_what_was_proposed_before_is_not_destroyed_when_it_is_frozen_after(one_doors: Doors) -> None:
    case_id = close_one(one_doors)
    number = one_doors.case(case_id).number
    one_doors.home.clock.turn(days=DAYS + 2)
    first = one_doors.sign_in(SUPERVISOR)
    first.act(f"{DESK}/ask")
    first.act(f"/console/holds/{case_id}/place", {"reason": WHY, "review_on": "2040-01-01"})
    one_doors.sign_in(LEADER).act(f"{DESK}/destroy")
    assert one_doors.case(case_id).number == number


def test_a_sealed_case_does_not_shrink_while_it_is_frozen_and_its_reason_lies_inside(one_doors: Doors) -> None:
    filed = one_doors.report(SEALED)
    here = f"/console/holds/{filed.case_id}"
    first, second = one_doors.sign_in(CLUE), one_doors.sign_in(OTHER_CLUE)
    first.unlock()
    path = first.act(f"/console/sealed/{filed.case_id}/refer", {"body": "discipline"}).path
    second.unlock()
    second.act(f"{path}/issue", {"number": "〔2026〕1号", "methods": "sealed_print"})
    second.act(f"{path}/acknowledge", {"decision": "taken", "receiver": "案件监督管理室"})
    assert "到期也不销毁" in first.act(f"{here}/place", {"reason": WHY, "review_on": LATER}).text
    assert WHY not in first.get(here).text
    assert "理由在密件里" in first.get(DESK).text
    assert WHY in second.get(f"/console/sealed/{filed.case_id}").text
    assert one_doors.sign_in(SUPERVISOR).get(here).status == 404
    house = one_doors.home.house
    one_doors.home.clock.turn(days=SCHEDULES[ScheduleId.SEALED_REFERRAL].days + 2)
    with house.store.write() as session:
        shrink = SCHEDULES[ScheduleId.SEALED_REFERRAL]
        assert shrink_referred(session, shrink, now=one_doors.home.clock()) == 0
    one_doors.sign_in(OTHER_CLUE).act(f"{here}/lift", {"reason": "看完了"})
    with house.store.write() as session:
        assert shrink_referred(session, shrink, now=one_doors.home.clock()) == 1


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(one_doors: Doors) -> None:
    here = f"/console/holds/{close_one(one_doors)}"
    clerk = one_doors.sign_in(LEADER)
    for day, sentence in (
        ("", "这一项要填。"),
        ("明年", "日期没看懂，请写成 2026-11-22。"),
        ("2020-01-01", "日期要在今天以后。"),
    ):
        page = clerk.act(f"{here}/place", {"reason": WHY, "review_on": day})
        assert page.status == 422
        assert page.error_at("place-day") == sentence
        assert page.value_of("place-reason") == WHY
    page = clerk.act(f"{here}/place", {"reason": "", "review_on": LATER})
    assert page.error_at("place-reason") == "这一项要填。"
    assert page.value_of("place-day") == LATER
    clerk.act(f"{here}/place", {"reason": WHY, "review_on": LATER})
    assert clerk.act(f"{here}/place", {"reason": WHY, "review_on": LATER}).status == 409


def test_a_dispatcher_may_not_freeze(one_doors: Doors) -> None:
    here = f"/console/holds/{close_one(one_doors)}"
    clerk = one_doors.sign_in(DISPATCHER)
    assert clerk.get(here).status == 403
    assert clerk.act(f"{here}/place", {"reason": WHY, "review_on": LATER}).status == 403
