"""The desk's own vocabulary: which regular expressions mean which wish, read from words.toml and compiled once.

`whole` patterns must cover a message, `part` patterns may stand anywhere in it unless a `not` pattern stands there too.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from bot.patterns import Patterns, compile_patterns
from bot.perils import Perils, load_perils
from bot.script import DATA_DIR, BadScript
from bot.selves import Selves, load_selves


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
    SECRECY = "secrecy"
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


OF_ONESELF = frozenset({Intent.ANONYMOUS, Intent.NAME_HIDDEN, Intent.SECRECY, Intent.REAL_NAME})
"""What somebody wants done with his name: read by `bot.selves`, not by lists."""


@dataclass(frozen=True, slots=True)
class Ways:
    """How one wish is said."""

    whole: Patterns = ()
    part: Patterns = ()
    unless: Patterns = ()

    def cover(self, text: str) -> bool:
        """Whether the whole message is this wish and nothing else."""
        return any(pattern.fullmatch(text) for pattern in self.whole)

    def find(self, text: str) -> tuple[tuple[int, int], ...]:
        """Where the wish stands in the message; nowhere if an exception stands there too."""
        spans = tuple(hit.span() for pattern in self.part for hit in pattern.finditer(text))
        return () if spans and any(pattern.search(text) for pattern in self.unless) else spans


@dataclass(frozen=True)
class Words:
    """All patterns: wishes, words of danger, what somebody wants done with his name."""

    intents: Mapping[Intent, Ways]
    relation: Patterns
    safe_time: Patterns
    perils: Perils
    selves: Selves


def load_words(folder: Path = DATA_DIR) -> Words:
    """Read words.toml. Raises BadScript with the entry that is wrong."""
    raw = tomllib.loads((folder / "words.toml").read_text(encoding="utf-8"))
    wanted = [intent for intent in Intent if intent not in OF_ONESELF]
    missing = [intent for intent in wanted if intent not in raw]
    if missing:
        raise BadScript("words.toml", missing[0], "missing")
    macros = raw["macros"]
    return Words(
        intents={intent: _ways(intent, raw[intent], macros) for intent in wanted},
        relation=compile_patterns("words.toml", "relation", raw["relation"]["part"], macros),
        safe_time=compile_patterns("words.toml", "safe_time", raw["safe_time"]["part"], macros),
        perils=load_perils(folder),
        selves=load_selves(folder),
    )


def _ways(name: str, entry: Mapping[str, Any], macros: Mapping[str, str]) -> Ways:
    return Ways(
        whole=compile_patterns("words.toml", name, entry.get("whole", ()), macros),
        part=compile_patterns("words.toml", name, entry.get("part", ()), macros),
        unless=compile_patterns("words.toml", name, entry.get("not", ()), macros),
    )
