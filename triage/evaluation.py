"""Measuring verdicts against labels: the figures that say whether triage may be trusted.

Pure counting over (gold, predicted) pairs, so that the command, the tests and the training all mean the same by F1.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial


@dataclass(frozen=True, slots=True)
class Labels:
    """What a text is said to be; `categories` are best first, `keys` as (who, what) where they were labelled."""

    categories: tuple[str, ...]
    urgency: str
    discipline: bool
    keys: tuple[bool, bool] | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """True positives, false positives and false negatives of one question."""

    hit: int = 0
    false: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Of what was said, how much was right; 1 where nothing was said and nothing was there."""
        return self.hit / (self.hit + self.false) if self.hit + self.false else float(self.missed == 0)

    @property
    def recall(self) -> float:
        """Of what was there, how much was said; 1 where nothing was there."""
        return self.hit / (self.hit + self.missed) if self.hit + self.missed else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.hit / total if (total := 2 * self.hit + self.false + self.missed) else 1.0

    @property
    def support(self) -> int:
        """How often it was there."""
        return self.hit + self.missed

    def __add__(self, other: "Rate") -> "Rate":
        return Rate(self.hit + other.hit, self.false + other.false, self.missed + other.missed)


@dataclass(frozen=True)
class Figures:
    """The figures of one evaluation; `confusion` counts (gold primary, predicted primary) where they differ."""

    count: int
    per_category: dict[str, Rate]
    primary_right: float
    critical: Rate
    discipline: Rate
    who: Rate
    what: Rate
    sealing: Rate
    confusion: Counter[tuple[str, str]]

    @property
    def micro(self) -> Rate:
        """All categories together."""
        return sum(self.per_category.values(), Rate())

    @property
    def macro_f1(self) -> float:
        """The mean F1 over categories that occur in gold or prediction."""
        seen = [rate.f1 for rate in self.per_category.values() if rate.hit + rate.false + rate.missed]
        return sum(seen) / len(seen) if seen else 1.0


def evaluate(pairs: Iterable[tuple[Labels, Labels]], codes: Sequence[str]) -> Figures:
    """Count `pairs` of (gold, predicted); codes not in `codes` are counted as well, after them."""
    rows = list(pairs)
    keyed = [(gold, said) for gold, said in rows if gold.keys is not None and said.keys is not None]
    extra = sorted({c for gold, said in rows for c in (*gold.categories, *said.categories)} - set(codes))
    wrong = Counter((g.categories[0], s.categories[0]) for g, s in rows if g.categories[0] != s.categories[0])
    return Figures(
        count=len(rows),
        per_category={code: _count(rows, partial(_has, code)) for code in (*codes, *extra)},
        primary_right=1 - wrong.total() / len(rows) if rows else 1.0,
        critical=_count(rows, lambda x: x.urgency == "critical"),
        discipline=_count(rows, lambda x: x.discipline),
        who=_count(keyed, lambda x: bool(x.keys and x.keys[0])),
        what=_count(keyed, lambda x: bool(x.keys and x.keys[1])),
        sealing=_count(keyed, lambda x: bool(x.keys and all(x.keys))),
        confusion=wrong,
    )


def _has(code: str, labels: Labels) -> bool:
    return code in labels.categories


def _count(rows: Sequence[tuple[Labels, Labels]], holds: Callable[[Labels], bool]) -> Rate:
    pairs = Counter((holds(gold), holds(said)) for gold, said in rows)
    return Rate(pairs[True, True], pairs[False, True], pairs[True, False])
