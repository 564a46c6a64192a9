"""Who is meant without being named to the letter: by sound, one wrong sign, nickname, title, post or role. Pure.

All of it is uncertain: it keeps the one meant away until a clue officer says that he is not. A surname alone means only
those of whose office the sentence speaks, or whoever bears it in a small house.
"""

import re
from collections.abc import Iterator

from casework.bearers import (
    LONGEST_UNIT,
    Called,
    Telling,
    are_few,
    call_bearers,
    call_named,
    is_meant,
    is_of_another_house,
    is_of_the_house,
)
from casework.callingwords import CallingWords, RoleWords, load_calling_words
from casework.charges import is_charged
from casework.folding import HIDING, fold, fold_hidden, fold_name
from casework.hints import list_hinted
from casework.nameindex import FULL, SHORTEST_LATIN, KnownName
from casework.roster import Roster, RosterOfficer
from casework.types import ExclusionReason, Role
from triage.entities.names import load_names
from triage.entities.sounds import sound_of

OTHER_LINE = "12345"
LATIN = re.compile(r"[a-z]{7,}")
HIDDEN = re.compile(rf"[{HIDING}]{{1,2}}|某|(?<![a-z])[a-z]{{1,5}}(?![a-z])")
HAN = re.compile(r"[\u3400-\u9fff]")
TITLE_RANK = "副"
HOTLINE_ROLES = frozenset({Role.OPERATOR, Role.DISPATCHER, Role.SUPERVISOR, Role.CLUE_OFFICER})
"""Their posts are words by which callers address the hotline itself."""


def list_called(text: str, roster: Roster, *, town_code: str | None = None, discipline: bool = False) -> list[Called]:
    """Everybody whom a text means without certainty; one may come several times."""
    told = Telling(fold(text), roster, town_code, discipline)
    known = [*list_alike(told), *_list_hidden(text, told), *_list_surnamed(told), *_list_by_role(text, told)]
    return [*known, *list_hinted(text, told)]


def list_alike(told: Telling) -> Iterator[Called]:
    """Names written apart, misheard, with one wrong sign, in Latin letters, or given names with a title."""
    words = load_calling_words()
    yield from _list_heard(told, words)
    yield from _list_given(told, words)
    yield from _list_latin(told)
    yield from _list_mistaken(told, words)


def _list_heard(told: Telling, words: CallingWords) -> Iterator[Called]:
    index, text = told.roster.names, told.folded.text
    for near, at in index.sounds.list_all(told.folded.near):
        window = text[at : at + len(near)]
        for each in index.by_sound[near]:
            hears = _hears_full if len(each.name) >= FULL else _hears_short
            if len(each.name) > 1 and hears(each, window, at, told, words):
                yield call_named(each, window, told)


def _list_given(told: Telling, words: CallingWords) -> Iterator[Called]:
    index, text = told.roster.names, told.folded.text
    for given, at in index.givens.list_all(text):
        for each in index.by_given[given]:
            phrase = _read_given(each, at, text, words)
            if phrase:
                yield call_named(each, phrase, told)


def _list_latin(told: Telling) -> Iterator[Called]:
    latin = " ".join(LATIN.findall(told.folded.text))
    for each in told.roster.names.names if latin else ():
        if len(each.latin) >= SHORTEST_LATIN and each.latin in latin:
            yield call_named(each, each.latin, told)


def _hears_full(each: KnownName, window: str, at: int, told: Telling, words: CallingWords) -> bool:
    """Whether the signs stand there, or others of the same sound that could be a name."""
    if window == each.name:
        return True
    return _could_be(window, each, told) and not _is_word(told.folded.text, at, words)


def _hears_short(each: KnownName, window: str, at: int, told: Telling, words: CallingWords) -> bool:
    """A name of two signs: written apart in one sentence, or misheard where the sentence speaks of an office."""
    sentence = told.folded.sentence
    if sentence[at] != sentence[at + 1] or _is_word(told.folded.text, at, words):
        return False
    if window == each.name:
        return True
    same = window[:1] == each.surname and sound_of(window[1:]) == sound_of(each.given)
    return same and words.office.search(told.folded.sentence_at(at)) is not None


def _could_be(window: str, each: KnownName, told: Telling) -> bool:
    """Whether signs of the same sound could be the name misheard: they begin like a name, or end like this one."""
    if window in told.roster.names.exact or window in told.roster.other_names:
        return False
    start = window[: len(each.surname)]
    ends_alike = len(each.given) > 1 and window.endswith(each.given)
    return start == each.surname or start[:1] in load_names().persons.surnames or ends_alike


def _is_word(text: str, at: int, words: CallingWords) -> bool:
    """Whether the first sign belongs to another word: 上周, 设施."""
    return text[max(at - 1, 0) : at + 1] in words.never or text[at : at + 2] in words.never


def _read_given(each: KnownName, at: int, text: str, words: CallingWords) -> str:
    """明理局长; 姓周，叫建禾."""
    titled = words.given_after.match(text, at + len(each.given))
    if titled or text[max(at - 1, 0) : at] == "叫" or f"姓{each.surname}" in text:
        return each.given + (titled.group() if titled else "")
    return ""


def _list_mistaken(told: Telling, words: CallingWords) -> Iterator[Called]:
    """Three signs that are a name but for the second or the third."""
    index, text = told.roster.names, told.folded.text
    if not index.beside:
        return
    first = {surname for surname, _, _ in index.beside}
    for at in range(len(text) - 2):
        if text[at] not in first or _is_word(text, at, words):
            continue
        window = text[at : at + 3]
        if window in index.exact or window in told.roster.other_names:
            continue
        for place in (1, 2):
            other = window[3 - place]
            if other in words.not_given or not HAN.match(other) or window[place] in words.not_given:
                continue
            for each in index.beside.get((window[0], place, window[place]), ()):
                yield call_named(each, window, told)


def _list_hidden(text: str, told: Telling) -> Iterator[Called]:
    """周*禾, 廖X元, 周某禾: full names of which the writer hid one sign; sought before folding drops what hides it."""
    index, words = told.roster.names, fold_hidden(text)
    for found in HIDDEN.finditer(words):
        for length in index.hidden_lengths:
            for place in range(length):
                before = words[max(found.start() - place, 0) : found.start()]
                form = f"{before} {words[found.end() : found.end() + length - 1 - place]}"
                for each in index.hidden.get(form, ()):
                    yield call_named(each, form.replace(" ", found.group()), told)


def _list_surnamed(told: Telling) -> Iterator[Called]:
    """老周, 周师傅, 卫局, 廖科, 孟班长."""
    index, words, text = told.roster.names, load_calling_words(), told.folded.text
    if index.surnames is None:
        return
    for found in index.surnames.finditer(text):
        start, end = found.span()
        if _is_word(text, start, words):
            continue
        holders = [told.roster.officers[number] for number in index.bearers[found.group()]]
        yield from _list_titled(holders, start, end, told, words)
        yield from _list_nicknamed(holders, start, end, told, words)


def _list_titled(
    holders: list[RosterOfficer], start: int, end: int, told: Telling, words: CallingWords
) -> Iterator[Called]:
    text = told.folded.text
    organ, house = words.organ.match(text, end), words.house.match(text, end)
    short = words.short.match(text, end) if start == 0 or text[start - 1] in words.edges else None
    title = organ or house or short
    if title is None:
        return
    sentence = told.folded.sentence_at(start)
    for officer in holders:
        if is_of_another_house(officer, text[max(start - LONGEST_UNIT, 0) : start], told.roster):
            continue
        plain = title.group().removeprefix(TITLE_RANK)
        own = plain in officer.post or any(plain in role_title for role_title in officer.aliases)
        free = title is not house and is_of_the_house(officer, told) and are_few(holders, told)
        if own or free or is_meant(officer, sentence, holders, told, words):
            yield Called(officer, text[start : title.end()], ExclusionReason.POST_NAMED)


def _list_nicknamed(
    holders: list[RosterOfficer], start: int, end: int, told: Telling, words: CallingWords
) -> Iterator[Called]:
    text = told.folded.text
    before = text[max(start - 1, 0) : start] in words.before
    after = words.after.match(text, end)
    if not before and after is None:
        return
    begin, stop = start - before, after.end() if after else end
    sentence = told.folded.sentence_at(start)
    for officer in holders:
        if is_meant(officer, sentence, holders, told, words):
            yield Called(officer, text[begin:stop], ExclusionReason.POST_NAMED)


def _list_by_role(text: str, told: Telling) -> Iterator[Called]:
    """派单员, 密件员, 热线的人, where they are spoken ill of, and a post as it is written in the roster; the bearer who
    is named, where one is.
    """
    words, officers = load_calling_words(), told.roster.officers
    for each in words.roles:
        phrase = next(_find_roles(each, text, told, words), "")
        bearers = [officer for officer in officers if officer.roles & each.roles] if phrase else []
        yield from call_bearers(bearers, phrase, told)
    for post in dict.fromkeys(post for post, _ in told.roster.post_words.list_all(told.folded.text)):
        bearers = [officer for officer in officers if fold_name(officer.post) == post]
        at_desk = any(officer.roles & HOTLINE_ROLES for officer in bearers)
        if not at_desk or is_charged(text, post, words.charge):
            yield from call_bearers(bearers, post, told)


def _find_roles(each: RoleWords, text: str, told: Telling, words: CallingWords) -> Iterator[str]:
    for word in each.strong:
        if word in told.folded.text and is_charged(text, word, words.charge):
            yield word
    for word in each.weak:
        for at in told.folded.list_places(word):
            sentence = told.folded.sentence_at(at)
            ours = words.desk.search(sentence.replace(word, "")) and OTHER_LINE not in sentence
            if ours and is_charged(text, word, words.charge):
                yield word
