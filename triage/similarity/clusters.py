"""Groups of reports on one incident, for a whole file at once; a database does the same by its own index.

Candidates share a rare token, so the work grows with the number of reports and not with its square.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, MatchKind

from triage.similarity.fingerprints import Fingerprint
from triage.similarity.scoring import Match, score_pair

SAME_INCIDENT = 0.4
_MOST_HOLDERS = 200
_MOST_CANDIDATES = 30
_MEAN_OF_GROUP = 0.35
_MOST_COMPARED = 12


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


def cluster(items: Iterable[tuple[str, Fingerprint]], threshold: float = SAME_INCIDENT) -> tuple[Clustered, ...]:
    """Group reports, in the order given.

    1. Score candidates. 2. From the best pair down, join two groups if their members resemble each other on the whole:
    one bridge between two incidents joins nothing. 3. Number the groups by their first report.
    """
    rows = list(items)
    prints = [one for _, one in rows]
    matches = {
        pair: match
        for pair in _candidates(prints)
        if (match := score_pair(*(prints[i] for i in pair))).score >= threshold
    }
    groups = _join(matches, prints)
    numbers: dict[int, int] = {}
    beside: dict[int, list[tuple[int, Match]]] = defaultdict(list)
    for (i, j), match in matches.items():
        if groups.get(i) == groups.get(j):
            beside[i].append((j, match))
            beside[j].append((i, match))
    return tuple(_clustered(rows, i, beside[i], groups, numbers) for i in range(len(rows)))


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


def _join(matches: dict[tuple[int, int], Match], prints: Sequence[Fingerprint]) -> dict[int, int]:
    """The group of each report that has one."""
    group_of: dict[int, int] = {}
    members: dict[int, list[int]] = {}
    for (i, j), _ in sorted(matches.items(), key=lambda one: (-one[1].score, one[0])):
        for one in (i, j):
            members.setdefault(group_of.setdefault(one, one), [one])
        ours, theirs = group_of[i], group_of[j]
        if ours != theirs and _resemble(members[ours], members[theirs], matches, prints):
            for one in members[theirs]:
                group_of[one] = ours
            members[ours] += members.pop(theirs)
    return {one: group for one, group in group_of.items() if len(members[group]) > 1}


def _resemble(
    ours: Sequence[int], theirs: Sequence[int], matches: dict[tuple[int, int], Match], prints: Sequence[Fingerprint]
) -> bool:
    pairs = [(min(i, j), max(i, j)) for i in ours for j in theirs][:_MOST_COMPARED]
    scores = [
        matches[pair].score if pair in matches else score_pair(*(prints[i] for i in pair)).score for pair in pairs
    ]
    return sum(scores) / len(scores) >= _MEAN_OF_GROUP


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
