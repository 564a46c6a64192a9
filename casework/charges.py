"""Whether a sentence speaks ill of whoever bears a role (密件员, 派单员), or only asks, greets or thanks him. Pure.

Whoever writes to the hotline addresses its people by their roles; were each such word a hit, one polite word would keep
all of them away from his report.
"""

import re
from collections.abc import Iterator

from casework.callingwords import ChargeWords
from casework.folding import fold_name

STOP = re.compile(r"[。！？!?；;…\n]+")
CLAUSE = re.compile(r"[，,：:]")
BEFORE = 14
AFTER = 30
"""How far a charge may stand from the role, for many write without any stop."""


def is_charged(text: str, word: str, words: ChargeWords) -> bool:
    """Whether the text speaks ill of whom the folded `word` means, at one place at least.

    The charge stands in its clause, in those after it that go on about him (派单员接了电话，把我说出去了), or in the
    one before where this points back (有人收钱，就是派单员). Who is only asked, greeted, thanked or told something is
    not charged, nor is anybody of another office.
    """
    return any(
        _is_charged_at(clauses, number, place.start(), word, words)
        for clauses in _list_sentences(text)
        for number, clause in enumerate(clauses)
        for place in re.finditer(re.escape(word), clause)
    )


def _list_sentences(text: str) -> Iterator[list[str]]:
    for sentence in STOP.split(text):
        yield [clause for clause in map(fold_name, CLAUSE.split(sentence)) if clause]


def _is_charged_at(clauses: list[str], number: int, at: int, word: str, words: ChargeWords) -> bool:
    clause, end = clauses[number], at + len(word)
    before, after = clause[:at], clause[end : end + AFTER]
    if words.elsewhere.search(before) or words.asked.search(before) or words.greeted.match(after):
        return False
    if words.accused.search(before) or words.words.search(after) or _goes_on_ill(clauses[number + 1 :], words):
        return True
    if words.told.search(before):
        return False
    back = words.points_back.match(clause) and number > 0
    return bool(words.words.search(before[-BEFORE:]) or (back and words.words.search(clauses[number - 1])))


def _goes_on_ill(clauses: list[str], words: ChargeWords) -> bool:
    for clause in clauses:
        if not words.goes_on.match(clause):
            return False
        if words.words.search(clause):
            return True
    return False
