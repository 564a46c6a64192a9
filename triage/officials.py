"""Is a particular official complained of, and by which words?

The law looks at persons: an office that is slow is answerable, but only an official, a Party member, a village cadre or
the head of a public home is a matter for discipline inspection (监察法 art. 15).
"""

import re
from collections.abc import Sequence

from triage.matching import Hit
from triage.reading import Reading

_PUBLIC_HOME = re.compile(
    r"敬老院|静老院|警老院|福利院|福利中心|公办|光荣院|幸福院|养老服务中心"
    r"|五保|特困|供养|拨款|零花钱|镇[上里]|乡里|公家|财政|上[头面]拨|国家"
)
_HEAD_OF_HOME = ("院长", "主任", "负责人")
_CALLED = r"(?<![敬养静警氧])[姓小老](?![院人年板太头家乡伯爷奶实龄区学时])[\u4e00-\u9fff]"
_BY_SURNAME = re.compile(
    rf"姓[\u4e00-\u9fff]的|[\u4e00-\u9fff]某|(?:民政|局|镇|街道|科|所|办|乡|县)[^，。]{{0,4}}{_CALLED}"
)
_ANY_SURNAME = re.compile(rf"[姓某]|{_CALLED}")
_REACH = 20_000


def find_officials(reading: Reading) -> Sequence[tuple[int, int]]:
    """Where a particular official, village cadre or head of a public home is named, by post or by surname."""
    places = [(hit.start, hit.end) for hit in reading.of_names("post", "village_post")]
    text = reading.text[:_REACH]
    if _ANY_SURNAME.search(text):
        places += [match.span() for match in _BY_SURNAME.finditer(text)]
    if _PUBLIC_HOME.search(reading.text):
        places += [(hit.start, hit.end) for hit in _heads(reading)]
    return sorted(places)


def _heads(reading: Reading) -> list[Hit]:
    return [hit for hit in reading.of_names("head") if reading.text[hit.start : hit.end].endswith(_HEAD_OF_HOME)]
