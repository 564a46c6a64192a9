"""The home or unit complained of, known to the directory or not."""

import pytest

from triage.entities.directory import index_directory
from triage.extraction import extract_entities
from triage.types import Directory, DirectoryInstitution, DirectoryTown, InstitutionKind

COUNTY = Directory(
    institutions=(
        DirectoryInstitution("fk", "福康养老院", ("福康",), "cg"),
        DirectoryInstitution("fa", "福安养老院", (), "cg"),
        DirectoryInstitution("qh", "清河镇中心敬老院", ("清河敬老院",), "qhz"),
    ),
    towns=(DirectoryTown("cg", "城关镇"), DirectoryTown("qhz", "清河镇", ("清河",), ("柳沟村",))),
)


def institution_of(text: str, directory: Directory = COUNTY):
    return extract_entities(text, directory=directory, received=None).institution


@pytest.mark.parametrize(
    ("text", "words", "kind"),
    [
        ("来电人反映石板沟镇敬老院克扣伙食费", "石板沟镇敬老院", InstitutionKind.HOME),
        ("我妈在翠松年华老年公寓住了半年，身上全是伤", "翠松年华老年公寓", InstitutionKind.HOME),
        ("举报望桐县民政局养老科科长收红包", "民政局", InstitutionKind.OFFICE),
        ("“鹤寿康”公司骗老人投资，年息百分之二十", "公司", InstitutionKind.COMPANY),
    ],
)
def test_it_finds_units_that_no_directory_knows(text, words, kind):
    found = institution_of(text, Directory())
    assert found is not None
    assert words in found.text
    assert found.kind is kind
    assert (found.name, found.code) == (None, None)
    assert text[found.start : found.end] == found.text


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("福康养老院", "fk"),
        ("福康养老苑", "fk"),
        ("福康", "fk"),
        ("望桐县福康养老院", "fk"),
        ("夫康养老院", "fk"),
        ("福寿养老院", None),
    ],
)
def test_it_matches_what_was_written_to_the_directory(words, code):
    entry = index_directory(COUNTY).match_name(words)
    assert (entry.code if entry else None) == code


def test_a_home_named_only_by_its_kind_is_found_by_its_place():
    found = institution_of("清河镇上那个敬老院，冬天不给烧暖气")
    assert found is not None
    assert found.code == "qh"


def test_the_name_of_the_directory_is_found_where_it_is_written_with_hidden_signs():
    found = institution_of("反映福\u200b康養老院护工打人")
    assert found is not None
    assert (found.text, found.code) == ("福\u200b康養老院", "fk")


def test_a_text_that_names_no_unit_has_none():
    assert institution_of("您好，请问几点上班") is None


def test_two_directories_do_not_mix():
    assert institution_of("反映福康养老院护工打人").code == "fk"
    assert institution_of("反映福康养老院护工打人", Directory()).code is None


@pytest.mark.parametrize("text", ["食堂", "食堂的饭太差", "厨房里有老鼠"])
def test_a_spot_inside_a_home_is_no_unit(text):
    assert institution_of(text) is None
