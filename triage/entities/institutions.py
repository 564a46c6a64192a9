"""The home or unit complained of, as written, and the directory's entry for it where it has one.

`spotting` weighs every short span; a name that the directory knows weighs more, and a home named only by its kind
(镇上那个敬老院) is looked up by the place that the text tells.
"""

import re
from functools import lru_cache

from triage.entities.directory import DirectoryIndex
from triage.entities.names import InstitutionWords, load_names
from triage.entities.plain import PlainText, read_plain
from triage.entities.spotting import ENDINGS, LONGEST, SHORTEST, Scores, load_weights, place_of, score_spans, tabulate
from triage.types import DirectoryInstitution, InstitutionKind, InstitutionMention, PlaceMention

_KNOWN_BONUS = 6.0
_LEAST, _LEAST_UNENDED = -4.0, 0.0
_KIND_OF_ENDING = {
    "home": InstitutionKind.HOME,
    "head": InstitutionKind.HOME,
    "none": InstitutionKind.HOME,
    "office": InstitutionKind.OFFICE,
    "company": InstitutionKind.COMPANY,
    "place": InstitutionKind.PLACE,
}
_GENERIC = re.compile(
    r"(?:我们|咱们?|俺们?|镇上|乡里|村里|镇里|县里|那个|这个|那家|这家|本地|当地|该|某)*(?:[镇乡村县区]|中心|街道)*(?:的)?"
    r"(?:敬老院|养老院|福利院|幸福院|光荣院|老年公寓|养老服务中心|福利中心|养老中心|日间照料中心|院)"
)
_HOME_OF_PLACE = re.compile(
    r"[上里]?(?:的|那个|那家|这个|唯一的?){0,2}(?:中心)?(?:敬老院|养老院|福利院|幸福院|光荣院|老年公寓|养老服务中心|日间照料中心)"
)
_PERSONS = re.compile(r"(?:干部|书记|[院局所镇乡县科]长|主任|助理员?|工作人员)$")


def find_institution(plain: PlainText, index: DirectoryIndex, place: PlaceMention | None) -> InstitutionMention | None:
    """The likeliest unit complained of; None where none is likely enough, or only a spot inside one is named (食堂)."""
    table = tabulate(plain.text)
    if table is None:
        return None
    scores = score_spans(table, load_weights())
    _raise_known(plain.text, index, scores)
    best = int(scores.argmax())
    start, end = place_of(best)
    ending = ENDINGS[table.kinds[end]]
    likely = scores.item(best) >= (_LEAST_UNENDED if ending == "none" else _LEAST)
    if not likely or plain.text[start:end] in load_names().spots:
        return None
    kind = _kind(plain.text[start:end], ending)
    if kind is InstitutionKind.PLACE and (home := _HOME_OF_PLACE.match(plain.text, end)):
        end, kind = home.end(), InstitutionKind.HOME
    entry = _entry(plain.text[start:end], kind, index, place)
    span = plain.span(start, end)
    name, code = (entry.name, entry.code) if entry else (None, None)
    return InstitutionMention(span.text, span.start, span.end, name, code, kind)


def _raise_known(text: str, index: DirectoryIndex, scores: Scores) -> None:
    known = {(start, end) for start, end in index.find_institutions(text) if end < len(scores)}
    for start, end in known:
        if SHORTEST <= end - start <= LONGEST:
            scores[end, end - start - SHORTEST] += _KNOWN_BONUS


def _kind(words: str, ending: str) -> InstitutionKind:
    if _PERSONS.search(words):
        return InstitutionKind.OFFICE
    if ending in {"none", "head"} and any(word in words for word in _company_words()):
        return InstitutionKind.COMPANY
    return _KIND_OF_ENDING[ending]


@lru_cache(maxsize=1)
def _company_words() -> tuple[str, ...]:
    words: InstitutionWords = load_names().institutions
    return words.company_suffixes


def _entry(
    words: str, kind: InstitutionKind, index: DirectoryIndex, place: PlaceMention | None
) -> DirectoryInstitution | None:
    if kind in {InstitutionKind.OFFICE, InstitutionKind.PLACE}:
        return index.institutions.get(words)
    known = index.match_name(words)
    if known is not None or place is None or place.code is None:
        return known
    told = read_plain(place.text).text
    if not _GENERIC.fullmatch(words.removeprefix(told)):
        return None
    return index.only_home_in(place.code, words)
