"""What a machine reads in a scanned letter: a proposal beside the picture, its doubtful characters marked.

The engine (rapidocr) is an extra that an office may install; without it a person copies the letter out.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

ENGINE = "rapidocr"
RUNTIME = "onnxruntime"
SURE = 0.85
"""Below this a character is shown as doubtful."""


@dataclass(frozen=True, slots=True)
class ReadPiece:
    """A run of characters that the machine is sure of, or is not."""

    text: str = field(repr=False)
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Transcription:
    """A page as read, a tuple of pieces a line."""

    lines: tuple[tuple[ReadPiece, ...], ...] = ()

    @property
    def text(self) -> str:
        """The page as plain words."""
        return "\n".join("".join(piece.text for piece in line) for line in self.lines)

    @property
    def has_doubt(self) -> bool:
        """Whether anything is to be looked at twice."""
        return any(piece.doubtful for line in self.lines for piece in line)


class Transcriber(Protocol):
    """Reads a picture; any engine that does this will do."""

    def __call__(self, picture: bytes) -> Transcription:
        """What stands on the page, line by line; it may take seconds."""
        ...


class RapidTranscriber:
    """rapidocr, loaded at the first letter and kept; one page at a time, for it takes half a gigabyte and a core."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._engine: Any = None

    def __call__(self, picture: bytes) -> Transcription:
        with self._lock:
            if self._engine is None:
                self._engine = import_module(ENGINE).RapidOCR(params={"Global.log_level": "error"})
            found = self._engine(picture, return_word_box=True)
        return Transcription(
            tuple(join_words((word[0], word[1]) for word in line) for line in found.word_results or ())
        )


def find_transcriber() -> Transcriber | None:
    """The engine, where the office has installed it (`pip install '.[ocr]'`)."""
    installed = find_spec(ENGINE) is not None and find_spec(RUNTIME) is not None
    return RapidTranscriber() if installed else None


def join_pages(pages: Iterable[Transcription]) -> Transcription:
    """What was read on several pages, one below the other."""
    return Transcription(tuple(line for page in pages for line in page.lines))


def join_words(words: Iterable[tuple[str, float]]) -> tuple[ReadPiece, ...]:
    """Characters with their scores as runs that are sure or doubtful."""
    pieces: list[ReadPiece] = []
    for text, score in words:
        doubtful = score < SURE
        if pieces and pieces[-1].doubtful == doubtful:
            pieces[-1] = ReadPiece(pieces[-1].text + text, doubtful)
        else:
            pieces.append(ReadPiece(text, doubtful))
    return tuple(pieces)
