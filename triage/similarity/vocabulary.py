"""The words of a text and how much each says: a name says much, 老人 next to nothing.

Weights are inverse document frequencies over the training texts, shipped as data and remade by
`triage/data/training/remake_similarity.py`, with each word's topic; `concepts.toml` says which words mean the same.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from math import log

import numpy as np
from ahocorasick_rs import AhoCorasick, MatchKind
from numpy.typing import NDArray

from triage.entities.plain import read_plain
from triage.entities.words import cut_words

_SIGN = re.compile(r"[\W_]+")
_LONGEST = 32
_RARE_DOCUMENTS = 0.5
_STRANGE_SIGN = 8.0
_STRANGE_CONCEPT = 5.0
Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How many of `documents` training texts hold each word, and each word's topic vector."""

    documents: int
    counts: dict[str, int]
    rows: dict[str, int]
    topics: Vector
    signs: dict[str, float]
    concepts: dict[str, float]

    def weigh(self, word: str) -> float:
        """About 9 for a word never seen, 0.4 for 的; one Han sign alone counts half."""
        weight = log(self.documents / (self.counts.get(word, 0) + _RARE_DOCUMENTS))
        return weight * (0.5 if len(word) == 1 else 1.0)

    def weigh_sign(self, sign: str) -> float:
        """The same for one Han sign within words; 0 for everything else."""
        return self.signs.get(sign, _STRANGE_SIGN if "\u3400" <= sign <= "\u9fff" else 0.0)

    def weigh_concept(self, concept: str) -> float:
        """The same for a meaning of `concepts.toml`."""
        return self.concepts.get(concept, _STRANGE_CONCEPT)

    def topic_of(self, words: Iterable[str]) -> Vector:
        """The mean topic of the words by weight, of length 1; zero where no word is known."""
        known = [(self.rows[word], self.weigh(word)) for word in words if word in self.rows]
        if not known:
            return np.zeros(self.topics.shape[1], np.float32)
        rows, weights = zip(*known, strict=True)
        mean: Vector = np.array(weights, np.float32) @ self.topics[list(rows)]
        size = float(np.linalg.norm(mean))
        return mean / size if size else mean


@lru_cache(maxsize=1)
def load_vocabulary() -> Vocabulary:
    """The shipped weights and topics."""
    with as_file(files("triage").joinpath("data", "model", "similarity.npz")) as path, np.load(path) as stored:
        words = str(stored["words"]).split("\n")
        counts, topics = stored["counts"].tolist(), stored["topics"].astype(np.float32) * float(stored["scale"])
        documents = int(stored["documents"])
        sign_counts = zip(str(stored["signs"]), stored["sign_counts"].tolist(), strict=True)
        signs = {sign: log((documents + 1) / (count + _RARE_DOCUMENTS)) for sign, count in sign_counts}
        concepts = {
            concept: log((documents + 1) / (count + _RARE_DOCUMENTS))
            for concept, count in zip(
                str(stored["concepts"]).split("\n"), stored["concept_counts"].tolist(), strict=True
            )
        }
    rows = {word: row for row, word in enumerate(words[: len(topics)])}
    return Vocabulary(documents, dict(zip(words, counts, strict=True)), rows, topics, signs, concepts)


def list_words(text: str) -> list[str]:
    """The words of a plain view in order, small letters, without signs and spaces."""
    return [word[:_LONGEST] for word in cut_words(text.lower()) if _SIGN.fullmatch(word) is None]


def list_concepts(text: str) -> tuple[str, ...]:
    """The meanings that a plain view speaks of, whatever its words, in the order of the data file."""
    automaton, concepts = _concept_words()
    found = {concepts[number] for number, _, _ in automaton.find_matches_as_indexes(text.lower(), overlapping=True)}
    return tuple(sorted(found))


@lru_cache(maxsize=1)
def _concept_words() -> tuple[AhoCorasick, list[str]]:
    data = tomllib.loads(files("triage").joinpath("data", "concepts.toml").read_text("utf-8"))["acts"]
    pairs = [(word, concept) for concept, words in data.items() for word in dict.fromkeys(words)]
    return AhoCorasick([word for word, _ in pairs], matchkind=MatchKind.Standard), [concept for _, concept in pairs]


def search_tokens(text: str) -> list[str]:
    """The words of a text for a full-text index and for queries alike: each word, and the pairs inside longer ones."""
    tokens: list[str] = []
    for word in list_words(read_plain(text).text):
        tokens.append(word)
        if len(word) > 2 and not word.isascii():
            tokens.extend(word[i : i + 2] for i in range(len(word) - 1))
    return tokens
