"""Sums, persons, places and the plain view."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.entities.amounts import find_amounts, read_amount
from triage.entities.directory import index_directory
from triage.entities.numerals import read_number
from triage.entities.persons import find_persons
from triage.entities.places import find_place
from triage.entities.plain import read_plain, view_of
from triage.text import normalise
from triage.types import Directory, DirectoryTown

NOWHERE = index_directory(Directory())
COUNTY = Directory(towns=(DirectoryTown("qh", "清河镇", ("清河",), ("柳沟村",)),))


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("三千", 3000),
        ("一万八", 18000),
        ("一百零五", 105),
        ("二十", 20),
        ("几", 3),
        ("半", 0.5),
        ("2.5", 2.5),
        ("七八", 7.5),
    ],
)
def test_it_reads_spoken_numbers(words, value):
    assert read_number(words) == value


@pytest.mark.parametrize(
    ("words", "value"), [("一万七", 17000), ("三千多块", 3000), ("2.5万", 25000), ("五毛", 0.5), ("钱", None)]
)
def test_it_reads_sums(words, value):
    assert read_amount(words) == value


def test_it_finds_sums_but_not_a_piece_of_something():
    found = find_amounts(read_plain("押金三千多块钱，一块肉，共80万元，给了一万八"))
    assert [one.text for one in found] == ["三千多块钱", "80万元", "一万八"]


def test_it_takes_persons_apart():
    found = find_persons(read_plain("民政所所长刘某某，敬老院的王院长，护工李小红，那个姓郝的，贺师傅"))
    assert [(one.name, one.post, one.unit) for one in found] == [
        ("刘某某", "所长", "民政所"),
        ("王", "院长", "敬老院"),
        ("李小红", "护工", None),
        ("郝", None, None),
        ("贺", "师傅", None),
    ]


def test_a_village_is_more_exact_than_its_town():
    place = find_place(read_plain("清河镇的柳沟村有个老人"), index_directory(COUNTY))
    assert place is not None
    assert (place.text, place.code) == ("柳沟村", "qh")


def test_a_place_the_directory_does_not_know_is_still_a_place():
    place = find_place(read_plain("我住在榆树屯，没人管"), NOWHERE)
    assert place is not None
    assert (place.text, place.code) == ("榆树屯", None)


def test_the_plain_view_leads_back_to_the_original():
    text = "養\u200b老\u202e院１２３\ud800"
    plain = read_plain(text)
    assert plain.text == "养老院123\ufffd"
    assert plain.span(0, 3).text == "養\u200b老\u202e院"
    assert plain.span(3, 6).text == "１２３"


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("養老院１Ａb①㎡\u200b\ud800\t　，")), max_size=60))
def test_the_view_of_a_normalised_text_is_the_plain_view(text):
    assert view_of(normalise(text)) == read_plain(text)
