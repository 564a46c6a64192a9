"""A file is what its bytes say: the honest ones are told apart, the liars are refused before anything is stored."""

import pytest

from casework.errors import InvalidField
from casework.types import AttachmentKind
from intake.filetypes import LARGEST, MEGABYTE, recognise
from tests.intake import files

PICTURE, RECORDING = AttachmentKind.PICTURE, AttachmentKind.RECORDING
FILM, PAPER = AttachmentKind.FILM, AttachmentKind.PAPER


@pytest.mark.parametrize(
    ("data", "kind", "media_type"),
    [
        (files.a_picture(), PICTURE, "image/jpeg"),
        (files.a_picture(form="PNG"), PICTURE, "image/png"),
        (files.a_picture(form="WEBP"), PICTURE, "image/webp"),
        (files.a_picture(form="GIF", exif=False), PICTURE, "image/gif"),
        (files.AMR, RECORDING, "audio/amr"),
        (files.SILK, RECORDING, "audio/silk"),
        (files.OGG, RECORDING, "audio/ogg"),
        (files.WEBM_SOUND, RECORDING, "audio/webm"),
        (files.WEBM_FILM, FILM, "video/webm"),
        (files.MP4_SOUND, RECORDING, "audio/mp4"),
        (files.MP4_FILM, FILM, "video/mp4"),
        (files.PDF, PAPER, "application/pdf"),
    ],
)
def test_it_knows_what_people_send(data: bytes, kind: AttachmentKind, media_type: str) -> None:
    found = recognise(data)
    assert (found.kind, found.media_type) == (kind, media_type)


@pytest.mark.parametrize("folder", ["word", "xl", "ppt"])
def test_it_knows_office_documents(folder: str) -> None:
    assert recognise(files.a_document(folder=folder)).kind is PAPER


def _refused(data: bytes) -> str:
    with pytest.raises(InvalidField) as caught:
        recognise(data)
    assert caught.value.field == "file"
    return caught.value.problem


@pytest.mark.parametrize(
    "data",
    [
        files.EXE,
        files.PAGE,
        files.DRAWING,
        files.an_archive(),
        b"\x7fELF" + bytes(200),
        b"#!/bin/sh\nrm -rf /\n",
        b"Rar!\x1a\x07\x00" + bytes(100),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "院长收了我两万块".encode(),
        bytes(5000),
    ],
    ids=["program", "page", "drawing", "archive", "elf", "script", "rar", "old office", "text", "zeros"],
)
def test_what_is_not_on_the_list_is_refused_whatever_its_name(data: bytes) -> None:
    assert _refused(data) == "wrong_kind_file"


@pytest.mark.parametrize(
    "data",
    [
        files.a_picture() + files.an_archive(),
        files.a_picture() + files.PAGE,
        files.a_picture(form="GIF", exif=False) + b"<script>1</script>",
        files.a_picture() + files.EXE,
        files.PDF + files.an_archive(),
        files.AMR + files.PAGE,
        files.a_document(more={"word/vbaProject.bin": b"macro"}),
    ],
    ids=["jpeg+zip", "jpeg+html", "gif+script", "jpeg+exe", "pdf+zip", "amr+html", "macros"],
)
def test_what_would_open_as_two_things_is_refused(data: bytes) -> None:
    assert _refused(data) == "wrong_kind_file"


def test_an_empty_file_and_one_too_large_are_told_apart() -> None:
    assert _refused(b"") == "empty_file"
    assert _refused(files.AMR + bytes(LARGEST[RECORDING])) == "too_large_file"
    assert _refused(files.a_picture() + bytes(LARGEST[PICTURE])) == "too_large_file"
    assert recognise(files.AMR + bytes(LARGEST[PICTURE] + MEGABYTE)).kind is RECORDING


def test_a_document_that_unpacks_to_a_mountain_is_refused_unopened() -> None:
    assert len(files.a_bomb()) < MEGABYTE
    assert _refused(files.a_bomb()) == "wrong_kind_file"


def test_a_cut_document_is_broken() -> None:
    assert _refused(files.a_document()[:60]) == "broken_file"
