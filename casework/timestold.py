"""Whether a report tells of one time alone: only then does that time say who was of a unit when it happened.

People tell the old year and the day on which they last asked (2021年扣了钱，昨天去问), and triage gives the most exact.
"""

import re
import unicodedata

from triage.entities.plain import read_plain
from triage.types import TimeMention

SIGN = r"[0-9一二两三四五六七八九十百几多好]"
TIME = re.compile(
    rf"{SIGN}+(?:个)?(?:年|月|天|日|号|周|星期|礼拜|季度)|[零〇一二三四五六七八九]{{4}}年|[大前去今头上旧同每明后]年|年[初底末前时头]"
    r"|[昨今前后明当那这]天|昨晚|今早|昨日|今日|前日|前儿|昨儿|今儿|夜来|[上下这本每]个?(?:周|月|星期|礼拜|季度)|半年|半个月|月初|月底|月中"
    r"|春节|过年|元宵|清明|五一|端午|六一|七一|中秋|国庆|十一|重阳|元旦|除夕|腊月|正月|冬至|[0-9]+[-/.][0-9]+"
    r"|[开入立今去前]?[春夏秋冬](?:天|季|里|上|节)"
)
OPEN_TIME = re.compile(
    r"年前|大前年|以前|从前|之前|早先|早些年|原来|当年|当时|那年|那时|那会|那阵|过去|往年|历年|多年|常年|长年|年年|一直|向来|从来|始终|老早|很早|早就|早在"
    r"|以来|开始|起就|年起|月起|日起|号起|天起|前些|前几|前段|前阵|前一阵|头几|这些年|这几年|近几年|近年|连续|连着|陆续|曾经|刚才|刚刚|最近|近来|近期|近日|前不久|不久前|后来"
)


def tells_one_time(text: str, when: TimeMention) -> bool:
    """Whether nothing but `when` tells a time, nor that it went on for longer (pure). In doubt it does not."""
    before, after = _plain(text[: when.start]), _plain(text[when.end :])
    return not (OPEN_TIME.search(_plain(text)) or TIME.search(before) or TIME.search(after))


def _plain(text: str) -> str:
    return read_plain(unicodedata.normalize("NFKC", text)).text.replace(" ", "")
