"""The dialogue as a table: from each place, what one message leads to. Pure: no database, no clock."""

from dataclasses import replace
from typing import Any

import pytest

from bot.channels import EventKind, Inbound
from bot.dangers import name_danger
from bot.dialogue import RULES, STAGES, advance
from bot.facts import is_known_place
from bot.flat import flatten
from bot.names import own_name
from bot.reading import Reading, is_complaint, read_utterance
from bot.script import Script, load_script
from bot.types import Act, ContactWay, Stage, Step, Talk
from bot.words import Words, load_words
from casework.types import Channel, Danger
from tests.bot.desk import STORY, a_message, a_picture, an_event, judge
from tests.casework.people import NOW
from triage.types import Urgency

SCRIPT: Script = load_script()
WORDS: Words = load_words()

TOLD = Talk(
    channel=Channel.WECHAT,
    lines=(STORY,),
    institution="麦陇镇敬老院",
    category="food_safety",
    is_complaint=True,
)
ASKED_CONTACT = replace(TOLD, stage=Stage.ASKING_CONTACT, question="contact_chat", asked=("contact_chat",))
READ_BACK = replace(TOLD, stage=Stage.CONFIRMING, question="confirm", contact=ContactWay.NONE)
FILED = Talk(stage=Stage.FILED, case_id="c", receipt_id="r", code="4821093766502184", is_complaint=True)
DRAFT = replace(TOLD, stage=Stage.DRAFT)


def step(talk: Talk, text: str = "", event: Inbound | None = None, **reading: Any) -> Step:
    """One message to a talk, read by the desk's words and the small triage."""
    event = event or a_message(text)
    said = read_utterance(event.text, WORDS)
    told = bool(said.text.strip()) and not said.is_control
    message = judge(said.text) if told else None
    story = judge("\n".join((*talk.lines, said.text))) if said.tells and not talk.is_filed else None
    known: dict[str, Any] = {
        "said": said,
        "name": said.name or own_name(message),
        "message": message,
        "story": story,
        "asked": flatten(said.text),
        "superior": "市纪委监委",
        "opening": "明天8:30",
        "complains": is_complaint(message, said.text),
        "story_complains": is_complaint(story, "\n".join((*talk.lines, said.text))),
    }
    return advance(talk, event, reading=Reading(**(known | reading)), script=SCRIPT, now=NOW)


def acts(done: Step) -> list[Act]:
    return [effect.act for effect in done.effects]


@pytest.mark.parametrize(
    ("talk", "said", "stage", "done"),
    [
        (Talk(), "你好", Stage.LISTENING, []),
        (Talk(), STORY, Stage.ASKING_CONTACT, []),
        (Talk(), "饭是馊的，吃了好几天了", Stage.ASKING_PLACE, []),
        (Talk(), "算了不说了", Stage.WITHDRAWN, [Act.ERASE]),
        (Talk(), "转人工", Stage.LISTENING, [Act.HAND_OVER]),
        (Talk(), "进度", Stage.ASKING_CODE, []),
        (Talk(), "查询码丢了", Stage.LISTENING, [Act.HAND_OVER]),
        (Talk(), "谁举报的我们", Stage.WITH_PERSON, [Act.HAND_OVER]),
        (Talk(), "我不想活了", Stage.WITH_PERSON, [Act.HAND_OVER]),
        (Talk(), "着火了", Stage.FILED, [Act.FILE]),
        (Talk(), "我再想想怎么说", Stage.LISTENING, []),
        (ASKED_CONTACT, "1", Stage.CONFIRMING, []),
        (ASKED_CONTACT, "2", Stage.ASKING_PHONE, []),
        (ASKED_CONTACT, "就在这里告诉我", Stage.CONFIRMING, []),
        (ASKED_CONTACT, "15412340001", Stage.CONFIRMING, []),
        (ASKED_CONTACT, "匿名", Stage.CONFIRMING, []),
        (ASKED_CONTACT, "可以", Stage.ASKING_PHONE, []),
        (ASKED_CONTACT, "算了", Stage.ASKING_WITHDRAWAL, []),
        (ASKED_CONTACT, "我再想想", Stage.DRAFT, []),
        (READ_BACK, "对", Stage.CONFIRMING, [Act.FILE]),
        (READ_BACK, "1", Stage.CONFIRMING, [Act.FILE]),
        (READ_BACK, "第一个", Stage.CONFIRMING, [Act.FILE]),
        (READ_BACK, "2", Stage.CORRECTING, []),
        (READ_BACK, "不对，是三楼", Stage.CONFIRMING, []),
        (READ_BACK, "护工还骂人呢，天天骂", Stage.CONFIRMING, []),
        (replace(READ_BACK, stage=Stage.CORRECTING, question="correct"), "芦渚颐年院", Stage.CONFIRMING, []),
        (DRAFT, "报吧", Stage.CONFIRMING, [Act.FILE]),
        (DRAFT, "谢谢", Stage.DRAFT, []),
        (DRAFT, "你好", Stage.DRAFT, []),
        (DRAFT, "算了不说了", Stage.WITHDRAWN, [Act.ERASE]),
        (FILED, "护工还骂人", Stage.ASKING_DETAIL, [Act.AMEND]),
        (FILED, "我要撤回", Stage.ASKING_WITHDRAWAL, []),
        (FILED, "进度", Stage.FILED, [Act.LOOK_UP]),
        (FILED, "着火了", Stage.FILED, [Act.AMEND]),
        (FILED, "再反映一件事", Stage.LISTENING, [Act.ERASE]),
    ],
)
def test_from_here_this_leads_there(talk: Talk, said: str, stage: Stage, done: list[Act]) -> None:
    after = step(replace(talk, channel=Channel.WECHAT), said)
    assert (after.talk.stage, acts(after)) == (stage, done)


@pytest.mark.parametrize("talk", [Talk(), ASKED_CONTACT, READ_BACK, DRAFT, FILED], ids=lambda talk: talk.stage.value)
@pytest.mark.parametrize("said", ["😀", "？", "嗯", "院长骂人" * 200, "\x00", "1234567890" * 9, "]]>", "   "])
def test_whatever_is_said_there_is_an_answer_with_one_question_at_most(talk: Talk, said: str) -> None:
    after = step(talk, said)
    assert after.reply.text or acts(after)
    assert sum("？" in line for line in (*after.reply.lines, after.reply.question)) <= 1


def test_every_stage_has_a_move() -> None:
    assert set(STAGES) == set(Stage)


def test_danger_and_self_harm_go_before_every_wish() -> None:
    names = [rule.name for rule in RULES]
    assert names[:3] == ["event", "self_harm", "danger"]


def test_the_number_is_the_first_word_of_the_answer() -> None:
    assert step(READ_BACK, "院里着火了").reply.text.startswith("火警 119")


@pytest.mark.parametrize("talk", [Talk(), ASKED_CONTACT, READ_BACK, DRAFT])
def test_anonymity_at_any_step_is_never_asked_about_again(talk: Talk) -> None:
    after = step(talk, "匿名")
    assert after.talk.anonymous is True
    assert "contact" not in after.talk.question
    assert "phone" not in after.talk.question


def test_anonymity_said_later_drops_name_and_phone() -> None:
    known = replace(READ_BACK, name="王秋禾", phone="15412340001", anonymous=False, contact=ContactWay.PHONE)
    after = step(known, "还是匿名吧").talk
    assert (after.name, after.phone, after.anonymous) == ("", "", True)


def test_secrecy_asked_for_by_one_who_gave_his_name_keeps_the_name() -> None:
    known = replace(READ_BACK, name="王秋禾", phone="15412340001", anonymous=False, contact=ContactWay.PHONE)
    after = step(known, "可别让院长知道是我").talk
    assert (after.name, after.phone, after.anonymous) == ("王秋禾", "15412340001", False)


def test_what_is_told_after_a_withdrawal_is_kept_once_he_begins_again() -> None:
    stopped = step(READ_BACK, "算了不说了").talk
    assert stopped.lines == ()
    again = step(stopped, "还是说吧").talk
    assert (again.lines, again.is_kept) == ((), True)
    assert step(step(Talk(), "算了不说了").talk, "还是说吧").talk.is_kept is False


def test_how_to_be_reached_is_asked_once_however_much_more_is_told() -> None:
    first = step(replace(READ_BACK, stage=Stage.ASKING_CONTACT, question="contact", asked=("contact",)), "昨天又这样")
    assert "contact" not in first.talk.question


def test_hiding_the_name_keeps_the_phone() -> None:
    known = replace(READ_BACK, phone="15412340001", contact=ContactWay.PHONE)
    after = step(known, "别写我名字").talk
    assert (after.phone, after.anonymous) == ("15412340001", True)


def test_no_contact_is_honoured_to_the_letter() -> None:
    known = replace(READ_BACK, phone="15412340001", contact=ContactWay.PHONE)
    after = step(known, "别给我打电话").talk
    assert (after.phone, after.contact) == ("", ContactWay.NONE)


def test_the_place_is_corrected_and_nothing_else() -> None:
    after = step(replace(READ_BACK, place="二楼", when="昨天"), "不对，是三楼").talk
    assert (after.institution, after.place, after.when) == ("麦陇镇敬老院", "三楼", "昨天")


def test_what_was_told_is_not_asked() -> None:
    after = step(Talk(), "我叫王秋禾，15412340001，麦陇镇敬老院的饭是馊的，吃坏了人")
    assert after.talk.stage is Stage.CONFIRMING
    assert "15412340001" in after.reply.text


def test_in_a_hurry_he_is_asked_less() -> None:
    after = step(ASKED_CONTACT, "别问这么多")
    assert after.talk.stage is Stage.CONFIRMING


def test_fear_is_answered_and_the_question_stays() -> None:
    after = step(ASKED_CONTACT, "会不会让院长知道")
    assert "您的原话锁着，被说的人看不到。" in after.reply.lines
    assert after.talk.question == "contact_chat"


def test_a_question_is_answered_with_its_source() -> None:
    after = step(Talk(), "请问八十岁老人的高龄津贴怎么领？")
    assert any("老年人权益保障法" in line for line in after.reply.lines)
    assert after.talk.is_complaint is False


def test_a_person_is_promised_only_when_somebody_is_in() -> None:
    assert "明天8:30" in step(Talk(), "转人工", office_open=False).reply.text
    assert "没人上班" not in step(Talk(), "转人工", office_open=True).reply.text


def test_the_discipline_organs_leader_is_refused_and_erased() -> None:
    after = step(TOLD, "县纪委书记收了他们的钱")
    assert acts(after) == [Act.ERASE, Act.TALLY]
    assert after.talk.lines == ()
    assert "12388" in after.reply.text


def test_money_on_its_way_gets_advice_and_is_no_emergency() -> None:
    told = "我妈正在银行转账，骂都骂不住"
    critical = replace(judge(told), urgency=Urgency.CRITICAL)
    after = step(
        TOLD, told, message=critical, story=critical, danger=Danger.OTHER, complains=True, story_complains=True
    )
    assert "先别转钱！" in after.reply.lines
    assert after.talk.is_urgent is False


def test_a_scan_tells_where() -> None:
    after = step(Talk(), event=an_event(EventKind.FOLLOWED, scene="mailong-home"), scene_name="麦陇镇敬老院")
    assert "您扫的是麦陇镇敬老院的码。" in after.reply.lines
    assert is_known_place(after.talk)


def test_a_picture_is_acknowledged_and_kept() -> None:
    after = step(ASKED_CONTACT, event=a_picture())
    assert "照片收到了。" in after.reply.lines
    assert after.talk.question == "contact_chat"


@pytest.mark.parametrize("told", ["去年着火了，灭火器到现在还是过期的", "要是着火了一个都跑不出来"])
def test_what_was_or_may_be_is_no_emergency(told: str) -> None:
    assert step(TOLD, told).talk.is_urgent is False


def test_triages_word_of_danger_counts_unless_it_is_over() -> None:
    critical = replace(judge("馊"), urgency=Urgency.CRITICAL)
    now, over = "麦陇镇敬老院六个老人上吐下泻", "麦陇镇敬老院上个月六个老人上吐下泻，后来出院了"
    for text, urgent in ((now, True), (over, False)):
        after = step(
            Talk(), text, message=critical, story=critical, complains=True, danger=name_danger(text, WORDS.perils)
        )
        assert after.talk.is_urgent is urgent


def test_the_number_stands_first_where_triage_alone_fears_for_a_life_and_nothing_is_filed_yet() -> None:
    after = step(Talk(channel=Channel.WECHAT), STORY, suspected=Danger.FIRE)
    assert after.reply.text.startswith("火警 119")
    assert (acts(after), after.talk.is_urgent) == ([], False)
    again = step(after.talk, "今天中午又是馊的，老人不敢吃", suspected=Danger.FIRE)
    assert again.reply.numbers == ()


def test_what_was_read_back_is_not_read_again() -> None:
    first = step(replace(ASKED_CONTACT), "1")
    assert any(line.startswith("在哪儿") for line in first.reply.lines)
    later = step(first.talk, "15412340001")
    assert [line for line in later.reply.lines if "：" in line and "电话" not in line] == [
        "怎么找您：不留名字，15412340001"
    ]
    last = step(later.talk, "他们天天骂人，骂得很难听")
    assert last.reply.question == SCRIPT.questions["confirm_more"].ask


def test_a_sentence_said_twice_is_written_down_once() -> None:
    once = step(Talk(channel=Channel.WECHAT), STORY)
    twice = step(once.talk, STORY)
    assert twice.talk.lines == (STORY,)
    assert SCRIPT.say("heard_before")[0] in twice.reply.lines


def test_whoever_rambles_is_not_sent_away_but_asked_whether_to_keep_it() -> None:
    talk = Talk(channel=Channel.WECHAT)
    for said in ("同志啊，我今年七十九了，身体也不好", "我那个老伴走了三年了", "唉，身体不中用了，没人说话"):
        done = step(talk, said)
        assert "12345" not in done.reply.text
        talk = done.talk
    asked = step(talk, "他们那个小刘，天天不给我倒尿盆")
    assert asked.reply.question == SCRIPT.questions["keep_suggestion"].ask
    kept = step(asked.talk, "中")
    assert kept.talk.is_kept
