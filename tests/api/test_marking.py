"""Evidence drawn into the words: the pieces are the text again, and every reason stands where it belongs."""

from hypothesis import given
from hypothesis import strategies as st

from api.console.marking import Reason, cut_pieces, list_reasons, trim
from triage.types import Assessment, CategoryScore, Evidence, Keys, Urgency

TEXT = "馍长毛，菜是馊的。我是▇▇▇，院里没打人。"


def a_reason(number: int | None, start: int, end: int) -> Reason:
    return Reason(number, TEXT[start:end], "食物变质", "食品安全", start, end)


def an_assessment(*evidence: Evidence, excluded: tuple[Evidence, ...] = ()) -> Assessment:
    return Assessment(
        categories=(CategoryScore("food_safety", 0.9, evidence),),
        urgency=Urgency.HIGH,
        discipline=False,
        keys=Keys(who=False, what=False),
        body="market",
        co_bodies=(),
        explanation="食物变质。",
        excluded=excluded,
    )


@given(st.lists(st.tuples(st.integers(0, len(TEXT)), st.integers(0, len(TEXT))), max_size=8))
def test_the_pieces_together_are_the_text_again(spans: list[tuple[int, int]]) -> None:
    reasons = [a_reason(number, min(span), max(span)) for number, span in enumerate(spans, start=1)]
    assert "".join(piece.text for piece in cut_pieces(TEXT, reasons)) == TEXT


def test_a_mark_carries_its_number_once_at_its_end() -> None:
    pieces = cut_pieces(TEXT, [a_reason(1, 0, 3), a_reason(2, 1, 3)])
    assert [(piece.text, piece.numbers) for piece in pieces[:2]] == [("馍", (0,)), ("长毛", (1, 2))]


def test_what_is_masked_is_a_piece_of_its_own() -> None:
    assert [piece.text for piece in cut_pieces(TEXT, []) if piece.masked] == ["▇▇▇"]


def test_punctuation_at_the_ends_is_not_underlined() -> None:
    assert trim(Evidence("，菜是馊的。", 3, 9, "变质")) == Evidence("菜是馊的", 4, 8, "变质")


def test_what_was_ruled_out_comes_last_and_has_no_number() -> None:
    said = an_assessment(Evidence("长毛", 1, 3, "变质"), excluded=(Evidence("没打人", 18, 21, "有“没”字"),))
    reasons = list_reasons(said, {"food_safety": "食品安全"})
    assert [(reason.number, reason.taken_for) for reason in reasons] == [(1, "食品安全"), (None, "排除")]
