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
            strange=float(arrays["rarity"].max()),
        )
