"""The desk's own vocabulary: which regular expressions mean which wish, read from words.toml and compiled once.

`whole` patterns must cover a message, `part` patterns may stand anywhere in it unless a `not` pattern stands there too.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from bot.perils import Perils, load_perils
from bot.script import DATA_DIR, BadScript
from casework.types import Danger


class Intent(StrEnum):
    """What somebody wants of the desk itself, beside what he tells."""

    GREETING = "greeting"
    CHECK = "check"
    CONFIRM = "confirm"
    DENY = "deny"
    DONE = "done"
    SKIP = "skip"
    UNSURE_WITHDRAWAL = "unsure_withdrawal"
    WITHDRAW = "withdraw"
    WAIT = "wait"
    HUMAN = "human"
    MACHINE = "machine"
    PROGRESS = "progress"
    LOST_CODE = "lost_code"
    WHO_REPORTED = "who_reported"
    ANONYMOUS = "anonymous"
    NAME_HIDDEN = "name_hidden"
    NO_CONTACT = "no_contact"
    REAL_NAME = "real_name"
    REAL_NAME_QUESTION = "real_name_question"
    AGREE_CONTACT = "agree_contact"
    REPLY_HERE = "reply_here"
    FEAR = "fear"
    THANKS = "thanks"
    BYE = "bye"
    IMPATIENT = "impatient"
    CORRECTION = "correction"
    NEW_MATTER = "new_matter"
    MORE = "more"
    RESUME = "resume"
    DEMAND = "demand"
    PROOF_QUESTION = "proof_question"
    CANNOT_SEE = "cannot_see"
    CALM = "calm"
    QUESTION = "question"
    SELF_HARM = "self_harm"
    SENDING_MONEY = "sending_money"
    LEADING_DISCIPLINE = "leading_discipline"


@dataclass(frozen=True, slots=True)
class Patterns:
    """How one wish is said."""

    whole: tuple[re.Pattern[str], ...] = ()
    part: tuple[re.Pattern[str], ...] = ()
    unless: tuple[re.Pattern[str], ...] = ()

    def cover(self, text: str) -> bool:
        """Whether the whole message is this wish and nothing else."""
        return any(pattern.fullmatch(text) for pattern in self.whole)

    def find(self, text: str) -> tuple[tuple[int, int], ...]:
        """Where the wish stands in the message; nowhere if an exception stands there too."""
        spans = tuple(hit.span() for pattern in self.part for hit in pattern.finditer(text))
        return () if spans and any(pattern.search(text) for pattern in self.unless) else spans


@dataclass(frozen=True)
class Words:
    """All patterns. `danger` is there now by its own words, `maybe` only with an `urgent` word."""

    intents: Mapping[Intent, Patterns]
    danger: Mapping[Danger, tuple[re.Pattern[str], ...]]
    maybe: Mapping[Danger, tuple[re.Pattern[str], ...]]
    urgent: tuple[re.Pattern[str], ...]
    past: tuple[re.Pattern[str], ...]
    relation: tuple[re.Pattern[str], ...]
    safe_time: tuple[re.Pattern[str], ...]
    perils: Perils


def load_words(folder: Path = DATA_DIR) -> Words:
    """Read words.toml. Raises BadScript with the entry that is wrong."""
    raw = tomllib.loads((folder / "words.toml").read_text(encoding="utf-8"))
    missing = [intent for intent in Intent if intent not in raw]
    if missing:
        raise BadScript("words.toml", missing[0], "missing")
    return Words(
        intents={intent: _patterns(intent, raw[intent]) for intent in Intent},
        danger={Danger(kind): _compile(f"danger.{kind}", entry["now"]) for kind, entry in raw["danger"].items()},
        maybe={Danger(kind): _compile(f"danger.{kind}", entry["maybe"]) for kind, entry in raw["danger"].items()},
        urgent=_compile("urgent", raw["urgent"]["part"]),
        past=_compile("past", raw["past"]["part"]),
        relation=_compile("relation", raw["relation"]["part"]),
        safe_time=_compile("safe_time", raw["safe_time"]["part"]),
        perils=load_perils(folder),
    )


def _patterns(name: str, entry: Mapping[str, Any]) -> Patterns:
    return Patterns(
        whole=_compile(name, entry.get("whole", ())),
        part=_compile(name, entry.get("part", ())),
        unless=_compile(name, entry.get("not", ())),
    )


def _compile(name: str, patterns: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    try:
        return tuple(re.compile(pattern) for pattern in patterns)
    except re.error as problem:
        raise BadScript("words.toml", name, str(problem)) from problem
