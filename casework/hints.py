"""Hints at somebody that name him on purpose only by half: shuffled signs, letters, signs taken apart, who leads,
whose kin, who held the post before. Pure, and none of it certain.

Whoever is afraid writes so; who is complained of recognises himself at once.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from casework.bearers import (
    LONGEST_UNIT,
    Called,
    Telling,
    call_bearers,
    call_named,
    is_meant,
    is_of_another_house,
    is_of_the_house,
)
from casework.callingwords import CallingWords, load_calling_words
from casework.folding import HIDING, fold_hidden, name_sound
from casework.postforms import RANK, find_title
from casework.roster import RosterBody, RosterOfficer
from casework.types import ExclusionReason

LETTERS = re.compile(r"(?<![A-Za-z])([A-Za-z])[ .·]?([A-Za-z])[ .·]?([A-Za-z])\.?(?![A-Za-z])")
LATIN = re.compile(r"[a-z]+")
SURNAME_LATIN = re.compile(r"(?<![a-z])(?:(?:mr|ms|mrs)(?P<polite>[a-z]{2,6})(?![a-z])|(?P<letters>[a-z]{1,6}))")
SPELT = re.compile(r"([\u3400-\u9fff]{1,4})的([\u3400-\u9fff])")
SPELT_GAP = 4
HIDDEN_GIVEN = re.compile(rf"[{HIDING}]{{1,3}}")
HEAD_TITLES = ("局长", "科长", "主任", "所长", "站长", "镇长", "乡长", "书记", "队长")
BUREAU_HEAD = "局长"
OTHER_LEADER = re.compile(r"的?(?:副)?(?:县|镇|乡|市|区|州|省|书记|主席|主任)")
"""Who is in charge of it above or beside the house: 分管民政的副县长."""


def list_hinted(text: str, told: Telling) -> Iterator[Called]:
    """Everybody whom a text hints at; one may come several times."""
    words = load_calling_words()
    yield from _list_shuffled(told, words)
    yield from _list_lettered(text, told, words)
    yield from _list_spelt(text, told)
    yield from _list_surname_hidden(text, told, words)
    yield from _list_surname_hinted(told, words)
    yield from _list_leading(told, words)
    yield from _list_by_title(told, words)


def _list_shuffled(told: Telling, words: CallingWords) -> Iterator[Called]:
    """禾建周: the three signs of a name in another order, within one sentence and not across a known word."""
    index, text = told.roster.names, told.folded.text
    for at in range(len(text) - 2):
        window = text[at : at + 3]
        for each in index.shuffled.get(window, ()):
            whole = told.folded.sentence[at] == told.folded.sentence[at + 2]
            if whole and window not in told.roster.other_names and text[at : at + 2] not in words.never:
                yield call_named(each, window, told)


def _list_lettered(text: str, told: Telling, words: CallingWords) -> Iterator[Called]:
    """ZJH, Z.J.H., 周jianhe, Jianhe Zhou, zhou jh."""
    if not LATIN.search(told.folded.text):
        return
    index = told.roster.names
    for found in LETTERS.finditer(unicodedata.normalize("NFKC", text)):
        letters = "".join(found.groups()).lower()
        if letters not in words.hints.never_letters:
            yield from (call_named(each, letters, told) for each in index.initials.get(letters, ()))
    for form, bearers in index.lettered.items():
        if any(_stands_alone(form, at, told.folded.text) for at in told.folded.list_places(form)):
            yield from (call_named(each, form, told) for each in bearers)


def _stands_alone(form: str, at: int, text: str) -> bool:
    return not LATIN.match(text[max(at - 1, 0) : at]) and not LATIN.match(text, at + len(form))


def _list_spelt(text: str, told: Telling) -> Iterator[Called]:
    """建设的建，禾苗的禾: signs told by a word in which each stands, one after the other."""
    signs, last = "", -1
    for found in SPELT.finditer(text):
        if found.group(2) not in found.group(1):
            continue
        signs = signs + found.group(2) if 0 <= found.start() - last <= SPELT_GAP else found.group(2)
        last = found.end()
        for each in told.roster.names.names:
            if signs in (each.name, each.given) and each.surname in text and len(each.given) > 1:
                yield call_named(each, signs, told)


def _list_surname_hidden(text: str, told: Telling, words: CallingWords) -> Iterator[Called]:
    """周××, 周**: the surname alone, with signs in place of the rest."""
    index, plain = told.roster.names, fold_hidden(text)
    for found in HIDDEN_GIVEN.finditer(plain):
        surname = plain[max(found.start() - 1, 0) : found.start()]
        holders = [told.roster.officers[number] for number in index.bearers.get(surname, ())]
        sentence = _around(plain, found.start())
        yield from _call_meant(holders, surname + found.group(), sentence, told, words)


def _list_surname_hinted(told: Telling, words: CallingWords) -> Iterator[Called]:
    """木子李, 姓弓长的, Z局长, zhou科长, 姓zhou的, Mr. Zhou: the surname taken apart or in letters."""
    index, text = told.roster.names, told.folded.text
    for surname, numbers in index.bearers.items():
        holders = [told.roster.officers[number] for number in numbers]
        for parts in words.hints.parts.get(surname, ()):
            for at in told.folded.list_places(parts):
                end = at + len(parts)
                shown = text[at - 1 : at] == "姓" or text[end : end + 1] == surname
                if shown or _title_at(text, end, words):
                    yield from _call_meant(holders, text[at : end + 1], told.folded.sentence_at(at), told, words)
    for found in SURNAME_LATIN.finditer(text):
        yield from _list_latin_surname(found, told, words)


def _list_latin_surname(found: re.Match[str], told: Telling, words: CallingWords) -> Iterator[Called]:
    text, letters = told.folded.text, found.group("polite") or found.group("letters")
    title = _title_at(text, found.end(), words)
    shown = found.group("polite") or text[max(found.start() - 1, 0) : found.start()] == "姓"
    if not title and not shown:
        return
    sentence = told.folded.sentence_at(found.start())
    for surname, numbers in told.roster.names.bearers.items():
        sound = name_sound(surname)
        if letters == sound or letters == sound[:1]:
            holders = [told.roster.officers[number] for number in numbers]
            if title:
                yield from _call_titled(holders, letters + title, title, told)
            else:
                yield from _call_meant(holders, letters, sentence, told, words)


def _call_titled(holders: Iterable[RosterOfficer], phrase: str, title: str, told: Telling) -> Iterator[Called]:
    for officer in holders:
        if title in officer.post and is_of_the_house(officer, told):
            yield Called(officer, phrase, ExclusionReason.POST_NAMED)


def _call_meant(
    holders: list[RosterOfficer], phrase: str, sentence: str, told: Telling, words: CallingWords
) -> Iterator[Called]:
    for officer in holders:
        if is_meant(officer, sentence, holders, told, words):
            yield Called(officer, phrase, ExclusionReason.POST_NAMED)


def _title_at(text: str, at: int, words: CallingWords) -> str:
    """The title that stands there, without 副."""
    found = words.organ.match(text, at) or words.house.match(text, at)
    return found.group().removeprefix(RANK) if found else ""


def _list_leading(told: Telling, words: CallingWords) -> Iterator[Called]:
    """局座, 民政局一把手, 民政办的头儿, 分管养老的: who leads the house, or the body of which the sentence speaks."""
    hints, text = words.hints, told.folded.text
    leaders = [each for each in told.roster.officers if _leads_house(each, told)]
    seconds = [each for each in told.roster.officers if each.leads and find_title(each.post) == RANK + BUREAU_HEAD]
    for word in hints.own:
        if word in text:
            yield from call_bearers(leaders, word, told)
    for word in hints.seconds:
        if any(not OTHER_LEADER.match(text, at + len(word)) for at in told.folded.list_places(word)):
            yield from call_bearers(seconds or leaders, word, told)
    for word in hints.heads:
        for at in told.folded.list_places(word):
            yield from _list_heads_told(word, told.folded.sentence_at(at), told)


def _list_heads_told(word: str, sentence: str, told: Telling) -> Iterator[Called]:
    for body in told.roster.bodies.values():
        if any(label in sentence for label in body.labels):
            yield from call_bearers(_list_heads(body, told), word, told)


def _leads_house(officer: RosterOfficer, told: Telling) -> bool:
    body = told.roster.bodies.get(officer.body_code)
    return body is not None and body.internal and find_title(officer.post) == BUREAU_HEAD


def _list_heads(body: RosterBody, told: Telling) -> list[RosterOfficer]:
    """Who heads a body, and only where nobody does, his deputies."""
    titled = [each for each in told.roster.officers if each.body_code == body.code]
    heads = [each for each in titled if find_title(each.post) in HEAD_TITLES]
    return heads or [each for each in titled if find_title(each.post).removeprefix(RANK) in HEAD_TITLES]


def _list_by_title(told: Telling, words: CallingWords) -> Iterator[Called]:
    """局长的小舅子, 原科长: a title of the house with kin behind it, or with an earlier time before it."""
    text = told.folded.text
    for title in HEAD_TITLES:
        for at in told.folded.list_places(title):
            before, end = text[max(at - LONGEST_UNIT, 0) : at], at + len(title)
            near = text[end : end + 2]
            skip = next((gap for gap in (0, 1, 2) if words.hints.kin.match(text, end + gap)), None)
            if skip is not None and set(near[:skip]) <= set("的他她家那"):
                yield from _list_kin(title, before, at, told, words)
            if any(before.endswith(former) for former in words.hints.former.findall(before)):
                yield from _list_former(title, told)


def _list_kin(title: str, before: str, at: int, told: Telling, words: CallingWords) -> Iterator[Called]:
    if title not in ("局长", "科长") and not words.office.search(told.folded.sentence_at(at)):
        return
    wanted = RANK + title if before.endswith(RANK) else title
    for officer in told.roster.officers:
        same = find_title(officer.post) == wanted and is_of_the_house(officer, told)
        if same and not is_of_another_house(officer, before.removesuffix(RANK), told.roster):
            yield Called(officer, title, ExclusionReason.POST_NAMED)


def _list_former(title: str, told: Telling) -> Iterator[Called]:
    for officer in told.roster.officers:
        for place in officer.former:
            body = told.roster.bodies.get(place.body_code)
            if body is not None and body.internal and find_title(place.post).removeprefix(RANK) == title:
                yield Called(officer, title, ExclusionReason.POST_NAMED)


def _around(text: str, at: int) -> str:
    """The sentence around a place in a text that still has its stops."""
    start = max((text.rfind(stop, 0, at) for stop in "。！？!?；;…\n"), default=-1) + 1
    ends = [end for end in (text.find(stop, at) for stop in "。！？!?；;…\n") if end >= 0]
    return text[start : min(ends, default=len(text))]
