"""The small things two reports share outside the names: signs and pairs of signs, each with a learned weight.

Two reports of one home that both say 拐棍 tell of one incident more likely than two that both say 反映.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from math import tanh

from triage.similarity.senses import weigh_feature

MOST_SIGNS = 400
_BOUND, _USUAL, _USUAL_SHARED = 5.0, 150, 25
_OF_A_NAME, _STRANGE = 3, 0.95


@dataclass(frozen=True, slots=True)
class DetailWeights:
    """What a detail says where both reports have it, and where only one of them has it."""

    both: dict[str, float]
    alone: dict[str, float]


def list_details(plain: str, names: Iterable[str]) -> frozenset[str]:
    """The Han signs and the pairs of them in the beginning of a plain view, those of the names left out."""
    for name in names:
        plain = plain.replace(name, " ")
    signs = plain[:MOST_SIGNS]
    pairs = {signs[i : i + 2] for i in range(len(signs) - 1) if is_han(signs[i]) and is_han(signs[i + 1])}
    return frozenset(pairs | {sign for sign in signs if is_han(sign)})


def weigh_details(ours: frozenset[str], theirs: frozenset[str], weights: DetailWeights | None = None) -> float:
    """How much what both say, and what only one says, speaks for one incident: from -5 to 5.

    The shipped weights unless given others. Each counts for less the more there is of it: a long letter is no other
    incident because it says more than a call, and two long ones are not one because they share common signs.
    """
    known = load_details() if weights is None else weights
    alone = sorted(ours ^ theirs)
    shared = sorted(ours & theirs)
    both = sum(known.both.get(one, 0.0) for one in shared) * min(1.0, _USUAL_SHARED / max(1, len(shared)))
    one_only = sum(known.alone.get(one, 0.0) for one in alone) * min(1.0, _USUAL / max(1, len(alone)))
    return _BOUND * tanh((both + one_only) / _BOUND)


def weigh_pair(pair: str) -> float:
    """How rare a pair of signs is among the training texts; a single sign weighs nothing here."""
    return weigh_feature(f"b{pair}") if len(pair) == 2 else 0.0


def weigh_pairs(details: frozenset[str]) -> float:
    """How much all pairs of signs among these say together: their squared rarity."""
    return sum(weigh_pair(item) ** 2 for item in sorted(details))


def overlap_pairs(shared: float, ours: float, theirs: float) -> tuple[float, float]:
    """(shared of both, shared of the smaller), from what `weigh_pairs` says of each."""
    return shared / ((ours * theirs) ** 0.5 or 1.0), shared / (min(ours, theirs) or 1.0)


def find_shared_run(text: str, other_text: str, shared: frozenset[str]) -> str:
    """Three signs in a row that both texts have and hardly any other: a name that was not seen to be one; else empty.

    `shared` are the details of both.
    """
    least = _STRANGE * weigh_feature("")
    rare = {pair for pair in shared if weigh_pair(pair) >= least}
    if len(rare) < _OF_A_NAME - 1:
        return ""
    runs = (text[i : i + _OF_A_NAME] for i in range(min(len(text), MOST_SIGNS) - 2))
    return next((run for run in runs if run[:2] in rare and run[1:] in rare and run in other_text), "")


def rarest_pair(shared: frozenset[str]) -> float:
    """How rare the rarest of the shared pairs of signs is, from 0 to 1."""
    return max((weigh_pair(item) for item in shared), default=0.0) / weigh_feature("")


def is_han(sign: str) -> bool:
    """Whether a character is a common Han sign."""
    return "\u3400" <= sign <= "\u9fff"


@lru_cache(maxsize=1)
def load_details() -> DetailWeights:
    """The shipped weights; `remake_duplicates.py` makes them."""
    stored = json.loads(files("triage").joinpath("data", "model", "details.json").read_text("utf-8"))
    return DetailWeights(*({name: float(one) for name, one in stored[part].items()} for part in ("both", "alone")))
