"""Whether a matter goes before the clue officers, and the two keys that decide whether it is sealed.

A category may send it there on its face (always); others do where a public official is the one complained of.
"""

from triage.context import Context
from triage.reading import Reading
from triage.taxonomy import Category, DisciplineRule
from triage.types import Evidence, Keys


def decide_discipline(
    reading: Reading, categories: list[Category], context: Context
) -> tuple[bool, tuple[Evidence, ...]]:
    """True where a category always goes there, or may go and the text complains of a public official or body."""
    if any(category.discipline is DisciplineRule.ALWAYS for category in categories):
        return True, ()
    if all(category.alone for category in categories):
        return False, ()
    return reading.margins.get("discipline", -1.0) > context.model.settings["threshold:discipline"], ()


def turn_keys(reading: Reading, *, discipline: bool, context: Context) -> Keys:
    """The keys `who` (a particular official) and `what` (gain, abuse of power, dereliction with harm, 四风)."""
    margins, settings = reading.margins, context.model.settings
    if not discipline:
        return Keys(who=False, what=False)
    return Keys(
        who=margins.get("who", 1.0) > settings.get("threshold:who", 0.0),
        what=margins.get("what", 1.0) > settings.get("threshold:what", 0.0),
    )
