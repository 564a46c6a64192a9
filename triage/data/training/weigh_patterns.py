"""Whether each pattern of the lexicon earns its place: `python triage/data/training/weigh_patterns.py`.

Each training text is decided by weights that never saw it, once as it is and once without the pattern; a pattern that
moves no decision has no business in the lexicon.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from triage.context import TOPICS_BESIDE
from triage.data.training.remake_weights import (
    FOLDS,
    SETTINGS,
    Texts,
    fit,
    margins_of,
    prepare,
    read_rows,
    rows_of_lexicon,
    split,
)
from triage.decision import choose_categories
from triage.features import ENTRY, PATTERN_MARK
from triage.lexicon import load_lexicon
from triage.taxonomy import DATA_DIR, Taxonomy, load_taxonomy

_MARK = ENTRY + PATTERN_MARK
Decision = tuple[tuple[str, ...], bool, bool]


def decide(line: Sequence[float], questions: Sequence[str], taxonomy: Taxonomy) -> Decision:
    """Categories, critical and discipline, as the margins of one text say."""
    named = dict(zip(questions, line, strict=True))
    codes = tuple(category.code for category in choose_categories(named, taxonomy, SETTINGS))
    critical = named["critical"] > SETTINGS["threshold:critical"]
    return codes, critical, named["discipline"] > SETTINGS["threshold:discipline"]


def mistakes(said: Decision, row: dict[str, Any]) -> int:
    """How far a decision lies from the labels."""
    gold = row["categories"]
    wrong: int = len(set(said[0]) ^ set(gold)) + (said[0][0] != gold[0])
    return wrong + (said[1] is not (row["urgency"] == "critical")) + (said[2] is not row["discipline"])


def weigh(texts: Texts, taxonomy: Taxonomy) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """By pattern: in how many texts it stands, how many it makes righter, how many wronger (or only otherwise)."""
    folds = split(texts.rows)
    stands, righter, wronger = Counter[str](), Counter[str](), Counter[str]()
    for fold in range(FOLDS):
        test = np.flatnonzero(folds == fold)
        fitted = fit(texts, np.flatnonzero(folds != fold))
        whole = dict(zip(test.tolist(), margins_of(fitted, texts, test).tolist(), strict=True))
        pairs = [(row, name) for row in whole for name in sorted(set(texts.features[row])) if name.startswith(_MARK)]
        if not pairs:
            continue
        without = [[each for each in texts.features[row] if each != name] for row, name in pairs]
        lines = margins_of(fitted, replace(texts, features=without), np.arange(len(pairs)))
        for (row, name), line in zip(pairs, lines.tolist(), strict=True):
            stands[name] += 1
            before = decide(line, texts.questions, taxonomy)
            after = decide(whole[row], texts.questions, taxonomy)
            if before != after:
                better = mistakes(after, texts.rows[row]) < mistakes(before, texts.rows[row])
                (righter if better else wronger)[name] += 1
    return stands, righter, wronger


def main() -> None:
    """Print a line for each pattern, the most useful first, and how many move nothing."""
    taxonomy = load_taxonomy()
    stands, righter, wronger = weigh(prepare([*read_rows(), *rows_of_lexicon(taxonomy)], taxonomy), taxonomy)
    patterns = load_lexicon(DATA_DIR, (*taxonomy.codes, *TOPICS_BESIDE)).patterns
    names = {ENTRY + pattern.name: pattern.topic for pattern in patterns}
    for name in sorted(names, key=lambda name: wronger[name] - righter[name]):
        told = f"in {stands[name]:4} texts, righter {righter[name]:3}, wronger {wronger[name]:3}"
        print(f"{names[name]:20} {name.removeprefix(_MARK):24} {told}")
    idle = [name for name in names if not righter[name] + wronger[name]]
    print(
        f"{len(names)} patterns: {righter.total()} decisions righter, {wronger.total()} wronger, {len(idle)} move none"
    )


if __name__ == "__main__":
    main()
