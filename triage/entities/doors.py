"""Door and room numbers at which the writer can be found: his address, or his own room in a home.

The room of somebody else (302房间的老人被打) stays, for it says where to look.
"""

import re
from collections.abc import Iterator

from triage.types import IdentifierKind

Found = tuple[int, int, IdentifierKind]

_HAN = "\u3400-\u9fff"
_NUMBER = r"[0-9一二三四五六七八九十百零〇]{1,5}"
_OWN = (
    r"(?:(?:我|俺|咱)们?家(?:就|是|在|住)?|(?:我|俺|本人|我们)(?:现|就|一直)?住|家住|家在|现住|住址|地址|户籍|户口|老家|门牌号?码?"
    r"|(?:^|[,，。;；:：\s])住)"
)
_HOUSE = rf"{_NUMBER}(?:号楼|号院|幢|栋|座|#楼?|号)"
_STAIR = rf"{_NUMBER}(?:单元|门|梯)"
_ROOM = rf"{_NUMBER}(?:室|号房|房间|房|户|号床|床|号)"
_GAP = r"[ ,，\-]?"
_DOOR = (
    rf"{_HOUSE}(?:{_GAP}{_HOUSE})?(?:{_GAP}{_STAIR})?(?:{_GAP}{_NUMBER}(?:楼|层))?(?:{_GAP}{_ROOM}|{_GAP}[0-9]{{3,4}})?"
    rf"|{_STAIR}{_GAP}(?:{_ROOM}|[0-9]{{3,4}})|{_ROOM}(?:{_GAP}{_ROOM})?"
    r"|\d{1,3}-\d{1,2}(?:-\d{1,4})?"
)
_WITHIN = rf"[:：是为 ]{{0,2}}[{_HAN}A-Za-z0-9 ]{{0,24}}?"
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_OWN}{_WITHIN}(?P<door>{_DOOR})",
        rf"(?P<door>{_NUMBER}(?:号楼|幢|栋|座|#楼?){_GAP}{_STAIR}{_GAP}{_NUMBER}(?:室|号|户|房)?)",
        r"(?:小区|花园|家园|公寓|新村|苑|城)(?P<door>\d{1,3}-\d{1,2}-\d{2,4})",
        rf"(?:我|俺|本人)(?:就|自己|一直)?(?:在|的?房间号?(?:码|是)?|是)[{_HAN}]{{0,12}}?"
        rf"(?P<door>(?:{_NUMBER}[楼层] ?)?{_NUMBER}(?:室|号房|房间|房|号床|床|屋)(?:{_NUMBER}号?床)?)",
    )
)
_NUMBERED = re.compile(r"[\d一二三四五六七八九十百零〇][号幢栋座#单门梯室房户床楼层屋\-]")


def find_own_doors(text: str) -> Iterator[Found]:
    """The spans of a plain view that tell the writer's door or room."""
    for pattern in _PATTERNS if _NUMBERED.search(text) else ():
        for found in pattern.finditer(text):
            yield *found.span("door"), IdentifierKind.DOOR_NUMBER
