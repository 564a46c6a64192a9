"""The learned part: one weight per feature and question, kept in a data file that a reviewer can open.

It is linear, so that each verdict can be taken apart into the words that made it. numpy is all it needs.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage.errors import DataError
from triage.known_features import KnownFeatures

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The margins per question (above 0 speaks for it), and what is needed to say why."""

    margins: Mapping[str, float]
    columns: Mapping[str, int]
    names: Sequence[str]
    rows: NDArray[np.int64]
    strength: Floats
    weights: NDArray[np.int8]

    def top_features(self, question: str, count: int) -> Iterator[str]:
        """The features that spoke most for `question`, strongest first; of equal ones the earlier row."""
        if question in self.columns:
            against = self.weights[:, self.columns[question]] * -self.strength
            best = against.argsort(kind="stable")[:count]
            for part, row in zip(against.take(best).tolist(), self.rows.take(best).tolist(), strict=True):
                if part >= 0:
                    return
                yield self.names[row]


@dataclass(frozen=True)
class Model:
    """The weights of all questions, a row for each feature; `load` describes the files."""

    names: Sequence[str]
    known: KnownFeatures
    rarity: Floats
    weights: NDArray[np.int8]
    scale: Floats
    bias: Floats
    questions: tuple[str, ...]
    columns: Mapping[str, int]
    calibration: Mapping[str, tuple[float, float]]
    settings: Mapping[str, float]
    version: str

    @classmethod
    def load(cls, folder: Path) -> "Model":
        """Read `weights.npz` (vocabulary, rarity, int8 weights with a scale per question, bias) and `weights.json`
        (names, calibration, thresholds); DataError if the two don't fit.
        """
        head = json.loads((folder / "weights.json").read_text(encoding="utf-8"))
        with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
            names = bytes(arrays["vocabulary"]).decode("utf-8").split("\n")
            weights = arrays["weights"]
            if weights.shape != (len(names), len(head["questions"])):
                raise DataError(folder / "weights.npz", 0, "shape differs from weights.json")
            return cls(
                names=names,
                known=KnownFeatures(names),
                rarity=arrays["rarity"].astype(np.float32),
                weights=weights,
                scale=arrays["scale"].astype(np.float32),
                bias=arrays["bias"].astype(np.float32),
                questions=tuple(head["questions"]),
                columns={name: at for at, name in enumerate(head["questions"])},
                calibration={name: (pair[0], pair[1]) for name, pair in head["calibration"].items()},
                settings=head["settings"],
                version=head["version"],
            )

    def judge(self, simple: str, words: Sequence[str], entries: Sequence[str]) -> Verdict:
        """Margins for a plain text, its words and the names of entries hit; what training never saw counts nothing."""
        rows, repeats = _count(self.known.find(simple, words, entries))
        strength = (1 + np.log(repeats)) * self.rarity.take(rows)
        strength /= max(math.sqrt(strength @ strength), 1e-9)
        weights = self.weights.take(rows, axis=0)
        total = (strength @ weights) * self.scale + self.bias
        return Verdict(
            margins=dict(zip(self.questions, total.tolist(), strict=True)),
            columns=self.columns,
            names=self.names,
            rows=rows,
            strength=strength,
            weights=weights,
        )

    def probability(self, question: str, margin: float) -> float:
        """The margin as a chance between 0 and 1, by the calibration that training measured on unseen folds."""
        slope, shift = self.calibration.get(question, (2.0, 0.0))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, slope * margin + shift))))


def _count(found: NDArray[np.int64]) -> tuple[NDArray[np.int64], Floats]:
    """Each row once, in order, and how often it was found."""
    found.sort()
    begins = np.ones(len(found) + 1, np.bool_)
    np.not_equal(found[1:], found[:-1], out=begins[1:-1])
    edges = begins.nonzero()[0]
    return found.take(edges[:-1]), (edges[1:] - edges[:-1]).astype(np.float32)
