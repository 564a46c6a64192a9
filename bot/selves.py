"""Whether the writer wants to stay unnamed or stands by his name, read clause by clause from kinds of words.

Pure. A question (会不会让院长知道) is no wish, and what another does with his name says nothing of the writer.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from bot.patterns import Patterns, compile_patterns, find_any

_CLAUSE = re.compile(r"[^,。.!;~…?]{1,400}[?]?")
_HEAD = re.compile("(?:我的?|俺的?|你问)?(?:名字|姓名|身份|名儿?)(?:啊|呀|嘛|么|吗)?[?]?")
"""A clause that only names the matter; what is said of it comes in the next."""

_POLITE = re.compile(
    "^(?:那|我|俺)?(?:能不能|可不可以|能否)(?=不|别)"
    "|(?<!匿名)(?<!匿名的)(?:行不行|中不中|好不好|成不成|可不可以|(?:行|中|成|好|得|可以)[不吗么])[?]?$"
)
"""能不能不留名 and 不留名行不 ask as one asks a favour: a wish. 匿名行不行 asks what is possible."""

_ME, _NEAR = ("我", "俺", "咱"), 8

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Selves:
    """How both wishes are said, what takes them for the same, what is asked, what makes a clause speak of another."""

    unnamed: Patterns
    nameless: Patterns
    secret: Patterns
    unwritten: Patterns
    either: Patterns
    named: Patterns
    asks_secrecy: Patterns
    asks_name: Patterns
    doubt: Patterns
    other: Patterns
    told: Patterns


@dataclass(frozen=True, slots=True)
class OwnWishes:
    """Where somebody asks to stay unnamed, and where he stands by his name.

    `is_whole`: 匿名 was said, which takes back more than the name; `is_secret`: only that nobody may learn of it, which
    takes back no name that was given. He may ask whether it stays secret, and whether a
    name must be given.
    """

    unnamed: tuple[Span, ...] = ()
    named: tuple[Span, ...] = ()
    is_whole: bool = False
    is_secret: bool = False
    asks_secrecy: bool = False
    asks_name: bool = False


def load_selves(folder: Path) -> Selves:
    """Read selves.toml. Raises BadScript with the entry that is wrong."""
    raw = tomllib.loads((folder / "selves.toml").read_text(encoding="utf-8"))

    def part(name: str) -> Patterns:
        return compile_patterns("selves.toml", name, raw[name]["part"], raw["macros"])

    return Selves(**{each.name: part(each.name) for each in fields(Selves)})


def hear_wishes(flat: str, selves: Selves) -> OwnWishes:
    """What the writer wants done with his name, by the flattened message."""
    unnamed: list[Span] = []
    named: list[Span] = []
    asked: list[str] = []
    secret = True
    for start, told in _list_clauses(_leave_either_out(flat, selves)):
        clause = _POLITE.sub(lambda hit: "," * (hit.end() if hit.start() == 0 else 0), told)
        if find_any(selves.doubt, clause):
            asked += [clause]
            continue
        stands_by = _find(selves.named, clause, selves.other)
        plain = _find(selves.unnamed + selves.nameless, clause, selves.told)
        plain = plain or _find(selves.unwritten, clause, selves.other)
        hides = plain or _find(selves.secret, clause, selves.told)
        if hides is not None and (stands_by is None or stands_by[0] >= hides[0]):
            unnamed.append((start + hides[0], start + hides[1]))
            secret = secret and plain is None
        elif stands_by is not None:
            named.append((start + stands_by[0], start + stands_by[1]))
    whole = any("匿" in flat[start:end] for start, end in unnamed)
    return OwnWishes(
        tuple(unnamed),
        tuple(named),
        is_whole=whole,
        is_secret=bool(unnamed) and secret,
        asks_secrecy=any(find_any(selves.asks_secrecy, clause) for clause in asked),
        asks_name=any(find_any(selves.asks_name, clause) for clause in asked),
    )


def _leave_either_out(flat: str, selves: Selves) -> str:
    """The message of equal length without what says that both are the same to him (匿不匿名都行)."""
    for pattern in selves.either:
        flat = pattern.sub(lambda hit: "," * len(hit.group()), flat)
    return flat


def _find(patterns: Patterns, clause: str, before: Patterns) -> Span | None:
    hits = (hit.span() for pattern in patterns if (hit := pattern.search(clause)))
    return next((span for span in hits if not _is_of_another(clause[: span[0]], before)), None)


def _is_of_another(lead: str, before: Patterns) -> bool:
    """Whether somebody else stands shortly before; 我 right before it says whose wish it is."""
    return not lead.endswith(_ME) and find_any(before, lead[-_NEAR:])


def _list_clauses(flat: str) -> Iterator[tuple[int, str]]:
    """The clauses with where each begins; one that only says 名字 goes with the next."""
    head: re.Match[str] | None = None
    for hit in _CLAUSE.finditer(flat):
        if head is None and _HEAD.fullmatch(hit.group()):
            head = hit
            continue
        start = head.start() if head else hit.start()
        yield start, flat[start : hit.end()].replace("?", ",", 1) if head else hit.group()
        head = None
