"""The hard facts of a telling that another one of the same incident seldom contradicts: counts, man or woman.

Tellings of one incident do differ in numbers, so a difference only weighs, it never decides.
"""

import re
from dataclasses import dataclass

_COUNT = re.compile(
    r"([0-9]+(?:\.[0-9]+)?|[零一二三四五六七八九十百千万两]+)多?来?"
    r"(个月|个人|小时|钟头|楼|层|天|万|元|块|千|岁|年|床|间|台|张|次|回|斤|亩|针|颗|个|名|家|袋|桶|套)"
)
_SAME_UNIT = {"钟头": "小时", "元": "块", "层": "楼", "回": "次", "名": "个人"}
_WOMAN = re.compile("我妈|她|老太太|奶奶|姥姥|婆婆|岳母|大娘|婶|姑|姨|母亲|其母|俺娘|老娘|老伴|外婆|丈母娘|妗")
_MAN = re.compile("我爸|老头|爷爷|姥爷|公公|岳父|大爷|叔|舅|姑父|姨夫|父亲|其父|俺爹|老爷子|外公|伯")
_MOST = 3


@dataclass(frozen=True, slots=True)
class Facts:
    """Counted things as (number, what), as written; and whether only a woman or only a man is spoken of."""

    counts: frozenset[tuple[str, str]] = frozenset()
    woman: bool = False
    man: bool = False


def read_facts(plain: str) -> Facts:
    """The facts of a plain view."""
    counts = frozenset((number, _SAME_UNIT.get(unit, unit)) for number, unit in _COUNT.findall(plain))
    woman, man = bool(_WOMAN.search(plain)), bool(_MAN.search(plain))
    return Facts(counts, woman and not man, man and not woman)


def compare_facts(ours: Facts, theirs: Facts) -> tuple[float, float, float]:
    """(things counted alike, things counted otherwise, 1 where one speaks of a woman and the other of a man)."""
    units = {unit for _, unit in ours.counts} & {unit for _, unit in theirs.counts}
    alike = len({unit for _, unit in ours.counts & theirs.counts})
    other_sex = (ours.woman and theirs.man) or (ours.man and theirs.woman)
    return float(min(_MOST, alike)), float(min(_MOST, len(units) - alike)), float(other_sex)
