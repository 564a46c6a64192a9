"""The log auditor's desk: the chain, its head to be noted, and the log as a file."""

import pytest

from casework.chain import sequence_entries
from casework.ledgerexports import check_export
from tests.api.houses import ADMINISTRATOR, AUDITOR, DISPATCHER, LEADER
from tests.api.visitors import Doors

HERE = "/console/ledger"
FILES = ("counts.csv", "entries.csv", "entries.jsonl")


def test_he_sees_the_head_and_takes_the_log_away(one_doors: Doors) -> None:
    filed = one_doors.report("芦渚镇中心敬老院退费一直不退，合同上写的能退。")
    sequence_entries(one_doors.home.house.store, now=one_doors.home.clock())
    clerk = one_doors.sign_in(AUDITOR)
    page = clerk.get(HERE)
    assert "1:" in page.text
    for name in FILES:
        answer = clerk.client.get(f"{HERE}/export/{name}")
        assert answer.status_code == 200
        assert answer.headers["content-disposition"].startswith("attachment")
        assert filed.case_id not in answer.text
        assert one_doors.case(filed.case_id).number not in answer.text
    assert check_export(clerk.client.get(f"{HERE}/export/entries.jsonl").content) is not None
    assert clerk.get(f"{HERE}/export/everything.zip").status in {404, 422}


@pytest.mark.parametrize("person", [ADMINISTRATOR, DISPATCHER, LEADER], ids=lambda person: person.username)
def test_nobody_else_gets_it(one_doors: Doors, person) -> None:
    clerk = one_doors.sign_in(person)
    assert [clerk.get(f"{HERE}/export/{name}").status for name in FILES] == [403] * 3
