"""How well `hotline chat` did on dialogues with expectations: fractions by field, and which dialogues missed what.

Words are compared leniently: one may hold the other, or share most of its characters. It prints no text of a dialogue.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from rapidfuzz.fuzz import partial_ratio

NEAR = 75
EXACT = ("filed", "anonymous", "phone", "emergency", "handoff")
NEARLY = ("institution", "place", "when")


def agrees(field: str, wanted: Any, got: Any) -> bool:
    """Whether a value is what was expected."""
    if field in NEARLY and wanted and got:
        return partial_ratio(wanted, got) >= NEAR
    if field == "categories":
        return (not wanted and not got) or bool(set(wanted) & set(got))
    return bool(wanted == got)


def is_asked(field: str, expect: Mapping[str, Any]) -> bool:
    """Whether the field counts: values of a report only where one was to be filed."""
    return expect["filed"] or field in ("filed", "emergency", "handoff", "categories")


def score(rows: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> dict[str, tuple[int, int, list[str]]]:
    """By field: how many agree, of how many, and the ids of those that don't. Rows are (expectation, answer)."""
    found: dict[str, tuple[int, int, list[str]]] = {}
    for wanted, got in rows:
        expect = wanted["expect"]
        for field in (*EXACT, *NEARLY, "categories"):
            if field not in expect or not is_asked(field, expect):
                continue
            right, total, missed = found.get(field, (0, 0, []))
            good = agrees(field, expect[field], got[field])
            found[field] = right + good, total + 1, missed if good else [*missed, str(wanted["id"])]
    return found


def count_turns_to_receipt(answers: Iterable[Mapping[str, Any]]) -> list[int]:
    """How many times the desk spoke until the receipt, for each dialogue that got one in the talk."""
    counts = []
    for answer in answers:
        code = answer.get("receipt")
        for number, lines in enumerate(answer["replies"], 1):
            if code and any(code == line.replace(" ", "") for line in lines):
                counts.append(number)
                break
    return counts
