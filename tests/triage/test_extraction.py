"""The entities of a report, as the rest of triage receives them."""

from datetime import date

from triage.extraction import extract_entities
from triage.types import Directory

RECEIVED = date(2024, 1, 15)


def test_it_names_the_home_the_day_and_the_phone():
    text = "反映福康养老院前天晚上护工打人，我的电话154 0012 3456"
    found = extract_entities(text, directory=Directory(), received=RECEIVED)
    assert found.institution is not None
    assert found.institution.text == "福康养老院"
    assert found.when is not None
    assert (found.when.text, found.when.from_) == ("前天晚上", date(2024, 1, 13))
    assert [one.text for one in found.identifiers] == ["154 0012 3456"]
