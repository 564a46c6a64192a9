"""What a machine reads in a letter: pieces it is sure of and pieces it is not, behind one small interface."""

from typing import Any

import pytest

from intake import transcription
from intake.transcription import RapidTranscriber, ReadPiece, Transcription, find_transcriber, join_words

BOX: list[list[int]] = []


class FakeResult:
    def __init__(self, words: Any) -> None:
        self.word_results = words


class FakeEngine:
    """Stands where rapidocr stands, and counts how often it was loaded."""

    loaded = 0

    def __init__(self, params: dict[str, str]) -> None:
        type(self).loaded += 1
        self.params = params

    def __call__(self, picture: bytes, *, return_word_box: bool) -> FakeResult:
        assert return_word_box
        words = ((("饭", 0.99, BOX), ("是", 0.98, BOX), ("馊", 0.77, BOX), ("的", 0.99, BOX)), (("芮", 0.5, BOX),))
        return FakeResult(words if picture else None)


def test_doubtful_characters_stand_in_pieces_of_their_own() -> None:
    assert join_words([("饭", 0.99), ("是", 0.9), ("馊", 0.7), ("的", 0.6), ("。", 1.0)]) == (
        ReadPiece("饭是"),
        ReadPiece("馊的", doubtful=True),
        ReadPiece("。"),
    )


def test_a_page_is_its_lines_as_plain_words() -> None:
    page = Transcription(((ReadPiece("饭是"), ReadPiece("馊", doubtful=True)), (ReadPiece("芮秋禾"),)))
    assert page.text == "饭是馊\n芮秋禾"
    assert page.has_doubt
    assert not Transcription(((ReadPiece("饭"),),)).has_doubt
    assert Transcription().text == ""


def test_the_engine_is_loaded_once_and_its_scores_become_doubts(monkeypatch: pytest.MonkeyPatch) -> None:
    class Module:
        RapidOCR = FakeEngine

    monkeypatch.setattr(transcription, "import_module", lambda _name: Module)
    reads = RapidTranscriber()
    page = reads(b"a page")
    assert page.lines[0] == (ReadPiece("饭是"), ReadPiece("馊", doubtful=True), ReadPiece("的"))
    assert page.lines[1] == (ReadPiece("芮", doubtful=True),)
    assert reads(b"") == Transcription()
    assert FakeEngine.loaded == 1


def test_without_the_extra_there_is_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcription, "find_spec", lambda _name: None)
    assert find_transcriber() is None
    monkeypatch.setattr(transcription, "find_spec", lambda _name: object())
    assert isinstance(find_transcriber(), RapidTranscriber)
