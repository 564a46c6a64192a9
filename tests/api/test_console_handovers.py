"""The desk of those who asked for a person, and the red strip on every page of the console."""

import json

import pytest

from casework.types import Channel
from tests.api.houses import AUDITOR, CLUE, DISPATCHER, HANDLER, OPERATOR, SUPERVISOR
from tests.api.visitors import Clerk, Doors, Page

STORY = "麦陇镇敬老院的饭是馊的，老人吃了拉肚子。"
FIRE = "芦渚颐年院着火了，老人还在屋里出不来！"
PHONE = "15412349901"


def ask_for_person(doors: Doors, *said: str) -> Page:
    visitor = doors.visitor()
    page = visitor.get("/")
    for words in (*said, "转人工"):
        page = visitor.say(words, page=page)
    return page


def first_talk(clerk: Clerk) -> str:
    (found, *_) = [link for link in clerk.get("/console/handovers").links if "/console/handovers/" in link]
    return found


def test_the_whole_way_of_a_talk_with_a_person(doors: Doors) -> None:
    visitor = doors.visitor()
    visitor.say(STORY)
    asked = visitor.say("转人工")
    assert "来了就在这里回您" in asked.text
    clerk = doors.sign_in(OPERATOR)
    assert "转人工 1" in clerk.get("/console/").text
    talk = first_talk(clerk)
    page = clerk.get(talk)
    assert STORY in page.text
    assert "接下" in page.text
    assert "您接下了" in clerk.act(f"{talk}/take").text
    assert "工作人员来了" in visitor.get("/").text
    assert "写进对话了" in clerk.act(f"{talk}/answer", {"text": "您说的我看了，下午有人去看。"}).text
    shown = visitor.get("/").text
    assert "工作人员：您说的我看了，下午有人去看。" in shown
    assert OPERATOR.name not in shown
    visitor.say("谢谢，那我等着")
    assert "谢谢，那我等着" in clerk.get(talk).text
    assert "交还给机器了" in clerk.act(f"{talk}/back").text
    assert clerk.get(talk).status == 404
    assert "您接着跟我说" in visitor.get("/").text


def test_what_tells_who_writes_is_covered(one_doors: Doors) -> None:
    ask_for_person(one_doors, STORY, f"我叫崔喜凤，电话{PHONE}")
    clerk = one_doors.sign_in(OPERATOR)
    page = clerk.get(first_talk(clerk))
    assert PHONE not in page.text
    assert "▇" in page.text


def test_whoever_is_named_finds_nothing(doors: Doors) -> None:
    ask_for_person(doors, STORY, f"{OPERATOR.name}接的电话，知道了也不管")
    other = doors.sign_in(SUPERVISOR)
    talk = first_talk(other)
    named = doors.sign_in(OPERATOR)
    assert "没有人在等" in named.get("/console/handovers").text
    assert "转人工 1" not in named.get("/console/").text
    assert named.get(talk).status == 404
    for act in ("take", "answer", "back"):
        assert named.act(f"{talk}/{act}", {"text": "您好"}).status == 404


@pytest.mark.parametrize("person", [HANDLER, AUDITOR])
def test_other_roles_have_no_such_desk(one_doors: Doors, person: object) -> None:
    ask_for_person(one_doors, STORY)
    clerk = one_doors.sign_in(person)  # type: ignore[arg-type]
    assert clerk.get("/console/handovers").status == 403
    assert "转人工" not in clerk.get("/console/").text


def test_what_would_be_sealed_is_read_by_clue_officers(one_doors: Doors) -> None:
    ask_for_person(one_doors, "麦陇镇的镇长崔大山收了敬老院院长两万块钱，把补贴给了他亲戚")
    clue, operator = one_doors.sign_in(CLUE), one_doors.sign_in(OPERATOR)
    assert len([link for link in clue.get("/console/handovers").links if "/handovers/" in link]) == 1
    assert "没有人在等" in operator.get("/console/handovers").text


def test_somebody_elses_talk_is_not_answered(one_doors: Doors) -> None:
    ask_for_person(one_doors, STORY)
    first, second = one_doors.sign_in(OPERATOR), one_doors.sign_in(DISPATCHER)
    talk = first_talk(first)
    first.act(f"{talk}/take")
    page = second.act(f"{talk}/answer", {"text": "我也说一句"})
    assert (page.status, "别人接着了" in page.text) == (403, True)


def test_an_empty_answer_says_so_at_its_field(one_doors: Doors) -> None:
    ask_for_person(one_doors, STORY)
    clerk = one_doors.sign_in(OPERATOR)
    talk = first_talk(clerk)
    clerk.act(f"{talk}/take")
    page = clerk.act(f"{talk}/answer", {"text": " "})
    assert (page.status, page.error_at("answer")) == (422, "这一项要填。")


def test_the_strip_stands_until_somebody_takes_the_case(doors: Doors) -> None:
    filed = doors.report(FIRE, channel=Channel.WEB)
    clerk = doors.sign_in(DISPATCHER)
    for page in ("/console/", "/console/handovers", f"/console/cases/{filed.case_id}"):
        assert "有一件危急来件没人接" in clerk.get(page).text
    taken = clerk.act(f"/console/alarms/{filed.case_id}/take")
    assert "您接下了，不再呼叫别人" in taken.text
    assert "没人接" not in taken.text.replace("又有危急来件没人接", "")


def test_the_strip_is_not_for_those_who_may_not_know(one_doors: Doors) -> None:
    filed = one_doors.report(FIRE + f"{SUPERVISOR.name}知道了也不来。")
    clerk = one_doors.sign_in(SUPERVISOR)
    assert "有一件危急来件没人接" not in clerk.get("/console/").text
    assert clerk.act(f"/console/alarms/{filed.case_id}/take").status == 404


def test_talk_of_self_harm_is_on_the_strip(one_doors: Doors) -> None:
    visitor = one_doors.visitor()
    assert "我把您的话转给值班的人了" in visitor.say("我不想活了").text
    clerk = one_doors.sign_in(SUPERVISOR)
    page = clerk.get("/console/")
    assert "有一件危急的事没人接" in page.text
    (take,) = [action for action in page.actions if action.endswith("/take")]
    assert "您接下了" in clerk.act(take).text
    assert "有一件危急的事没人接" not in clerk.get("/console/").text


def test_asking_for_the_count_keeps_no_sign_in_alive(one_doors: Doors) -> None:
    one_doors.report(FIRE)
    clerk = one_doors.sign_in(DISPATCHER)
    for _ in range(8):
        one_doors.home.clock.turn(minutes=2)
        answer = clerk.client.get("/console/alarms/count")
        if answer.status_code != 200:
            break
        assert json.loads(answer.content) == {"count": 1}
    assert answer.status_code != 200
