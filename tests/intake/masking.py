"""How much of what gives a writer away lies under ▇: the invented texts of data/masking.toml, each form told thrice."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from casework.verdicts import MASK
from intake.screening import mask_text
from triage.entities.identifiers import find_identifiers

TOLD = 3
SLOT = re.compile(r"\{(\w+)\}")
NOT_MASKED = frozenset({"name_other", "surname"})
"""A relative's name is part of what is told; a surname alone points at nobody."""


@dataclass(frozen=True)
class Told:
    """A text with what must be hidden in it, as (kind, start, end), and what must stay."""

    text: str
    hidden: tuple[tuple[str, int, int], ...]
    keep: tuple[str, ...]


@dataclass
class Figures:
    """What was found: pieces by kind, hidden and in all; words that had to stay and did not."""

    hidden: Counter[str] = field(default_factory=Counter)
    whole: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    texts: int = 0

    @property
    def recall(self) -> float:
        """The share of pieces that lie wholly under the mask."""
        return self.hidden.total() / self.whole.total()

    def tell(self) -> str:
        """The figures as lines."""
        kinds = "  ".join(f"{kind} {self.hidden[kind]}/{count}" for kind, count in sorted(self.whole.items()))
        return (
            f"masking recall {self.recall:.3f} ({self.hidden.total()} of {self.whole.total()} pieces,"
            f" {self.texts} texts)\n  {kinds}\n  words masked that had to stay: {len(self.lost)}"
        )


@cache
def list_texts() -> tuple[Told, ...]:
    """Every form with three sets of values."""
    data = tomllib.loads((files("tests.intake") / "data/masking.toml").read_text(encoding="utf-8"))
    values = data["values"]
    values["name_other"] = values["surname"] = values["name"]
    return tuple(
        fill(form, values, number * TOLD + turn) for number, form in enumerate(data["form"]) for turn in range(TOLD)
    )


def fill(form: dict[str, object], values: dict[str, list[str]], seed: int) -> Told:
    """A form with values put into its slots, one after the other."""
    text, hidden, used, last = "", [], Counter[str](), 0
    pattern = str(form["text"])
    for slot in SLOT.finditer(pattern):
        kind = slot[1].removesuffix("_again")
        value = choose(kind, slot[1], values, seed, used)
        text += pattern[last : slot.start()]
        if kind not in NOT_MASKED:
            hidden.append((kind, len(text), len(text) + len(value)))
        text, last = text + value, slot.end()
    return Told(text + pattern[last:], tuple(hidden), tuple(map(str, form["keep"])))  # type: ignore[call-overload]


def choose(kind: str, slot: str, values: dict[str, list[str]], seed: int, used: Counter[str]) -> str:
    """The same name each time it is told, another phone for a second phone, a relative's name unlike the writer's."""
    known = values[kind]
    if slot == "name_other":
        return known[(seed + 5) % len(known)]
    if slot == "surname":
        return known[seed % len(known)][:1]
    turn = 0 if kind == "name" or slot.endswith("_again") else used[kind]
    used[kind] += 1
    return known[(seed + turn) % len(known)]


def measure() -> Figures:
    """Mask every text as intake does, without any contact told apart, and count."""
    figures = Figures()
    for told in list_texts():
        working = mask_text(told.text, find_identifiers(told.text))
        figures.texts += 1
        for kind, start, end in told.hidden:
            figures.whole[kind] += 1
            if is_hidden(working[start:end]):
                figures.hidden[kind] += 1
            else:
                figures.missed.append(f"{kind}: {told.text!r} -> {working!r}")
        figures.lost += list_lost(told, working)
    return figures


def is_hidden(piece: str) -> bool:
    """Whether nothing of a piece is left that tells: what remains is the kind of thing, the town or the street."""
    rest = re.sub(r"QQ号|[一-鿿]{2,3}镇[一-鿿]{0,7}(?:巷|村|院)|号楼|单元|室", "", piece)
    return MASK in piece and re.search(r"[0-9A-Za-z０-９]|[一-鿿]{2}", rest) is None


def list_lost(told: Told, working: str) -> Iterator[str]:
    """Words of the matter that were masked as well."""
    for word in told.keep:
        start = told.text.index(word)
        if MASK in working[start : start + len(word)]:
            yield f"{word}: {working!r}"
