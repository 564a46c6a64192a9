"""People named in a report with what is told of them: surname, name, post, unit.

An uncertain one (surname + post) counts, because the conflict test must exclude on it.
"""

import re
from functools import lru_cache

from triage.entities.names import PersonWords, any_of, load_names
from triage.entities.plain import PlainText
from triage.types import PersonMention

_HAN = "\u3400-\u9fff"


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
    end = rf"(?=[^{_HAN}]|$|{_follow(words)})"
    return re.compile(
        rf"(?:(?P<unit>{unit})的?(?:原|前|现任|新来的)?)?"
        rf"(?:(?P<post1>{staff})(?P<after>{surname}某某?|{full}{end})"
        rf"|(?P<before>{surname}(?:某某|某)?|{surname}[{_HAN}]{{1,2}}?)(?P<post2>{staff})"
        rf"|(?P<post3>{posts}))"
        rf"|(?:那个|有个|叫|一个)?姓(?P<xing>{surname})的(?!人)|(?P<vague>{surname}某某?)"
    )


def _unit_pattern() -> str:
    return r"(?:民政[局所办科股站]|敬老院|养老院|福利院|福利中心|镇政府|乡政府|财政所|街道办|村委会|居委会|镇上|镇里|乡里|村里|院里|县里|局里|区里|社区|机构|公司|村)"


def _follow(words: PersonWords) -> str:
    return r"(?:和|与|把|将|在|说|让|对|给|叫|是|为|的|等|及|从|向|被|就|还|又|也|都|利用|拿|收|找|要|打|骂|擅自|私自|多次|长期|以|用|于|到|去|有|没|不|因|同|跟|一|两)"
