"""Do two reports tell of one incident? Fingerprints that a database can index, a score with reasons, and clusters.

A suggestion for an officer, never a merge; what is compared is the masked working text and what triage read in it.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import log

from rapidfuzz import fuzz

from triage.entities.plain import read_plain
from triage.extraction import Entities
from triage.segmenter import Segmenter, load_segmenter
from triage.types import Assessment

INDEX_TOKENS = 12
SAME_INCIDENT = 0.5
_SIGN = re.compile(r"^[\W_]+$")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What of a report is compared; `tokens` (at most 12, rarest first) are for the index."""

    tokens: tuple[str, ...]
    bag: tuple[str, ...]
    institution: str | None = None
    place: str | None = None
    when: tuple[str, str] | None = None
    categories: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """How likely two reports tell of one incident (0 to 1) and the reasons as Chinese phrases."""

    score: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pairing:
    """One report beside another in a cluster run."""

    id: str
    match: Match


@dataclass(frozen=True, slots=True)
class Clustered:
    """The cluster a report fell into (None: alone) and its matches, best first."""

    id: str
    cluster: int | None
    matches: tuple[Pairing, ...]


@dataclass(frozen=True, slots=True)
class DuplicateFigures:
    """Pairwise and B-cubed figures of one clustering against gold."""

    pair_precision: float
    pair_recall: float
    pair_f1: float
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float


def fingerprint(text: str, read: Assessment | Entities | None = None) -> Fingerprint:
    """The fingerprint of a working text and of what triage read in it (categories only from an Assessment)."""
    bag = Counter(_words(read_plain(text).text))
    rare = sorted(bag, key=lambda word: (-_weight(word), word))
    read = read or Entities()
    when = read.when
    return Fingerprint(
        tokens=tuple(rare[:INDEX_TOKENS]),
        bag=tuple(rare[:300]),
        institution=(read.institution.name or read.institution.text) if read.institution else None,
        place=read.place.text if read.place else None,
        when=(when.from_.isoformat(), when.to.isoformat()) if when and when.from_ and when.to else None,
        categories=tuple(one.code for one in read.categories) if isinstance(read, Assessment) else (),
        persons=tuple(dict.fromkeys(person.text for person in read.persons)),
        amounts=tuple(dict.fromkeys(amount.text for amount in read.amounts)),
    )


def score_pair(a: Fingerprint, b: Fingerprint) -> Match:
    """How likely `a` and `b` tell of one incident; symmetric."""
    why: list[str] = []
    shared = set(a.bag) & set(b.bag)
    union = set(a.bag) | set(b.bag)
    overlap = sum(map(_weight, shared)) / (sum(map(_weight, union)) or 1.0)
    score = min(1.0, overlap * 2.2)
    if a.institution and b.institution:
        same = fuzz.ratio(a.institution, b.institution) >= 75
        score += 0.2 if same else -0.25
        if same:
            why.append(f"机构相同：{a.institution}")
    if common := [word for word in sorted(shared, key=lambda w: -_weight(w)) if len(word) > 1][:4]:
        why.append("共有的少见词：" + "、".join(common))
    return Match(round(max(0.0, min(1.0, score)), 4), tuple(why))


def cluster(items: Iterable[tuple[str, Fingerprint]], threshold: float = SAME_INCIDENT) -> tuple[Clustered, ...]:
    """Group reports by shared rare tokens and scores at or above `threshold`; in the order given."""
    rows = list(items)
    parents = list(range(len(rows)))
    matches: dict[int, list[tuple[int, Match]]] = defaultdict(list)
    for i, j in _candidate_pairs([prints for _, prints in rows]):
        match = score_pair(rows[i][1], rows[j][1])
        if match.score >= threshold:
            matches[i].append((j, match))
            matches[j].append((i, match))
            parents[_root(parents, i)] = _root(parents, j)
    numbers: dict[int, int] = {}
    return tuple(_clustered(rows, i, matches[i], parents, numbers) for i in range(len(rows)))


def evaluate_duplicates(gold: Sequence[object | None], predicted: Sequence[object | None]) -> DuplicateFigures:
    """Compare two clusterings of the same items in the same order; None is a group of its own."""
    gold_of, said_of = _groups(gold), _groups(predicted)
    right, said, there = (len(pairs) for pairs in (_pairs(gold_of) & _pairs(said_of), _pairs(said_of), _pairs(gold_of)))
    precision, recall = (right / said if said else 1.0), (right / there if there else 1.0)
    cubed = [_cubed(one, other) for one, other in ((said_of, gold_of), (gold_of, said_of))]
    return DuplicateFigures(precision, recall, _f1(precision, recall), cubed[0], cubed[1], _f1(cubed[0], cubed[1]))


def search_tokens(text: str) -> list[str]:
    """The words of a text for a full-text index and for queries alike: each word, and the pairs inside longer words."""
    tokens: list[str] = []
    for word in _words(read_plain(text).text):
        tokens.append(word)
        if len(word) > 2 and not word.isascii():
            tokens.extend(word[i : i + 2] for i in range(len(word) - 1))
    return tokens


@lru_cache(maxsize=1)
def _segmenter() -> Segmenter:
    return load_segmenter()


def _words(text: str) -> Iterator[str]:
    for word in _segmenter().cut(text.lower()):
        if _SIGN.match(word) is None:
            yield word[:32]


@lru_cache(maxsize=65536)
def _weight(word: str) -> float:
    return log(2 + len(word)) if len(word) > 1 else 0.3


def _candidate_pairs(prints: Sequence[Fingerprint]) -> set[tuple[int, int]]:
    holders: dict[str, list[int]] = defaultdict(list)
    for i, one in enumerate(prints):
        for token in one.bag:
            holders[token].append(i)
    common = max(20, len(prints) // 20)
    return {pair for group in holders.values() if len(group) <= common for pair in combinations(group, 2)}


def _root(parents: list[int], i: int) -> int:
    while parents[i] != i:
        parents[i] = parents[parents[i]]
        i = parents[i]
    return i


def _clustered(
    rows: Sequence[tuple[str, Fingerprint]],
    i: int,
    found: Sequence[tuple[int, Match]],
    parents: list[int],
    numbers: dict[int, int],
) -> Clustered:
    number = numbers.setdefault(_root(parents, i), len(numbers) + 1) if found else None
    ordered = sorted(found, key=lambda one: (-one[1].score, one[0]))
    return Clustered(rows[i][0], number, tuple(Pairing(rows[j][0], match) for j, match in ordered))


def _groups(labels: Sequence[object | None]) -> list[object]:
    return [("alone", i) if label is None else label for i, label in enumerate(labels)]


def _pairs(groups: Sequence[object]) -> set[tuple[int, int]]:
    members: dict[object, list[int]] = defaultdict(list)
    for i, group in enumerate(groups):
        members[group].append(i)
    return {pair for group in members.values() for pair in combinations(group, 2)}


def _cubed(of: Sequence[object], against: Sequence[object]) -> float:
    sizes, both = Counter(of), Counter(zip(of, against, strict=True))
    shares = [both[pair] / sizes[pair[0]] for pair in zip(of, against, strict=True)]
    return sum(shares) / len(shares) if shares else 1.0


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
