"""From margins to categories: one primary, others where they clear their own bar.

`inquiry` and `out_of_scope` are answers of their own and stand alone.
"""

from collections.abc import Sequence

from triage.context import Context
from triage.reading import Reading
from triage.taxonomy import Category

_MOST = 4
_NOTHING_SAID = "out_of_scope"


def decide_categories(reading: Reading, context: Context) -> list[tuple[Category, float]]:
    """The categories, best first, with their probability.

    1. The primary is the one with the highest margin; a text without any word is out_of_scope.
    2. A primary that stands alone stays alone.
    3. Others join where their margin clears the threshold that training chose.
    """
    by_code, model = context.taxonomy.by_code, context.model
    if not any(word.strip() for word in reading.words):
        return [(by_code[_NOTHING_SAID], 1.0)]
    ranked = rank_categories(reading, context)
    first = ranked[0]
    chosen = [first[0]]
    if not first[0].alone:
        chosen += [
            category
            for category, margin in ranked[1:]
            if not category.alone
            and margin > model.settings.get(f"threshold:{category.code}", model.settings["threshold"])
        ][: _MOST - 1]
    margins = dict((category.code, margin) for category, margin in ranked)
    return [(category, model.probability(category.code, margins[category.code])) for category in chosen]


def rank_categories(reading: Reading, context: Context) -> Sequence[tuple[Category, float]]:
    """All categories with their margins, highest first; equal margins keep the taxonomy's order."""
    margins = reading.verdict.margins
    rows = [(category, margins.get(category.code, -1.0)) for category in context.taxonomy.categories]
    return sorted(rows, key=lambda row: -row[1])
