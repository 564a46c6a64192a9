"""Small Chinese and Arabic numbers as people say them (三千多, 一万八, 2.5万, 俩, 半), read to a value.

cn2an is strict and slow on such speech; amounts, ages and spans of time need no more than this.
"""

_DIGITS = {
    sign: value
    for value, signs in enumerate(
        ("零〇", "一壹幺", "二两贰俩", "三叁仨", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for sign in signs
}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10_000, "亿": 100_000_000}
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
    if words and all(sign in _DIGITS for sign in words):
        return float("".join(str(_DIGITS[sign]) for sign in words))
    total = section = last_unit = 0.0
    digit: float | None = None
    for sign in words:
        if sign in _DIGITS:
            digit = float(_DIGITS[sign])
        elif sign.isdecimal() and sign.isascii():
            digit = (digit or 0) * 10 + float(sign)
        elif sign == "几":
            digit = 3.0
        elif sign in _UNITS:
            unit = float(_UNITS[sign])
            if unit >= 10_000:
                total, section = total + ((section + (digit or 0)) or 1) * unit, 0.0
            else:
                section += (1 if digit is None else digit) * unit
            digit, last_unit = None, unit
        else:
            return None
    if digit is not None and last_unit >= 100 and "零" not in words:
        digit *= last_unit / 10
    return total + section + (digit or 0) if words else None
