"""The counting behind every figure."""

import pytest

from triage.evaluation import Labels, Rate, evaluate


def labels(*codes, urgency="normal", discipline=False, keys=None):
    return Labels(codes, urgency, discipline, keys)


def test_it_counts_categories_primary_and_confusion():
    figures = evaluate(
        [(labels("a", "b"), labels("a")), (labels("b"), labels("a", "b")), (labels("c"), labels("c"))], ("a", "b", "c")
    )
    assert figures.per_category["a"] == Rate(1, 1, 0)
    assert figures.per_category["b"] == Rate(1, 0, 1)
    assert figures.micro.f1 == pytest.approx(0.75)
    assert figures.primary_right == pytest.approx(2 / 3)
    assert figures.confusion == {("b", "a"): 1}


def test_it_counts_critical_discipline_and_keys():
    figures = evaluate(
        [
            (labels("a", urgency="critical", discipline=True, keys=(True, True)), labels("a", keys=(True, False))),
            (labels("a"), labels("a", urgency="critical", discipline=True)),
        ],
        ("a",),
    )
    assert figures.critical == Rate(0, 1, 1)
    assert figures.discipline == Rate(0, 1, 1)
    assert figures.who == Rate(1, 0, 0)
    assert figures.sealing == Rate(0, 0, 1)


def test_nothing_to_count_is_no_error():
    assert evaluate([], ("a",)).micro.f1 == 1.0
