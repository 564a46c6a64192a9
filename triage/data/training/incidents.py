"""What tellings of one incident share and incidents of one home do not, learned from the written ones.

Where texts and words lie by `remake_senses.py`, a turn of these places, and a weight for each small detail.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from triage.similarity.details import DetailWeights
from triage.similarity.senses import list_features

Floats = NDArray[np.float64]
EVEN, MEANINGS = 0.3, 96
LEAST_ROWS, EASE, ALONE = 3, 0.15, 0.8
SENSE_COUNTS = 3.0
LEAST_WEIGHT = 0.001


def find_turn(points: Floats, groups: Sequence[str]) -> tuple[Floats, Floats]:
    """(middle, turn): directions in which tellings of one incident differ are held down, those that part incidents not.

    Linear discriminants with shrinkage: `points` n by d, `groups` a name for each, the turn d by 96.
    """
    names = np.array(groups)
    gathered = [points[names == name] for name, size in Counter(groups).items() if size > 1]
    apart = np.vstack([some - some.mean(axis=0) for some in gathered])
    within = apart.T @ apart / (len(apart) - len(gathered))
    within = (1 - EVEN) * within + EVEN * np.trace(within) / len(within) * np.eye(len(within))
    strength, directions = np.linalg.eigh(within)
    whiten = directions / np.sqrt(strength)
    middle = points.mean(axis=0)
    spread, turned = np.linalg.eigh(np.cov(((points - middle) @ whiten).T))
    told = np.maximum(spread - 1, 0)
    turn = whiten @ turned * np.sqrt(told / (told + 1))
    return middle, turn[:, np.argsort(-told)[:MEANINGS]]


def nearness(points: Floats, middle: Floats, turn: Floats) -> Floats:
    """The cosine of each two points after the turn."""
    placed = (points - middle) @ turn
    placed /= np.linalg.norm(placed, axis=1, keepdims=True)
    near: Floats = placed @ placed.T
    return near


def place_texts(words: Sequence[Sequence[str]], stored: dict[str, Any]) -> tuple[Floats, Floats]:
    """Where each text lies, and its theme of length 1."""
    vocabulary = _number(stored)
    points, themes = [], []
    for some in words:
        found: defaultdict[int, int] = defaultdict(int)
        for one in list_features(some):
            if one in vocabulary:
                found[vocabulary[one]] += 1
        at = np.fromiter(found, dtype=np.int64, count=len(found))
        strength = (1 + np.log(np.fromiter(found.values(), dtype=np.float64, count=len(found)))) * stored["rarity"][at]
        strength /= max(float(np.linalg.norm(strength)), 1e-9)
        points.append(strength @ stored["place"][at].astype(np.float64) + stored["place_bias"])
        theme = strength @ stored["theme"][at] + stored["theme_bias"]
        themes.append(theme / max(float(np.linalg.norm(theme)), 1e-9))
    return np.array(points), np.array(themes)


def place_words(words: Sequence[str], stored: dict[str, Any], weight_of_theme: float) -> Floats:
    """Where each word pulls a text, before the turn; a word of which nothing is known pulls nowhere."""
    vocabulary = _number(stored)
    both = np.hstack([stored["place"].astype(np.float32), stored["theme"] * weight_of_theme])
    placed = np.zeros((len(words), both.shape[1]))
    for row, word in enumerate(words):
        at = [vocabulary[one] for one in list_features([word]) if one in vocabulary]
        placed[row] = stored["rarity"][at] @ both[at]
    return placed


def _number(stored: dict[str, Any]) -> dict[str, int]:
    names = bytes(stored["vocabulary"]).decode("utf-8").split("\n")
    return {name: at for at, name in enumerate(names)}


class Details:
    """Which details the two reports of each pair share, and which only one of them has."""

    def __init__(self, details: Sequence[frozenset[str]], pairs: Sequence[tuple[int, int, bool]]) -> None:
        counts = Counter(one for some in details for one in sorted(some))
        self.names = [name for name, count in sorted(counts.items()) if count >= LEAST_ROWS]
        places = {name: at for at, name in enumerate(self.names)}
        self.both = self._table([details[i] & details[j] for i, j, _ in pairs], places)
        self.alone = self._table([details[i] ^ details[j] for i, j, _ in pairs], places)

    def learn(self, part: Any, beside: Floats, answers: Floats) -> DetailWeights:
        """The weight of each detail on the pairs of this part, beside what the senses say already."""
        known = csr_matrix(beside * SENSE_COUNTS)
        table = hstack([known, self.both, self.alone * ALONE]).tocsr()[part]
        found = LogisticRegression(C=EASE, max_iter=300).fit(table, answers[part]).coef_[0][beside.shape[1] :]
        both, alone = found[: len(self.names)], found[len(self.names) :] * ALONE
        return DetailWeights(self._named(both), self._named(alone))

    def _named(self, found: Floats) -> dict[str, float]:
        weights = zip(self.names, found.tolist(), strict=True)
        return {name: round(weight, 4) for name, weight in weights if abs(weight) >= LEAST_WEIGHT}

    @staticmethod
    def _table(rows: Sequence[frozenset[str]], places: dict[str, int]) -> csr_matrix:
        found = [(at, places[one]) for at, some in enumerate(rows) for one in sorted(some) if one in places]
        down, across = zip(*found, strict=True)
        return csr_matrix((np.ones(len(found)), (down, across)), shape=(len(rows), len(places)))
