"""Whether each pattern of the lexicon earns its place: `python triage/data/training/weigh_patterns.py`.

Each training text is decided by weights that never saw it, once as it is and once without the pattern; a pattern that
moves no decision there, and that its own example doesn't need, has no business in the lexicon.
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
from triage.decision import NOTHING_SAID, choose_categories
from triage.features import ENTRY, PATTERN_MARK
from triage.lexicon import load_lexicon
from triage.patterns import Pattern
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


def list_needed(texts: Texts, patterns: Sequence[Pattern], taxonomy: Taxonomy) -> set[str]:
    """The patterns without which their own example is decided otherwise, by the weights learned from all texts."""
    fitted = fit(texts, np.arange(len(texts.rows)))
    no_label = {"categories": [NOTHING_SAID], "urgency": "normal", "discipline": False}
    examples = prepare([{"id": each.name, "text": each.example, **no_label} for each in patterns], taxonomy)
    names = [ENTRY + pattern.name for pattern in patterns]
    without = [[each for each in found if each != name] for found, name in zip(examples.features, names, strict=True)]
    rows = np.arange(len(patterns))
    pairs = [
        margins_of(fitted, replace(examples, features=each), rows).tolist() for each in (examples.features, without)
    ]
    return {
        name
        for name, after, before in zip(names, *pairs, strict=True)
        if decide(after, texts.questions, taxonomy) != decide(before, texts.questions, taxonomy)
    }


def main() -> None:
    """Print a line for each pattern, the most useful first, and those that move nothing."""
    taxonomy = load_taxonomy()
    texts = prepare([*read_rows(), *rows_of_lexicon(taxonomy)], taxonomy)
    stands, righter, wronger = weigh(texts, taxonomy)
    patterns = load_lexicon(DATA_DIR, (*taxonomy.codes, *TOPICS_BESIDE)).patterns
    names = {ENTRY + pattern.name: pattern.topic for pattern in patterns}
    needed = list_needed(texts, patterns, taxonomy)
    for name in sorted(names, key=lambda name: wronger[name] - righter[name]):
        told = f"in {stands[name]:4} texts, righter {righter[name]:3}, wronger {wronger[name]:3}"
        told += ", its example needs it" if name in needed else ""
        print(f"{names[name]:20} {name.removeprefix(_MARK):24} {told}")
    idle = [name.removeprefix(_MARK) for name in names if not righter[name] + wronger[name] and name not in needed]
    print(f"{len(names)} patterns: {righter.total()} decisions righter, {wronger.total()} wronger")
    print(f"no decision needs: {' '.join(idle) or 'none'}")


if __name__ == "__main__":
    main()
