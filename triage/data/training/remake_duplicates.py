"""Make the weights that score a pair of reports anew: `python triage/data/training/remake_duplicates.py`.

Learns from `duplicates-dev.jsonl` beside it: incidents told by several voices, and reports that only look like them.
Needs scipy, which the product itself does not; prints the figures on held-out incidents.
"""

import json
import random
import zlib
from dataclasses import astuple, fields
from datetime import date
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from triage.assessment import assess
from triage.context import build_context
from triage.similarity import Fingerprint, cluster, evaluate_duplicates, fingerprint, score_pair
from triage.similarity.scoring import Features, measure

HERE = Path(__file__).parent
FOLDS, RESTRAINT, SHARE_OF_STRANGERS = 6, 0.3, 0.03
LEAST_FOR_COPY = 2.0
LENGTH_OF_BLOCK = 4
CUTS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
RECEIVED = date(2024, 1, 15)
FREE = ("other", "sense", "theme", "name_and_sense", "name_and_theme")
"""What may count against two reports: differences, and senses, whose zero is not the middle."""
Row = dict[str, Any]
Floats = NDArray[np.float64]


def list_pairs(rows: list[Row]) -> list[tuple[int, int, bool]]:
    """All pairs within a home or matter and with what looks like it, and some of strangers; with the answer."""
    chance = random.Random(0)  # noqa: S311 - not a secret
    pairs = []
    for (i, one), (j, other) in combinations(enumerate(rows), 2):
        same = one["group"] is not None and one["group"] == other["group"]
        if same or block_of(one) == block_of(other) or chance.random() < SHARE_OF_STRANGERS:
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


def print_figures(rows: list[Row], prints: list[Fingerprint], by_fold: list[dict[str, float]]) -> None:
    """Cluster each held-out part with the weights of the others, at each cut."""
    for cut in CUTS:
        gold: list[object] = []
        said: list[object] = []
        for fold, weights in enumerate(by_fold):
            part = [i for i, row in enumerate(rows) if fold_of(row) == fold]
            found = cluster(((str(i), prints[i]) for i in part), cut, partial(score_pair, weights=weights))
            gold += [rows[i]["group"] for i in part]
            said += [None if one.cluster is None else (fold, one.cluster) for one in found]
        figures = evaluate_duplicates(gold, said)
        print(
            f"cut {cut}: pairs P {figures.pair_precision:.3f} R {figures.pair_recall:.3f} F {figures.pair_f1:.3f}"
            f"  B-cubed {figures.bcubed_f1:.3f}"
        )


def main() -> None:
    """Measure the pairs, learn, print held-out figures, write `model/duplicates.toml`."""
    rows = [json.loads(line) for line in (HERE / "duplicates-dev.jsonl").read_text("utf-8").splitlines()]
    context = build_context().with_received(RECEIVED)
    prints = [fingerprint(row["text"], assess(row["text"], context)) for row in rows]
    pairs = list_pairs(rows)
    table = np.array([astuple(measure(prints[i], prints[j])) for i, j, _ in pairs])
    answers = np.array([float(same) for _, _, same in pairs])
    folds = [{fold_of(rows[i]), fold_of(rows[j])} for i, j, _ in pairs]
    seen = [np.array([fold not in both for both in folds]) for fold in range(FOLDS)]
    by_fold = [name_weights(learn(table[part], answers[part])) for part in seen]
    print_figures(rows, prints, by_fold)
    lines = [
        "# Made by triage/data/training/remake_duplicates.py: how much each feature of a pair counts.",
        "[weights]",
        *(f"{name} = {weight:.2f}" for name, weight in name_weights(learn(table, answers)).items()),
    ]
    (HERE.parent / "model" / "duplicates.toml").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
