"""Numbers that name somebody don't reach the log, whoever wrote the line."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from api.redaction import redact
from api.serving import set_up_logging


@pytest.mark.parametrize(
    "number",
    [
        *(
            "15412345678",
            "154-1234-5678",
            "154 1234 5678",
            "+86 15412345678",
            "8615412345678",
            "１５４１２３４５６７８",
        ),
        *("110101199001011234", "11010119900101123X", "110101 1990 0101 1234"),
        *("6222020200000000000", "6222 0202 0000 0000 000", "6222-0202-0000-0000"),
    ],
)
def test_a_number_is_masked_and_the_words_around_it_stay(number: str) -> None:
    assert redact(f"电话{number}。") == f"电话{'▇' * len(number)}。"


@pytest.mark.parametrize(
    "plain",
    ["836aba36ae8144c1cf1fd998", "2026-10-08T02:52:00Z", "12:0123abcd-0123abcd", "/cases/{case_id}", "12345", ""],
)
def test_ids_times_and_counts_stay(plain: str) -> None:
    assert redact(plain) == plain


@pytest.fixture
def own_logging() -> Iterator[None]:
    """The process's real logging, put back afterwards."""
    root, ours = logging.getLogger(), logging.getLogger("hotline")
    before = root.handlers[:], root.level, ours.level
    set_up_logging()
    yield
    root.handlers[:], level, our_level = before
    root.setLevel(level)
    ours.setLevel(our_level)
    structlog.reset_defaults()


@pytest.mark.usefixtures("own_logging")
def test_a_line_of_the_running_process_carries_none(capsys: pytest.CaptureFixture[str]) -> None:
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    record = logging.LogRecord("somebody", logging.ERROR, "x.py", 1, "choked on %s", ("15412345678",), None)
    record.__dict__ |= {"phone": 15412345678, "rows": ["6222020200000000000", 3], "status": 500}
    line = json.loads(handler.format(record))
    assert line["event"] == f"choked on {'▇' * 11}"
    assert (line["phone"], line["rows"], line["status"]) == ("▇" * 11, ["▇" * 19, 3], 500)
