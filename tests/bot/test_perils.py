"""Danger in everyday words, of the country, without signs: what is over, supposed or usual stays quiet."""

import json
import os
import tomllib
from pathlib import Path

import pytest

from bot.dangers import name_danger
from bot.perils import Call, find_peril, hear_calls
from bot.reading import place_in_time, read_utterance
from bot.script import load_script
from bot.words import Intent, Words, load_words
from casework.types import Danger

SAID = tomllib.loads((Path(__file__).parent / "perils.toml").read_text(encoding="utf-8"))
SHARED = Path(os.environ.get("HOTLINE_SHARED", Path(__file__).parents[3] / "shared"))
REAL = SHARED / "real" / "messages.jsonl"
FALSE_ALARMS = 3
"""So many of three thousand letters about other things may sound like danger."""

WORDS: Words = load_words()
SCRIPT = load_script()


def first_number(text: str) -> str:
    """The number that is given first; "other" where both are, "" where none is."""
    said = read_utterance(text, WORDS)
    if said.danger is None:
        return ""
    occasion = said.occasion or said.danger
    return "other" if occasion == Danger.OTHER else SCRIPT.numbers[occasion][0].number


@pytest.mark.parametrize("number", SAID["now"])
def test_danger_that_is_there_now_gives_the_right_number_first(number: str) -> None:
    assert {text: found for text in SAID["now"][number] if (found := first_number(text)) != number} == {}


@pytest.mark.parametrize("kind", SAID["quiet"])
def test_a_near_miss_stays_quiet(kind: str) -> None:
    assert [text for text in SAID["quiet"][kind] if first_number(text)] == []


def test_signs_and_spaces_make_no_difference() -> None:
    for text in ("老头倒地上了，叫不应！", "老头倒地上了。叫不应", "老头倒地上了叫不应", "老头倒地上了\n叫不应"):
        assert first_number(text) == "120"


def test_what_a_short_message_tells_belongs_to_the_old_story_it_stands_in() -> None:
    said = read_utterance("满头都是血", WORDS)
    assert said.danger is Danger.MEDICAL
    assert place_in_time(said, "我姥姥去年从床上摔下来", WORDS).danger is None
    assert place_in_time(said, "我姥姥从床上摔下来", WORDS).danger is Danger.MEDICAL


def test_a_word_of_the_present_breaks_the_old_story() -> None:
    said = read_utterance("现在叫不醒了", WORDS)
    assert place_in_time(said, "昨天摔的", WORDS).danger is Danger.MEDICAL


def test_a_long_letter_is_left_to_triage() -> None:
    long = "我反映一个情况，" * 30 + "老头倒地上了，叫不应"
    assert find_peril(long, WORDS.perils) is None
    assert find_peril(long, WORDS.perils, trusted=True) is not None


def test_where_triage_sees_a_life_in_danger_the_words_say_which() -> None:
    assert name_danger("我爸在地上，嘴唇发紫", WORDS.perils) is Danger.MEDICAL


@pytest.mark.skipif(not REAL.exists(), reason="the real messages are not beside the repository")
def test_real_letters_about_other_things_raise_no_alarm() -> None:
    texts = [json.loads(line)["text"] for line in REAL.read_text(encoding="utf-8").splitlines()]
    assert sum(find_peril(text, WORDS.perils) is not None for text in texts) <= FALSE_ALARMS


@pytest.mark.parametrize(
    "text", ["气得我想死", "真是要了命了 气得我想死", "我死的心都有了", "想死的心都有", "烦得俺真想死"]
)
def test_death_in_anger_is_a_saying(text: str) -> None:
    said = read_utterance(text, WORDS)
    assert said.calls_for(Call.ANGER)
    assert not said.wants(Intent.SELF_HARM)


@pytest.mark.parametrize("text", ["我妈被打得想死", "老伴说不想活了", "俺娘天天念叨死了算了", "他老想不开"])
def test_anothers_wish_to_die_is_not_the_writers(text: str) -> None:
    said = read_utterance(text, WORDS)
    assert said.calls_for(Call.OTHERS)
    assert not said.wants(Intent.SELF_HARM)


@pytest.mark.parametrize(
    "text", ["我不想活了", "气得我想死，我是真不想活了", "老伴走了，不想活了", "被他们逼得不想活了", "妈 我不想活了"]
)
def test_the_writers_own_wish_is_never_taken_for_a_saying(text: str) -> None:
    assert read_utterance(text, WORDS).wants(Intent.SELF_HARM)


@pytest.mark.parametrize(
    "text",
    [
        "喂你好我要头诉",
        "哎妈呀 你们可得管管",
        "早上好 祝您平安",
        "菩萨保佑你们",
        "节日快乐",
        "俺要告状",
        "我要投速",
        "急死我了",
        "喂喂 听得见吗",
    ],
)
def test_manners_name_no_matter(text: str) -> None:
    assert Call.MANNERS in hear_calls(text, WORDS.perils)


@pytest.mark.parametrize(
    "text", ["饭馊了", "钱没发", "路灯坏了", "护工骂人", "冷", "社保卡怎么补办", "快递丢了", "您好 我妈没饭吃"]
)
def test_a_matter_is_no_manners(text: str) -> None:
    assert Call.MANNERS not in hear_calls(text, WORDS.perils)


@pytest.mark.parametrize(
    "text",
    [
        "我这把岁数了，早走早省心",
        "安眠药都数好了，搁枕头边",
        "老衣穿上了，后事也交代好了",
        "熬不到头了",
        "想去找走了的老伴",
        "躺下就别再醒了",
        "我再想想，活着也是受罪",
        "过了今晚就没我这个人了",
    ],
)
def test_a_roundabout_hint_of_death_is_heard(text: str) -> None:
    assert read_utterance(text, WORDS).wants(Intent.SELF_HARM)


@pytest.mark.parametrize(
    "text",
    [
        "留名我在镇上没法活",
        "叫院长知道了我就没法活了",
        "再涨价老百姓都没法活了",
        "想死我大孙子了",
        "死也不给退钱",
        "院里买了农药搁灶房",
        "娘每天要吃药，他们不给",
        "我爸说活够了",
        "我跟老伴去了县里三趟",
    ],
)
def test_an_idiom_of_death_is_no_wish_to_die(text: str) -> None:
    assert not read_utterance(text, WORDS).wants(Intent.SELF_HARM)
