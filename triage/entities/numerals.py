"""Small Chinese and Arabic numbers as people say them (三千多, 一万八, 2.5万, 俩, 半), read to a value.

cn2an is strict and slow on such speech; amounts, ages and spans of time need no more than this.
"""

_DIGITS: dict[str, int] = {
    sign: value
    for value, signs in enumerate(
        ("零〇", "一壹幺", "二两贰俩", "三叁仨", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for sign in signs
} | {"几": 3}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10_000, "亿": 100_000_000}
_PLAIN_DIGITS = "0123456789"
_MYRIAD = 10_000
NUMERAL = "[0-9零〇一二两俩仨三四五六七八九十百千万壹贰叁肆伍陆柒捌玖拾佰仟半几]"


def read_number(words: str) -> float | None:
    """The value of a short numeral; 半 is 0.5, 几 is 3; None where it is no numeral."""
    words = words.replace(",", "").strip()
    if words in {"半", "几"}:
        return 0.5 if words == "半" else 3.0
    try:
        return float(words)
    except ValueError:
        return _read_spoken(words[:16])


def _read_spoken(words: str) -> float | None:
    if not words or any(sign not in _DIGITS and sign not in _UNITS and sign not in _PLAIN_DIGITS for sign in words):
        return None
    if len(words) == 2 and _are_neighbours(*words):
        return _DIGITS[words[0]] + 0.5
    if all(sign in _DIGITS for sign in words):
        return float("".join(str(_DIGITS[sign]) for sign in words))
    total = section = last_unit = 0.0
    digit: float | None = None
    for sign in words:
        if sign not in _UNITS:
            digit = float(_DIGITS[sign]) if sign in _DIGITS else (digit or 0) * 10 + int(sign)
            continue
        last_unit = float(_UNITS[sign])
        if last_unit >= _MYRIAD:
            total, section = total + ((section + (digit or 0)) or 1) * last_unit, 0.0
        else:
            section += (1 if digit is None else digit) * last_unit
        digit = None
    return total + section + _last_digit(digit or 0, last_unit, words)


def _are_neighbours(one: str, other: str) -> bool:
    """七八 is about seven or eight, not 78."""
    return one in "一二两三四五六七八" and other in "二三四五六七八九" and _DIGITS[other] - _DIGITS[one] == 1


def _last_digit(digit: float, last_unit: float, words: str) -> float:
    """一万八 ends in 8,000, 一万零八 in 8."""
    return digit * last_unit / 10 if last_unit >= 100 and "零" not in words else digit
