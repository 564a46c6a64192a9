"""How well the mask holds, measured: the figure that the threat model tells."""

import pytest

from tests.intake.masking import Figures, fill, is_hidden, measure


@pytest.fixture(scope="module")
def figures() -> Figures:
    measured = measure()
    print(measured.tell())
    return measured


def test_at_least_two_hundred_texts_are_measured(figures: Figures) -> None:
    assert figures.texts >= 200
    assert set(figures.whole) == {"name", "phone", "landline", "id", "card", "account", "door", "mail"}


def test_of_what_gives_a_writer_away_nearly_all_is_masked(figures: Figures) -> None:
    assert figures.recall >= 0.97, "\n".join(figures.missed)


@pytest.mark.parametrize("kind", ["phone", "id", "card", "door", "landline", "mail"])
def test_no_number_of_the_measured_kinds_is_missed(figures: Figures, kind: str) -> None:
    assert figures.hidden[kind] == figures.whole[kind]


def test_what_the_matter_turns_on_stays_readable(figures: Figures) -> None:
    assert figures.lost == []


@pytest.mark.parametrize(
    ("piece", "hidden"),
    [("▇▇▇", True), ("芮秋禾", False), ("芮▇▇", True), ("QQ号 ▇▇▇", True), ("芦渚镇柳行巷▇▇", True), ("154▇▇▇", False)],
)
def test_the_measure_counts_only_what_is_gone(piece: str, hidden: bool) -> None:
    assert is_hidden(piece) is hidden


def test_a_form_knows_where_its_values_stand() -> None:
    told = fill({"text": "我叫{name}，打{phone}", "keep": []}, {"name": ["芮秋禾"], "phone": ["15412345678"]}, 0)
    assert [told.text[start:end] for _, start, end in told.hidden] == ["芮秋禾", "15412345678"]
