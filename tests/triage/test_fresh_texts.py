"""What triage holds on texts that no rule and no training row was written from; half were looked at by score only."""

import json
from pathlib import Path

import pytest

from api.triage_commands import labels_of, read_gold
from tests.triage.reading_room import a_context, said_of
from triage.evaluation import Figures, evaluate

HERE = Path(__file__).parent
TEXTS = ("fresh-open.jsonl", "fresh-held.jsonl")


def figures_on(*names: str) -> Figures:
    rows = [json.loads(line) for name in names for line in (HERE / name).read_text(encoding="utf-8").splitlines()]
    pairs = [(read_gold(row), labels_of(said_of(row["text"]))) for row in rows]
    return evaluate(pairs, a_context().taxonomy.codes)


@pytest.mark.parametrize("name", TEXTS)
def test_most_categories_and_most_primaries_are_right(name):
    figures = figures_on(name)
    assert figures.micro.f1 >= 0.75
    assert figures.primary_right >= 0.75


def test_danger_now_is_found_and_hardly_ever_made_up():
    critical = figures_on(*TEXTS).critical
    assert critical.recall >= 0.8
    assert critical.precision >= 0.8


def test_what_goes_to_discipline_inspection_is_rarely_wrong():
    assert figures_on(*TEXTS).discipline.precision >= 0.9
