"""Is a text about the care of the elderly at all?

Many complaints to a government speak of fire exits, refunds or silent offices without an old person in them; those
belong elsewhere, and what triage learned from care homes must not claim them.
"""

from triage.matching import cuts_any
from triage.reading import Reading
from triage.scope_words import Scope

_OTHER_FIELDS = "out_of_scope"
_NOISE = "ads_noise"


def is_elsewhere(reading: Reading, scope: Scope) -> bool:
    """Whether a text has too few words of elder care for its length, or none and several of other fields."""
    text = reading.text
    if len(text) < scope.short_length:
        return False
    found = scope.finder.find(text)
    ours = len({index for index, start, end in found if not cuts_any(start, end, reading.traps)})
    allowed = max((at_most for length, at_most in scope.steps if len(text) >= length), default=-1)
    return ours <= allowed or (ours == 0 and _count_other(reading) >= scope.other_words)


def _count_other(reading: Reading) -> int:
    hits = [hit for hit in reading.of_topic(_OTHER_FIELDS) if hit.entry.name != _NOISE]
    return len({reading.text[hit.start : hit.end] for hit in hits})
