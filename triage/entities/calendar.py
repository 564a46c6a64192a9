"""From the words of a time to an inclusive range of days, relative to the day of receipt.

A range is wide where the words are: 去年冬天 is three months, 前阵子 six weeks.
"""

from calendar import monthrange
from datetime import date, timedelta

from triage.entities.names import load_names

Range = tuple[date, date]

_SEASONS = {"春": (2, 5), "夏": (5, 8), "秋": (8, 11), "冬": (11, 2)}
_PARTS = {
    "初": (1, 10),
    "上旬": (1, 10),
    "中旬": (11, 20),
    "中": (11, 20),
    "下旬": (21, 31),
    "底": (21, 31),
    "末": (21, 31),
}
_FESTIVALS = {
    "春节": ("spring", -3, 15), "过年": ("spring", -15, 15), "年下": ("spring", -15, 15), "大年": ("spring", -2, 8),
    "正月": ("spring", 0, 29), "腊月": ("spring", -30, -1), "年三十": ("spring", -1, -1), "除夕": ("spring", -1, -1),
    "年前": ("spring", -30, -1), "年后": ("spring", 0, 40), "小年": ("spring", -9, -5), "元宵": ("spring", 12, 16),
    "十五灯节": ("spring", 12, 16), "端午": ("dragon_boat", -2, 3), "五月端午": ("dragon_boat", -2, 3),
    "中秋": ("mid_autumn", -3, 3), "八月十五": ("mid_autumn", -1, 1), "八月节": ("mid_autumn", -3, 3),
    "重阳": ("double_ninth", -3, 3), "老人节": ("double_ninth", -3, 3), "九月九": ("double_ninth", -1, 1),
}  # fmt: skip
_FIXED = {
    "元旦": (1, 1, 3), "三八": (3, 8, 1), "清明": (4, 3, 5), "五一": (5, 1, 5), "六一": (6, 1, 1), "七一": (7, 1, 1),
    "八一": (8, 1, 1), "国庆": (10, 1, 8), "十一": (10, 1, 8), "立冬": (11, 7, 3), "冬至": (12, 21, 3),
    "双十一": (11, 11, 1),
}  # fmt: skip
FESTIVAL_WORDS = (*_FESTIVALS, *_FIXED)


def day_of(year: int, month: int, day: int) -> Range | None:
    """One day, or None where the calendar has none such."""
    try:
        only = date(year, month, day)
    except ValueError:
        return None
    return only, only


def month_of(year: int, month: int, part: str | None = None) -> Range | None:
    """A month, or its 上旬, 中旬, 下旬 (初, 中, 底)."""
    if not (1 <= month <= 12 and 1900 <= year <= 2200):
        return None
    last = monthrange(year, month)[1]
    first, end = _PARTS.get(part or "", (1, 31))
    return date(year, month, first), date(year, month, min(end, last))


def shift_month(year: int, month: int, by: int) -> tuple[int, int]:
    """The year and month `by` months on."""
    index = year * 12 + month - 1 + by
    return index // 12, index % 12 + 1


def year_of(year: int, part: str | None = None) -> Range:
    """A year, or its 年初 (January to March), 年底 (October to December), 上半年, 下半年."""
    first, last = {"初": (1, 3), "底": (10, 12), "末": (10, 12), "中": (5, 8), "上半年": (1, 6), "下半年": (7, 12)}.get(
        part or "", (1, 12)
    )
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])


def season_of(year: int, word: str) -> Range:
    """A season with its borders blurred; winter runs into the next year."""
    first, last = _SEASONS[word]
    end_year = year + 1 if last < first else year
    return date(year, first, 1), date(end_year, last, monthrange(end_year, last)[1])


def festival_of(year: int, word: str) -> Range | None:
    """The days around a festival; None where the table has no date for the year."""
    if word in _FIXED:
        month, day, length = _FIXED[word]
        start = date(year, month, day)
        return start, start + timedelta(days=length - 1)
    name, before, after = _FESTIVALS[word]
    centre = load_names().festivals[name].get(year)
    return None if centre is None else (centre + timedelta(days=before), centre + timedelta(days=after))


def days_back(received: date, near: float, far: float) -> Range:
    """From `far` to `near` days before receipt."""
    return received - timedelta(days=int(far)), received - timedelta(days=int(near))
