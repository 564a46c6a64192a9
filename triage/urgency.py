"""How soon someone must act: a floor from the categories, raised by words of danger, never lowered.

`critical` is kept for a danger to life that is there now.
"""

from triage.context import Context
from triage.reading import Reading
from triage.taxonomy import Category
from triage.types import Evidence, Urgency

_ORDER = (Urgency.NORMAL, Urgency.HIGH, Urgency.CRITICAL)


def decide_urgency(
    reading: Reading, categories: list[Category], context: Context
) -> tuple[Urgency, tuple[Evidence, ...]]:
    """The highest of the categories' own urgency, what the model says of danger now, and the words that say so."""
    floor = max((category.urgency for category in categories), key=_ORDER.index)
    margin = reading.margins.get("critical", -1.0)
    if margin > context.model.settings["threshold:critical"]:
        return Urgency.CRITICAL, ()
    return floor, ()
