"""Phrases that corrected texts share: what is offered, and what never is."""

from tests.triage.reading_room import a_context
from triage.mining import Labelled, mine_phrases

CUT = a_context().segmenter.cut


def mined(*texts: Labelled, known: tuple[str, ...] = (), most: int = 12) -> list[str]:
    return [offer.phrase for offer in mine_phrases(texts, cut=CUT, known=known, most=most)]


FEES = (
    Labelled("fees", "轮椅押金不退，还要加收轮椅费"),
    Labelled("fees", "轮椅要钱，押金又不给，老人生气"),
)


def test_it_offers_what_two_texts_share_and_says_in_how_many():
    first, *_ = mine_phrases(FEES, cut=CUT, known=())
    assert (first.topic, first.phrase, first.texts) == ("fees", "轮椅", 2)
    assert first.score > 0


def test_what_one_text_says_or_the_lexicon_knows_is_left_out():
    assert "老人" not in mined(*FEES)
    assert "轮椅" not in mined(*FEES, known=("轮椅",))


def test_names_and_numbers_are_no_phrases():
    texts = [Labelled("fees", f"望桐福寿家园收了500元，{word}", barred=("望桐福寿家园",)) for word in ("不退", "不给")]
    assert mined(*texts) == []


def test_what_another_topic_says_as_often_marks_neither():
    other = [Labelled("records", "轮椅登记没有"), Labelled("records", "轮椅台账没有")]
    assert "轮椅" not in mined(*FEES, *other)


def test_at_most_so_many_are_offered_and_nothing_gives_nothing():
    assert len(mined(*FEES, most=1)) == 1
    assert mined() == []
