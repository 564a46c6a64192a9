"""Pictures, recordings and papers from the page: without script, in one post with the words, refused kindly."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fastapi import Request
from sqlalchemy import func, select
from starlette.datastructures import Headers

from api import uploads
from api.uploadroom import Room
from api.uploads import Upload, read_upload
from bot.models import LooseMedium
from casework.models import Attachment, Message
from casework.types import AttachmentKind
from tests.api.visitors import Doors, Page, Visitor, find_code
from tests.intake import files

STORY = "麦陇镇敬老院的饭是馊的，老人吃了拉肚子。"
SEALED = "麦陇镇副镇长卜庆林收了院长两万块红包，才让他侄子当上院长，我亲眼看见的。"
PICTURE = files.a_picture((300, 200))


def send(
    visitor: Visitor, *sent: tuple[str, bytes], text: str = "", choice: str = "", page: Page | None = None
) -> Page:
    """Press the button of the talk with these files chosen."""
    form = (page or visitor.get("/")).form("/say")
    parts: list[Any] = [("files", (name, content)) for name, content in sent]
    return visitor.post("/say", form | {"text": text, "choice": choice}, files=parts or [("files", ("", b""))])


def count(doors: Doors, model: Any) -> int:
    with doors.home.house.store.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def kept(doors: Doors) -> list[Attachment]:
    with doors.home.house.store.read() as session:
        return list(session.scalars(select(Attachment)))


def test_the_page_says_what_fits_before_anybody_chooses(doors: Doors) -> None:
    page = doors.visitor().get("/")
    assert "照片最大10兆" in page.text
    (form,) = page.tree.xpath("//form[@action='/say']")
    assert form.get("enctype") == "multipart/form-data"
    (camera,) = form.xpath(".//input[@capture]")
    assert (camera.get("accept"), camera.get("type")) == ("image/*", "file")


def test_a_picture_and_its_story_come_in_one_post(doors: Doors) -> None:
    visitor = doors.visitor()
    page = send(visitor, ("IMG_0001.jpg", PICTURE), text=STORY)
    assert "照片收到了" in page.text
    assert STORY in page.text
    assert count(doors, LooseMedium) == 1
    page = visitor.tell("我在麦陇镇，就是这样")
    assert find_code(page)
    (row,) = kept(doors)
    assert (row.kind, row.sealed) == (AttachmentKind.PICTURE, False)
    assert count(doors, LooseMedium) == 0


def test_a_form_without_a_file_is_a_form_as_before(doors: Doors) -> None:
    page = send(doors.visitor(), text=STORY)
    assert STORY in page.text
    assert count(doors, LooseMedium) == 0


def test_a_recording_alone_is_taken(doors: Doors) -> None:
    page = send(doors.visitor(), ("recording", files.WEBM_SOUND))
    assert "有人会听" in page.text
    assert "[语音]" in page.text


def test_a_tap_on_an_answer_takes_the_files_along(doors: Doors) -> None:
    visitor = doors.visitor()
    page = visitor.say(STORY)
    choice = next(each for each in page.buttons() if each and each not in ("human",))
    after = send(visitor, ("a.jpg", PICTURE), choice=choice, page=page)
    assert after.status == 200
    assert count(doors, LooseMedium) == 1


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("holiday.jpg", files.EXE, "这种文件收不了"),
        ("picture.png", files.PAGE, "这种文件收不了"),
        ("drawing.svg", files.DRAWING, "这种文件收不了"),
        ("both.jpg", PICTURE + files.an_archive(), "这种文件收不了"),
        ("empty.jpg", b"", "这份是空的"),
        ("cut.jpg", PICTURE[:400], "这份打不开"),
        ("bomb.png", files.a_picture_bomb(), "这份打不开"),
        ("large.jpg", PICTURE + bytes(11 * 1024 * 1024), "太大了"),
    ],
)
def test_a_file_that_lies_is_refused_kindly_and_the_words_stay(
    doors: Doors, name: str, content: bytes, sentence: str
) -> None:
    visitor = doors.visitor()
    page = send(visitor, (name, content), text=STORY)
    assert page.status == 422
    assert sentence in page.error_at("files")
    assert page.value_of("text").strip() == STORY
    assert "字还在" in page.text
    assert count(doors, LooseMedium) == 0


def test_ten_files_at_once_are_one_too_many(doors: Doors) -> None:
    page = send(doors.visitor(), *[("a.jpg", PICTURE)] * 10, text=STORY)
    assert page.status == 422
    assert "最多九份" in page.error_at("files")
    assert page.value_of("text").strip() == STORY


def test_the_same_post_twice_is_one_message(doors: Doors) -> None:
    visitor = doors.visitor()
    page = visitor.get("/")
    for _ in range(2):
        send(visitor, ("a.jpg", PICTURE), text=STORY, page=page)
    assert count(doors, LooseMedium) == 1


def track(visitor: Visitor, code: str) -> Page:
    return visitor.post("/track", {"code": code})


def add(visitor: Visitor, page: Page, *sent: tuple[str, bytes], text: str = "") -> Page:
    parts: list[Any] = [("files", (name, content)) for name, content in sent]
    return visitor.post("/track/say", page.form("/track/say") | {"text": text}, files=parts)


def test_files_are_added_with_the_code(doors: Doors) -> None:
    filed = doors.report(STORY)
    visitor = doors.visitor()
    page = add(visitor, track(visitor, filed.code), ("a.jpg", PICTURE), ("b.pdf", files.PDF), text="这是收据")
    assert "连同2份" in page.text
    assert {row.kind for row in kept(doors)} == {AttachmentKind.PICTURE, AttachmentKind.PAPER}
    with doors.home.house.store.read() as session:
        assert [row.text for row in session.scalars(select(Message))] == ["这是收据"]


def test_two_taps_bring_a_file_once_and_files_alone_are_news(doors: Doors) -> None:
    filed = doors.report(STORY)
    visitor = doors.visitor()
    page = track(visitor, filed.code)
    for _ in range(2):
        add(visitor, page, ("a.jpg", PICTURE))
    assert len(kept(doors)) == 1
    assert count(doors, Message) == 1
    add(visitor, track(visitor, filed.code), ("a.jpg", PICTURE))
    assert len(kept(doors)) == 2


def test_a_tenth_file_of_a_day_is_told_and_the_words_stay(doors: Doors) -> None:
    filed = doors.report(STORY)
    visitor = doors.visitor()
    page = add(visitor, track(visitor, filed.code), *[(str(n), files.a_picture((60 + n, 40))) for n in range(9)])
    assert "连同9份" in page.text
    page = add(visitor, page, ("a.jpg", PICTURE), text="还有一张")
    assert page.status == 422
    assert "明天再来补" in page.error_at("files")
    assert page.value_of("text").strip() == "还有一张"
    assert len(kept(doors)) == 9


def test_a_lying_file_on_the_track_page_keeps_the_words(doors: Doors) -> None:
    filed = doors.report(STORY)
    visitor = doors.visitor()
    page = add(visitor, track(visitor, filed.code), ("a.jpg", files.EXE), text="还有一张")
    assert "这种文件收不了" in page.error_at("files")
    assert page.value_of("text").strip() == "还有一张"
    assert count(doors, Message) == 0


def test_a_file_for_a_sealed_case_goes_inside(doors: Doors) -> None:
    filed = doors.report(SEALED)
    assert filed.sealed
    visitor = doors.visitor()
    add(visitor, track(visitor, filed.code), ("a.jpg", PICTURE))
    (row,) = kept(doors)
    assert (row.sealed, row.kind, row.size) == (True, None, None)


def test_nobody_without_a_code_adds_anything(doors: Doors) -> None:
    visitor = doors.visitor()
    page = visitor.post("/track/say", {"code": "1234 5678"}, files=[("files", ("a.jpg", PICTURE))])
    assert page.status in (404, 422)
    assert kept(doors) == []


def test_what_is_no_form_at_all_is_told_on_a_page(doors: Doors) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = doors.client().post("/say", content=b"--x\r\nnonsense", headers=headers)
    assert answer.status_code == 422


def test_no_file_of_a_reporter_ever_lies_in_a_temporary_folder(
    doors: Doors, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    rolled: list[int] = []
    monkeypatch.setattr("tempfile.SpooledTemporaryFile.rollover", lambda self: rolled.append(1))
    send(doors.visitor(), ("film.mp4", files.MP4_FILM + bytes(5 * 1024 * 1024)), text=STORY)
    assert rolled == []
    assert list(folder.iterdir()) == []
    assert count(doors, LooseMedium) == 1


class Slowly:
    """A body that comes in pieces; `wait` is what stands between them."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces

    async def stream(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece


def a_form(*, text: str, size: int) -> tuple[dict[str, str], bytes]:
    """A posted form as a browser writes it: the words first, then a file of so many bytes."""
    head = f'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n{text}\r\n'
    file = '--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
    body = head.encode() + (file.encode() + bytes(size) + b"\r\n" if size else b"") + b"--b--\r\n"
    return {"content-type": "multipart/form-data; boundary=b"}, body


def read(text: str, size: int, *, piece: int = 16 * 1024) -> Upload:
    headers, body = a_form(text=text, size=size)
    coming = Slowly(*(body[at : at + piece] for at in range(0, len(body), piece)))
    request = SimpleNamespace(headers=Headers(headers), stream=coming.stream)
    return asyncio.run(read_upload(cast(Request, request)))


@pytest.fixture
def full_house(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no room for anything large."""
    monkeypatch.setattr(uploads, "_room", lambda: Room(0))


@pytest.mark.usefixtures("full_house")
def test_words_wait_for_nobody_where_strangers_fill_the_room() -> None:
    assert read(STORY, 0).text("text") == STORY
    small = read(STORY, 1000)
    assert (small.text("text"), len(small.files[0]), small.problem) == (STORY, 1000, None)


@pytest.mark.usefixtures("full_house")
def test_the_words_beside_a_large_file_are_kept_where_there_is_no_room() -> None:
    found = read(STORY, uploads.FREE * 2)
    assert found.text("text") == STORY
    assert (found.problem and found.problem.problem, found.files) == ("slow_upload", ())


def test_who_sends_a_byte_now_and_then_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "GRACE_SECONDS", -1)
    monkeypatch.setattr(uploads, "LEAST_PACE", 10**12)
    found = read(STORY, uploads.FREE * 2)
    assert (found.problem and found.problem.problem, found.files) == ("slow_upload", ())
