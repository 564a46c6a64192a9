"""Telegram by polling, against its cloud on loopback: nothing confirmed before it is stored, nobody held up."""

import logging
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot.channels import SendError
from bot.channels.telegram import LARGEST_FILE, TelegramAccount, TelegramChannel
from bot.conversations import find_talk
from bot.frontdesk import FrontDesk
from bot.models import SeenMessage
from bot.modes import TelegramMode
from bot.polling import AT_ONCE, PollingDesk, keep_polling, poll_updates
from bot.types import Talk
from casework.models.cases import Case
from casework.store import Store
from casework.types import Channel
from intake.models import ReplyAddress
from tests.bot.desk import STORY, a_front_desk, count, set_up
from tests.casework.people import NOW
from tests.infrastructure.telegram_cloud import (
    PERSON,
    TOKEN,
    TelegramCloud,
    a_message,
    a_photo,
    a_tap,
    a_video,
    an_update,
    blocked,
)

OTHER = 43


@dataclass
class Office:
    """An office that polls, its store and its cloud."""

    store: Store
    cloud: TelegramCloud
    desk: FrontDesk = field(default_factory=a_front_desk)
    polling: PollingDesk = field(init=False)

    def __post_init__(self) -> None:
        account = TelegramAccount(TOKEN, "", self.cloud.url, mode=TelegramMode.POLLING)
        self.polling = PollingDesk(self.store, TelegramChannel(account), self.desk, lambda: NOW, wait=AT_ONCE)

    def poll(self) -> int:
        return poll_updates(self.polling)

    def hear(self, *updates: dict[str, Any]) -> list[str]:
        """Let these come in; everything that was said since."""
        before = len(self.cloud.said)
        self.cloud.post(*updates)
        self.poll()
        return self.cloud.texts[before:]

    def talk(self, person: int = PERSON) -> Talk:
        with self.store.read() as session:
            found = find_talk(
                session, Channel.TELEGRAM, str(person), days=self.desk.days, shelf=self.desk.intake.keys, now=NOW
            )
        assert found is not None
        return found

    def count(self, model: type) -> int:
        with self.store.read() as session:
            return count(session, model)


@pytest.fixture
def office(store: Store, telegram_cloud: TelegramCloud) -> Office:
    set_up(store)
    return Office(store, telegram_cloud)


def test_a_whole_report_by_polling_with_buttons(office: Office) -> None:
    first = office.hear(an_update(1, message=a_message(STORY)))
    assert "怎么告诉您" in first[0]
    buttons = [row[0]["callback_data"] for row in office.cloud.said[0]["reply_markup"]["inline_keyboard"]]
    assert buttons == ["contact_none", "contact_phone", "contact_here"]
    assert "您听，对不对？" in office.hear(an_update(2, callback_query=a_tap("contact_here", ident="a")))[0]
    assert "查询码" in office.hear(an_update(3, callback_query=a_tap("confirm_yes", ident="b")))[0]
    assert office.cloud.ended == ["a", "b"]
    assert (office.count(Case), office.count(ReplyAddress)) == (1, 1)
    assert office.cloud.waiting == []


def test_what_is_said_cannot_be_passed_on_by_a_tap(office: Office) -> None:
    office.hear(an_update(1, message=a_message("你好")))
    assert office.cloud.said[0]["protect_content"] in (True, "true")


class DownStore:
    """A database that is away."""

    def write(self) -> Any:
        raise OperationalError("INSERT", {}, Exception("the server went away"))

    read = write


def test_an_update_is_confirmed_only_after_it_is_stored(office: Office) -> None:
    office.cloud.post(an_update(1, message=a_message(STORY)))
    office.polling.store = DownStore()  # type: ignore[assignment]
    with pytest.raises(OperationalError):
        office.poll()
    assert [update["update_id"] for update in office.cloud.waiting] == [1]
    office.polling.store = office.store
    assert office.poll() == 1
    assert office.talk().lines == (STORY,)
    assert office.cloud.waiting == []


def test_what_comes_again_after_a_crash_is_one_message_with_one_answer(office: Office) -> None:
    update = an_update(1, message=a_message(STORY))
    assert office.hear(update) == office.hear(update)
    assert office.talk().lines == (STORY,)


@pytest.mark.parametrize(
    "poison",
    [
        {"update_id": 5, "message": {"message_id": 1, "date": "soon", "chat": 7}},
        {"update_id": 5, "message": "words"},
        {"update_id": 5, "callback_query": {"id": "x"}},
        {"update_id": 5, "unheard_of": {}},
        {"update_id": 5},
    ],
    ids=["broken", "no-object", "no-user", "new-kind", "empty"],
)
def test_an_update_nobody_can_read_never_holds_up_the_next(office: Office, poison: dict[str, Any]) -> None:
    said = office.hear(poison, an_update(6, message=a_message(STORY)))
    assert len(said) == 1
    assert office.cloud.waiting == []


def test_a_message_that_breaks_us_is_apologised_for_and_holds_up_nobody(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    whole = office.desk.intake.assess

    def assess(text: str, context: Any) -> Any:
        if "毒" in text:
            raise RuntimeError(text)
        return whole(text, context)

    object.__setattr__(office.desk.intake, "assess", assess)
    with caplog.at_level(logging.WARNING, "hotline.channels"):
        said = office.hear(
            an_update(1, message=a_message("毒蘑菇")), an_update(2, message=a_message(STORY, person=OTHER))
        )
    assert said[0] == "刚才那句我没收好。\n请您再说一遍。"
    assert "怎么告诉您" in said[1]
    assert "毒" not in caplog.text
    assert office.cloud.waiting == []


def test_a_film_over_the_limit_keeps_its_words_and_gets_a_hint(office: Office) -> None:
    large = a_message(video=a_video(50 * 1024 * 1024), caption=STORY)
    said = office.hear(an_update(1, message=large), an_update(2, message=a_message("你好", person=OTHER)))
    assert "这个文件太大，我收不下。" in said[0]
    assert office.talk().lines == (STORY,)
    assert office.talk().media == ()
    assert len(said) == 2


def test_a_film_over_the_limit_without_words_is_no_answer_to_the_question(office: Office) -> None:
    asked = office.hear(an_update(1, message=a_message("饭是馊的，老人吃了拉肚子")))[0]
    said = office.hear(an_update(2, message=a_message(video=a_video(LARGEST_FILE + 1))))[0]
    assert "是哪家养老院" in asked
    assert said.startswith("这个文件太大")
    assert "是哪家养老院" in said


def test_an_album_is_one_report_with_one_answer(office: Office) -> None:
    album = [
        an_update(
            number,
            message=a_message(
                ident=number, photo=a_photo(f"p{number}"), media_group_id="g1", caption=STORY if number == 1 else None
            ),
        )
        for number in (1, 2, 3)
    ]
    said = office.hear(*album)
    assert len(said) == 1
    assert "怎么告诉您" in said[0]
    assert [medium.vendor_id for medium in office.talk().media] == ["p1", "p2", "p3"]
    assert office.talk().lines == (STORY,)
    office.hear(an_update(4, callback_query=a_tap("contact_none")), an_update(5, callback_query=a_tap("confirm_yes")))
    assert office.count(Case) == 1


def test_an_edited_message_amends_and_is_not_told_twice(office: Office) -> None:
    office.hear(
        an_update(1, message=a_message("麦陇镇敬老院的饭是馊的", ident=10)),
        an_update(2, message=a_message("昨天的事，老人吃了拉肚子", ident=11)),
    )
    edited = a_message("芦渚颐年院的饭是馊的", ident=10, edit_date=NOW)
    office.hear(an_update(3, edited_message=edited))
    talk = office.talk()
    assert talk.lines == ("芦渚颐年院的饭是馊的", "昨天的事，老人吃了拉肚子")
    assert talk.institution == "芦渚颐年院"


def test_an_edit_that_changes_no_word_says_nothing(office: Office) -> None:
    office.hear(an_update(1, message=a_message(STORY, ident=10)))
    assert office.hear(an_update(2, edited_message=a_message(STORY, ident=10))) == []
    assert office.talk().lines == (STORY,)


def test_an_edit_after_filing_is_added_to_the_report(office: Office) -> None:
    office.hear(
        an_update(1, message=a_message(STORY, ident=10)),
        an_update(2, callback_query=a_tap("contact_none")),
        an_update(3, callback_query=a_tap("confirm_yes")),
    )
    said = office.hear(an_update(4, edited_message=a_message(STORY + "，还发烧", ident=10)))
    assert "补上去" in said[0]
    assert office.count(Case) == 1


def test_a_place_that_moves_by_itself_is_read_once(office: Office) -> None:
    place = {"location": {"latitude": 35.4, "longitude": 116.1}}
    first = an_update(1, message=a_message(ident=10))
    first["message"].update(place)
    moved = an_update(2, edited_message=a_message(ident=10))
    moved["edited_message"].update(place)
    said = office.hear(first, moved)
    assert len(said) == 1
    assert office.talk().place == "北纬35.40000，东经116.10000"


def test_blocking_us_retracts_the_address_and_keeps_the_report(office: Office) -> None:
    office.hear(
        an_update(1, message=a_message(STORY)),
        an_update(2, callback_query=a_tap("contact_here")),
        an_update(3, callback_query=a_tap("confirm_yes")),
    )
    assert office.count(ReplyAddress) == 1
    assert office.hear(an_update(4, my_chat_member=blocked())) == []
    assert (office.count(ReplyAddress), office.count(Case)) == (0, 1)


def test_whoever_blocked_us_before_our_answer_holds_up_nobody_and_loses_his_address(office: Office) -> None:
    office.hear(
        an_update(1, message=a_message(STORY)),
        an_update(2, callback_query=a_tap("contact_here")),
    )
    office.cloud.refusals["sendMessage"] = [(403, "Forbidden: bot was blocked by the user")]
    said = office.hear(
        an_update(3, callback_query=a_tap("confirm_yes")), an_update(4, message=a_message("你好", person=OTHER))
    )
    assert len(said) == 1
    assert (office.count(ReplyAddress), office.count(Case)) == (0, 1)


def test_update_numbers_that_begin_anew_are_taken(office: Office) -> None:
    office.hear(an_update(900_000, message=a_message("麦陇镇敬老院的饭是馊的")))
    assert office.hear(an_update(12, message=a_message("昨天的事，老人吃了拉肚子"))) != []
    assert len(office.talk().lines) == 2


def test_a_busy_cloud_gets_its_answer_later_and_not_for_ever(office: Office) -> None:
    office.cloud.refusals["sendMessage"] = [(500, "Internal Server Error")] * 3
    office.cloud.post(an_update(1, message=a_message(STORY)), an_update(2, message=a_message("你好", person=OTHER)))
    for _ in range(2):
        with pytest.raises(SendError):
            office.poll()
    assert len(office.cloud.waiting) == 2
    office.poll()
    assert (len(office.cloud.said), office.cloud.waiting) == (1, [])
    assert office.talk().lines == (STORY,)


def test_a_webhook_that_stands_in_the_way_is_taken_down(office: Office) -> None:
    office.cloud.webhook = {"url": "https://old.invalid"}
    office.cloud.refusals["getUpdates"] = [(409, "Conflict: can't use getUpdates method while webhook is active")]
    office.cloud.post(an_update(1, message=a_message("你好")))
    assert office.poll() == 0
    assert "url" not in office.cloud.webhook
    assert office.poll() == 1


def test_a_wrong_token_is_told_without_the_token(office: Office) -> None:
    account = TelegramAccount("77:wrong", "", office.cloud.url, mode=TelegramMode.POLLING)
    office.polling.adapter = TelegramChannel(account)
    with pytest.raises(SendError) as refused:
        office.poll()
    assert "wrong" not in str(refused.value)


def test_a_tap_too_old_to_be_answered_is_heard_all_the_same(office: Office) -> None:
    office.hear(an_update(1, message=a_message(STORY)))
    office.cloud.refusals["answerCallbackQuery"] = [(400, "Bad Request: query is too old")]
    assert "您听，对不对？" in office.hear(an_update(2, callback_query=a_tap("contact_none")))[0]


def test_a_scanned_picture_of_a_home_is_known_in_the_talk(office: Office) -> None:
    said = office.hear(an_update(1, message=a_message("/start mailong-home")))
    assert "麦陇镇敬老院" in said[0]
    assert office.talk().scene == "麦陇镇敬老院"


def test_no_update_leaves_words_or_a_number_in_the_table_of_seen_messages(office: Office) -> None:
    office.hear(an_update(1, message=a_message(STORY)))
    with office.store.read() as session:
        rows = list(session.scalars(select(SeenMessage)))
    assert rows
    assert all(STORY.encode() not in (row.reply or b"") for row in rows)


def test_a_cloud_that_is_away_is_left_in_peace_for_longer_and_longer_and_said_once(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    moment = [NOW]
    office.polling.clock = lambda: moment[0]
    office.cloud.refusals["getUpdates"] = [(502, "Bad Gateway")] * 4
    office.cloud.post(an_update(1, message=a_message("你好")))
    rests = []
    with caplog.at_level(logging.WARNING, "hotline.channels"):
        for _ in range(4):
            assert keep_polling(office.polling) == 0
            assert keep_polling(office.polling) == 0
            assert office.polling.rests_until is not None
            rests.append((office.polling.rests_until - moment[0]).total_seconds())
            moment[0] = office.polling.rests_until
        assert keep_polling(office.polling) == 1
    assert rests == [4, 8, 16, 32]
    assert [record.message for record in caplog.records] == ["cloud_away", "cloud_back"]
