"""When it happened, as told (前儿晚上, 上个月, 11月3号, 夜来, 有一个多月了), and the days it may mean.

The most exact words win over the vague; among equals the first told.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from triage.entities import calendar
from triage.entities.calendar import FESTIVAL_WORDS, Range
from triage.entities.names import any_of, load_names
from triage.entities.numerals import NUMERAL, read_number
from triage.entities.plain import PlainText
from triage.types import TimeMention

_PART_OF_DAY = (
    r"(?:凌晨|清早|一大早|大清早|早晨|早上|早起|上午|头晌|晌午|中午|下午|后晌|过晌|傍晚|傍黑|晚上|黑天|黑夜|后黑|黑下|黑家"
    r"|半夜|深夜|夜里|夜间|夜晚|晚|早|午饭|晚饭|早饭)"
)
_CLOCK = rf"{NUMERAL}{{1,3}}(?:点半|点多钟|点来钟|点多|点钟|点|时许|时)(?:{NUMERAL}{{1,3}}分?)?"
_HOUR = rf"(?:的?{_PART_OF_DAY})?(?:的?{_CLOCK})?(?:左右|前后|许)?"
_YEAR_WORD = r"(?:大前年|前年|去年|今年|头年|上年|本年|年时|旧年)"
_YEAR = rf"(?:{_YEAR_WORD}|(?:19|20)?[0-9]{{2}}年|[一二][零〇九][零〇一二三四五六七八九]{{2}}年)"
_MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]|[一二三四五六七八九十]|正|冬|腊)"
_DAY = r"(?:3[01]|[12][0-9]|0?[1-9]|三十一?|二十[一二三四五六七八九]?|十[一二三四五六七八九]?|[一二三四五六七八九])"
_UNITS = "天日宿周星礼月年季小钟分"
# How the rules begin that have no word list, told by a few signs, for one alone stands in most texts (有人, 上面).
_OTHER_STARTS = (
    rf"{NUMERAL}{{1,5}}(?:[./\-]|[.5个半多来几余]{{0,7}}[{_UNITS}])",
    r"大前|[前去今头上本旧]年|年时|[正冬腊]月|当月|上{1,3}个?[月周星礼]|这个?[月周星礼]|本[月周星礼]|周[一二三四五六日天]|星期|礼拜",
    r"[春夏秋冬]|[入开立][春夏秋冬]|整个[春夏秋冬]",
    rf"(?:大[概约]|约|差不多|已经?|都|快|将?近|整整|足足|[拖等住]了|连续|有|过去了){NUMERAL}",
)
_OTHER_FIRSTS = (
    "0123456789零〇一二两俩仨三四五六七八九十百千万壹贰叁肆伍陆柒捌玖拾佰仟半几"
    "大前去今头上本年旧正冬腊春夏秋入开立整周星礼这当约差已都快将近足拖等住连有过"
)
_UNIT_DAYS = {
    "天": 1,
    "日": 1,
    "宿": 1,
    "周": 7,
    "星期": 7,
    "礼拜": 7,
    "月": 30,
    "年": 365,
    "季度": 91,
    "小时": 1 / 24,
    "钟头": 1 / 24,
    "分钟": 0.0,
}
_WEEKDAYS = {sign: i for i, sign in enumerate("一二三四五六")} | {"日": 6, "天": 6} | {str(i + 1): i for i in range(6)}


@dataclass(frozen=True, slots=True)
class _Rule:
    """How one form of words is spelt, how exact it is (3 a day, 0 vague) and what it means."""

    name: str
    pattern: str
    rank: int
    read: Callable[[re.Match[str], date], Range | None]


def find_time(plain: PlainText, received: date | None) -> TimeMention | None:
    """The best telling of when; its dates only where the day of receipt is known."""
    best: tuple[int, re.Match[str], _Rule] | None = None
    for found, rule in _matches(plain.text):
        if best is None or rule.rank > best[0]:
            best = (rule.rank, found, rule)
    if best is None:
        return None
    _, found, rule = best
    days = _read(rule, found, received) if received else None
    span = plain.span(*found.span())
    return TimeMention(span.text, span.start, span.end, *(days or (None, None)))


def _matches(text: str) -> Iterator[tuple[re.Match[str], _Rule]]:
    pattern, rules = _compiled()
    for found in pattern.finditer(text):
        rule = rules.get(found.lastgroup or "")
        if rule is not None:
            yield found, rule


def _read(rule: _Rule, found: re.Match[str], received: date) -> Range | None:
    own = re.fullmatch(rule.pattern, found.group())
    if own is None:
        return None
    try:
        days = rule.read(own, received)
    except (ValueError, OverflowError):
        return None
    if days is None or days[0] <= received:
        return days
    return None


@lru_cache(maxsize=1)
def _compiled() -> tuple[re.Pattern[str], dict[str, _Rule]]:
    rules = _rules()
    unnamed = ((rule, re.sub(r"\(\?P<\w+>", "(?:", rule.pattern)) for rule in rules)
    joined = "|".join(f"(?P<{rule.name}>{pattern})" for rule, pattern in unnamed)
    return re.compile(rf"{_beginning()}(?:{joined})"), {rule.name: rule for rule in rules}


def _beginning() -> str:
    """How a rule can begin, told by one sign and then by a few, so that the rest of a text is passed over quickly."""
    words = load_names()
    told = {word[:2] for word in (*FESTIVAL_WORDS, *words.days, *words.spans, *words.now)}
    firsts = "".join(sorted({word[0] for word in told} | set(_OTHER_FIRSTS)))
    return rf"(?=[{re.escape(firsts)}])(?={any_of(told)}|{'|'.join(_OTHER_STARTS)})"


def _rules() -> tuple[_Rule, ...]:
    """All rules, the more exact before the vaguer: which is found first decides where two could begin."""
    return (*_day_rules(), *_span_rules())


def _day_rules() -> tuple[_Rule, ...]:
    """Dates, days, weeks and months that are told by name or number."""
    words = load_names()
    return (
        _Rule(
            "iso", rf"(?P<y>(?:19|20)[0-9]{{2}})[-/.](?P<m>{_MONTH})[-/.](?P<d>{_DAY})(?![0-9]){_HOUR}", 5, _read_date
        ),
        _Rule(
            "date",
            rf"(?:(?P<y>{_YEAR})的?)?(?P<m>{_MONTH})月份?(?P<d>{_DAY})(?:[日号]|(?![0-9一-龥])){_HOUR}",
            5,
            _read_date,
        ),
        _Rule(
            "dotted",
            rf"(?<![0-9.])(?P<m>1[0-2]|0?[1-9])[./](?P<d>{_DAY})(?=[日号晚早上下])[日号]?{_HOUR}",
            5,
            _read_date,
        ),
        _Rule(
            "day",
            rf"(?P<word>{any_of(words.days)}){_HOUR}",
            4,
            _read_day,
        ),
        _Rule(
            "lastmonth",
            r"(?P<up>上{1,3})(?:个)?月(?:份)?(?:(?P<part>初|上旬|中旬|下旬|底|末)|(?P<d>" + _DAY + r")[日号])?" + _HOUR,
            3,
            _read_last_month,
        ),
        _Rule(
            "thismonth",
            r"(?:这个月|本月|这月|当月)(?:份)?(?:(?P<part>初|上旬|中旬|下旬|底|末)|(?P<d>"
            + _DAY
            + r")[日号])?"
            + _HOUR,
            3,
            _read_this_month,
        ),
        _Rule(
            "lastweek", r"(?P<up>上{1,3})(?:个)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天1-6]?)" + _HOUR, 4, _read_week
        ),
        _Rule(
            "thisweek",
            r"(?P<up>这个?|本)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天])(?![年月周])" + _HOUR,
            4,
            _read_week,
        ),
    )


def _span_rules() -> tuple[_Rule, ...]:
    """Festivals, months, seasons, years, and how long it has been going on."""
    festival, words = any_of(FESTIVAL_WORDS), load_names()
    count = rf"(?P<n>{NUMERAL}{{1,5}}|[0-9]{{1,3}}(?:\.5)?)(?P<half>个半|多个|来个|几个|余|多|来|个)?(?:多)?"
    unit = r"(?P<unit>天|日|宿|周|星期|礼拜|个?月|年|季度|小时|钟头|分钟)"
    return (
        _Rule(
            "festival",
            rf"(?:(?P<y>{_YEAR})的?)?(?P<word>{festival})(?:节|长假|假期|期间|那天|前后|的时候|前|后)?{_HOUR}",
            3,
            _read_festival,
        ),
        _Rule(
            "month",
            rf"(?:(?P<y>{_YEAR})的?)?(?P<m>{_MONTH})月(?:份)?(?P<part>初|上旬|中旬|下旬|底|末|中)?(?![0-9]|[一-龥]?[天])",
            3,
            _read_month,
        ),
        _Rule(
            "season",
            rf"(?:(?P<y>{_YEAR})的?)?(?:入|开|立|整个)?(?P<word>[春夏秋冬])(?:天|季|里|节气)?(?=$|[^一-龥]|[里天就以起到院有的])",
            2,
            _read_season,
        ),
        _Rule("year", rf"(?P<y>{_YEAR})(?P<part>上半年|下半年|年初|年底|年末|年中|初|底)?", 2, _read_year),
        _Rule("ago", rf"(?:大概|大约|约|差不多)?{count}{unit}(?:以|之)?前", 3, _read_ago),
        _Rule(
            "lasting",
            rf"(?:已经|已|都|快|将近|近|整整|足足|拖了|等了|住了|连续|有|过去了)?{count}{unit}(?:多|来)?(?:了|没|以来|一直|下来)",
            1,
            _read_lasting,
        ),
        _Rule("vague", any_of(words.spans), 1, _read_span),
        _Rule("now", any_of(words.now), 0, lambda m, r: (r, r)),
    )


def _year(words: str | None, received: date) -> int | None:
    if not words:
        return None
    named = {"大前年": 3, "前年": 2, "去年": 1, "头年": 1, "上年": 1, "年时": 1, "旧年": 1, "今年": 0, "本年": 0}
    if words in named:
        return received.year - named[words]
    value = read_number(words.rstrip("年"))
    if value is None:
        return None
    return int(value) + (2000 if value < 100 else 0)


def _month(words: str) -> int:
    return {"正": 1, "冬": 11, "腊": 12}.get(words) or int(read_number(words) or 0)


def _read_day(found: re.Match[str], received: date) -> Range | None:
    ago = load_names().days[found["word"]]
    return calendar.days_back(received, ago, ago)


def _read_span(found: re.Match[str], received: date) -> Range | None:
    return calendar.days_back(received, *load_names().spans[found.group()])


def _read_date(found: re.Match[str], received: date) -> Range | None:
    year, month, day = (
        _year(found.groupdict().get("y"), received),
        _month(found["m"]),
        int(read_number(found["d"]) or 0),
    )
    days = calendar.day_of(year or received.year, month, day)
    if days and year is None and days[0] > received:
        return calendar.day_of(received.year - 1, month, day)
    return days


def _read_month(found: re.Match[str], received: date) -> Range | None:
    year, month = _year(found["y"], received), _month(found["m"])
    if year is None:
        year = received.year if month <= received.month else received.year - 1
    return calendar.month_of(year, month, found["part"])


def _read_last_month(found: re.Match[str], received: date) -> Range | None:
    year, month = calendar.shift_month(received.year, received.month, -len(found["up"]))
    return _day_or_part(found, year, month)


def _read_this_month(found: re.Match[str], received: date) -> Range | None:
    return _day_or_part(found, received.year, received.month)


def _day_or_part(found: re.Match[str], year: int, month: int) -> Range | None:
    if found["d"]:
        return calendar.day_of(year, month, int(read_number(found["d"]) or 0))
    return calendar.month_of(year, month, found["part"])


def _read_week(found: re.Match[str], received: date) -> Range | None:
    weeks = len(found["up"]) if (found["up"] or "").startswith("上") else 0
    monday = received - timedelta(days=received.weekday() + 7 * weeks)
    if found["day"]:
        day = monday + timedelta(days=_WEEKDAYS[found["day"]])
        day -= timedelta(days=7 if day > received else 0)
        return day, day
    return monday, monday + timedelta(days=6)


def _read_festival(found: re.Match[str], received: date) -> Range | None:
    year = _year(found["y"], received)
    if year is not None:
        return calendar.festival_of(year, found["word"])
    days = calendar.festival_of(received.year, found["word"])
    return days if days is None or days[0] <= received else calendar.festival_of(received.year - 1, found["word"])


def _read_season(found: re.Match[str], received: date) -> Range | None:
    year = _year(found["y"], received) or received.year
    days = calendar.season_of(year, found["word"])
    return days if days[0] <= received else calendar.season_of(year - 1, found["word"])


def _read_year(found: re.Match[str], received: date) -> Range | None:
    year = _year(found["y"], received)
    part = found["part"] or ""
    return None if year is None else calendar.year_of(year, part if part.endswith("半年") else part.removeprefix("年"))


def _length(found: re.Match[str]) -> float | None:
    value = read_number(found["n"])
    if value is None:
        return None
    half = 0.5 if found["half"] == "个半" else 0.0
    return (value + half) * _UNIT_DAYS[found["unit"].removeprefix("个")]


def _read_ago(found: re.Match[str], received: date) -> Range | None:
    days = _length(found)
    return None if days is None else calendar.days_back(received, days * 0.8, days * 1.4 + 1)


def _read_lasting(found: re.Match[str], received: date) -> Range | None:
    days = _length(found)
    return None if days is None else (received - timedelta(days=int(days * 1.3 + 1)), received)
