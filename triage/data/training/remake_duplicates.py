"""Make the weights that score a pair of reports anew: `python triage/data/training/remake_duplicates.py`.

Learns from `duplicates-dev.jsonl` beside it: incidents told by several voices, and reports that only look like them.
Needs scipy, which the product itself does not; prints the figures on held-out incidents.
"""

import json
import random
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
from triage.similarity.fingerprints import fingerprint
from triage.similarity.scoring import Features, measure

HERE = Path(__file__).parent
FOLDS, RESTRAINT, SHARE_OF_STRANGERS = 4, 0.3, 0.04
LEAST_FOR_COPY = 2.0
# Incidents from here on are told in words as different as at a hotline, beside near look-alikes: they count more.
FIRST_HARD, HARD_COUNT = "e081", 4.0
RECEIVED = date(2024, 1, 15)
Row = dict[str, Any]
Floats = NDArray[np.float64]


def list_pairs(rows: list[Row]) -> list[tuple[int, int, bool]]:
    """All pairs within an incident and with what looks like it, and some of strangers; with the answer."""
    chance = random.Random(0)  # noqa: S311 - not a secret
    pairs = []
    for (i, one), (j, other) in combinations(enumerate(rows), 2):
        same = one["group"] is not None and one["group"] == other["group"]
        if same or incident_of(one) == incident_of(other) or chance.random() < SHARE_OF_STRANGERS:
            pairs.append((i, j, same))
    return pairs


def incident_of(row: Row) -> str:
    """The incident that a row tells of or looks like."""
    return str(row["group"] or row.get("near"))


def learn(table: Floats, answers: Floats, counts: Floats) -> Floats:
    """Logistic regression, bias first, in which what two reports share never counts against them.

    Near copies are rarer in the written pairs than at a hotline; their weight has a floor.
    """
    signs = [(0.0, None) if not one.name.startswith("other") else (None, 0.0) for one in fields(Features)]
    signs = [
        (LEAST_FOR_COPY, None) if one.name == "copied" else sign
        for one, sign in zip(fields(Features), signs, strict=True)
    ]
    full = np.hstack([np.ones((len(table), 1)), table])

    def loss(weights: Floats) -> tuple[float, Floats]:
        said = 1 / (1 + np.exp(-(full @ weights)))
        safe = np.clip(said, 1e-12, 1 - 1e-12)
        misses = answers * np.log(safe) + (1 - answers) * np.log(1 - safe)
        value = -(counts * misses).sum() + RESTRAINT / 2 * (weights[1:] ** 2).sum()
        slope = full.T @ (counts * (said - answers))
        slope[1:] += RESTRAINT * weights[1:]
        return float(value), slope

    start, bounds = np.zeros(full.shape[1]), [(None, None), *signs]
    found: Floats = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x
    return found


def main() -> None:
    """Measure the pairs, learn, print held-out figures, write `model/duplicates.toml`."""
    rows = [json.loads(line) for line in (HERE / "duplicates-dev.jsonl").read_text("utf-8").splitlines()]
    context = build_context().with_received(RECEIVED)
    prints = [fingerprint(row["text"], assess(row["text"], context)) for row in rows]
    pairs = list_pairs(rows)
    table = np.array([astuple(measure(prints[i], prints[j])) for i, j, _ in pairs])
    answers = np.array([float(same) for _, _, same in pairs])
    counts = np.array([HARD_COUNT if incident_of(rows[i]) >= FIRST_HARD else 1.0 for i, _, _ in pairs])
    folds = np.array([zlib.crc32(incident_of(rows[i]).encode()) % FOLDS for i, _, _ in pairs])
    said = np.zeros(len(pairs))
    for fold in range(FOLDS):
        weights = learn(table[folds != fold], answers[folds != fold], counts[folds != fold])
        said[folds == fold] = 1 / (1 + np.exp(-(weights[0] + table[folds == fold] @ weights[1:])))
    for cut in (0.3, 0.4, 0.5, 0.6):
        hits = int(((said > cut) * answers).sum())
        precision, recall = hits / max(1, (said > cut).sum()), hits / answers.sum()
        hard = counts > 1
        hits = int(((said > cut) * answers)[hard].sum())
        print(f"  hard: {hits / max(1, (said > cut)[hard].sum()):.3f} {hits / answers[hard].sum():.3f}")
        print(f"cut {cut}: precision {precision:.3f} recall {recall:.3f}")
    weights = learn(table, answers, counts)
    named = zip((one.name for one in fields(Features)), weights[1:], strict=True)
    lines = [
        "# Made by triage/data/training/remake_duplicates.py: how much each feature of a pair counts.",
        "[weights]",
    ]
    lines += [f"bias = {weights[0]:.2f}", *(f"{name} = {weight:.2f}" for name, weight in named)]
    (HERE.parent / "model" / "duplicates.toml").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
