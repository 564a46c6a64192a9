"""The entities of a report, as the rest of triage receives them, and bad input."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.extraction import Entities, extract_entities
from triage.types import Directory, DirectoryInstitution, DirectoryTown

RECEIVED = date(2024, 1, 15)
COUNTY = Directory(
    institutions=(DirectoryInstitution("fk", "福康养老院", ("福康",), "qh"),),
    towns=(DirectoryTown("qh", "清河镇", ("清河",), ("柳沟村",)),),
)
STUTTERS = (
    "", "养", "1", "王", "\ud800", "2023年", "我叫", "13", "敬老院", " ", "3号楼", "、", "一", "a@", "微信", "院长王",
    "我住", "“", "\n",
    "1 ", "1-", "上", "\u200b", "👵", "<div>", "\u202e养", "(", "福康", "住1号", "姓王叫",
)  # fmt: skip


def read(text: str) -> Entities:
    return extract_entities(text, directory=COUNTY, received=RECEIVED)


def spans_of(found: Entities):
    single = [one for one in (found.institution, found.place, found.when) if one is not None]
    return [*single, *found.persons, *found.amounts, *found.identifiers]


def test_it_names_the_home_the_day_and_the_phone():
    found = read("反映福康养老院前天晚上护工李小红打人，扣了三千块押金，我的电话154 0012 3456，清河镇柳沟村的")
    assert found.institution is not None
    assert (found.institution.text, found.institution.code) == ("福康养老院", "fk")
    assert found.when is not None
    assert (found.when.text, found.when.from_) == ("前天晚上", date(2024, 1, 13))
    assert found.place is not None
    assert found.place.text == "柳沟村"
    assert [one.name for one in found.persons] == ["李小红"]
    assert [one.text for one in found.amounts] == ["三千块"]
    assert [one.text for one in found.identifiers] == ["154 0012 3456"]


@given(st.text(alphabet=st.characters(), max_size=200))
def test_any_text_is_answered_with_true_positions(text):
    assert all(text[one.start : one.end] == one.text for one in spans_of(read(text)))


@pytest.mark.parametrize("piece", STUTTERS, ids=repr)
def test_twenty_thousand_signs_of_one_kind_take_no_long_time(piece):
    text = (piece * 20_000)[:20_000]
    began = time.process_time()
    found = read(text)
    assert time.process_time() - began < 20
    assert all(text[one.start : one.end] == one.text for one in spans_of(found))
