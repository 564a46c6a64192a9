"""From margins to categories: one primary, others where they clear the bar.

`inquiry` and `out_of_scope` are answers of their own and stand alone.
"""

from collections.abc import Mapping

from triage.taxonomy import Category, Taxonomy

_MOST = 4
NOTHING_SAID = "out_of_scope"


def choose_categories(
    margins: Mapping[str, float], taxonomy: Taxonomy, settings: Mapping[str, float]
) -> list[Category]:
    """The categories, best first.

    1. The primary has the highest mean of two margins: that the text is about it, and that it is about it first.
    2. A primary that stands alone stays alone.
    3. Others join, best first, where their margin clears the threshold that training chose.
    """
    rows = [
        (_primary_margin(margins, category.code) + settings.get(f"shift:{category.code}", 0.0), category)
        for category in taxonomy.categories
    ]
    first = max(rows, key=lambda row: row[0])[1]
    if first.alone:
        return [first]
    bar = settings["threshold"]
    others = [
        (margins.get(category.code, -1.0), category)
        for category in taxonomy.categories
        if category is not first
        and not category.alone
        and margins.get(category.code, -1.0) > settings.get(f"threshold:{category.code}", bar)
    ]
    return [first, *(category for _, category in sorted(others, key=lambda row: -row[0])[: _MOST - 1])]


def _primary_margin(margins: Mapping[str, float], code: str) -> float:
    about = margins.get(code, -1.0)
    return (about + margins.get(f"primary:{code}", about)) / 2
