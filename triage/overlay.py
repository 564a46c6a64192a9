"""What an office changes in the shipped lexicon: phrases added, altered or removed, laid over it as pure data.

The base stays as it came; the same base and the same changes always give the same lexicon.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import astuple, dataclass, replace
from enum import StrEnum

from triage.context import TOPICS_BESIDE, Context
from triage.errors import TriageError
from triage.lexicon import Entry, Lexicon
from triage.text import normalise

HEAVIEST = 5.0
LONGEST_WORD, LONGEST_WHY, MOST_WORDS = 30, 40, 20
OWN = "office"
OWN_WHY = "本单位加的说法"


class ChangeAct(StrEnum):
    """What a change does to its phrases."""

    ADD = "add"
    ALTER = "alter"
    REMOVE = "remove"


class BadChange(TriageError):
    """One named field of a change is wrong; `problem` is a key of the wording table."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field, problem)
        self.field, self.problem = field, problem


@dataclass(frozen=True, slots=True)
class Change:
    """One change: `words` are phrases that say the same, of one topic.

    An added phrase counts by `weight` (1 is about as much as a clear case has), or as one of the shipped group `entry`,
    or both. With `needs` and `unless` it is a pattern: it counts only where one of `needs` stands in the same sentence
    and none of `unless` in the same clause. An altered phrase leaves where it stood and counts as told here; a removed
    one no longer counts.
    """

    act: ChangeAct
    topic: str
    words: tuple[str, ...]
    entry: str = ""
    weight: float = 0.0
    why: str = ""
    whole: bool = False
    negatable: bool = False
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


def lay_over(base: Lexicon, changes: Sequence[Change], version: str) -> Lexicon:
    """The base with the changes laid over it, in their order; words that the base no longer has are passed over."""
    entries = base.entries
    for change in changes:
        if change.act is not ChangeAct.ADD:
            entries = _without(entries, change.topic, change.words)
        if change.act is not ChangeAct.REMOVE:
            entries = (*entries, _to_entry(base.entries, change))
    return replace(base, entries=entries, version=version)


def amend(changes: Sequence[Change], new: Change, base: Lexicon) -> tuple[Change, ...]:
    """The office's changes with one more, each phrase told of once: what was said of its words before is dropped.

    Removing an own phrase takes it back; what is left on the list as altered or removed is a phrase of the base.
    """
    kept = [_less(change, new.words) if change.topic == new.topic else change for change in changes]
    shipped = _words_of(base.entries, new.topic)
    inside = replace(new, words=tuple(word for word in new.words if word in shipped))
    outside = replace(new, words=tuple(word for word in new.words if word not in shipped), act=ChangeAct.ADD)
    if new.act is ChangeAct.ADD:
        inside = replace(inside, act=ChangeAct.ALTER)
    last = (inside,) if new.act is ChangeAct.REMOVE else (inside, outside)
    return tuple(change for change in (*kept, *last) if change.words)


def read_change(change: Change, lexicon: Lexicon, topics: Collection[str]) -> Change:
    """The change as the matcher will read it: words in one form, each once, an altered one in its old group.

    Raises BadChange with field and problem: an unknown topic, act or group, words missing, too long, too many, there
    already or not there, a weight out of range, or an addition that would count nothing.
    """
    if change.topic not in topics:
        raise BadChange("topic", "unknown_choice")
    words = _read_words(change.words, "words")
    if not words:
        raise BadChange("words", "required")
    there = _words_of(lexicon.entries, change.topic)
    if change.act is ChangeAct.ADD and any(word in there for word in words):
        raise BadChange("words", "phrase_there")
    if change.act is not ChangeAct.ADD and not all(word in there for word in words):
        raise BadChange("words", "phrase_not_there")
    if change.act is ChangeAct.REMOVE:
        return Change(change.act, change.topic, words)
    group = change.entry or (_group_of(lexicon.entries, words, change.topic) if change.act is ChangeAct.ALTER else "")
    told = replace(change, entry="" if group.startswith(f"{OWN}:") else group)
    _check_counting(told, lexicon)
    return replace(
        told,
        words=words,
        needs=_read_words(change.needs, "needs"),
        unless=_read_words(change.unless, "unless"),
        why=change.why.strip(),
    )


def list_topics(context: Context) -> tuple[str, ...]:
    """What a phrase can speak for: the categories, and the topics beside them, where it must belong to a group."""
    return (*context.taxonomy.codes, *TOPICS_BESIDE)


def mark_of(base: Context) -> str:
    """Eight digits that name a shipped lexicon with its weights: they change when a release changes either."""
    told = "\n".join(repr(astuple(replace(entry, source=""))) for entry in base.lexicon.entries)
    return hashlib.sha256(f"{base.model.version}\n{told}".encode()).hexdigest()[:8]


def name_version(mark: str, number: int) -> str:
    """What an assessment stores: the base's mark and the number of the office's version over it (0: none)."""
    return f"{mark}+{number}"


def _check_counting(change: Change, lexicon: Lexicon) -> None:
    if not abs(change.weight) <= HEAVIEST:  # so asked, what is not a number is refused as well
        raise BadChange("weight", "weight_range")
    if len(change.why.strip()) > LONGEST_WHY:
        raise BadChange("why", "too_long")
    if change.entry and change.entry not in {entry.name for entry in lexicon.entries if entry.topic == change.topic}:
        raise BadChange("entry", "unknown_choice")
    if not change.entry and change.topic in TOPICS_BESIDE:
        raise BadChange("entry", "group_needed")
    if not change.weight and not change.entry:
        raise BadChange("weight", "no_effect")


def _read_words(words: Sequence[str], field: str) -> tuple[str, ...]:
    read = tuple(dict.fromkeys(filter(None, (normalise(word).text.strip() for word in words))))
    if len(read) > MOST_WORDS:
        raise BadChange(field, "too_many")
    if any(len(word) > LONGEST_WORD for word in read):
        raise BadChange(field, "too_long")
    if any("\ufffd" in word or "▇" in word for word in read):
        raise BadChange(field, "masked")
    return read


def _words_of(entries: Sequence[Entry], topic: str) -> frozenset[str]:
    return frozenset(word for entry in entries if entry.topic == topic for word in entry.words)


def _group_of(entries: Sequence[Entry], words: Collection[str], topic: str) -> str:
    """The name of the group in which one of the words stands now."""
    return next((entry.name for entry in entries if entry.topic == topic and set(entry.words) & set(words)), "")


def _without(entries: Sequence[Entry], topic: str, words: Collection[str]) -> tuple[Entry, ...]:
    gone = frozenset(words)
    kept = (
        replace(entry, words=tuple(word for word in entry.words if word not in gone))
        if entry.topic == topic and not gone.isdisjoint(entry.words)
        else entry
        for entry in entries
    )
    return tuple(entry for entry in kept if entry.words)


def _less(change: Change, words: Collection[str]) -> Change:
    return replace(change, words=tuple(word for word in change.words if word not in words))


def _to_entry(shipped_entries: Sequence[Entry], change: Change) -> Entry:
    named = (entry for entry in shipped_entries if entry.topic == change.topic and entry.name == change.entry)
    shipped = next(named, None)
    return Entry(
        topic=change.topic,
        name=change.entry or f"{OWN}:{change.words[0]}",
        words=change.words,
        why=change.why or (shipped.why if shipped else OWN_WHY),
        weight=change.weight,
        whole=change.whole,
        negatable=change.negatable,
        unless=change.unless,
        needs=change.needs,
        source=OWN,
    )
