"""What tellings of one incident share and incidents of one home do not, learned from the written ones.

Two parts: a turn of the places of `remake_senses.py`, and a weight for each small detail.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from triage.similarity.details import DetailWeights

Floats = NDArray[np.float64]
EVEN, MEANINGS = 0.3, 96
LEAST_ROWS, EASE, ALONE = 3, 0.03, 0.3
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
