"""Cutting a text into words, behind one small interface.

rjieba is thirty times as fast as jieba over the same dictionary with the same cuts; jieba stays as the fallback of an
office whose machine has no wheel for it.
"""

import logging
import tempfile
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Protocol

import jieba
import rjieba

_OWN_WORD_FREQUENCY = 20_000


class Engine(StrEnum):
    """Which program cuts."""

    RJIEBA = "rjieba"
    JIEBA = "jieba"


class Segmenter(Protocol):
    """Cuts a text into words whose concatenation is the text again."""

    def cut(self, text: str) -> list[str]:
        """The words in order; nothing is left out, spaces and signs neither."""


class FastSegmenter:
    """rjieba with our own words; without any it is the one that its import has built already (24 MB, 0.1 s)."""

    def __init__(self, words: Sequence[str]) -> None:
        self._cut = rjieba.cut
        if words:
            engine = rjieba.Jieba()
            for word in words:
                engine.add_word(word, _OWN_WORD_FREQUENCY, "n")
            self._cut = engine.cut

    def cut(self, text: str) -> list[str]:
        """The words in order."""
        return self._cut(text)


class PlainSegmenter:
    """jieba with our own words and a private cache folder (its own lies where other users can write)."""

    def __init__(self, words: Iterable[str]) -> None:
        jieba.setLogLevel(logging.WARNING)
        self._engine = jieba.Tokenizer()
        with tempfile.TemporaryDirectory() as private:
            self._engine.tmp_dir = private
            self._engine.initialize()
        for word in words:
            self._engine.add_word(word, _OWN_WORD_FREQUENCY, "n")

    def cut(self, text: str) -> list[str]:
        """The words in order."""
        return list(self._engine.lcut(text))


def load_segmenter(words: Iterable[str] = (), engine: Engine = Engine.RJIEBA) -> Segmenter:
    """Build and warm a segmenter that knows `words` as whole words."""
    segmenter: Segmenter = FastSegmenter(tuple(words)) if engine is Engine.RJIEBA else PlainSegmenter(words)
    segmenter.cut("清风热线")
    return segmenter
