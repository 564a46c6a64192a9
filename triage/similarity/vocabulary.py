"""The words of a text and how much each says: a name says much, 老人 next to nothing.

Weights are inverse document frequencies over the training texts, shipped as data and remade by
`triage/data/training/remake_similarity.py`; `concepts.toml` says which words mean the same.
"""

import json
import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from math import log

from ahocorasick_rs import AhoCorasick, MatchKind

from triage.entities.plain import read_plain
from triage.entities.words import cut_words

_SIGN = re.compile(r"[\W_]+")
_LONGEST = 32
_RARE_DOCUMENTS = 0.5
_STRANGE_CONCEPT = 5.0


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How much each word, Han sign and meaning says: about 9 for one never seen, 0.4 for 的."""

    words: dict[str, float]
    signs: dict[str, float]
    concepts: dict[str, float]
    rarest: float

    def weigh(self, word: str) -> float:
        """The weight of a word; one Han sign alone counts half."""
        return self.words.get(word, self.rarest) * (0.5 if len(word) == 1 else 1.0)

    def weigh_sign(self, sign: str) -> float:
        """The weight of one Han sign within words; 0 for everything else."""
        return self.signs.get(sign, self.rarest if "\u3400" <= sign <= "\u9fff" else 0.0)

    def weigh_concept(self, concept: str) -> float:
        """The weight of a meaning of `concepts.toml`."""
        return self.concepts.get(concept, _STRANGE_CONCEPT)


@lru_cache(maxsize=1)
def load_vocabulary() -> Vocabulary:
    """The shipped counts as weights."""
    stored = json.loads(files("triage").joinpath("data", "model", "similarity.json").read_text("utf-8"))
    documents = int(stored["documents"])

    def weigh(counts: dict[str, int]) -> dict[str, float]:
        return {item: log((documents + 1) / (count + _RARE_DOCUMENTS)) for item, count in counts.items()}

    return Vocabulary(
        words=weigh(stored["words"]),
        signs=weigh(stored["signs"]),
        concepts=weigh(stored["concepts"]),
        rarest=log((documents + 1) / _RARE_DOCUMENTS),
    )


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
