"""Groups of reports on one incident, for a whole file at once; a database does the same by its own index.

Candidates share a rare token, so the work grows with the number of reports and not with its square.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import exp, log

from ahocorasick_rs import AhoCorasick, MatchKind

from triage.similarity.fingerprints import Fingerprint
from triage.similarity.scoring import Match, score_pair

SAME_INCIDENT = 0.4
"""From here on a pair is offered to an officer."""
ONE_GROUP = 0.2
"""What two groups must reach together to be one; chosen on held-out homes."""
_MOST_HOLDERS = 200
_MOST_CANDIDATES = 30
_FAINT = 0.02
_MOST_COMPARED = 16
_LEAST_COUNTS, _SURELY_NOT = 0.4, 0.0025

Scorer = Callable[[Fingerprint, Fingerprint], Match]


@dataclass(frozen=True, slots=True)
class Pairing:
    """One report that tells of the same incident."""

    id: str
    match: Match


@dataclass(frozen=True, slots=True)
class Clustered:
    """The cluster a report fell into (None: alone) and its matches, best first."""

    id: str
    cluster: int | None
    matches: tuple[Pairing, ...]


def cluster(
    items: Iterable[tuple[str, Fingerprint]], threshold: float = ONE_GROUP, score: Scorer = score_pair
) -> tuple[Clustered, ...]:
    """Group reports, in the order given.

    1. Score candidates. 2. Again and again join the two groups that are most alike, as long as that is at least
    `threshold`; the two least alike members count much: one bridge between two incidents joins nothing. 3. Number the
    groups by their first report.
    """
    rows = list(items)
    known = _Scores([one for _, one in rows], score)
    faint = [pair for pair in _candidates(known.prints) if known.of(*pair).score >= _FAINT]
    groups = _join(faint, known, threshold)
    numbers: dict[int, int] = {}
    beside: dict[int, list[tuple[int, Match]]] = defaultdict(list)
    for i, j in faint:
        if i in groups and groups[i] == groups.get(j):
            beside[i].append((j, known.of(i, j)))
            beside[j].append((i, known.of(i, j)))
    return tuple(_clustered(rows, i, beside[i], groups, numbers) for i in range(len(rows)))


class _Scores:
    """The match of each pair of reports, worked out once."""

    def __init__(self, prints: Sequence[Fingerprint], score: Scorer) -> None:
        self.prints = prints
        self._score = score
        self._known: dict[tuple[int, int], Match] = {}

    def of(self, i: int, j: int) -> Match:
        """The match of two reports by their places."""
        pair = (min(i, j), max(i, j))
        if pair not in self._known:
            self._known[pair] = self._score(self.prints[pair[0]], self.prints[pair[1]])
        return self._known[pair]

    def together(self, ours: Sequence[int], theirs: Sequence[int]) -> float:
        """How alike two groups are: their least alike pair and the mean of all pairs, weighed as odds; of large ones
        some pairs stand for all.
        """
        pairs = [(i, j) for i in ours for j in theirs]
        odds = [_odds(self.of(i, j).score) for i, j in pairs[:: max(1, len(pairs) // _MOST_COMPARED)]]
        return 1 / (1 + exp(-(_LEAST_COUNTS * min(odds) + (1 - _LEAST_COUNTS) * sum(odds) / len(odds))))


def _odds(score: float) -> float:
    return log(max(score, _SURELY_NOT) / max(1 - score, _SURELY_NOT))


def _candidates(prints: Sequence[Fingerprint]) -> Iterator[tuple[int, int]]:
    """Pairs that share the most telling tokens; a token that very many hold says nothing and costs everything."""
    tokens = _with_names(prints)
    holders: dict[str, list[int]] = defaultdict(list)
    for i, some in enumerate(tokens):
        for token in some:
            holders[token].append(i)
    for i, some in enumerate(tokens):
        shared: Counter[int] = Counter()
        for token in some:
            if len(holders[token]) <= _MOST_HOLDERS:
                shared.update(j for j in holders[token] if j < i)
        yield from ((j, i) for j, _ in shared.most_common(_MOST_CANDIDATES))


def _with_names(prints: Sequence[Fingerprint]) -> list[set[str]]:
    """Each report's tokens, and every name of the others that stands in its text unrecognised."""
    names = sorted({name for one in prints for name in (*one.names, *one.places)})
    finder = AhoCorasick(names, matchkind=MatchKind.Standard) if names else None
    return [
        {*one.tokens, *(names[n] for n, _, _ in finder.find_matches_as_indexes(one.text, overlapping=True))}
        if finder
        else set(one.tokens)
        for one in prints
    ]


def _join(faint: Iterable[tuple[int, int]], known: _Scores, threshold: float) -> dict[int, int]:
    """The group of each report that has one. A group is never changed, only taken up into a new one."""
    members: dict[int, list[int]] = {}
    near: dict[int, set[int]] = defaultdict(set)
    waiting = []
    for i, j in faint:
        members[i], members[j] = [i], [j]
        near[i].add(j)
        near[j].add(i)
        waiting.append((-known.of(i, j).score, i, j))
    heapify(waiting)
    fresh = len(known.prints)
    while waiting and -waiting[0][0] >= threshold:
        _, i, j = heappop(waiting)
        if i not in members or j not in members:
            continue
        members[fresh] = members.pop(i) + members.pop(j)
        near[fresh] = {one for one in (near.pop(i) | near.pop(j)) if one in members}
        for other in near[fresh]:
            near[other].add(fresh)
            heappush(waiting, (-known.together(members[other], members[fresh]), other, fresh))
        fresh += 1
    return {one: group for group, some in members.items() if len(some) > 1 for one in some}


def _clustered(
    rows: Sequence[tuple[str, Fingerprint]],
    i: int,
    found: Sequence[tuple[int, Match]],
    groups: dict[int, int],
    numbers: dict[int, int],
) -> Clustered:
    number = numbers.setdefault(groups[i], len(numbers) + 1) if i in groups else None
    ordered = sorted(found, key=lambda one: (-one[1].score, one[0])) if number else []
    return Clustered(rows[i][0], number, tuple(Pairing(rows[j][0], match) for j, match in ordered))
