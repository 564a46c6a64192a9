"""What a blind reader found: numbers in pieces, second thoughts, questions that must not be brushed off, no silence."""

import pytest

from bot.conversations import find_talk
from bot.phones import blank_contact
from bot.reading import read_utterance
from bot.types import Stage, Talk
from bot.words import Intent, load_words
from casework.store import Store
from casework.types import Channel
from tests.bot.desk import SENDER, STORY, Person, a_front_desk, set_up
from tests.casework.people import NOW

WORDS = load_words()


@pytest.fixture
def person(store: Store) -> Person:
    set_up(store)
    return Person(store, a_front_desk())


def the_talk(person: Person) -> Talk:
    with person.store.read() as session:
        talk = find_talk(session, Channel.WECHAT, SENDER, days=person.desk.days, shelf=person.desk.intake.keys, now=NOW)
    assert talk is not None
    return talk


@pytest.mark.parametrize("pieces", [("154", "1234", "0001"), ("1541234", "0001"), ("幺五四", "一二三四", "零零零一")])
def test_a_number_in_pieces_is_one_number_and_no_part_of_the_story(person: Person, pieces: tuple[str, ...]) -> None:
    person.say(STORY)
    reply = person.tell(*pieces)
    assert "电话记下了：15412340001。" in reply.lines
    assert (the_talk(person).phone, the_talk(person).lines) == ("15412340001", (STORY,))


def test_pieces_that_lead_nowhere_are_let_go(person: Person) -> None:
    person.tell(STORY, "154", "算了，就在二楼食堂")
    assert (the_talk(person).digits, the_talk(person).phone) == ("", "")
    assert "154" in the_talk(person).lines


@pytest.mark.parametrize("sum_or_year", ["1500", "1800", "1952", "300"])
def test_a_sum_or_a_year_is_no_piece_of_a_number(person: Person, sum_or_year: str) -> None:
    person.tell(STORY, sum_or_year)
    assert (the_talk(person).digits, the_talk(person).lines) == ("", (STORY, sum_or_year))


def test_a_bare_choice_stays_a_choice(person: Person) -> None:
    person.tell(STORY, "1")
    assert the_talk(person).digits == ""


@pytest.mark.parametrize("said", ["名字我就不说了", "俺叫啥甭问", "我不签名", "名字先不说", "别说我是楼下的"])
def test_who_keeps_his_name_to_himself_stays_unnamed_and_his_story_stays(person: Person, said: str) -> None:
    person.tell(STORY, said)
    assert (the_talk(person).anonymous, the_talk(person).name, the_talk(person).lines[0]) == (True, "", STORY)


@pytest.mark.parametrize("said", ["电话就不说了", "不说了 你们看着办"])
def test_who_keeps_his_number_or_has_said_all_has_not_withdrawn(person: Person, said: str) -> None:
    person.tell(STORY, said)
    assert the_talk(person).lines[0] == STORY


@pytest.mark.parametrize("said", ["气得我想死", "真是要了命了 急得想死", "她被打得想死"])
def test_anger_is_no_wish_to_die(said: str) -> None:
    assert not read_utterance(said, WORDS).wants(Intent.SELF_HARM)


def test_who_was_only_angry_is_let_out_and_his_complaint_goes_on(person: Person) -> None:
    person.say("不想活了")
    assert the_talk(person).stage is Stage.WITH_PERSON
    person.say(STORY)
    reply = person.say("我就是气话")
    assert reply.question
    assert (the_talk(person).is_held, the_talk(person).lines) == (False, (STORY,))


@pytest.mark.parametrize("said", ["你是人吗", "是真人还是机器啊", "机器能管事吗", "你是不是人工智能"])
def test_it_says_that_it_is_a_machine(person: Person, said: str) -> None:
    assert "我是机器，先替人听着。" in person.say(said).lines


@pytest.mark.parametrize("said", ["换个会喘气的来", "给我整个活人来", "接线员！接线员！", "跟机器说不明白"])
def test_a_person_is_called_in_odd_words(said: str) -> None:
    assert read_utterance(said, WORDS).wants(Intent.HUMAN)


@pytest.mark.parametrize("said", ["院里能查到是谁发的不", "那你们能保证吗", "我说了会不会挨整"])
def test_fear_is_answered(person: Person, said: str) -> None:
    assert "不留名字，不留电话，都行。" in person.say(said).lines


def test_a_demand_gets_an_honest_answer(person: Person) -> None:
    person.say(STORY)
    assert "我不敢先答应您。" in person.say("能不能把那个护工开除").lines


@pytest.mark.parametrize("said", ["机器能管事吗", "找谁", "好嘞", "哎妈呀 你们可得管管", "早上好 祝您平安", "我要头诉"])
def test_nothing_stays_without_an_answer_and_nobody_is_sent_away_at_the_first_word(person: Person, said: str) -> None:
    reply = person.say(said)
    assert reply.text
    assert "这件事不归养老这块管。" not in reply.lines


@pytest.mark.parametrize("said", ["是那么回事", "得劲 恁给俺记上", "妥了", "对头", "那中"])
def test_yes_is_heard_as_it_is_said_in_the_village(said: str) -> None:
    assert read_utterance(said, WORDS).wants(Intent.CONFIRM)


def test_a_correction_says_what_stands_now_and_the_old_word_is_read_no_more(person: Person) -> None:
    person.say("芦渚颐年院二楼的饭是馊的")
    reply = person.say("不对，是三楼")
    assert "好，改成“三楼”。" in reply.lines
    assert "二楼" not in person.say("不留名").text


@pytest.mark.parametrize(
    ("first", "said", "phone"),
    [
        ("15412340018", "后面俩数打反了 是81", "15412340081"),
        ("15412340018", "最后一次是12号", "15412340018"),
        ("15412340018", "旧的是15412349999 停机了", "15412340018"),
    ],
)
def test_the_last_figures_are_corrected_and_a_dead_number_is_none(
    person: Person, first: str, said: str, phone: str
) -> None:
    person.tell(STORY, first, said)
    assert the_talk(person).phone == phone


def test_a_number_beside_a_complaint_weighs_nothing() -> None:
    told = "院里的护工打俺娘，我电话15412340001"
    assert blank_contact(told).rstrip() == "院里的护工打俺娘，"
    assert len(blank_contact(told)) == len(told)


def test_who_counts_off_his_matters_is_not_interrupted(person: Person) -> None:
    person.say("第一 饭是馊的，米里有虫")
    assert person.say("第二 护工骂人").question == ""


@pytest.mark.parametrize("said", ["让你们领导 来接电话", "我要找 人工", "转 人工"])
def test_a_space_in_the_midst_of_a_wish_hides_nothing(said: str) -> None:
    assert read_utterance(said, WORDS).wants(Intent.HUMAN)


def test_a_space_parts_a_name_from_what_stands_before_it() -> None:
    assert read_utterance("我是她大儿子 姓柴", WORDS).name == "柴"
