"""你记了没有，在吗，然后呢: a real answer that says what is noted so far, and takes no such word into the story."""

import pytest

from bot.conversations import find_talk
from bot.reading import read_utterance
from bot.script import SENTENCE_LIMIT
from bot.types import Stage
from bot.words import Intent, load_words
from casework.store import Store
from casework.types import Channel
from tests.bot.desk import SENDER, STORY, Person, a_front_desk, set_up
from tests.casework.people import NOW

WORDS = load_words()
ASKS = (
    "你记了没有",
    "你记下了吗？",
    "记下来没",
    "都记上了没有",
    "听到了吗",
    "你听见没有？",
    "听懂了没",
    "还在吗？",
    "你在听吗",
    "然后呢",
    "那接下来呢？",
    "你说话呀",
    "说句话啊！",
    "咋不吭声了",
    "怎么不回话",
    "我说的你都记下了没",
    "俺说的话恁听清楚没有",
    "记到哪儿了",
    "收到没有",
)
TELLS = (
    "记不清了",
    "护工不说话",
    "还在打",
    "他们听见了没管",
    "院长在吗我找他他不在",
    "然后他就把门锁了",
    "收到三百块",
    "还在",
)


@pytest.fixture
def person(store: Store) -> Person:
    set_up(store)
    return Person(store, a_front_desk())


@pytest.mark.parametrize("said", ASKS)
def test_it_is_heard_however_it_is_asked_and_tells_nothing(said: str) -> None:
    heard = read_utterance(said, WORDS)
    assert (heard.wants(Intent.CHECK), heard.tells) == (True, False)


@pytest.mark.parametrize("said", TELLS)
def test_what_only_sounds_like_it_is_none(said: str) -> None:
    assert not read_utterance(said, WORDS).wants(Intent.CHECK)


@pytest.mark.parametrize("said", ["你记了没有", "听到了吗", "在吗", "然后呢", "你说话呀"])
def test_it_says_what_is_noted_in_one_short_sentence_and_goes_on(person: Person, said: str) -> None:
    person.say(STORY)
    reply = person.say(said)
    noted = [line for line in reply.lines if line.startswith("记着的：")]
    assert noted == ["记着的：麦陇镇敬老院，吃的东西不干净的事。"]
    assert len(noted[0]) <= SENTENCE_LIMIT
    assert reply.question


def test_a_beginning_that_is_no_complaint_yet_is_read_back_in_his_own_words(person: Person) -> None:
    person.say("俺娘在院里住了半年了，今儿个去看她")
    assert "记着的：俺娘在院里住了半年了，今儿个去看她。" in person.say("你记了没有").lines


def test_nothing_of_it_gets_into_the_story(person: Person) -> None:
    person.tell(STORY, "你记了没有", "说话呀")
    with person.store.read() as session:
        talk = find_talk(session, Channel.WECHAT, SENDER, days=person.desk.days, shelf=person.desk.intake.keys, now=NOW)
    assert talk is not None
    assert talk.lines == (STORY,)


def test_before_anything_is_told_it_greets(person: Person) -> None:
    assert person.say("在吗").question == "有什么事，跟我说？"


def test_after_filing_it_says_so_and_how_to_look(person: Person) -> None:
    person.tell(STORY, "1", "对")
    assert "在呢，您说的都报上去了。" in person.say("你听到了吗").lines


def test_who_waits_for_a_person_because_of_his_life_keeps_the_numbers_in_sight(person: Person) -> None:
    person.say("我不想活了")
    reply = person.say("在吗")
    assert [each.number for each in reply.numbers] == ["12356", "120"]
    assert not reply.question


def test_a_draft_stays_a_draft(person: Person) -> None:
    person.tell(STORY, "我再想想")
    person.say("还在吗")
    with person.store.read() as session:
        talk = find_talk(session, Channel.WECHAT, SENDER, days=person.desk.days, shelf=person.desk.intake.keys, now=NOW)
    assert talk is not None
    assert talk.stage is Stage.DRAFT
