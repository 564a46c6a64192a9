"""The learned part: one weight per feature and question, kept in a data file that a reviewer can open.

It is linear, so that each verdict can be taken apart into the words that made it. numpy is all it needs.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import ahocorasick_rs
import numpy as np
from numpy.typing import NDArray

from triage.errors import DataError
from triage.features import is_run

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The margins per question (above 0 speaks for it), and what is needed to say why."""

    margins: Mapping[str, float]
    columns: Mapping[str, int]
    features: Sequence[str]
    strength: Floats
    weights: NDArray[np.int8]

    def top_features(self, question: str, count: int) -> list[str]:
        """The features that spoke most for `question`, strongest first."""
        if question not in self.columns or not self.features:
            return []
        parts = self.weights[:, self.columns[question]] * self.strength
        return [self.features[at] for at in np.argsort(-parts)[:count] if parts[at] > 0]


@dataclass(frozen=True)
class Model:
    """The weights of all questions; `load` describes the files.

    `runs` finds the features that are runs of characters (`rows_of_runs`: the row of each), `vocabulary` holds the rows
    of all others.
    """

    vocabulary: Mapping[str, int]
    names: Sequence[str]
    runs: ahocorasick_rs.AhoCorasick
    rows_of_runs: Sequence[int]
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
            rows_of_runs = [at for at, name in enumerate(names) if is_run(name)]
            return cls(
                vocabulary={name: at for at, name in enumerate(names) if not is_run(name)},
                names=names,
                runs=_automaton([names[at] for at in rows_of_runs]),
                rows_of_runs=rows_of_runs,
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

    def judge(self, simple: str, named: Iterable[str]) -> Verdict:
        """Margins for a plain text and its named features; what training never saw counts nothing.

        The runs of characters are found by an automaton, which takes a third of the time of looking each up.
        """
        seen = Counter([index for index, _, _ in self.runs.find_matches_as_indexes(simple, overlapping=True)])
        counts = {self.rows_of_runs[index]: count for index, count in seen.items()}
        known = self.vocabulary
        words = Counter([known[name] for name in named if name in known])
        counts.update(words)
        rows = list(counts)
        found = np.array(rows, dtype=np.int64)
        strength = (1 + np.log(np.array(list(counts.values()), dtype=np.float32))) * self.rarity[found]
        strength /= max(float(np.sqrt(strength @ strength)), 1e-9)
        weights = self.weights[found]
        total = (strength @ weights) * self.scale + self.bias
        return Verdict(
            margins=dict(zip(self.questions, total.tolist(), strict=True)),
            columns=self.columns,
            features=[self.names[row] for row in rows],
            strength=strength,
            weights=weights,
        )

    def probability(self, question: str, margin: float) -> float:
        """The margin as a chance between 0 and 1, by the calibration that training measured on unseen folds."""
        slope, shift = self.calibration.get(question, (2.0, 0.0))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, slope * margin + shift))))


def _automaton(runs: Sequence[str]) -> ahocorasick_rs.AhoCorasick:
    kind = ahocorasick_rs.Implementation.ContiguousNFA
    return ahocorasick_rs.AhoCorasick(runs, implementation=kind, store_patterns=False)
