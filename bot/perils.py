"""A life in danger, in the words of whoever stands beside it: everyday, of the country, without signs, few.

Pure. Nobody may be missed who writes 叫不应 嘴发青, and nobody sent to the telephone over what is past, supposed,
feared, denied or usual; so words of danger are read clause by clause, with what stands around them.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from bot.patterns import Patterns, compile_patterns, find_any
from bot.script import DATA_DIR
from casework.types import Danger

FILE = "perils.toml"

BRIEF, LONG = 30, 150
"""So short a message tells of now unless it says otherwise; of one so long only triage judges."""

_APART = re.compile(r"[\s,。.!?;:~…]+")


class Call(StrEnum):
    """What is said of danger, death and the desk beside the danger itself."""

    HELP = "help"
    SILENT = "silent"
    ANGER = "anger"
    ONLY_ANGER = "only_anger"
    EARNEST = "earnest"
    OTHERS = "others"
    IDIOM = "idiom"
    PRAISE = "praise"
    LONELY = "lonely"
    CHAT = "chat"
    HOW_LONG = "how_long"
    WORRY = "worry"
    THREAT = "threat"
    WHAT_IS = "what_is"
    OFFERS = "offers"
    IN_CHARGE = "in_charge"
    WIPED = "wiped"
    WHOSE = "whose"
    BUREAU = "bureau"
    MANNERS = "manners"


@dataclass(frozen=True, slots=True)
class Alarm:
    """A danger that was found: who must come, which sentences and numbers; `is_weak` where only the shortness of the
    message says that it is now."""

    danger: Danger
    say: str
    is_weak: bool = False

    @property
    def is_special(self) -> bool:
        """Whether it has sentences and numbers of its own (a fall into a well: 119)."""
        return self.say != self.danger.value


@dataclass(frozen=True, slots=True)
class Peril:
    """One kind of danger and how it is said; `say` names the sentences and numbers that belong to it."""

    danger: Danger
    say: str
    now: Patterns
    bare: Patterns
    pressed: Patterns
    still: Patterns
    unless: Patterns


@dataclass(frozen=True, slots=True)
class Quiet:
    """What says that there is no danger now."""

    past: Patterns
    supposed: Patterns
    carries: Patterns
    habit: Patterns
    denied: Patterns


@dataclass(frozen=True, slots=True)
class PlainWords:
    """Words tried on a whole sentence: `now` by themselves, `maybe` beside an `urgent` word; `past` quiets."""

    now: Mapping[Danger, Patterns]
    maybe: Mapping[Danger, Patterns]
    urgent: Patterns
    past: Patterns


@dataclass(frozen=True, slots=True)
class Perils:
    """All of perils.toml: the dangers, what makes them present or quiet, calls for help, talk of death in anger."""

    kinds: tuple[Peril, ...]
    present: Patterns
    quiet: Quiet
    calls: Mapping[Call, Patterns]
    others_now: Patterns
    manners: Patterns
    plain: PlainWords


def load_perils(folder: Path = DATA_DIR) -> Perils:
    """Read perils.toml. Raises BadScript with the entry that is wrong."""
    raw = tomllib.loads((folder / "perils.toml").read_text(encoding="utf-8"))
    macros = raw["macros"]
    quiet = {name: compile_patterns(FILE, f"quiet.{name}", found, macros) for name, found in raw["quiet"].items()}

    def part(section: str, name: str = "part") -> Patterns:
        return compile_patterns(FILE, f"{section}.{name}", raw[section][name], macros)

    def sentences(name: str) -> Mapping[Danger, Patterns]:
        told = raw["danger"].items()
        return {Danger(kind): compile_patterns(FILE, f"danger.{kind}", each[name], macros) for kind, each in told}

    return Perils(
        kinds=tuple(_peril(entry, macros) for entry in raw["peril"]),
        present=part("present"),
        quiet=Quiet(**quiet),
        calls={call: part("calls", call.value) for call in Call if call is not Call.MANNERS},
        others_now=part("calls", "others_now"),
        manners=part("manners"),
        plain=PlainWords(
            now=sentences("now"),
            maybe=sentences("maybe"),
            urgent=part("urgent"),
            past=part("past"),
        ),
    )


def find_peril(text: str, perils: Perils, *, trusted: bool = False) -> Alarm | None:
    """The danger that is there now by the words of this message; None where none is, or triage must judge.

    1. What is said wherever it stands (`still`). 2. In a clause that nothing quiets: `now`, or `bare` in a short
    message or beside a word of the present, or `pressed` beside one. 3. Where the message speaks of the past, only a
    clause that has a word of the present itself. `trusted`: triage sees a life in danger; the length says nothing more.
    """
    clauses = split_clauses(text)
    length = sum(map(len, clauses))
    if length > LONG and not trusted:
        return None
    scene = Scene(
        present=find_any(perils.present, text),
        past=any(find_any(perils.quiet.past, clause) for clause in clauses),
        brief=trusted or length <= BRIEF,
    )
    found = (_match(clause, perils, scene) for clause in _list_open(clauses, perils))
    return next((alarm for alarm in found if alarm is not None), None)


def leave_quiet_out(text: str, perils: Perils) -> str:
    """The message without the clauses that suppose, fear, tell of what is over or usual, or whose words of danger are
    taken back (护工睡着了叫不醒)."""
    clauses = split_clauses(text)
    past = any(find_any(perils.quiet.past, clause) for clause in clauses)
    left = (clause for clause in _list_open(clauses, perils) if not (past and not find_any(perils.present, clause)))
    return "。".join(clause for clause in left if not _is_taken_back(clause, perils))


def _list_open(clauses: Sequence[str], perils: Perils) -> Iterator[str]:
    carried = False
    for clause in clauses:
        quiet = carried or find_any(perils.quiet.supposed, clause) or find_any(perils.quiet.habit, clause)
        carried = find_any(perils.quiet.carries, clause)
        if not quiet:
            yield clause


def _is_taken_back(clause: str, perils: Perils) -> bool:
    told = [kind for kind in perils.kinds if find_any(kind.now + kind.bare + kind.pressed + kind.still, clause)]
    return bool(told) and all(find_any(kind.unless, clause) for kind in told)


def is_of_the_past(text: str, perils: Perils) -> bool:
    """Whether a story speaks of what is over."""
    return any(find_any(perils.quiet.past, clause) for clause in split_clauses(text))


def hear_calls(text: str, perils: Perils) -> frozenset[Call]:
    """Which calls stand in the message; manners only where nothing else does."""
    clauses = split_clauses(text)
    heard = {call for call, patterns in perils.calls.items() if any(find_any(patterns, clause) for clause in clauses)}
    return frozenset(heard | ({Call.MANNERS} if clauses and is_manners(clauses, perils) else set()))


def is_manners(clauses: Sequence[str], perils: Perils) -> bool:
    """Whether a message is a greeting, a blessing, a sigh, a call for attention: no matter is named in it yet."""
    left = ",".join(clauses)
    for pattern in perils.manners:
        left = pattern.sub("", left)
    return not left.replace(",", "")


def leave_sayings_out(flat: str, perils: Perils) -> str:
    """The message without idioms, talk of death in anger, and what is told of another's wish."""
    for pattern in (*perils.calls[Call.IDIOM], *perils.calls[Call.ANGER], *perils.calls[Call.OTHERS]):
        flat = pattern.sub(",", flat)
    return flat


def split_clauses(text: str) -> tuple[str, ...]:
    """The message cut at every sign and space: whoever dictates writes no signs."""
    flat = unicodedata.normalize("NFKC", text).lower()
    return tuple(clause for clause in _APART.split(flat) if clause)


@dataclass(frozen=True, slots=True)
class Scene:
    """What the whole message says of its time: a word of the present, of the past; whether it is short."""

    present: bool
    past: bool
    brief: bool


def _match(clause: str, perils: Perils, scene: Scene) -> Alarm | None:
    here = find_any(perils.present, clause)
    for kind in perils.kinds:
        if find_any(kind.unless, clause):
            continue
        if _stands(kind.still, clause, perils):
            return Alarm(kind.danger, kind.say)
        if scene.past and not here:
            continue
        if _stands(kind.now + (kind.pressed if here else ()), clause, perils):
            return Alarm(kind.danger, kind.say)
        if (scene.brief or scene.present) and _stands(kind.bare, clause, perils):
            return Alarm(kind.danger, kind.say, is_weak=not scene.present)
    return _match_others(clause, perils, past=scene.past and not here)


def _match_others(clause: str, perils: Perils, *, past: bool) -> Alarm | None:
    """Another who is about to take his life, or has just tried."""
    about = find_any(perils.calls[Call.OTHERS], clause) and find_any(perils.others_now, clause)
    return Alarm(Danger.OTHER, Danger.OTHER.value) if about and not past else None


def _stands(patterns: Patterns, clause: str, perils: Perils) -> bool:
    """Whether one of these stands here and isn't denied right before."""
    hits = (hit for pattern in patterns if (hit := pattern.search(clause)))
    return any(not find_any(perils.quiet.denied, clause[: hit.start()]) for hit in hits)


def _peril(entry: Mapping[str, Any], macros: Mapping[str, str]) -> Peril:
    def part(name: str) -> Patterns:
        return compile_patterns(FILE, f"peril.{entry['name']}.{name}", entry.get(name, ()), macros)

    danger = Danger(entry["danger"])
    return Peril(
        danger=danger,
        say=entry.get("say", danger.value),
        now=part("now"),
        bare=part("bare"),
        pressed=part("pressed"),
        still=part("still"),
        unless=part("unless"),
    )
