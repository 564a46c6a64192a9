"""A picture sent in WeChat, from the message to the case's page: through the house's own jobs and the vendor's HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import select

from api.jobs import list_handlers
from api.settings import MissingSetting
from api.wiring import House
from bot.channels import Inbound, MediaRef, MessageKind
from bot.conversations import find_talk
from bot.fetching import MEDIUM_PREFIX
from bot.frontdesk import answer_inbound
from bot.models import Conversation
from bot.types import Reply, Talk
from casework.jobs import JobName
from casework.models import Attachment
from casework.types import AttachmentKind, AttachmentProblem, Channel
from tests.api.houses import DISPATCHER, TestHouse, a_house, open_house, some_settings
from tests.api.visitors import Doors
from tests.infrastructure.vendor import Answer, Cloud, json_answer
from tests.intake import files

SENDER = "oWangtong_0042"
STORY = "麦陇镇敬老院的馍长了绿毛，老人吃了拉肚子"


@dataclass
class Chat:
    """Somebody in WeChat, and the cloud that keeps his pictures for three days."""

    home: TestHouse
    cloud: Cloud
    spoken: int = 0

    @property
    def house(self) -> House:
        return self.home.house

    def send(self, text: str = "", *media: MediaRef) -> Reply:
        self.spoken += 1
        self.home.clock.turn(seconds=5)
        now = self.home.clock()
        kind = media[0].kind if media else MessageKind.TEXT
        told = Inbound(
            Channel.WECHAT, "gh", SENDER, f"m{self.spoken}", kind, now, text=text, media=tuple(media), sent_at=now
        )
        return answer_inbound(self.house.store, told, desk=self.house.front_desk, now=now)

    def talk(self) -> tuple[str, Talk]:
        desk = self.house.front_desk
        with self.house.store.read() as session:
            row_id = session.scalars(select(Conversation.id)).one()
            keys, now = desk.intake.keys, self.home.clock()
            found = find_talk(session, Channel.WECHAT, SENDER, days=desk.days, shelf=keys, now=now)
        assert found is not None
        return row_id, found

    def fetch(self) -> None:
        row_id, talk = self.talk()
        for medium in talk.media:
            list_handlers(self.house)[JobName.FETCH_MEDIUM](f"{row_id}/{medium.id}")

    def kept(self) -> list[Attachment]:
        with self.house.store.read() as session:
            return list(session.scalars(select(Attachment)))


@pytest.fixture
def chat(sqlite_database_url: str, tmp_path: Path, cloud: Cloud) -> Iterator[Chat]:
    cloud.answer("/cgi-bin/stable_token", json_answer({"access_token": "T1", "expires_in": 7200}))
    with a_house(sqlite_database_url, tmp_path, wechat_api_base=cloud.url) as home:
        yield Chat(home, cloud)


def file_it(chat: Chat) -> None:
    for text in (STORY, "不留", "是的"):
        if chat.send(text).receipt_code:
            return
    raise AssertionError("not filed")


def test_from_the_message_to_the_page(chat: Chat) -> None:
    chat.cloud.answer("/cgi-bin/media/get", Answer(files.a_picture((300, 200)), headers={"Content-Type": "image/jpeg"}))
    assert "照片收到了" in chat.send("", MediaRef(MessageKind.IMAGE, "MEDIA_1")).text
    assert chat.cloud.to("/cgi-bin/media/get") == []
    chat.fetch()
    file_it(chat)
    (row,) = chat.kept()
    assert row.kind is AttachmentKind.PICTURE
    clerk = Doors(chat.home).sign_in(DISPATCHER)
    page = clerk.get(f"/console/cases/{row.case_id}")
    (address,) = page.tree.xpath("//ul[@class='attached']//img/@src")
    assert clerk.client.get(address).headers["content-type"] == "image/jpeg"


def test_an_expired_picture_leaves_a_stub_and_is_asked_for_again(chat: Chat) -> None:
    chat.cloud.answer("/cgi-bin/media/get", json_answer({"errcode": 40007, "errmsg": "invalid media_id"}))
    chat.cloud.answer("/cgi-bin/message/custom/send", json_answer({"errcode": 0}))
    file_it(chat)
    chat.send("", MediaRef(MessageKind.IMAGE, "MEDIA_1"))
    chat.fetch()
    (row,) = chat.kept()
    assert row.problem is AttachmentProblem.GONE
    row_id, _ = chat.talk()
    list_handlers(chat.house)[JobName.SEND_MESSAGE](f"{MEDIUM_PREFIX}{row_id}/gone")
    (sent,) = chat.cloud.to("/cgi-bin/message/custom/send")
    assert sent.json["text"]["content"] == "您刚才发的那份，没收到。\n请再发一次。"
    assert "没取到" in Doors(chat.home).sign_in(DISPATCHER).get(f"/console/cases/{row.case_id}").text


def test_a_voice_in_the_vendors_own_format_is_fetched_heard_and_answered(chat: Chat) -> None:
    """The engine is a stub; everything else is the house's own."""
    deaf = chat.home.house
    front = replace(deaf.front_desk, hears=True)
    hearing = replace(deaf, front_desk=front, ears=lambda sound: STORY if len(sound) > 8000 else "")
    chat.home = replace(chat.home, house=hearing)
    chat.cloud.answer("/cgi-bin/media/get", Answer(files.spoken_amr(2), headers={"Content-Type": "audio/amr"}))
    chat.cloud.answer("/cgi-bin/message/custom/send", json_answer({"errcode": 0}))
    assert "我听一听" in chat.send("", MediaRef(MessageKind.VOICE, "MEDIA_1")).text
    chat.fetch()
    row_id, talk = chat.talk()
    list_handlers(chat.house)[JobName.HEAR_VOICE](f"{row_id}/{talk.media[0].id}")
    (sent,) = chat.cloud.to("/cgi-bin/message/custom/send")
    assert f"我听到您说：“{STORY}”" in sent.json["text"]["content"]
    file_it(chat)
    (row,) = chat.kept()
    clerk = Doors(chat.home).sign_in(DISPATCHER)
    page = clerk.get(f"/console/cases/{row.case_id}")
    assert "机器听写" in page.text
    assert "等人听" in page.text


def test_a_speech_model_that_is_not_there_stops_the_start_with_a_sentence(
    sqlite_database_url: str, tmp_path: Path
) -> None:
    with a_house(sqlite_database_url, tmp_path) as home:
        settings = some_settings(sqlite_database_url, tmp_path, speech_dir=tmp_path)
        with pytest.raises(MissingSetting) as problem, open_house(settings, home.clock):
            pass
    assert "speech.toml" in problem.value.sentence
