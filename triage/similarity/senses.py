"""What a text is about as a point in space, so that 扇耳光 lies near 殴打 without anybody listing the two.

The weights are learned once from a sentence model that the product itself doesn't need, and turned so that tellings of
one incident lie near each other and incidents of one home apart; `teach_senses.py`, `remake_senses.py` and
`remake_duplicates.py` in the training folder say how. They are linear over words and signs: a text costs 0.1 ms.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_LEAST = 1e-9
_CHANCE, _BEST, _MOST_BEST, _USUAL_PAIRS = 0.2, 3, 20.0, 600


@dataclass(frozen=True, slots=True)
class Sense:
    """Two directions of length 1: what is told (`meaning`) and which categories it leans to (`theme`)."""

    meaning: Floats
    theme: Floats


@dataclass(frozen=True)
class _Weights:
    vocabulary: dict[str, int]
    rarity: Floats
    weights: NDArray[np.int8]
    scale: Floats
    bias: Floats
    meanings: int
    turn: Floats
    word_middle: Floats
    strange: float


def read_sense(words: Sequence[str]) -> Sense:
    """The sense of a text's words, its unit's name left out; a text of unknown words lies where the average lies."""
    stored = _load()
    counts = Counter(row for one in list_features(words) if (row := stored.vocabulary.get(one)) is not None)
    found = np.fromiter(counts, dtype=np.int64, count=len(counts))
    times = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
    strength = (1 + np.log(times)) * stored.rarity[found]
    strength /= max(float(np.sqrt(strength @ strength)), _LEAST)
    point = (strength @ stored.weights[found]) * stored.scale + stored.bias
    theme = _unit(point[stored.meanings :])
    return Sense(_unit(point[: stored.meanings] + theme @ stored.turn), theme)


def place_words(words: Sequence[str]) -> Floats:
    """Where each word lies by itself, a row of length 1 for each; nought where nothing of it is known."""
    return np.array([_place_word(word) for word in words] or np.zeros((0, 0)), dtype=np.float32)


def align_words(ours: Floats, our_weights: Floats, theirs: Floats, their_weights: Floats) -> tuple[float, float, float]:
    """How well each word of one text finds one near it in the other, from 0 to 1, the rare ones counting more.

    The mean of both ways, the better way, and the three best pairs of words alone; in long texts three pairs are near
    by chance, so they count for less the more words there are.
    """
    if not (len(ours) and len(theirs)):
        return 0.0, 0.0, 0.0
    near = np.maximum(ours @ theirs.T - _CHANCE, 0) / (1 - _CHANCE)
    there = float(near.max(axis=1) @ our_weights**2 / (our_weights @ our_weights))
    back = float(near.max(axis=0) @ their_weights**2 / (their_weights @ their_weights))
    strong = (near * np.sqrt(np.outer(our_weights, their_weights))).ravel()
    best = np.partition(strong, -_BEST)[-_BEST:] if strong.size > _BEST else strong
    return (there + back) / 2, max(there, back), float(best.sum()) / _MOST_BEST * min(1.0, _USUAL_PAIRS / near.size)


def weigh_feature(feature: str) -> float:
    """How rare a feature is among the training texts; the most for one that hardly any of them has."""
    stored = _load()
    row = stored.vocabulary.get(feature)
    return stored.strange if row is None else float(stored.rarity[row])


def compare_senses(one: Sense | None, other: Sense | None) -> tuple[float, float]:
    """How near two senses lie in meaning and in theme, each from -1 to 1; 0 where one is unknown."""
    if one is None or other is None:
        return 0.0, 0.0
    return float(one.meaning @ other.meaning), float(one.theme @ other.theme)


def list_features(words: Sequence[str]) -> Iterator[str]:
    """The words (w), the pairs of signs across them (b) and the signs (u)."""
    signs = "".join(words)
    yield from (f"w{word}" for word in words)
    yield from (f"b{signs[i : i + 2]}" for i in range(len(signs) - 1))
    yield from (f"u{sign}" for sign in signs)


@lru_cache(maxsize=20_000)
def _place_word(word: str) -> Floats:
    stored = _load()
    found = [row for one in list_features([word]) if (row := stored.vocabulary.get(one)) is not None]
    if not found:
        return np.zeros(stored.meanings, dtype=np.float32)
    point = np.asarray((stored.rarity[found] @ stored.weights[found]) * stored.scale, dtype=np.float32)
    return _unit(point[: stored.meanings] + point[stored.meanings :] @ stored.turn - stored.word_middle)


def _unit(point: Floats) -> Floats:
    length = max(float(np.sqrt(point @ point)), _LEAST)
    return np.asarray(point / length, dtype=np.float32)


@lru_cache(maxsize=1)
def _load() -> _Weights:
    with (
        as_file(files("triage").joinpath("data", "model", "senses.npz")) as path,
        np.load(path, allow_pickle=False) as arrays,
    ):
        names = bytes(arrays["vocabulary"]).decode("utf-8").split("\n")
        return _Weights(
            vocabulary={name: at for at, name in enumerate(names)},
            rarity=arrays["rarity"].astype(np.float32),
            weights=arrays["weights"],
            scale=arrays["scale"].astype(np.float32),
            bias=arrays["bias"].astype(np.float32),
            meanings=int(arrays["meanings"]),
            turn=arrays["turn"].astype(np.float32),
            word_middle=arrays["word_middle"].astype(np.float32),
            strange=float(arrays["rarity"].max()),
        )
