"""Pictures and recordings of the day: in talks, with a code, to an open, a sealed and a late sealed case, withdrawn."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from api.wiring import House
from bot.channels import Inbound, MessageKind
from bot.frontdesk import FrontDesk, answer_inbound
from bot.types import Reply
from casework.models import Case
from casework.types import Channel
from intake.attachments import keep_attachment, prepare_attachment
from tests.intake.files import a_marked_bitmap, a_marked_picture, a_marked_voice

SENDER, GONE, DRAFT = "web_77c1d2e95b3a4f60", "web_0b9f3e2d61c84a75", "web_4d5e6f708192a3b4"
EXIF_MARK, PIXEL_MARK, VOICE_MARK = "held by RuiQiuhe 118.2W", "PIXELS-OF-THE-RECEIPT-7731", "VOICE-OF-RUI-QIUHE-0042"


class TheDay(Protocol):
    """As much of the day as this needs."""

    cases: dict[str, str]

    def hide(self, **words: str) -> None: ...

    def say(self, sender: str, text: str, channel: Channel = ...) -> Reply: ...

    def tell(self, name: str, sender: str, *texts: str, channel: Channel = ...) -> None: ...

    @property
    def house(self) -> House: ...

    @property
    def now(self) -> datetime: ...


def send_files(day: TheDay, desk: FrontDesk) -> None:
    """Every road that a file can take, with marks in its metadata, its pixels and its sound."""
    day.hide(exif=EXIF_MARK, pixels=PIXEL_MARK, voice=VOICE_MARK)
    picture, pixels = a_marked_picture(EXIF_MARK), a_marked_bitmap(PIXEL_MARK)
    voice = a_marked_voice(VOICE_MARK)
    _send(day, desk, SENDER, "麦陇镇敬老院的锅台爬满虫子", picture, pixels, voice)
    day.tell("files", SENDER, "匿名", "没有了", "是的", channel=Channel.WEB)
    _send(day, desk, GONE, "他们打人", picture)
    day.say(GONE, "算了，撤回，别记录", Channel.WEB)
    _send(day, desk, DRAFT, "芦渚颐年院的墙皮掉了", pixels)
    day.say(DRAFT, "我再想想", Channel.WEB)
    add_to_cases(day.house, day.cases, (picture, pixels, voice), now=day.now)


def add_to_cases(house: House, cases: Mapping[str, str], contents: tuple[bytes, ...], *, now: datetime) -> None:
    """What comes later with the code."""
    for name in ("open", "sealed", "late"):
        with house.store.write() as session:
            case = session.get_one(Case, cases[name])
            for data in contents:
                keep_attachment(session, case, data=data, secrets=house.secrets, now=now)


def _send(day: TheDay, desk: FrontDesk, sender: str, text: str, *contents: bytes) -> None:
    """One message of the page with files."""
    files = tuple(prepare_attachment(data) for data in contents)
    told = Inbound(Channel.WEB, "web", sender, f"{sender}-files", MessageKind.IMAGE, day.now, text=text, files=files)
    answer_inbound(day.house.store, told, desk=desk, now=day.now)
