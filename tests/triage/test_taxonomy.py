"""Categories and bodies are data that is checked."""

import pytest

from triage.errors import DataError
from triage.taxonomy import DATA_DIR, DisciplineRule, load_taxonomy

ALWAYS = {"eight_rules", "corruption", "inaction"}


def test_there_are_twenty_three_categories_and_three_always_go_to_discipline():
    taxonomy = load_taxonomy()
    assert len(taxonomy.codes) == 23
    assert {c.code for c in taxonomy.categories if c.discipline is DisciplineRule.ALWAYS} == ALWAYS


def test_each_of_the_eight_checks_has_a_category():
    assert {check for category in load_taxonomy().categories for check in category.checks} == set(range(1, 9))


def test_an_unknown_body_stops_the_start_with_file_and_line(tmp_path):
    source = (DATA_DIR / "taxonomy.toml").read_text(encoding="utf-8")
    (tmp_path / "taxonomy.toml").write_text(source.replace('lead = "fire"', 'lead = "fyre"'), encoding="utf-8")
    with pytest.raises(DataError, match="fyre") as caught:
        load_taxonomy(tmp_path)
    assert caught.value.line > 0
