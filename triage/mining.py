"""Finding phrases that a lexicon lacks: words that corrected texts of one category share and other talk seldom has.

TF-IDF over jieba's words with jieba's own table of rarity. Only offers come out of it; nothing is applied.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from statistics import median

from triage.text import normalise

TABLE = "analyse/idf.txt"
LEAST_TEXTS, SHORTEST, LONGEST = 2, 2, 8


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text with the topic that an officer gave it; `barred` are names in it that must never become a phrase."""

    topic: str
    text: str
    barred: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A phrase that texts of a topic share: in how many it stands, and its weight by TF-IDF."""

    topic: str
    phrase: str
    texts: int
    score: float


def mine_phrases(
    texts: Iterable[Labelled], *, cut: Callable[[str], Sequence[str]], known: Collection[str], most: int = 12
) -> list[Offer]:
    """The strongest phrases of each topic, the best first, at most `most` in all.

    Left out: what the lexicon knows, single characters, anything but Chinese, names, what only one text says, and what
    another topic's texts say as often.
    """
    times: dict[str, Counter[str]] = {}
    held: dict[str, Counter[str]] = {}
    for each in texts:
        words = [word for word in cut(normalise(each.text).text) if _may_be_offered(word, each.barred, known)]
        times.setdefault(each.topic, Counter()).update(words)
        held.setdefault(each.topic, Counter()).update(set(words))
    rarity, usual = _read_rarity()
    offers = [
        Offer(topic, word, held[topic][word], round(count * rarity.get(word, usual) / total, 4))
        for topic, counts in times.items()
        if (total := sum(counts.values()))
        for word, count in counts.items()
        if held[topic][word] >= LEAST_TEXTS
        and all(held[topic][word] > other[word] for name, other in held.items() if name != topic)
    ]
    return sorted(offers, key=lambda offer: (-offer.score, offer.topic, offer.phrase))[:most]


def _may_be_offered(word: str, barred: Sequence[str], known: Collection[str]) -> bool:
    if not SHORTEST <= len(word) <= LONGEST or word in known:
        return False
    return all("\u4e00" <= char <= "\u9fff" for char in word) and not any(
        word in name or name in word for name in barred
    )


@cache
def _read_rarity() -> tuple[dict[str, float], float]:
    """jieba's table of how rare words are, and the median for those it lacks."""
    lines = files("jieba").joinpath(TABLE).read_text(encoding="utf-8").splitlines()
    table = {word: float(value) for word, _, value in (line.partition(" ") for line in lines)}
    return table, median(table.values())
