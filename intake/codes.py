"""The receipt code (查询码) as people read, type and say it: sixteen digits, the last a check over the others. Pure.

Four digits find the row, eleven are the secret. The check digit catches every single wrong digit and every swap of two
neighbours, so that an old man's slip is told at once and costs nobody a look-up.
"""

import unicodedata
from dataclasses import dataclass, field

from intake.errors import MistypedCode, WeakPassphrase

LOCATOR_DIGITS = 4
SECRET_DIGITS = 11
CODE_DIGITS = LOCATOR_DIGITS + SECRET_DIGITS + 1
GROUP = 4
SPOKEN = "零一二三四五六七八九"
HEARD = {character: str(digit) for digit, character in enumerate(SPOKEN)} | {
    "〇": "0",
    "○": "0",
    "洞": "0",
    "幺": "1",
    "两": "2",
    "拐": "7",
    "勾": "9",
}
"""How digits are said and written, the telephone's own ways (幺, 两, 拐) too."""
DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
"""The quasigroup of H. Michael Damm's thesis (2004), totally anti-symmetric, with a zero diagonal."""
PHRASE_LETTERS = 10
PHRASE_DISTINCT = 6


@dataclass(frozen=True, slots=True)
class Code:
    """What a reporter gave: where to look, and the secret bytes that prove him. The secret never shows in a repr."""

    locator: str
    secret: bytes = field(repr=False)


def check_digit(digits: str) -> str:
    """The Damm check digit over a run of digits."""
    interim = 0
    for digit in digits:
        interim = DAMM[interim][int(digit)]
    return str(interim)


def make_code(locator: str, secret: str) -> str:
    """The sixteen digits of a code: four of the locator, eleven of the secret, one check."""
    return locator + secret + check_digit(locator + secret)


def read_digits(text: str) -> str:
    """The digits that a person meant: full width, with blanks, in Chinese numerals; the rest is dropped."""
    heard = (HEARD.get(letter, letter) for letter in unicodedata.normalize("NFKC", text))
    return "".join(letter for letter in heard if letter in "0123456789")


def read_code(text: str) -> Code:
    """The code a person typed or said. Raises MistypedCode if its length or its check digit is wrong."""
    digits = read_digits(text)
    if len(digits) != CODE_DIGITS or check_digit(digits) != "0":
        raise MistypedCode(len(digits))
    return Code(digits[:LOCATOR_DIGITS], b"digits:" + digits[LOCATOR_DIGITS:-1].encode())


def add_phrase(code: Code, phrase: str) -> Code:
    """The code together with the reporter's own sentence, where he added one: neither opens anything without the other.

    Blanks, punctuation, width and case don't count: people remember words, not commas.
    """
    plain = "".join(letter for letter in unicodedata.normalize("NFKC", phrase).casefold() if letter.isalnum())
    return Code(code.locator, code.secret + b"/phrase:" + plain.encode()) if plain else code


def choose_phrase(code: Code, phrase: str) -> Code:
    """The code with a sentence that its owner chooses now.

    Raises WeakPassphrase: fewer than 10 letters (`short`), fewer than 6 different ones (`uniform`), or digits alone
    (`digits`), which somebody who knows him would try first.
    """
    letters = [letter for letter in unicodedata.normalize("NFKC", phrase).casefold() if letter.isalnum()]
    if letters and all(letter in "0123456789" for letter in letters):
        raise WeakPassphrase("digits")
    if len(letters) < PHRASE_LETTERS:
        raise WeakPassphrase("short")
    if len(set(letters)) < PHRASE_DISTINCT:
        raise WeakPassphrase("uniform")
    return add_phrase(code, phrase)


def format_code(code: str) -> str:
    """The code in four groups of four, as it is shown and printed."""
    return " ".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def speak_code(code: str, *, one: str = "一") -> str:
    """The code as an operator reads it out: Chinese numerals, a pause after every fourth.

    `one` is how a 1 is said: 幺 on the telephone, where 一 is taken for 七.
    """
    spoken = "".join(one if digit == "1" else SPOKEN[int(digit)] for digit in code)
    return "，".join(spoken[start : start + GROUP] for start in range(0, len(spoken), GROUP))
