"""How likely two fingerprints tell of one incident, and why, in words that an officer can check.

`triage/data/training/remake_duplicates.py` makes the weights of the features from written pairs; the same home alone is
never enough, nor the same matter in another place.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from math import exp

from rapidfuzz import fuzz

from triage.entities.sounds import sound_of
from triage.similarity.details import find_shared_run, overlap_pairs, rarest_pair, weigh_details, weigh_pairs
from triage.similarity.facts import compare_facts
from triage.similarity.fingerprints import Fingerprint
from triage.similarity.senses import align_words, compare_senses
from triage.similarity.vocabulary import load_vocabulary

_LEAST_PART = 3
_SLACK = timedelta(days=3)
_MOST_REASON_ITEMS = 4
_NEAR_SENSE = 0.3
_RUN = 0.6


@dataclass(frozen=True, slots=True)
class Match:
    """How likely two reports tell of one incident (0 to 1) and the reasons as Chinese phrases."""

    score: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Features:
    """What a pair has in common, each from 0 to 1; senses and themes may also point away from each other (-1).

    `details` run from -5 to 5, counts from 0 to 3. `same_name` is 0.6 where only a rare run of signs may be a name.
    """

    same_name: float
    other_name: float
    same_place: float
    signs: float
    concepts: float
    same_first_category: float
    same_days: float
    other_days: float
    other_person: float
    same_sum: float
    same_counts: float
    other_counts: float
    other_sex: float
    copied: float
    name_and_signs: float
    name_and_concepts: float
    no_name: float
    sense: float
    theme: float
    name_and_sense: float
    name_and_theme: float
    aligned: float
    aligned_better: float
    aligned_best: float
    name_and_aligned: float
    name_and_aligned_best: float
    pairs: float
    pairs_held: float
    rarest: float
    details: float
    name_and_details: float


def measure(a: Fingerprint, b: Fingerprint) -> Features:
    """The features of a pair; symmetric."""
    vocabulary = load_vocabulary()
    shared = a.details & b.details
    same_name, other_name = _compare_names(a.names, b.names, a.text, b.text)
    if not (same_name or other_name) and find_shared_run(a.text, b.text, shared):
        same_name = _RUN
    same_place, _ = _compare_names(a.places, b.places, a.text, b.text)
    signs = _overlap(set("".join(a.words)), set("".join(b.words)), vocabulary.weigh_sign)
    concepts = _overlap(set(a.concepts), set(b.concepts), vocabulary.weigh_concept)
    same_days, other_days = _compare_days(a.when, b.when)
    same_counts, other_counts, other_sex = compare_facts(a.facts, b.facts)
    sense, theme = compare_senses(a.sense, b.sense)
    aligned, better, best = align_words(a.words_at, a.word_weights, b.words_at, b.word_weights)
    named = float(same_name > 0)
    pairs, pairs_held = overlap_pairs(weigh_pairs(shared), a.pairs_weigh, b.pairs_weigh)
    details = weigh_details(a.details, b.details)
    copied = fuzz.ratio(a.text[:400], b.text[:400]) / 100
    return Features(
        same_name=same_name,
        other_name=other_name,
        same_place=same_place,
        signs=signs,
        concepts=concepts,
        same_first_category=float(_is_of_one_kind(a, b)),
        same_days=same_days,
        other_days=other_days,
        other_person=float(bool(a.persons and b.persons and not set(a.persons) & set(b.persons))),
        same_sum=float(bool(set(a.amounts) & set(b.amounts))),
        same_counts=same_counts,
        other_counts=other_counts,
        other_sex=other_sex,
        copied=max(0.0, copied - 0.4),
        name_and_signs=same_name * signs,
        name_and_concepts=same_name * concepts,
        no_name=float(not (a.names and b.names)),
        sense=sense,
        theme=theme,
        name_and_sense=named * sense,
        name_and_theme=named * theme,
        aligned=aligned,
        aligned_better=better,
        aligned_best=best,
        name_and_aligned=named * aligned,
        name_and_aligned_best=named * best,
        pairs=pairs,
        pairs_held=pairs_held,
        rarest=max(named, rarest_pair(shared)),
        details=details,
        name_and_details=named * details,
    )


def score_pair(a: Fingerprint, b: Fingerprint, weights: Mapping[str, float] | None = None) -> Match:
    """How likely `a` and `b` tell of one incident, with reasons; symmetric. The shipped weights unless given others."""
    features = measure(a, b)
    return Match(round(_likelihood(features, weights or load_weights()), 4), tuple(_reasons(a, b, features)))


@lru_cache(maxsize=1)
def load_weights() -> dict[str, float]:
    """The weight of each feature, and `bias`."""
    stored = tomllib.loads(files("triage").joinpath("data", "model", "duplicates.toml").read_text("utf-8"))
    return {name: float(weight) for name, weight in stored["weights"].items()}


def _likelihood(features: Features, weights: Mapping[str, float]) -> float:
    total = weights["bias"] + sum(weights[one.name] * float(getattr(features, one.name)) for one in fields(features))
    return 1 / (1 + exp(-max(-30.0, min(30.0, total))))


def _overlap(ours: set[str], theirs: set[str], weigh: Callable[[str], float]) -> float:
    """What both have as a share of both, by squared weight."""
    shared, one, other = (sum(weigh(item) ** 2 for item in items) for items in (ours & theirs, ours, theirs))
    return float(shared / ((one * other) ** 0.5 or 1.0))


def _is_of_one_kind(a: Fingerprint, b: Fingerprint) -> bool:
    return bool(a.categories and b.categories) and a.categories[0] == b.categories[0]


def _compare_names(ours: tuple[str, ...], theirs: tuple[str, ...], text: str, other_text: str) -> tuple[float, float]:
    """(same, other): the same in signs; where one side names none, the other's name within its text.

    Names that only sound alike (福缘, 福源) may be a slip of the pen or two homes: they count neither way.
    """
    if not (ours and theirs):
        return float(any(name in other_text for name in ours) or any(name in text for name in theirs)), 0.0
    if any(_is_one_name(one, other) for one in ours for other in theirs):
        return 1.0, 0.0
    if any(name in other_text for name in ours) or any(name in text for name in theirs):
        return 0.8, 0.0
    alike = any(sound_of(one) == sound_of(other) for one in ours for other in theirs)
    return 0.0, 0.0 if alike else 1.0


def _is_one_name(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return one == other or (len(shorter) >= _LEAST_PART and (longer.startswith(shorter) or longer.endswith(shorter)))


def _compare_days(ours: tuple[str, str] | None, theirs: tuple[str, str] | None) -> tuple[float, float]:
    if not (ours and theirs):
        return 0.0, 0.0
    (begin, end), (other_begin, other_end) = (tuple(map(date.fromisoformat, days)) for days in (ours, theirs))
    overlap = begin - _SLACK <= other_end and other_begin - _SLACK <= end
    return float(overlap), float(not overlap)


def _reasons(a: Fingerprint, b: Fingerprint, features: Features) -> Iterable[str]:
    if features.same_name > _RUN:
        yield f"同一单位：{next(iter((*a.names, *b.names)))}"
    elif features.same_name:
        yield f"都提到：{find_shared_run(a.text, b.text, a.details & b.details)}"
    if features.same_place:
        yield f"同一地点：{next(iter((*a.places, *b.places)))}"
    if set(a.categories) & set(b.categories):
        yield "类别相同"
    if features.same_days:
        yield "时间相近"
    if features.sense >= _NEAR_SENSE:
        yield "说法不同，意思相近"
    weigh = load_vocabulary().weigh
    words = sorted((w for w in set(a.words) & set(b.words) if len(w) > 1), key=lambda w: (-weigh(w), w))
    yield from _listed("涉及同一人：", sorted(set(a.persons) & set(b.persons)))
    yield from _listed("金额相同：", [f"{value}元" for value in sorted(set(a.amounts) & set(b.amounts))])
    yield from _listed("都反映：", [concept for concept in a.concepts if concept in b.concepts])
    yield from _listed("都说到：", words)


def _listed(label: str, items: Sequence[str]) -> Iterable[str]:
    if items:
        yield label + "、".join(items[:_MOST_REASON_ITEMS])
