"""How good a clustering is: pairwise and B-cubed precision, recall and F1 against gold.

Pairwise F1 weighs large groups more, B-cubed weighs each report the same; both are shown.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DuplicateFigures:
    """The figures of one clustering."""

    pair_precision: float
    pair_recall: float
    pair_f1: float
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float


def evaluate_duplicates(gold: Sequence[object | None], predicted: Sequence[object | None]) -> DuplicateFigures:
    """Compare two clusterings of the same items in the same order; None is a group of its own."""
    there, said = _groups(gold), _groups(predicted)
    both = _pairs(list(zip(there, said, strict=True)))
    precision, recall = _share(both, _pairs(said)), _share(both, _pairs(there))
    cubed = _cubed(said, there), _cubed(there, said)
    return DuplicateFigures(precision, recall, _f1(precision, recall), *cubed, _f1(*cubed))


def _groups(labels: Sequence[object | None]) -> list[object]:
    return [("alone", i) if label is None else label for i, label in enumerate(labels)]


def _pairs(groups: Sequence[object]) -> int:
    return sum(size * (size - 1) // 2 for size in Counter(groups).values())


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _cubed(of: Sequence[object], against: Sequence[object]) -> float:
    """The mean share of each item's own group in `of` that `against` puts together with it."""
    sizes, both = Counter(of), Counter(zip(of, against, strict=True))
    shares = [both[pair] / sizes[pair[0]] for pair in zip(of, against, strict=True)]
    return sum(shares) / len(shares) if shares else 1.0


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
