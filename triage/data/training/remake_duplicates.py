"""Make the weights that score a pair of reports anew: `python triage/data/training/remake_duplicates.py PLACES.npz`.

Learns from `duplicates-*.jsonl` beside it: incidents told by several voices, and reports that only look like them.
What senses and details say of a pair is always learned from other homes than its own. Needs scipy and scikit-learn,
which the product itself does not; prints the figures on held-out homes.
"""

import json
import random
import sys
import zlib
from dataclasses import astuple, fields
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from triage.assessment import assess
from triage.context import build_context
from triage.data.training.incidents import Details, find_turn, nearness, place_texts, place_words
from triage.similarity import Fingerprint, Match, cluster, evaluate_duplicates, fingerprint
from triage.similarity.details import DetailWeights, weigh_details
from triage.similarity.fingerprints import MOST_ALIGNED, leave_name_out
from triage.similarity.scoring import Features, measure
from triage.similarity.senses import align_words
from triage.similarity.vocabulary import list_words

HERE = Path(__file__).parent
MODEL = HERE.parent / "model"
FOLDS, RESTRAINT, SHARE_OF_STRANGERS = 6, 0.3, 0.04
LEAST_FOR_COPY = 2.0
LENGTH_OF_BLOCK = 4
CUTS = (0.1, 0.15, 0.2, 0.25, 0.3)
RECEIVED = date(2024, 1, 15)
FREE = (
    *("sense", "theme", "name_and_sense", "name_and_theme"),
    *("aligned", "aligned_better", "aligned_best", "name_and_aligned", "name_and_aligned_best"),
    *("pairs", "pairs_held", "rarest", "details", "name_and_details"),
)
"""What may count against two reports: differences, and what has no zero in the middle."""
Row = dict[str, Any]
Floats = NDArray[np.float64]


def list_pairs(rows: list[Row], prints: list[Fingerprint]) -> list[tuple[int, int, bool]]:
    """The pairs of each part within a home, with what looks like it, and some of strangers; with the answer."""
    chance = random.Random(0)  # noqa: S311 - not a secret
    pairs = []
    for (i, one), (j, other) in combinations(enumerate(rows), 2):
        if fold_of(one) != fold_of(other):
            continue
        same = one["group"] is not None and one["group"] == other["group"]
        named = any(name in prints[j].text for name in prints[i].names) or any(
            name in prints[i].text for name in prints[j].names
        )
        if same or named or block_of(one) == block_of(other) or chance.random() < SHARE_OF_STRANGERS:
            pairs.append((i, j, same))
    return pairs


def block_of(row: Row) -> str:
    """The incidents of one home and what looks like them; never split between learning and testing."""
    return str(row["group"] or row.get("near"))[:LENGTH_OF_BLOCK]


def fold_of(row: Row) -> int:
    """The part in which a row is tested."""
    return zlib.crc32(block_of(row).encode()) % FOLDS


def learn(table: Floats, answers: Floats) -> Floats:
    """Logistic regression, bias first, in which what two reports share never counts against them.

    Near copies are rarer in the written pairs than at a hotline; their weight has a floor.
    """
    names = [one.name for one in fields(Features)]
    signs: list[tuple[float | None, float | None]] = [
        (None, 0.0) if name.startswith("other") else (None, None) if name in FREE else (0.0, None) for name in names
    ]
    signs[names.index("copied")] = (LEAST_FOR_COPY, None)
    full = np.hstack([np.ones((len(table), 1)), table])

    def loss(weights: Floats) -> tuple[float, Floats]:
        said = 1 / (1 + np.exp(-(full @ weights)))
        safe = np.clip(said, 1e-12, 1 - 1e-12)
        misses = answers * np.log(safe) + (1 - answers) * np.log(1 - safe)
        value = -misses.sum() + RESTRAINT / 2 * (weights[1:] ** 2).sum()
        slope = full.T @ (said - answers)
        slope[1:] += RESTRAINT * weights[1:]
        return float(value), slope

    start, bounds = np.zeros(full.shape[1]), [(None, None), *signs]
    found: Floats = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x
    return found


def name_weights(found: Floats) -> dict[str, float]:
    """The weights by feature, as the product reads them."""
    named = zip((one.name for one in fields(Features)), found[1:].tolist(), strict=True)
    return {"bias": float(found[0]), **dict(named)}


class Incidents:
    """The written reports, their pairs, and what is learned of them on some homes and measured on others."""

    def __init__(self, rows: list[Row], stored: dict[str, Any]) -> None:
        context = build_context().with_received(RECEIVED)
        read = [assess(row["text"], context) for row in rows]
        self.rows = rows
        self.prints = [fingerprint(row["text"], one) for row, one in zip(rows, read, strict=True)]
        self.pairs = list_pairs(rows, self.prints)
        self.folds = np.array([fold_of(row) for row in rows])
        self.pair_folds = np.array([fold_of(rows[i]) for i, _, _ in self.pairs])
        self.answers = np.array([float(same) for _, _, same in self.pairs])
        words = [list_words(leave_name_out(row["text"], one)) for row, one in zip(rows, read, strict=True)]
        points, themes = place_texts(words, stored)
        self.weight_of_theme = float(points.std() / themes.std())
        self.points = np.hstack([points, themes * self.weight_of_theme])
        self.groups = [row["group"] or f"alone {at}" for at, row in enumerate(rows)]
        self.words = sorted({word for one in self.prints for word in one.words[:MOST_ALIGNED]})
        self.word_points = place_words(self.words, stored, self.weight_of_theme)
        self.details = Details([one.details for one in self.prints], self.pairs)
        self.table = np.array([astuple(measure(self.prints[i], self.prints[j])) for i, j, _ in self.pairs])

    def near(self, turn: tuple[Floats, Floats]) -> Floats:
        """How near the two of each pair lie after this turn."""
        every = nearness(self.points, *turn)
        return np.array([every[i, j] for i, j, _ in self.pairs])

    def turn_on(self, part: Any) -> tuple[Floats, Floats]:
        """The turn learned on these reports."""
        return find_turn(self.points[part], [self.groups[at] for at in np.flatnonzero(part)])

    def middle_of_words(self, turn: tuple[Floats, Floats]) -> Floats:
        """Where the words lie on the whole after this turn."""
        middle: Floats = (self.word_points @ turn[1]).mean(axis=0)
        return middle

    def align(self, turn: tuple[Floats, Floats], held: Any) -> Floats:
        """How well the words of these pairs find each other after this turn; three figures for each."""
        turned = self.word_points @ turn[1]
        known = np.abs(self.word_points).sum(axis=1) > 0
        turned = (turned - self.middle_of_words(turn)) * known[:, None]
        turned /= np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-9)
        places = {word: at for at, word in enumerate(self.words)}
        rows = [turned[[places[word] for word in one.words[:MOST_ALIGNED]]] for one in self.prints]
        said = []
        for i, j, _ in (self.pairs[at] for at in np.flatnonzero(held)):
            said.append(align_words(rows[i], self.prints[i].word_weights, rows[j], self.prints[j].word_weights))
        return np.array(said)

    def use_held_out(self) -> None:
        """Put into the table what senses, words and details say of each pair, learned from the other parts."""
        near, aligned = np.zeros(len(self.pairs)), np.zeros((len(self.pairs), 3))
        for fold in range(FOLDS):
            held, turn = self.pair_folds == fold, self.turn_on(self.folds != fold)
            near[held], aligned[held] = self.near(turn)[held], self.align(turn, held)
        said = np.zeros(len(self.pairs))
        for fold in range(FOLDS):
            weights = self.learn_details(near, self.pair_folds != fold)
            for at in np.flatnonzero(self.pair_folds == fold):
                i, j, _ = self.pairs[at]
                said[at] = weigh_details(self.prints[i].details, self.prints[j].details, weights)
        named = self.table[:, COLUMNS["same_name"]] > 0
        learned = {"sense": near, "details": said, **dict(zip(ALIGNED, aligned.T, strict=True))}
        for name, values in learned.items():
            self.table[:, COLUMNS[name]] = values
            if f"name_and_{name}" in COLUMNS:
                self.table[:, COLUMNS[f"name_and_{name}"]] = values * named

    def learn_details(self, near: Floats, part: Any) -> DetailWeights:
        """The weights of the details on these pairs, where both name one home."""
        named = self.table[:, COLUMNS["same_name"]] > 0
        return self.details.learn(part & named, near[:, None], self.answers)


ALIGNED = ("aligned", "aligned_better", "aligned_best")
COLUMNS = {one.name: at for at, one in enumerate(fields(Features))}


def print_figures(known: Incidents) -> None:
    """Cluster each held-out part with the weights of the others, at each cut."""
    said: dict[tuple[int, int], float] = {}
    for fold in range(FOLDS):
        weights = learn(known.table[known.pair_folds != fold], known.answers[known.pair_folds != fold])
        for at in np.flatnonzero(known.pair_folds == fold):
            i, j, _ = known.pairs[at]
            said[id(known.prints[i]), id(known.prints[j])] = 1 / (
                1 + np.exp(-(weights[0] + known.table[at] @ weights[1:]))
            )

    def score(one: Fingerprint, other: Fingerprint) -> Match:
        pair = (id(one), id(other))
        return Match(float(said.get(pair, said.get(pair[::-1], 0.0))), ())

    for cut in CUTS:
        for name in sorted({row["set"] for row in known.rows}):
            gold: list[object] = []
            found: list[object] = []
            for fold in range(FOLDS):
                part = [at for at, row in enumerate(known.rows) if known.folds[at] == fold and row["set"] == name]
                clusters = cluster(((str(at), known.prints[at]) for at in part), cut, score)
                gold += [known.rows[at]["group"] for at in part]
                found += [None if one.cluster is None else (fold, one.cluster) for one in clusters]
            figures = evaluate_duplicates(gold, found)
            print(
                f"{name} cut {cut}: pairs P {figures.pair_precision:.3f} R {figures.pair_recall:.3f} "
                f"F {figures.pair_f1:.3f}  B-cubed {figures.bcubed_f1:.3f}"
            )


def write_senses(known: Incidents, stored: dict[str, Any], turn: tuple[Floats, Floats]) -> None:
    """The turned places and the themes as int8 with a scale for each direction."""
    middle, turned = turn
    deep = stored["place"].shape[1]
    meanings = stored["place"].astype(np.float64) @ turned[:deep]
    bias = stored["place_bias"] @ turned[:deep] - middle @ turned
    both = np.hstack([meanings, stored["theme"]])
    scale = np.abs(both).max(axis=0) / 127
    np.savez_compressed(
        MODEL / "senses.npz",
        vocabulary=stored["vocabulary"],
        rarity=stored["rarity"].astype(np.float32),
        weights=np.round(both / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        bias=np.r_[bias, stored["theme_bias"]].astype(np.float32),
        word_middle=known.middle_of_words(turn).astype(np.float32),
        meanings=np.array(turned.shape[1]),
        turn=(turned[deep:] * known.weight_of_theme).astype(np.float32),
    )


def read_rows() -> list[Row]:
    """The written reports, each with the file it is from."""
    return [
        {**json.loads(line), "set": path.stem}
        for path in sorted(HERE.glob("duplicates-*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]


def main() -> None:
    """Learn, print held-out figures, write `senses.npz`, `details.json` and `duplicates.toml`."""
    with np.load(sys.argv[1]) as file:
        stored = dict(file)
    known = Incidents(read_rows(), stored)
    known.use_held_out()
    print_figures(known)
    every = np.ones(len(known.rows), dtype=bool)
    turn = known.turn_on(every)
    write_senses(known, stored, turn)
    near = known.table[:, COLUMNS["sense"]]
    details = known.learn_details(near, np.ones(len(known.pairs), dtype=bool))
    shipped = {"both": details.both, "alone": details.alone}
    (MODEL / "details.json").write_text(json.dumps(shipped, ensure_ascii=False, indent=0) + "\n", "utf-8")
    lines = [
        "# Made by triage/data/training/remake_duplicates.py: how much each feature of a pair counts.",
        "[weights]",
        *(f"{name} = {weight:.2f}" for name, weight in name_weights(learn(known.table, known.answers)).items()),
    ]
    (MODEL / "duplicates.toml").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
