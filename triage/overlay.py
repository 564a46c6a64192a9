"""What an office changes in the shipped lexicon: phrases added, altered or removed, laid over it as pure data.

The base stays as it came; the same base and the same changes always give the same lexicon.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import astuple, dataclass, replace
from enum import StrEnum

from triage.context import TOPICS_BESIDE, Context
from triage.errors import TriageError
from triage.features import PATTERN_MARK
from triage.fields import HEAVIEST
from triage.lexicon import Entry, Lexicon
from triage.patterns import FEWEST, MOST, MOST_FREE, SET_MARK, USUAL, WIDEST, Part, Pattern
from triage.text import normalise

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
    or both. With `needs` and `unless` it counts only where one of `needs` stands in the same sentence and none of
    `unless` in the same clause. An altered phrase leaves where it stood and counts as told here, a removed one counts
    no longer. One word that begins with `~` is the name of a pattern, which has `parts`, `window` and `free` beside.
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
    parts: tuple[Part, ...] = ()
    window: int = USUAL
    free: bool = False

    @property
    def is_pattern(self) -> bool:
        """Whether it speaks of a pattern by its name."""
        return any(word.startswith(PATTERN_MARK) for word in self.words)


def lay_over(base: Lexicon, changes: Sequence[Change], version: str) -> Lexicon:
    """The base with the changes laid over it, in their order; words that the base no longer has are passed over."""
    entries, patterns = base.entries, base.patterns
    for change in changes:
        if change.is_pattern:
            patterns = _lay_pattern(patterns, change)
            continue
        if change.act is not ChangeAct.ADD:
            entries = _without(entries, change.topic, change.words)
        if change.act is not ChangeAct.REMOVE:
            entries = (*entries, _to_entry(base.entries, change))
    return replace(base, entries=entries, patterns=patterns, version=version)


def amend(changes: Sequence[Change], new: Change, base: Lexicon) -> tuple[Change, ...]:
    """The office's changes with one more, each phrase told of once: what was said of its words before is dropped.

    Removing an own phrase takes it back; what is left on the list as altered or removed is a phrase of the base.
    """
    kept = [_less(change, new.words) if change.topic == new.topic else change for change in changes]
    shipped = _words_of(base, new.topic)
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
    there = _words_of(lexicon, change.topic)
    if change.act is ChangeAct.ADD and any(word in there for word in words):
        raise BadChange("words", "phrase_there")
    if change.act is not ChangeAct.ADD and not all(word in there for word in words):
        raise BadChange("words", "phrase_not_there")
    if change.act is ChangeAct.REMOVE:
        return Change(change.act, change.topic, words)
    if change.is_pattern:
        return _read_pattern(replace(change, words=words), lexicon)
    if change.parts:
        raise BadChange("words", "pattern_name")
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
    lexicon = base.lexicon
    entries = [astuple(replace(entry, source="")) for entry in lexicon.entries]
    patterns = [astuple(replace(pattern, source="")) for pattern in lexicon.patterns]
    told = "\n".join(map(repr, [*entries, *patterns, *map(astuple, lexicon.sets)]))
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


def _words_of(lexicon: Lexicon, topic: str) -> frozenset[str]:
    """What a change can speak of: the topic's words, and its patterns by name."""
    words = [word for entry in lexicon.entries if entry.topic == topic for word in entry.words]
    return frozenset([*words, *(pattern.name for pattern in lexicon.patterns if pattern.topic == topic)])


def _read_pattern(change: Change, lexicon: Lexicon) -> Change:
    """The change of one pattern, each of its parts in the form that is searched; an altered one may keep its parts."""
    old = _find_pattern(lexicon.patterns, change)
    parts = tuple(_read_words(part, "parts") for part in change.parts) or (old.parts if old else ())
    if len(change.words) > 1 or not FEWEST <= len(parts) <= (MOST_FREE if change.free else MOST) or not all(parts):
        raise BadChange("parts" if change.parts else "words", "pattern_parts")
    sets = lexicon.list_sets()
    if any(word.startswith(SET_MARK) and word.removeprefix(SET_MARK) not in sets for part in parts for word in part):
        raise BadChange("parts", "unknown_choice")
    if not 0 <= change.window <= WIDEST:
        raise BadChange("window", "window_range")
    if change.act is ChangeAct.ADD or change.weight:
        _check_counting(replace(change, entry=""), lexicon)
    return replace(
        change,
        entry="",
        whole=False,
        parts=parts,
        needs=_read_words(change.needs, "needs"),
        unless=_read_words(change.unless, "unless"),
        why=change.why.strip(),
    )


def _lay_pattern(patterns: Sequence[Pattern], change: Change) -> tuple[Pattern, ...]:
    """The patterns without the one that the change names, and with it as the change tells it."""
    (name,) = change.words
    old = _find_pattern(patterns, change)
    kept = tuple(each for each in patterns if each is not old)
    if change.act is ChangeAct.REMOVE:
        return kept
    told = {key: getattr(change, key) for key in ("topic", "parts", "window", "free", "negatable", "weight")}
    why = change.why or (old.why if old else OWN_WHY)
    return (*kept, Pattern(name=name, why=why, needs=change.needs, unless=change.unless, source=OWN, **told))


def _find_pattern(patterns: Sequence[Pattern], change: Change) -> Pattern | None:
    wanted = change.topic, change.words[0]
    return next((each for each in patterns if (each.topic, each.name) == wanted), None)


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
