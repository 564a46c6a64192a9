"""A report with letters that no database holds is taken in all the same."""

import pytest

from casework.store import Store
from intake.models import Report
from intake.reports import receive_report
from intake.types import Filed, Told
from tests.casework.people import NOW
from tests.intake.desk import a_desk, a_draft, a_house


@pytest.mark.parametrize("odd", ["\0", "\ud83d"], ids=["nul", "half_a_letter"])
def test_a_letter_that_no_database_holds_keeps_nobody_from_reporting(store: Store, odd: str) -> None:
    with store.write() as session:
        a_house(session)
        draft = a_draft(f"敬老院{odd}的饭菜凉了好几天", told=Told(place=f"麦陇{odd}镇"))
        filed = receive_report(session, draft, desk=a_desk(), now=NOW)
        assert isinstance(filed, Filed)
        report = session.get_one(Report, filed.report_id)
        assert report.working_text is not None
        assert "敬老院\ufffd的饭菜" in report.working_text
