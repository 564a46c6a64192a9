"""Every sentence the desk says, every number it gives out, every question it can answer, read from data and checked.

What is wrong in a file stops the start, with the file and the entry in the error.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bot.types import Choice, HelpNumber
from casework.errors import HotlineError

DATA_DIR = Path(__file__).parent / "data"
SENTENCE_LIMIT = 30
MIN_CHOICES = 2
MAX_CHOICES = 4
_FIELD = re.compile(r"\{[a-z_]+\}")


class BadScript(HotlineError):
    """A data file of the desk is wrong at `entry`."""

    def __init__(self, file: str, entry: str, problem: str) -> None:
        super().__init__(file, entry, problem)
        self.file = file
        self.entry = entry
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Question:
    """One question and the buttons under it."""

    ask: str
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the desk knows: sentences and where they stand in the law."""

    id: str
    asks: tuple[re.Pattern[str], ...]
    lines: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Script:
    """The data of the desk, as values."""

    lines: Mapping[str, tuple[str, ...]]
    questions: Mapping[str, Question]
    details: Mapping[str, tuple[str, ...]]
    matters: Mapping[str, str]
    facts: Mapping[str, str]
    notes: Mapping[str, str]
    menu: Mapping[str, str]
    hours: tuple[str, ...]
    numbers: Mapping[str, tuple[HelpNumber, ...]]
    answers: tuple[Answer, ...]

    def say(self, name: str, **fields: str) -> tuple[str, ...]:
        """The sentences of an entry, filled in."""
        return tuple(line.format(**fields) if fields else line for line in self.lines[name])

    def answer(self, question: str) -> Answer | None:
        """The entry whose words hit the question longest; None where the desk doesn't know."""
        best: tuple[int, Answer] | None = None
        for entry in self.answers:
            length = max((len(hit.group()) for p in entry.asks if (hit := p.search(question))), default=0)
            if length and (best is None or length > best[0]):
                best = length, entry
        return best[1] if best else None


def load_script(folder: Path = DATA_DIR) -> Script:
    """Read and check script.toml, numbers.toml and knowledge.toml. Raises BadScript."""
    raw = _read(folder, "script.toml")
    lines = _flatten(raw["lines"])
    for name, sentences in lines.items():
        for sentence in sentences:
            _check_length("script.toml", f"lines.{name}", sentence)
    return Script(
        lines=lines,
        questions={name: _question(name, entry) for name, entry in raw["questions"].items()},
        details={name: tuple(asked) for name, asked in raw["details"].items()},
        matters=raw["matters"],
        facts=raw["facts"],
        notes=raw["notes"],
        menu=raw["menu"],
        hours=tuple(raw["hours"]["open"]),
        numbers=_numbers(_read(folder, "numbers.toml")["numbers"]),
        answers=tuple(_answer(entry) for entry in _read(folder, "knowledge.toml")["entries"]),
    )


def _read(folder: Path, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as problem:
        raise BadScript(name, "", str(problem)) from problem


def _flatten(lines: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """`lines.danger.fire` becomes the entry `danger.fire`."""
    flat: dict[str, tuple[str, ...]] = {}
    for name, entry in lines.items():
        if isinstance(entry, dict):
            flat.update({f"{name}.{inner}": tuple(sentences) for inner, sentences in entry.items()})
        else:
            flat[name] = tuple(entry)
    return flat


def _question(name: str, entry: Mapping[str, Any]) -> Question:
    choices = tuple(Choice(ident, label) for ident, label in entry.get("choices", ()))
    if choices and not MIN_CHOICES <= len(choices) <= MAX_CHOICES:
        raise BadScript("script.toml", f"questions.{name}", "two to four choices")
    _check_length("script.toml", f"questions.{name}", entry["ask"])
    if not entry["ask"].endswith("？"):
        raise BadScript("script.toml", f"questions.{name}", "a question ends with the thing asked")
    return Question(entry["ask"], choices)


def _check_length(file: str, entry: str, sentence: str) -> None:
    if len(_FIELD.sub("", sentence)) > SENTENCE_LIMIT:
        raise BadScript(file, entry, "longer than 30 characters")


def _numbers(entries: list[dict[str, Any]]) -> dict[str, tuple[HelpNumber, ...]]:
    found: dict[str, list[HelpNumber]] = {}
    for entry in entries:
        try:
            date.fromisoformat(entry["verified_on"])
        except (KeyError, ValueError) as problem:
            raise BadScript("numbers.toml", str(entry.get("number")), "verified_on") from problem
        number = HelpNumber(entry["number"], entry["label"], entry["verified_on"])
        for occasion in entry["for"]:
            row = found.setdefault(occasion, [])
            row.insert(0 if entry.get("first") else len(row), number)
    return {occasion: tuple(row) for occasion, row in found.items()}


def _answer(entry: Mapping[str, Any]) -> Answer:
    for sentence in entry["answer"]:
        _check_length("knowledge.toml", entry["id"], sentence)
    if not entry["source"]:
        raise BadScript("knowledge.toml", entry["id"], "source")
    try:
        asks = tuple(re.compile(pattern) for pattern in entry["asks"])
    except re.error as problem:
        raise BadScript("knowledge.toml", entry["id"], str(problem)) from problem
    return Answer(entry["id"], asks, tuple(entry["answer"]), entry["source"])
