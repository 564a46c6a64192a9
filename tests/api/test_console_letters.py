"""Letters at the call desk: the page beside the form, a proposed reading of it, and the original locked away."""

import io
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from casework.ledger import Verb
from casework.models.attachments import Attachment
from casework.models.ledger import LedgerEntry
from intake.models import HeldScan, Report
from intake.transcription import ReadPiece, Transcription
from tests.api.houses import DISPATCHER, HANDLER, OPERATOR, TestHouse
from tests.api.visitors import Clerk, Doors, Page, find_code

READ = Transcription(
    ((ReadPiece("南荇镇敬老院的饭是"), ReadPiece("馊", doubtful=True), ReadPiece("的，老人吃了拉肚子。")),)
)


@pytest.fixture
def reading_doors(one_home: TestHouse) -> Doors:
    """A house with an engine that reads the same in every letter."""
    house = replace(one_home.house, transcriber=lambda _picture: READ)
    return Doors(replace(one_home, house=house))


def a_page(colour: str = "white") -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (600, 800), colour).save(stream, "JPEG", exif=Image.Exif())
    return stream.getvalue()


def a_paper(pages: int) -> bytes:
    """A PDF as an office's scanner makes it: a picture on each page."""
    first, *others = (Image.open(io.BytesIO(a_page(colour))) for colour in ["white", "lightgrey"] * 5)
    stream = io.BytesIO()
    first.save(stream, "PDF", save_all=True, append_images=others[: pages - 1])
    return stream.getvalue()


def scan(clerk: Clerk, content: bytes = a_page(), page: Page | None = None, **typed: str) -> Page:
    form = (page or clerk.get("/console/call")).form("/console/call")
    files: dict[str, Any] = {"file": ("来信", content, "application/octet-stream")}
    return clerk.post("/console/call/scan", form | typed, files=files)


def pictures(page: Page) -> list[str]:
    return [str(each) for each in page.tree.xpath("//img[contains(@src,'/scan/')]/@src")]


def held(doors: Doors) -> list[HeldScan]:
    with doors.home.house.store.read() as session:
        return list(session.scalars(select(HeldScan)))


def kept(doors: Doors) -> list[Attachment]:
    with doors.home.house.store.read() as session:
        return list(session.scalars(select(Attachment)))


def test_a_letter_is_read_beside_its_picture_and_filed_with_its_page(reading_doors: Doors) -> None:
    doors = reading_doors
    clerk = doors.sign_in(OPERATOR)
    page = scan(clerk, relation="邻居")
    assert page.status == 200
    assert page.value_of("story") == READ.text
    assert page.value_of("relation") == "邻居"
    assert page.tree.xpath("//blockquote//mark/text()") == ["馊"]
    (picture,) = pictures(page)
    shown = clerk.client.get(picture)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    (row,) = held(doors)
    filed = clerk.post("/console/call", page.form("/console/call"))
    assert len(find_code(filed)) == 16
    assert held(doors) == []
    assert doors.home.house.keys.get(row.key_id) is None
    assert clerk.client.get(picture).status_code == 404
    (attachment,) = kept(doors)
    assert (attachment.kind, attachment.copy_wrap) == ("picture", None)
    with doors.home.house.store.read() as session:
        report = session.scalars(select(Report)).one()
        attached = session.scalars(select(LedgerEntry).where(LedgerEntry.verb == Verb.ATTACHED)).one()
    assert (report.channel, report.case_id) == ("letter", attachment.case_id)
    assert attached.actor_id is not None


def test_a_second_page_stands_below_the_first(reading_doors: Doors) -> None:
    clerk = reading_doors.sign_in(OPERATOR)
    first = scan(clerk)
    second = scan(clerk, a_page("lightgrey"), page=first)
    assert len(pictures(second)) == 2
    assert second.value_of("story") == f"{READ.text}\n{READ.text}"
    clerk.post("/console/call", second.form("/console/call"))
    assert len(kept(reading_doors)) == 2


def test_a_paper_of_the_scanner_is_shown_and_read_page_by_page_and_kept_whole(reading_doors: Doors) -> None:
    clerk = reading_doors.sign_in(OPERATOR)
    page = scan(clerk, a_paper(3))
    assert page.value_of("story") == "\n".join([READ.text] * 3)
    sizes = []
    for picture in pictures(page):
        shown = clerk.client.get(picture)
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
        sizes.append(Image.open(io.BytesIO(shown.content)).size)
    assert len(sizes) == 3
    assert {max(size) for size in sizes} == {2200}
    assert clerk.client.get(f"{pictures(page)[0].split('?')[0]}?page=3").status_code == 404
    assert find_code(clerk.post("/console/call", page.form("/console/call")))
    (attachment,) = kept(reading_doors)
    assert (attachment.kind, attachment.media_type, attachment.copy_wrap) == ("paper", "application/pdf", None)


def test_a_letter_of_too_many_pages_is_refused_before_it_is_kept(reading_doors: Doors) -> None:
    clerk = reading_doors.sign_in(OPERATOR)
    eight = scan(clerk, a_paper(8))
    refused = scan(clerk, a_paper(2), page=eight)
    assert refused.status == 422
    assert "最多九页" in refused.error_at("file")
    assert len(pictures(refused)) == 8
    assert len(pictures(scan(clerk, a_page(), page=refused))) == 9
    assert scan(clerk, a_paper(10)).status == 422


def test_without_an_engine_the_page_says_so_and_a_person_copies_it_out(one_home: TestHouse) -> None:
    doors = Doors(replace(one_home, house=replace(one_home.house, transcriber=None)))
    clerk = doors.sign_in(OPERATOR)
    assert "没装认字的程序" in clerk.get("/console/call").text
    page = scan(clerk, story="老人吃了拉肚子。")
    assert len(pictures(page)) == 1
    assert page.value_of("story") == "老人吃了拉肚子。"
    assert "请看着图自己录" in page.text


@pytest.mark.parametrize("content", [b"%PDF-1.7 a paper", b"\xff\xd8\xff\xe0 a broken picture", b""])
def test_what_is_no_picture_is_said_at_the_field_and_the_words_stay(reading_doors: Doors, content: bytes) -> None:
    page = scan(reading_doors.sign_in(OPERATOR), content, story="老人吃了拉肚子。")
    assert page.status == 422
    assert page.error_at("file")
    assert page.value_of("story") == "老人吃了拉肚子。"
    assert held(reading_doors) == []


def test_a_page_is_shown_to_him_who_copies_it_out_alone(reading_doors: Doors) -> None:
    (picture,) = pictures(scan(reading_doors.sign_in(OPERATOR)))
    assert reading_doors.sign_in(DISPATCHER).client.get(picture).status_code == 404
    assert reading_doors.sign_in(HANDLER).client.get(picture).status_code == 403
    assert reading_doors.client().get(picture).status_code == 303
    other = reading_doors.sign_in(DISPATCHER)
    form = other.get("/console/call").form("/console/call")
    stolen = {"scans": picture.rsplit("/", 1)[1], "story": READ.text}
    assert find_code(other.post("/console/call", form | stolen))
    assert kept(reading_doors) == []
    assert len(held(reading_doors)) == 1


def test_while_it_is_held_neither_picture_nor_words_are_readable(reading_doors: Doors) -> None:
    scan(reading_doors.sign_in(OPERATOR))
    (row,) = held(reading_doors)
    assert b"JFIF" not in row.original
    assert b"sha256" not in row.keys


def test_a_page_of_another_form_is_refused(reading_doors: Doors) -> None:
    page = scan(reading_doors.sign_in(OPERATOR), csrf="x")
    assert page.status == 403
    assert held(reading_doors) == []
