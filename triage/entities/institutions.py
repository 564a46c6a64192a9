"""The home or unit complained of, as written, known to the directory or not.

Candidates are names of the directory, words that end like a home, office, company or place, and names in quotation marks;
the one that stands first after words such as 反映 or 住在 wins, homes before offices before places.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from triage.entities.directory import DirectoryIndex
from triage.entities.names import any_of, load_names
from triage.entities.plain import PlainText
from triage.types import InstitutionKind, InstitutionMention

_CUES = re.compile(r"(?:反映|反应|投诉|举报|关于|住在?|在|送到|送进|我是|是|找|去|叫|到|称|告)[“\"「]?$")
_STOP = r"在的去到从是我俺你他她它们这那有与跟及把被对向为给让说住家离着了过也都就还又不没来自位于找叫某本"
_WORDS = re.compile(
    r"^(?:反映|反应|投诉|举报|来电人|市民|关于|领导|匿名|群众|附近|旁边|门口|咱们?|目前|称|其|由|该|贵|各|全)+"
)
_QUOTED = re.compile(r"[“\"「『]([\u3400-\u9fffA-Za-z0-9·]{2,12})[”\"」』]")
_KIND_SCORE = {
    InstitutionKind.HOME: 3.0,
    InstitutionKind.COMPANY: 1.5,
    InstitutionKind.OFFICE: 1.5,
    InstitutionKind.PLACE: 0.5,
}


@dataclass(frozen=True, slots=True)
class _Candidate:
    start: int
    end: int
    kind: InstitutionKind
    known: bool = False


def find_institution(plain: PlainText, index: DirectoryIndex) -> InstitutionMention | None:
    """The best candidate with its directory entry, if any; None where no unit is named."""
    candidates = [*_known(plain.text, index), *_suffixed(plain.text)]
    if not candidates:
        return None
    best = max(candidates, key=lambda one: (_score(one, plain.text), -one.start))
    return _mention(plain, best, index)


def _mention(plain: PlainText, best: _Candidate, index: DirectoryIndex) -> InstitutionMention:
    span = plain.span(best.start, best.end)
    entry = index.match_name(plain.text[best.start : best.end]) if best.kind is InstitutionKind.HOME else None
    name, code = (entry.name, entry.code) if entry else (None, None)
    return InstitutionMention(span.text, span.start, span.end, name, code, best.kind)


def _score(one: _Candidate, text: str) -> float:
    score = _KIND_SCORE[one.kind] + (3.0 if one.known else 0.0) + min(one.end - one.start, 8) / 4
    if _CUES.search(text[max(0, one.start - 6) : one.start]):
        score += 2.0
    return score - one.start / (len(text) + 1)


def _known(text: str, index: DirectoryIndex) -> Iterator[_Candidate]:
    if index.automaton is None:
        return
    for number, start, end in index.automaton.find_matches_as_indexes(text):
        if index.words[number] in index.institutions:
            yield _Candidate(start, end, InstitutionKind.HOME, known=True)


def _suffixed(text: str) -> Iterator[_Candidate]:
    for found in _suffix_pattern().finditer(text):
        kind = InstitutionKind(found.lastgroup or "place")
        start = found.start() + len(m.group()) if (m := _WORDS.match(found.group())) else found.start()
        if found.end() - start >= 3:
            yield _Candidate(start, found.end(), kind)
    for found in _QUOTED.finditer(text):
        yield _Candidate(found.start(1), found.end(1), InstitutionKind.COMPANY)


@lru_cache(maxsize=1)
def _suffix_pattern() -> re.Pattern[str]:
    words = load_names().institutions
    left = rf"[^\W_{_STOP}]{{0,8}}?"
    groups = {
        "home": words.home_suffixes,
        "office": words.office_suffixes,
        "company": words.company_suffixes,
        "place": words.place_suffixes,
    }
    return re.compile("|".join(rf"(?P<{kind}>{left}{any_of(suffixes)})" for kind, suffixes in groups.items()))
