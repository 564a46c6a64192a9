"""Files of a talk: ciphertext under its key until filed, fetched from the vendor by a job, gone where they must go."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text

from bot.channels import Inbound, MediaRef, MessageKind, OutboundMessage, SendError, SendProblem
from bot.channels.telegram import TelegramAccount, TelegramChannel
from bot.channels.telegram_media import fetch_telegram_file
from bot.channels.wechat_api import WeChatApi
from bot.channels.wechat_media import fetch_wechat_medium
from bot.conversations import find_talk
from bot.fetching import MEDIUM_PREFIX, fetch_medium, lose_medium, tell_medium_lost
from bot.frontdesk import file_silent_talks, handle_inbound
from bot.models import Conversation, LooseMedium
from bot.tokens import TokenTable
from bot.types import Reply, Talk
from casework.jobs import JobFailure
from casework.models import Attachment
from casework.store import Store
from casework.types import AttachmentKind, AttachmentProblem, Channel, DeliveryStatus
from intake.attachments import MOST_A_REPORT, prepare_attachment
from tests.bot.desk import SENDER, STORY, Person, a_front_desk, a_message, a_picture, set_up
from tests.casework.job_desk import table_name
from tests.casework.people import NOW
from tests.infrastructure.vendor import Answer, Cloud, json_answer
from tests.intake import files
from tests.intake.desk import some_secrets

PICTURE = files.a_picture((200, 150))
LATER = NOW + timedelta(minutes=11)


@dataclass
class Chatter(Person):
    """Somebody who sends pictures and voices, and the vendor who keeps them for a while."""

    lies: dict[str, bytes | SendError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def send(self, inbound: Inbound) -> Reply:
        with self.store.write() as session:
            return handle_inbound(session, inbound, desk=self.desk, now=NOW)

    def show(self, vendor_id: str = "m1", kind: MessageKind = MessageKind.IMAGE, **more: Any) -> Reply:
        self.spoken += 1
        known = {"channel": self.channel, "sender": self.sender, "kind": kind, "media": (MediaRef(kind, vendor_id),)}
        return self.send(a_message("", f"{vendor_id}-{self.spoken}", **(known | more)))

    def fetch(self, *, now: datetime = NOW) -> list[AttachmentProblem | None]:
        """Every job that waits for a file of this talk."""
        subjects = [f"{self.row_id}/{medium.id}" for medium in self.talk.media if medium.keys is None]
        return [
            fetch_medium(self.store, each, desk=self.desk, sources=self.sources, clock=lambda: now) for each in subjects
        ]

    @property
    def sources(self) -> dict[Channel, Callable[[str], bytes]]:
        return {Channel.WECHAT: self.source}

    def source(self, vendor_id: str) -> bytes:
        self.asked.append(vendor_id)
        found = self.lies.get(vendor_id, PICTURE)
        if isinstance(found, SendError):
            raise found
        return found

    @property
    def talk(self) -> Talk:
        with self.store.read() as session:
            found = find_talk(
                session, self.channel, self.sender, days=self.desk.days, shelf=self.desk.intake.keys, now=NOW
            )
        assert found is not None
        return found

    @property
    def row_id(self) -> str:
        with self.store.read() as session:
            return session.scalars(select(Conversation.id)).one()

    def loose(self) -> int:
        with self.store.read() as session:
            return session.scalar(select(func.count()).select_from(LooseMedium)) or 0

    def kept(self) -> list[Attachment]:
        with self.store.read() as session:
            return list(session.scalars(select(Attachment)))

    def jobs(self) -> list[str]:
        """The ids of the jobs that wait: name and key."""
        with self.store.read() as session:
            rows = session.execute(text(f"SELECT workflow_uuid FROM {table_name(self.store, 'workflow_status')}"))
            return [str(row[0]) for row in rows]


def an_error(problem: SendProblem) -> SendError:
    return SendError(Channel.WECHAT, problem, "0")


@pytest.fixture
def chatter(store: Store) -> Chatter:
    set_up(store)
    return Chatter(store, a_front_desk())


def test_a_picture_is_acknowledged_at_once_and_fetched_by_a_job(chatter: Chatter) -> None:
    assert "照片收到了" in chatter.show().text
    (medium,) = chatter.talk.media
    assert f"fetch_medium:{medium.id}" in chatter.jobs()
    assert chatter.asked == []
    assert chatter.fetch() == [None]
    assert chatter.asked == ["m1"]
    assert chatter.loose() == 1


def test_what_rests_before_filing_is_ciphertext_whose_key_lies_in_the_talk(chatter: Chatter) -> None:
    chatter.show()
    chatter.fetch()
    (medium,) = chatter.talk.media
    assert medium.keys is not None
    with chatter.store.read() as session:
        row = session.scalars(select(LooseMedium)).one()
        state = session.scalars(select(Conversation.state)).one()
    assert PICTURE[200:230] not in row.original
    assert files.MAKER.encode() not in row.original
    assert bytes.fromhex(medium.keys.original_key) not in state
    assert medium.keys.original_key.encode() not in state


def test_filing_moves_the_files_to_the_case(chatter: Chatter) -> None:
    chatter.show()
    chatter.show("v1", MessageKind.VOICE)
    chatter.lies["v1"] = files.AMR
    chatter.fetch()
    chatter.tell(STORY, "1", "对")
    assert chatter.loose() == 0
    assert {row.kind for row in chatter.kept()} == {AttachmentKind.PICTURE, AttachmentKind.RECORDING}
    assert chatter.talk.media == ()


def test_what_was_still_on_its_way_finds_the_case(chatter: Chatter) -> None:
    chatter.show()
    chatter.tell(STORY, "1", "对")
    assert chatter.kept() == []
    assert [medium.case_id for medium in chatter.talk.media] == [chatter.talk.case_id]
    assert chatter.fetch() == [None]
    (row,) = chatter.kept()
    assert (row.case_id, row.kind, row.media_type) == (chatter.talk.case_id, AttachmentKind.PICTURE, "image/jpeg")


def test_a_file_sent_after_filing_is_added(chatter: Chatter) -> None:
    chatter.tell(STORY, "1", "对")
    assert "收到了" in chatter.show().text
    chatter.fetch()
    assert len(chatter.kept()) == 1
    assert chatter.loose() == 0


def test_withdrawal_takes_the_files_with_it(chatter: Chatter) -> None:
    chatter.say(STORY)
    chatter.show()
    chatter.fetch()
    chatter.say("算了，撤回，别记录")
    assert chatter.loose() == 0
    assert chatter.talk.media == ()
    assert chatter.fetch() == []


def test_expiry_takes_the_files_with_it(chatter: Chatter) -> None:
    chatter.show()
    chatter.fetch()
    file_silent_talks(chatter.store, chatter.desk, NOW + timedelta(hours=73))
    assert chatter.loose() == 0
    assert chatter.kept() == []


def test_a_story_without_a_place_to_lie_is_fetched_while_nobody_is_kept_waiting(chatter: Chatter) -> None:
    chatter.show()
    before = chatter.talk
    chatter.fetch(now=LATER)
    assert chatter.talk.last_at == before.last_at


def test_one_who_only_speaks_is_filed_in_silence_and_the_recording_waits_for_an_ear(chatter: Chatter) -> None:
    chatter.lies["v1"] = files.AMR
    assert "有人会听" in chatter.show("v1", MessageKind.VOICE).text
    chatter.fetch()
    assert file_silent_talks(chatter.store, chatter.desk, LATER) == 1
    (row,) = chatter.kept()
    assert row.kind is AttachmentKind.RECORDING


def test_a_picture_alone_is_no_report(chatter: Chatter) -> None:
    chatter.show()
    chatter.fetch()
    assert file_silent_talks(chatter.store, chatter.desk, LATER) == 0


def test_a_vendor_who_is_away_is_asked_again_later(chatter: Chatter) -> None:
    chatter.lies["m1"] = an_error(SendProblem.LATER)
    chatter.show()
    with pytest.raises(JobFailure):
        chatter.fetch()
    chatter.lies.clear()
    assert chatter.fetch() == [None]


@pytest.mark.parametrize(
    ("lies", "problem"),
    [
        (an_error(SendProblem.GONE), AttachmentProblem.GONE),
        (an_error(SendProblem.TOO_LARGE), AttachmentProblem.TOO_LARGE),
        (files.EXE, AttachmentProblem.NOT_TAKEN),
        (b"", AttachmentProblem.NOT_TAKEN),
    ],
    ids=["expired", "large", "program", "empty"],
)
def test_what_will_never_come_leaves_a_stub_and_one_question(
    chatter: Chatter, lies: bytes | SendError, problem: AttachmentProblem
) -> None:
    chatter.lies["m1"] = lies
    chatter.tell(STORY, "1", "对")
    chatter.show()
    assert chatter.fetch() == [problem]
    (row,) = chatter.kept()
    assert (row.kind, row.problem, row.original_wrap) == (AttachmentKind.PICTURE, problem, None)
    assert chatter.talk.media == ()
    assert sum(job.startswith("send_message:lost-") for job in chatter.jobs()) == 1


def test_a_job_that_is_given_up_leaves_a_stub_too(chatter: Chatter) -> None:
    chatter.tell(STORY, "1", "对")
    chatter.show()
    subject = f"{chatter.row_id}/{chatter.talk.media[0].id}"
    lose_medium(chatter.store, subject, AttachmentProblem.UNREACHED, desk=chatter.desk, clock=lambda: NOW)
    lose_medium(chatter.store, subject, AttachmentProblem.UNREACHED, desk=chatter.desk, clock=lambda: NOW)
    assert [row.problem for row in chatter.kept()] == [AttachmentProblem.UNREACHED]


def test_a_talk_that_ends_first_leaves_a_stub_of_what_never_came(chatter: Chatter) -> None:
    chatter.tell(STORY, "1", "对")
    chatter.show()
    file_silent_talks(chatter.store, chatter.desk, NOW + timedelta(hours=73))
    assert [row.problem for row in chatter.kept()] == [AttachmentProblem.UNREACHED]


@dataclass
class Postbox:
    """Stands for the vendor; keeps what is sent, or refuses."""

    refuses: SendProblem | None = None
    sent: list[OutboundMessage] = field(default_factory=list)
    channel: Channel = Channel.WECHAT

    def send(self, message: OutboundMessage) -> None:
        if self.refuses is not None:
            raise an_error(self.refuses)
        self.sent.append(message)


def ask_again(chatter: Chatter, postbox: Postbox) -> DeliveryStatus | None:
    subject = f"{MEDIUM_PREFIX}{chatter.row_id}/gone"
    adapters = {Channel.WECHAT: postbox}
    return tell_medium_lost(chatter.store, subject, desk=chatter.desk, adapters=adapters, clock=lambda: NOW)  # type: ignore[arg-type]


def test_the_sender_is_asked_to_send_it_again_without_a_word_of_the_matter(chatter: Chatter) -> None:
    chatter.show()
    postbox = Postbox()
    assert ask_again(chatter, postbox) is DeliveryStatus.SENT
    (message,) = postbox.sent
    assert (message.recipient, message.text) == (SENDER, "您刚才发的那份，没收到。\n请再发一次。")
    assert ask_again(chatter, Postbox(SendProblem.GONE)) is DeliveryStatus.FAILED
    with pytest.raises(JobFailure):
        ask_again(chatter, Postbox(SendProblem.LATER))


def test_there_is_room_for_nine_and_the_tenth_is_told(chatter: Chatter) -> None:
    for number in range(MOST_A_REPORT):
        assert "最多" not in chatter.show(f"m{number}").text
    assert "一回最多收九份" in chatter.show("m9").text
    assert len(chatter.talk.media) == MOST_A_REPORT


def test_a_file_from_the_page_comes_with_its_words_in_one_message(chatter: Chatter) -> None:
    told = a_message(STORY, kind=MessageKind.IMAGE, files=(prepare_attachment(PICTURE),))
    reply = chatter.send(told)
    assert reply.lines[0] == "照片收到了。"
    assert chatter.talk.lines == (STORY,)
    assert chatter.loose() == 1
    chatter.tell("1", "对")
    assert [row.kind for row in chatter.kept()] == [AttachmentKind.PICTURE]


def test_the_same_message_again_keeps_one_file(chatter: Chatter) -> None:
    chatter.send(a_picture("same"))
    chatter.send(a_picture("same"))
    assert len(chatter.talk.media) == 1


def a_wechat_api(store: Store, cloud: Cloud) -> WeChatApi:
    cloud.answer("/cgi-bin/stable_token", json_answer({"access_token": "T1", "expires_in": 7200}))
    return WeChatApi("wx1", "s", cloud.url, TokenTable(store, some_secrets(), "wechat:wx1", lambda: NOW), lambda: NOW)


def test_wechats_media_come_over_http_with_the_shared_token(store: Store, cloud: Cloud) -> None:
    api = a_wechat_api(store, cloud)
    cloud.answer("/cgi-bin/media/get", Answer(PICTURE, headers={"Content-Type": "image/jpeg"}))
    assert fetch_wechat_medium(api, "m1") == PICTURE
    (asked,) = cloud.to("/cgi-bin/media/get")
    assert asked.query == {"access_token": "T1", "media_id": "m1"}


def test_wechats_films_come_from_the_address_it_tells(store: Store, cloud: Cloud) -> None:
    api = a_wechat_api(store, cloud)
    cloud.answer("/cgi-bin/media/get", json_answer({"video_url": f"{cloud.url}/film"}))
    cloud.answer("/film", Answer(files.MP4_FILM, headers={"Content-Type": "video/mp4"}))
    assert fetch_wechat_medium(api, "m1") == files.MP4_FILM


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ((json_answer({"errcode": 40007, "errmsg": "invalid media_id"}),), SendProblem.GONE),
        ((json_answer({"errcode": -1}),), SendProblem.LATER),
        ((json_answer({"errcode": 45009}),), SendProblem.LATER),
        ((Answer(status=500),), SendProblem.LATER),
        ((Answer(drops=True),), SendProblem.LATER),
        ((Answer(b"<html>", headers={"Content-Type": "text/html"}),), SendProblem.LATER),
        ((Answer(bytes(21 * 1024 * 1024), headers={"Content-Type": "video/mp4"}),), SendProblem.TOO_LARGE),
    ],
    ids=["expired", "busy", "quota", "500", "dropped", "page", "large"],
)
def test_what_wechat_says_instead_of_a_file(
    store: Store, cloud: Cloud, answers: tuple[Answer, ...], problem: SendProblem
) -> None:
    api = a_wechat_api(store, cloud)
    cloud.answer("/cgi-bin/media/get", *answers)
    with pytest.raises(SendError) as caught:
        fetch_wechat_medium(api, "m1")
    assert caught.value.problem is problem
    assert "T1" not in str(caught.value)


def test_an_expired_token_is_renewed_once(store: Store, cloud: Cloud) -> None:
    api = a_wechat_api(store, cloud)
    picture = Answer(PICTURE, headers={"Content-Type": "image/jpeg"})
    cloud.answer("/cgi-bin/media/get", json_answer({"errcode": 42001}), picture)
    tokens = [json_answer({"access_token": name, "expires_in": 7200}) for name in ("T1", "T2")]
    cloud.answer("/cgi-bin/stable_token", *tokens)
    assert fetch_wechat_medium(api, "m1") == PICTURE


def a_telegram(cloud: Cloud) -> TelegramChannel:
    return TelegramChannel(TelegramAccount("77:token", "a-secret-of-the-tests", cloud.url))


def test_telegrams_files_come_by_get_file(cloud: Cloud) -> None:
    found = {"file_id": "f1", "file_unique_id": "u1", "file_size": len(PICTURE), "file_path": "photos/1.jpg"}
    cloud.answer("/bot77:token/getFile", json_answer({"ok": True, "result": found}))
    cloud.answer("/file/bot77%3Atoken/photos/1.jpg", Answer(PICTURE))
    assert fetch_telegram_file(a_telegram(cloud), "f1") == PICTURE


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (json_answer({"ok": False, "error_code": 400, "description": "wrong file_id"}, 400), SendProblem.GONE),
        (json_answer({"ok": False, "error_code": 502, "description": "bad gateway"}, 502), SendProblem.LATER),
        (
            json_answer(
                {"ok": True, "result": {"file_id": "f1", "file_unique_id": "u", "file_size": 30 * 1024 * 1024}}
            ),
            SendProblem.TOO_LARGE,
        ),
    ],
    ids=["unknown", "away", "large"],
)
def test_what_telegram_says_instead_of_a_file(cloud: Cloud, answer: Answer, problem: SendProblem) -> None:
    cloud.answer("/bot77:token/getFile", answer)
    with pytest.raises(SendError) as caught:
        fetch_telegram_file(a_telegram(cloud), "f1")
    assert caught.value.problem is problem
    assert "77:token" not in str(caught.value)
