"""One warmed segmenter for the entity finders and for similarity, apart from the lexicon's own words.

The lexicon changes with the office; word borders inside names and search tokens must not change with it.
"""

from functools import lru_cache

from triage.segmenter import Segmenter, load_segmenter


def cut_words(text: str) -> list[str]:
    """The words of a plain view in order; their concatenation is the view."""
    return _segmenter().cut(text)


@lru_cache(maxsize=1)
def _segmenter() -> Segmenter:
    return load_segmenter()
