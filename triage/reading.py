"""One reading of a text: normalised, cut into words, the lexicon's hits kept and the denied ones set aside.

Every later step (categories, urgency, discipline, keys, explanation) looks at this one value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from triage.context import Context
from triage.features import plain
from triage.matching import Hit, clause_starts, word_boundaries
from triage.model import Verdict
from triage.text import NormalisedText, normalise


@dataclass(frozen=True)
class Reading:
    """What was found; `hits` count, `denied` were looked at and ruled out, `margins` are per question."""

    source: NormalisedText
    words: tuple[str, ...]
    boundaries: Mapping[int, int]
    traps: tuple[tuple[int, int], ...]
    hits: tuple[Hit, ...]
    denied: tuple[Hit, ...]
    verdict: Verdict
    margins: Mapping[str, float]

    @cached_property
    def text(self) -> str:
        """The normalised text."""
        return self.source.text

    @cached_property
    def clauses(self) -> Sequence[int]:
        """Where its clauses begin."""
        return clause_starts(self.source.text)

    @cached_property
    def named(self) -> frozenset[str]:
        """The names of all entries that were hit."""
        return frozenset(hit.entry.name for hit in self.hits)

    def of_topic(self, topic: str) -> tuple[Hit, ...]:
        """The hits that speak for a topic."""
        return tuple(hit for hit in self.hits if hit.entry.topic == topic)

    def of_names(self, *names: str) -> tuple[Hit, ...]:
        """The hits of entries with these names."""
        return tuple(hit for hit in self.hits if hit.entry.name in names)


def read_text(text: str, context: Context) -> Reading:
    """Read a text with the office's words and the learned weights."""
    source = normalise(text)
    words = tuple(context.segmenter.cut(source.text))
    boundaries = word_boundaries(words)
    found = context.matcher.find_hits(source.text, boundaries)
    verdict = context.model.judge(plain(source.text), words, [hit.entry.name for hit in found.hits])
    return Reading(
        source=source,
        words=words,
        boundaries=boundaries,
        traps=found.traps,
        hits=found.hits,
        denied=found.denied,
        verdict=verdict,
        margins=shift_margins(verdict.margins, found.hits),
    )


def shift_margins(margins: Mapping[str, float], hits: Sequence[Hit]) -> dict[str, float]:
    """The margins with the weights of the entries that were hit, each entry once."""
    shifted = dict(margins)
    for entry in {hit.entry for hit in hits if hit.entry.weight}:
        for question in (entry.topic, f"primary:{entry.topic}"):
            if question in shifted:
                shifted[question] += entry.weight
    return shifted
