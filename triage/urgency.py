"""How soon someone must act: a floor from the categories, raised by words of danger, never lowered.

`critical` is kept for a danger to life that is there now; what is over, feared or asked about is not.
"""

from collections.abc import Sequence

from triage.evidence import evidence_of
from triage.matching import Hit, clause_of
from triage.reading import Reading
from triage.taxonomy import Category
from triage.types import Evidence, Urgency

_ORDER = (Urgency.NORMAL, Urgency.HIGH, Urgency.CRITICAL)
_TIMES = frozenset({"now", "not_now", "hypothesis", "help_numbers"})
_SURE_THOUGH_SUPPOSED, _SURE, _LIKELY, _LIKELY_IN_SHORT, _POSSIBLE = 0.0, -0.2, -0.38, -0.45, -0.6
_SHORT = 30
_MOST_EVIDENCE = 5


def decide_urgency(reading: Reading, categories: Sequence[Category]) -> tuple[Urgency, tuple[Evidence, ...]]:
    """The highest of the categories' own urgency, or critical where a life is in danger now, with the words for it."""
    dangers = find_dangers(reading)
    if is_critical(reading, dangers):
        told = [*dangers, *reading.of_names("now")][:_MOST_EVIDENCE]
        return Urgency.CRITICAL, tuple(evidence_of(reading, hit) for hit in told)
    return max((category.urgency for category in categories), key=_ORDER.index), ()


def is_critical(reading: Reading, dangers: Sequence[Hit]) -> bool:
    """Whether a life is in danger now.

    1. What the learned part is sure of; surer still where the text only supposes it (要是着了火). 2. What it holds
    likely, unless it is supposed. 3. What it holds possible where words of danger stand there and nothing says that it
    is over or supposed; in a short call the words may be missing. The bars were chosen by cross-validation.
    """
    margin = reading.margins.get("critical", -1.0)
    named = reading.named
    supposed = "hypothesis" in named
    only_supposed = supposed and "now" not in named
    if margin > (_SURE_THOUGH_SUPPOSED if only_supposed else _SURE):
        return True
    if margin > _LIKELY:
        return not only_supposed
    if supposed or "not_now" in named:
        return False
    return margin > (_POSSIBLE if dangers else _LIKELY_IN_SHORT if len(reading.text) <= _SHORT else _LIKELY)


def find_dangers(reading: Reading) -> list[Hit]:
    """The words of danger whose clause doesn't suppose them (要是着了火)."""
    hits = reading.of_topic("danger")
    supposed = {clause_of(reading.clauses, hit.start) for hit in hits if hit.entry.name == "hypothesis"}
    return [
        hit for hit in hits if hit.entry.name not in _TIMES and clause_of(reading.clauses, hit.start) not in supposed
    ]
