"""The learned part: one weight per feature and question, kept in a data file that a reviewer can open.

It is linear, so that each verdict can be taken apart into the words that made it. numpy is all it needs.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage.errors import DataError

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The model's margins per question, and what is needed to say why."""

    margins: Mapping[str, float]
    columns: Mapping[str, int]
    features: Sequence[str]
    parts: Floats

    def top_features(self, question: str, count: int) -> list[tuple[str, float]]:
        """The features that spoke most for `question`, strongest first, with what each added."""
        if question not in self.columns or not self.features:
            return []
        column = self.parts[:, self.columns[question]]
        order = np.argsort(-column)[:count]
        return [(self.features[at], float(column[at])) for at in order if column[at] > 0]


@dataclass(frozen=True)
class Model:
    """Weights of all questions; see `Model.load` for the file."""

    vocabulary: Mapping[str, int]
    rarity: Floats
    weights: NDArray[np.int8]
    scale: Floats
    bias: Floats
    signs: Mapping[str, int]
    sign_weights: Floats
    questions: tuple[str, ...]
    calibration: Mapping[str, tuple[float, float]]
    settings: Mapping[str, float]
    version: str
    names: tuple[str, ...]
    columns: Mapping[str, int]

    @classmethod
    def load(cls, folder: Path) -> "Model":
        """Read `weights.npz` (arrays) and `weights.json` (names, calibration, thresholds); DataError if they differ."""
        head = json.loads((folder / "weights.json").read_text(encoding="utf-8"))
        with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
            words = bytes(arrays["vocabulary"]).decode("utf-8").split("\n")
            weights = arrays["weights"]
            if weights.shape != (len(words), len(head["questions"])):
                raise DataError(folder / "weights.npz", 0, "shape differs from weights.json")
            return cls(
                vocabulary={word: at for at, word in enumerate(words)},
                rarity=arrays["rarity"].astype(np.float32),
                weights=weights,
                scale=arrays["scale"].astype(np.float32),
                bias=arrays["bias"].astype(np.float32),
                signs={name: at for at, name in enumerate(head["signs"])},
                sign_weights=arrays["sign_weights"].astype(np.float32),
                questions=tuple(head["questions"]),
                calibration={name: (pair[0], pair[1]) for name, pair in head["calibration"].items()},
                settings=head["settings"],
                version=head["version"],
                names=tuple(words),
                columns={name: at for at, name in enumerate(head["questions"])},
            )

    def judge(self, features: Iterable[str], signs: Mapping[str, float]) -> Verdict:
        """Margins for a text's features and for the signs (lexicon and clause findings) by name; above 0 speaks for."""
        vocabulary = self.vocabulary
        counts = Counter([at for name in features if (at := vocabulary.get(name)) is not None])
        found = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
        times = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        strength = (1 + np.log(times)) * self.rarity[found]
        strength /= max(float(np.sqrt(strength @ strength)), 1e-9)
        parts = (self.weights[found] * strength[:, None]) * self.scale
        total = parts.sum(axis=0) + self.bias
        for name, value in signs.items():
            if (row := self.signs.get(name)) is not None:
                total = total + value * self.sign_weights[row]
        names = [self.names[row] for row in counts]
        return Verdict({q: float(total[at]) for q, at in self.columns.items()}, self.columns, names, parts)

    def probability(self, question: str, margin: float) -> float:
        """The margin as a chance between 0 and 1, by the calibration that training measured on unseen folds."""
        slope, shift = self.calibration.get(question, (2.0, 0.0))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, slope * margin + shift))))
