"""Evidence drawn into the words: pure, so that positions can be tested without a page.

Overlapping spans are cut so that no character stands twice; each piece keeps the numbers of all reasons it serves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from triage.types import Assessment, Evidence

MASK = "▇"
PUNCTUATION = "，。！？；：、,.!?;: \n“”‘’…—（）()"


@dataclass(frozen=True, slots=True)
class Reason:
    """One row of the table beside the words: its number, the words, why they count, what they were taken for."""

    number: int | None
    words: str
    why: str
    taken_for: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text: marked where `numbers` is not empty, hidden where `masked`."""

    text: str
    numbers: tuple[int, ...] = ()
    title: str = ""
    masked: bool = False


def list_reasons(assessment: Assessment, category_names: dict[str, str]) -> list[Reason]:
    """Every reason of a verdict once, in order of the text; what was ruled out comes last and has no number."""
    found: dict[tuple[int, int, str], tuple[Evidence, str]] = {}
    for evidence, taken_for in _each_evidence(assessment, category_names):
        found.setdefault((evidence.start, evidence.end, taken_for), (evidence, taken_for))
    for mention, name in ((assessment.institution, "机构"), (assessment.place, "地点"), (assessment.when, "时间")):
        if mention is not None:
            why = {"机构": "说的是这家", "地点": "说的是这里", "时间": "说的是这时候"}[name]
            found.setdefault(
                (mention.start, mention.end, name), (Evidence(mention.text, mention.start, mention.end, why), name)
            )
    trimmed = ((trim(evidence), taken_for) for evidence, taken_for in found.values())
    ordered = sorted((pair for pair in trimmed if pair[0].phrase), key=lambda pair: (pair[0].start, pair[0].end))
    reasons = [
        Reason(number, evidence.phrase, evidence.why, taken_for, evidence.start, evidence.end)
        for number, (evidence, taken_for) in enumerate(ordered, start=1)
    ]
    ruled_out = {(e.start, e.end): e for e in assessment.excluded}.values()
    return reasons + [Reason(None, e.phrase, e.why, "排除", e.start, e.end) for e in ruled_out]


def trim(evidence: Evidence) -> Evidence:
    """The same words without the punctuation at their ends, which nobody wants underlined."""
    words = evidence.phrase
    left = len(words) - len(words.lstrip(PUNCTUATION))
    kept = words.strip(PUNCTUATION)
    start = evidence.start + left
    return replace(evidence, phrase=kept, start=start, end=start + len(kept))


def cut_pieces(text: str, reasons: Sequence[Reason]) -> list[Piece]:
    """The text as pieces that together are the text again."""
    numbered = [r for r in reasons if r.number is not None and 0 <= r.start < r.end <= len(text)]
    edges = sorted({0, len(text), *_mask_edges(text), *(r.start for r in numbered), *(r.end for r in numbered)})
    pieces = []
    for start, end in pairwise(edges):
        covering = [r for r in numbered if r.start <= start and end <= r.end]
        ending = tuple(r.number for r in covering if r.end == end and r.number is not None)
        pieces.append(
            Piece(
                text[start:end],
                ending or ((0,) if covering else ()),
                "；".join(f"{r.taken_for}：{r.why}" for r in covering),
                masked=text[start] == MASK,
            )
        )
    return pieces


def _each_evidence(assessment: Assessment, names: dict[str, str]) -> Iterator[tuple[Evidence, str]]:
    for score in assessment.categories:
        for evidence in score.evidence:
            if not evidence.excluded:
                yield evidence, names.get(score.code, score.code)
    for evidence in assessment.urgency_evidence:
        yield evidence, "紧急"
    for evidence in assessment.discipline_evidence:
        yield evidence, "涉纪"
    for evidence in assessment.keys.evidence:
        yield evidence, "两把钥匙"


def _mask_edges(text: str) -> Iterator[int]:
    for position in range(1, len(text)):
        if (text[position] == MASK) != (text[position - 1] == MASK):
            yield position
