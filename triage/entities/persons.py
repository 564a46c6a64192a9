"""People named in a report with what is told of them: surname, name, post, unit.

An uncertain one (surname + post) counts, because the conflict test must exclude on it.
"""

import re
from functools import lru_cache

from triage.entities.names import any_of, load_names
from triage.entities.plain import PlainText
from triage.types import PersonMention

_HAN = "\u3400-\u9fff"
_HOMES = ("敬老院", "养老院", "福利院", "福利中心", "社区", "机构", "公司")
_OFFICES = ("民政[局所办科股站]", "镇政府", "乡政府", "财政所", "街道办", "村委会", "居委会")
_NEAR = ("镇上", "镇里", "乡里", "村里", "院里", "县里", "局里", "区里", "村")
_CALLED = ("姓", "那个", "有个", "叫", "一个")


def find_persons(plain: PlainText) -> tuple[PersonMention, ...]:
    """Every person with a post or a name, in order, without overlaps."""
    found: list[PersonMention] = []
    last = -1
    for match in _pattern().finditer(plain.text):
        person = _person(plain, match)
        if person is not None and match.start() >= last:
            found.append(person)
            last = match.end()
    return tuple(found)


def _person(plain: PlainText, match: re.Match[str]) -> PersonMention | None:
    parts = match.groupdict()
    name = next((parts[key] for key in ("after", "before", "vague", "xing") if parts.get(key)), None)
    post = parts.get("post1") or parts.get("post2") or parts.get("post3")
    if name and name[:2] in load_names().persons.not_names:
        name = None
    if name is None and post is None:
        return None
    span = plain.span(*match.span())
    return PersonMention(span.text, span.start, span.end, name, post, parts.get("unit"))


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    words = load_names().persons
    surname = f"[{''.join(sorted(words.surnames))}]"
    posts, staff = any_of(words.posts), any_of((*words.posts, *words.staff))
    unit = _unit_pattern()
    full = rf"(?:{any_of(words.compound_surnames)}|{surname})(?:某某|某|[{_HAN}]{{1,2}}?)"
    end = rf"(?=[^{_HAN}]|$|{_follow()})"
    return re.compile(
        rf"(?=[{_starting_signs()}])(?:"
        rf"(?:(?P<unit>{unit})的?(?:原|前|现任|新来的)?)?"
        rf"(?:(?P<post1>{staff})(?P<after>{surname}某某?|{full}{end})"
        rf"|(?P<before>{surname}(?:某某|某)?|{surname}[{_HAN}]{{1,2}}?)(?P<post2>{staff})"
        rf"|(?P<post3>{posts}))"
        rf"|(?:{'|'.join(_CALLED[1:])})?姓(?P<xing>{surname})的(?!人)|(?P<vague>{surname}某某?))"
    )


def _starting_signs() -> str:
    """Every sign that a person or his unit can begin with, so that the rest of a text is passed over quickly."""
    words = load_names().persons
    told = (*words.compound_surnames, *words.posts, *words.staff, *_OFFICES, *_HOMES, *_NEAR, *_CALLED)
    return re.escape("".join(sorted({word[0] for word in told} | words.surnames)))


def _unit_pattern() -> str:
    return f"(?:{'|'.join((*_OFFICES, *_HOMES, *_NEAR))})"


def _follow() -> str:
    """Words that come after a name, so that a two-sign name doesn't swallow the first of them."""
    single = "和与把将在说让对给叫是为的等及从向被就还又也都拿收找要打骂以用于到去有没不因同跟一两"
    return rf"(?:[{single}]|利用|擅自|私自|多次|长期)"
