"""Whether a matter goes before the clue officers, and the two keys that decide whether it is sealed.

A category may send it there on its face (always); others do where a public official is the one complained of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triage.evidence import evidence_at, evidence_of
from triage.matching import Hit
from triage.officials import find_officials
from triage.reading import Reading
from triage.taxonomy import Category, DisciplineRule
from triage.types import Evidence, Keys

_MOST_EVIDENCE = 4
_GAINS = frozenset({"eight_rules", "corruption"})
_HARMS = ("leak", "shield")


@dataclass(frozen=True, slots=True)
class DisciplineVerdict:
    """Is it a matter for discipline inspection, by which words, and which keys turn."""

    discipline: bool
    evidence: tuple[Evidence, ...]
    keys: Keys


def decide_discipline(
    reading: Reading, categories: Sequence[Category], settings: Mapping[str, float]
) -> DisciplineVerdict:
    """Decide both.

    1. What is no complaint never goes. 2. A category that always goes there decides. 3. Else the learned part decides,
    at a lower bar where the text names a particular official, and at a far lower one where both keys turn: what would
    be sealed must not go round in the open. The keys turn only for what goes there.
    """
    officials = find_officials(reading)
    shown = tuple(evidence_at(reading, *place, why="点到某个公职人员或负责人") for place in officials[:_MOST_EVIDENCE])
    who = turns_who(reading, settings, named=bool(officials))
    what = turns_what(reading, categories, settings)
    bar = "discipline_keyed" if who and what else "discipline_named" if officials else "discipline"
    if not _goes_there(reading, categories, settings[f"threshold:{bar}"]):
        return DisciplineVerdict(discipline=False, evidence=(), keys=Keys(who=False, what=False))
    breaches = tuple(evidence_of(reading, hit) for hit in _breaches(reading)[:_MOST_EVIDENCE]) if what else ()
    keys = Keys(who=who, what=what, evidence=(*(shown if who else ()), *breaches))
    return DisciplineVerdict(discipline=True, evidence=shown or breaches, keys=keys)


def _goes_there(reading: Reading, categories: Sequence[Category], bar: float) -> bool:
    if all(category.alone for category in categories):
        return False
    if any(category.discipline is DisciplineRule.ALWAYS for category in categories):
        return True
    return reading.margins.get("discipline", -1.0) > bar


def turns_who(reading: Reading, settings: Mapping[str, float], *, named: bool) -> bool:
    """Whether one particular official is the one complained of (key 1)."""
    bar = settings["threshold:who_named"] if named else settings["threshold:who"]
    return reading.margins.get("who", -1.0) > bar


def turns_what(reading: Reading, categories: Sequence[Category], settings: Mapping[str, float]) -> bool:
    """Whether gain, abuse of power, dereliction with harm or 四风 is told of (key 2).

    Gain and 四风 are told by their own categories. Slowness alone is no breach; leaking and sheltering are.
    """
    codes = {category.code for category in categories}
    margin = reading.margins.get("what", -1.0)
    if codes & _GAINS:
        return True
    if "inaction" in codes:
        harmed = any(name in reading.named for name in _HARMS)
        return margin > (settings["threshold:what_harmed"] if harmed else settings["threshold:what_inaction"])
    return margin > settings["threshold:what"]


def _breaches(reading: Reading) -> list[Hit]:
    return [hit for hit in reading.hits if hit.entry.topic in _GAINS or hit.entry.name in _HARMS]
