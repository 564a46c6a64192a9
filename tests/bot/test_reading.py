"""What one message says to the desk."""

import pytest

from bot.reading import Utterance, is_sticker, read_utterance
from bot.words import Intent, Words, load_words
from casework.types import Danger


@pytest.fixture(scope="module")
def words() -> Words:
    return load_words()


def read(text: str, words: Words) -> Utterance:
    return read_utterance(text, words)


@pytest.mark.parametrize("text", ["1", "一", "第一个", "选1", "１", "第1个吧", "一。"])
def test_a_choice_may_be_said_in_many_ways(text: str, words: Words) -> None:
    assert read(text, words).choice == 1


@pytest.mark.parametrize("text", ["1号楼", "一个护工", "第一次", "11"])
def test_a_number_in_a_story_is_no_choice(text: str, words: Words) -> None:
    assert read(text, words).choice is None


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("15412340001", "15412340001"),
        ("我电话154 1234 0001", "15412340001"),
        ("154-1234-0001", "15412340001"),
        ("１５４１２３４０００１", "15412340001"),
        ("幺五四幺二三四零零零幺", "15412340001"),
        ("幺五四一二三四洞洞洞一", "15412340001"),
        ("不是15412340009，是15412340001", "15412340001"),
        ("座机0530-1234567", "05301234567"),
        ("他们的电话是15412340001", None),
        ("卡号6200000000000000001", None),
        ("押金15412块", None),
    ],
)
def test_the_phone_is_the_writers_own(text: str, phone: str | None, words: Words) -> None:
    assert read(text, words).phone == phone


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("我叫王秋禾", "王秋禾"),
        ("俺姓李", "李"),
        ("叫我老王就行", "老王"),
        ("张志强，15412340001", "张志强"),
        ("我叫护工来没人来", None),
        ("我是麦陇镇的", None),
        ("我是高龄老人", None),
    ],
)
def test_a_name_is_heard_only_where_it_is_one(text: str, name: str | None, words: Words) -> None:
    assert read(text, words).name == name


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("你好", Intent.GREETING),
        ("对", Intent.CONFIRM),
        ("对，就这样", Intent.CONFIRM),
        ("不对", Intent.DENY),
        ("不对是三楼", Intent.CORRECTION),
        ("算了不说了", Intent.WITHDRAW),
        ("还是算了", Intent.WITHDRAW),
        ("就当我没说", Intent.WITHDRAW),
        ("我要撤回", Intent.WITHDRAW),
        ("算了", Intent.UNSURE_WITHDRAWAL),
        ("我再想想", Intent.WAIT),
        ("先别报", Intent.WAIT),
        ("转人工", Intent.HUMAN),
        ("叫你们领导来", Intent.HUMAN),
        ("我不会弄这个", Intent.HUMAN),
        ("进度", Intent.PROGRESS),
        ("上次反映的事有结果了吗", Intent.PROGRESS),
        ("查询码丢了", Intent.LOST_CODE),
        ("谁举报的我", Intent.WHO_REPORTED),
        ("匿名", Intent.ANONYMOUS),
        ("甭留俺名", Intent.ANONYMOUS),
        ("别打我电话", Intent.NO_CONTACT),
        ("我实名举报", Intent.REAL_NAME),
        ("会不会让院长知道", Intent.FEAR),
        ("谢谢您", Intent.THANKS),
        ("你是机器人吗", Intent.MACHINE),
        ("别问这么多", Intent.IMPATIENT),
        ("我不想活了", Intent.SELF_HARM),
        ("县纪委书记收了钱", Intent.LEADING_DISCIPLINE),
    ],
)
def test_a_wish_is_heard(text: str, intent: Intent, words: Words) -> None:
    assert read(text, words).wants(intent)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("院里没有值班的，喊不应", Intent.HUMAN),
        ("护工嫌麻烦不给翻身", Intent.HUMAN),
        ("给县纪委书记写信反映过", Intent.LEADING_DISCIPLINE),
        ("先不说饭咋样，光屋里就冷", Intent.WAIT),
        ("院长说再等等，过几天给退", Intent.WAIT),
        ("把老人当啥了", Intent.WITHDRAW),
        ("他们后来就不说了", Intent.WITHDRAW),
        ("他们在查是谁举报的", Intent.WHO_REPORTED),
        ("能不能匿名？", Intent.ANONYMOUS),
        ("我不用匿名", Intent.ANONYMOUS),
        ("这个号码打不通", Intent.LOST_CODE),
        ("她没有想不开", Intent.SELF_HARM),
    ],
)
def test_what_others_do_is_no_wish(text: str, intent: Intent, words: Words) -> None:
    assert not read(text, words).wants(intent)


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("院里着火了", Danger.FIRE),
        ("满屋煤气味", Danger.FIRE),
        ("俺爹叫不醒了", Danger.MEDICAL),
        ("我妈噎住了，脸都紫了", Danger.MEDICAL),
        ("护工正在打人", Danger.VIOLENCE),
        ("我爷爷走丢了，到现在没回来", Danger.MISSING),
        ("刚才俺娘摔倒了，头破了", Danger.MEDICAL),
        ("去年着火了", None),
        ("要是着火了咋跑", None),
        ("护工打饭少", None),
        ("床上还在抽烟", None),
        ("上个月摔倒了", None),
        ("好在救过来了，当时叫不醒", None),
    ],
)
def test_danger_is_what_is_there_now(text: str, danger: Danger | None, words: Words) -> None:
    assert read(text, words).danger is danger


@pytest.mark.parametrize("text", ["[微笑]", "【玫瑰】", "😀👍", "[微笑][微笑]"])
def test_stickers_tell_nothing(text: str, words: Words) -> None:
    assert is_sticker(text)
    assert not read(text, words).tells


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("匿名", False),
        ("15412340001", False),
        ("我叫王秋禾，电话15412340001", False),
        ("好", False),
        ("三楼东头", True),
        ("昨天", True),
        ("俺娘叫护工打了，会不会让院长知道", True),
        ("", False),
    ],
)
def test_what_is_told_beside_wishes(text: str, tells: bool, words: Words) -> None:
    assert read(text, words).tells is tells


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        ("不对是三楼", "三楼"),
        ("说错了，不是麦陇，是芦渚颐年院", "芦渚颐年院"),
        ("应该是昨天", "昨天"),
        ("俺娘住三楼", ""),
    ],
)
def test_what_follows_a_correction(text: str, corrected: str, words: Words) -> None:
    assert read(text, words).corrected == corrected


def test_a_code_is_heard_however_it_is_grouped(words: Words) -> None:
    assert read("查 4821-0937 6650 2184", words).code == "4821093766502184"
