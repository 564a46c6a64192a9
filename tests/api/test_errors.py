"""What an error means outside: every fact that can be wrong with a field has its sentence, every error its status."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from api import errors
from casework import errors as facts

ROOT = Path(__file__).parent.parent.parent
RAISED_IN = ("api", "bot", "casework", "intake")


def list_problems() -> Iterator[tuple[str, str]]:
    """Every problem that the product's code puts into an InvalidField as a literal, with its file."""
    for folder in RAISED_IN:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "InvalidField":
                    for each in ast.walk(node.args[1]):
                        if isinstance(each, ast.Constant) and isinstance(each.value, str):
                            yield path.name, each.value


def test_every_problem_of_a_field_has_a_sentence() -> None:
    problems = set(list_problems())
    assert len(problems) > 15
    assert {(file, problem) for file, problem in problems if problem not in errors.PROBLEMS} == set()


def test_the_sentences_are_short_and_chinese() -> None:
    for sentence in errors.PROBLEMS.values():
        assert sentence.endswith("。")
        assert max(len(each) for each in sentence.split("。")) <= 30


@pytest.mark.parametrize("kind", errors.WORDINGS)
def test_no_wording_is_a_server_error_but_a_missing_calendar(kind: type[facts.HotlineError]) -> None:
    wording = errors.WORDINGS[kind]
    assert wording.status < 500 or kind is facts.CalendarGap
    assert wording.title
    assert wording.advice


def test_an_error_without_a_wording_of_its_own_takes_its_parents() -> None:
    class Stranger(facts.NotFound):
        """A kind of not being there."""

    assert errors.word_error(Stranger("case", "1")) is errors.NOT_FOUND
    assert errors.word_error(facts.HotlineError()) is errors.HOUSE
