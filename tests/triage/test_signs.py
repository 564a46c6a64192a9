"""A table of signs changes what it holds and nothing else, wherever it stands."""

from triage.signs import SignTable, codes_of

TABLE = SignTable({ord("，"): ",", 0xD800: "\ufffd", 0x1D7D8: "0"})


def test_it_replaces_a_sign_by_another_and_keeps_every_place():
    assert TABLE.apply("好，\U0001d7d8😀") == "好,0😀"


def test_a_lone_surrogate_is_a_sign_like_others():
    assert TABLE.apply("a\ud800b") == "a\ufffdb"


def test_an_empty_text_stays_empty():
    assert TABLE.apply("") == ""


def test_a_mark_of_byte_order_that_the_writer_sent_stays():
    assert TABLE.apply("\ufeff好，") == "\ufeff好,"
    assert codes_of("\ufeff好").tolist() == [0xFEFF, ord("好")]
