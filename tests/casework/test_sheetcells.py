"""No text of anybody's becomes a formula in a sheet, whichever sheet and whichever width of sign."""

import pytest

from api.orders import write_orders
from casework.sheetcells import DANGEROUS, make_safe


@pytest.mark.parametrize("sign", DANGEROUS)
def test_a_text_that_a_program_would_run_stands_behind_a_quote(sign: str) -> None:
    assert make_safe(f"{sign}1+1") == f"'{sign}1+1"


@pytest.mark.parametrize("sign", ["=", "＝", "＋", "－", "＠"])
def test_the_sheet_of_orders_too_keeps_it_behind_a_quote(sign: str) -> None:
    (_, row) = write_orders([[f"{sign}HYPERLINK(1)", "灶房"]], "csv").decode("utf-8-sig").splitlines()
    assert row == f"'{sign}HYPERLINK(1),灶房"


def test_other_texts_stay_as_they_are() -> None:
    assert [make_safe(text) for text in ("", "灶房 = 脏", "2026-1")] == ["", "灶房 = 脏", "2026-1"]
