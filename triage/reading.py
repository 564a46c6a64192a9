"""One reading of a text: normalised, cut into words, the lexicon's hits weighed and those ruled out set aside.

Every later step (categories, urgency, discipline, keys, explanation) looks at this one value.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from triage.context import Context
from triage.features import list_features
from triage.matching import Hit, word_boundaries
from triage.model import Verdict
from triage.text import NormalisedText, normalise

_MOST_PER_TOPIC = 4.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found; `hits` count, `excluded` were looked at and ruled out, `signs` go to the learned part."""

    source: NormalisedText
    words: tuple[str, ...]
    boundaries: frozenset[int]
    hits: tuple[Hit, ...]
    excluded: tuple[Hit, ...]
    signs: Mapping[str, float]
    verdict: Verdict

    def of_topic(self, topic: str) -> tuple[Hit, ...]:
        """The hits that speak for a topic."""
        return tuple(hit for hit in self.hits if hit.entry.topic == topic)


def read_text(text: str, context: Context) -> Reading:
    """Read a text with the office's words and the learned weights."""
    source = normalise(text)
    words = tuple(context.segmenter.cut(source.text))
    boundaries = word_boundaries(words)
    hits = tuple(context.matcher.find_hits(source.text, boundaries))
    signs = weigh_topics(hits)
    verdict = context.model.judge(list_features(source.text, words), signs)
    return Reading(source, words, boundaries, hits, (), signs, verdict)


def weigh_topics(hits: tuple[Hit, ...]) -> dict[str, float]:
    """Per topic the sum of its entries' weights, each entry once, bounded so that no list of synonyms outshouts."""
    heaviest: dict[tuple[str, str], float] = {}
    for hit in hits:
        key = (hit.entry.topic, hit.entry.source or hit.entry.words[0])
        heaviest[key] = hit.entry.weight
    signs: dict[str, float] = {}
    for (topic, _), weight in heaviest.items():
        signs[f"lexicon:{topic}"] = min(_MOST_PER_TOPIC, signs.get(f"lexicon:{topic}", 0.0) + weight)
    return signs
