"""The learned part: one weight per feature and question, kept in a data file that a reviewer can open.

It is linear, so that each verdict can be taken apart into the words that made it. numpy is all it needs.
"""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
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

    def top_features(self, question: str, count: int) -> list[str]:
        """The features that spoke most for `question`, strongest first."""
        if question not in self.columns or not self.rows.size:
            return []
        parts = self.weights[:, self.columns[question]] * self.strength
        best = np.argsort(-parts)[:count]
        return [self.names[row] for row in self.rows[best[parts[best] > 0]].tolist()]


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
        counts = Counter(self.known.find(simple, words, entries))
        rows = np.fromiter(counts, np.int64, len(counts))
        repeats = np.fromiter(counts.values(), np.float32, len(counts))
        strength = (1 + np.log(repeats)) * self.rarity.take(rows)
        strength /= max(float(np.sqrt(strength @ strength)), 1e-9)
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
