"""Telephone, ID-card and bank-card numbers and chat accounts, however they are spaced or spelled.

They are masked before anyone reads a text, so a doubtful long number counts as found: recall comes first.
"""

import re
from collections.abc import Iterator

from triage.types import IdentifierKind

Found = tuple[int, int, IdentifierKind]

SPELLED_DIGITS = dict(
    zip("零〇○洞一幺壹二两贰三叁四肆五伍六陆七柒拐八捌九玖勾", "00001112223344556677788999", strict=True)
)
"""The figure that each sign stands for where a number is spelled out."""
_SPELLED = str.maketrans(SPELLED_DIGITS)
_GAP = r"[ \t\-–—.·_*~]{0,3}"
_RUN = re.compile(rf"(?<!\d)\+?\d(?:{_GAP}\d){{6,24}}(?:{_GAP}[xX](?![A-Za-z]))?(?!\d)")
_GROUPED_MOBILE = re.compile(r"(?<!\d)1[3-9]\d[,、/，;；:\s]{1,2}\d{4}[,、/，;；:\s]{1,2}\d{4}(?!\d)")
_BRACKETED_LANDLINE = re.compile(r"[(（\[]0\d{2,3}[)）\]][ \-]{0,2}\d{7,8}(?:[-转 ]{1,2}\d{1,5})?(?!\d)")
_LANDLINE = re.compile(r"0\d{2,3}\d{7,8}(?:\d{1,5})?")
_MOBILE = re.compile(r"(?:0{0,2}86|0)?(1[3-9]\d{9})")
_PHONE_CUE = re.compile(
    r"(?:电话|手机|座机|号码|联系|联络|打|拨|致电|来电|回电|尾号|短信|手几|电活|点话|tel|phone|call)"
    r"[^\d\n。]{0,10}$",
    re.IGNORECASE,
)
_ID_CUE = re.compile(r"(?:身份证|身份正|证件|身分证|身份)[^\d\n。]{0,8}$")
_CARD_CUE = re.compile(r"(?:卡号|账号|帐号|银行|账户|帐户|一卡通|社保卡|工行|农行|建行|信用社|邮政|卡)[^\d\n。]{0,8}$")
_TAIL = re.compile(r"(?:尾号|后四位|末四位|后4位)[^\d\n。]{0,4}(\d{3,6})(?!\d)")
_AMOUNT_AFTER = re.compile(r"[ \t]{0,2}(?:元|块|万|人|多|个|亿|斤|吨|平|年|月|℃)")
_ACCOUNT = re.compile(
    r"(?:微信|威信|薇信|维信|V信|VX|WX|wechat|weixin|微|加[vV]|QQ|扣扣|企鹅|抖音|快手|支付宝|telegram|电报|飞机|钉钉|邮箱|账号)"
    r"(?:号码|账号|帐号|号|ID|id|同号|昵称|名)?(?:也|就)?(?:是|为|叫|:|：|加)?[ \t:：=「『【\"“'(（@]{0,3}"
    r"([A-Za-z0-9][A-Za-z0-9_\-.]{4,29})",
    re.IGNORECASE,
)
_EMAIL = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}(?:@| ?[(\[]at[)\]] ?)"
    r"[A-Za-z0-9][A-Za-z0-9\-]{0,62}(?:\.[A-Za-z0-9\-]{1,30}){1,4}"
)
# What every number and every chat account holds; most texts hold neither and need no further look.
_FIGURE = rf"[\d{''.join(SPELLED_DIGITS)}]"
_FIGURES = re.compile(rf"{_FIGURE}.{{0,3}}?{_FIGURE}.{{0,3}}?{_FIGURE}", re.DOTALL)
_LETTERS = re.compile(r"[!-~\u0131\u017f\u212a]{5}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def find_numbers(text: str) -> Iterator[Found]:
    """Every phone, ID, card and account in `text` (a plain view), possibly overlapping, in no order."""
    yield from _accounts(text)
    if _FIGURES.search(text) is None:
        return
    digits = text.translate(_SPELLED)
    for run in _RUN.finditer(digits):
        kind = _kind_of(run, digits, text)
        if kind is not None:
            yield run.start(), run.end(), kind
    for pattern in (_GROUPED_MOBILE, _BRACKETED_LANDLINE):
        yield from ((m.start(), m.end(), IdentifierKind.PHONE) for m in pattern.finditer(digits))
    yield from ((m.start(1), m.end(1), IdentifierKind.PHONE) for m in _TAIL.finditer(digits))


def is_valid_id_number(number: str) -> bool:
    """GB 11643: 18 signs, a plausible birthday, and the last the ISO 7064 MOD 11-2 check of the others."""
    if not re.fullmatch(r"\d{17}[\dXx]", number) or not _is_birthday(number[6:14]):
        return False
    total = sum(int(sign) * weight for sign, weight in zip(number, _WEIGHTS, strict=False))
    return _CHECKS[total % 11] == number[17].upper()


def is_valid_card_number(number: str) -> bool:
    """The Luhn sum of 12 to 19 digits."""
    if not re.fullmatch(r"\d{12,19}", number):
        return False
    doubled = (int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(number)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _is_birthday(digits: str) -> bool:
    return "1880" <= digits[:4] <= "2099" and "01" <= digits[4:6] <= "12" and "01" <= digits[6:] <= "31"


def _kind_of(run: re.Match[str], digits: str, text: str) -> IdentifierKind | None:
    number = re.sub(r"[^\dxX]", "", run.group())
    before = text[max(0, run.start() - 14) : run.start()]
    if _ID_CUE.search(before) or is_valid_id_number(number):
        return IdentifierKind.ID_NUMBER
    if _MOBILE.fullmatch(number) or (_LANDLINE.fullmatch(number) and not _is_money(run, digits)):
        return IdentifierKind.PHONE
    if _CARD_CUE.search(before) and len(number) >= 12:
        return IdentifierKind.BANK_CARD
    if _PHONE_CUE.search(before) and len(number) <= 13 and not _is_money(run, digits):
        return IdentifierKind.PHONE
    return _kind_of_long(number)


def _kind_of_long(number: str) -> IdentifierKind | None:
    """What a long number without a cue is taken for; a mistyped phone or ID must not slip through."""
    if len(number) >= 17 and _is_birthday(number[6:14]):
        return IdentifierKind.ID_NUMBER
    if len(number) == 15 and "01" <= number[8:10] <= "12" and "01" <= number[10:12] <= "31":
        return IdentifierKind.ID_NUMBER
    if len(number) >= 14:
        return IdentifierKind.BANK_CARD
    if len(number) in {10, 11, 12, 13} and re.match(r"1[3-9]|0?86", number):
        return IdentifierKind.PHONE
    return None


def _is_money(run: re.Match[str], digits: str) -> bool:
    return _AMOUNT_AFTER.match(digits, run.end()) is not None


def _accounts(text: str) -> Iterator[Found]:
    if _LETTERS.search(text):
        yield from ((m.start(1), m.end(1), IdentifierKind.CONTACT_ACCOUNT) for m in _ACCOUNT.finditer(text))
    if "@" in text or "at" in text:
        yield from ((m.start(), m.end(), IdentifierKind.CONTACT_ACCOUNT) for m in _EMAIL.finditer(text))
