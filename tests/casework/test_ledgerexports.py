"""The ledger on its way out: it proves itself to an outsider, tells of no case, and no cell becomes a formula."""

import csv
import io
import json
import logging
from typing import Any

import pytest
from sqlalchemy.orm import Session

from casework.chain import Anchor, sequence_entries, verify_ledger
from casework.errors import InvalidField, NotAllowed
from casework.heads import note_head, parse_head, stamp_head, write_head
from casework.ledger import REPORTER, Verb, by_officer, record
from casework.ledgerexports import BrokenExport, check_export, export_counts, export_lines, export_sheet
from casework.models import Officer
from casework.store import Store
from casework.types import Role
from tests.casework.people import NOW, a_dispatcher, an_officer, opened, the_county

CASE = "0123456789abcdef01234567"


def an_auditor(session: Session) -> Officer:
    return an_officer(session, "auditor", "叶守白", "bureau", Role.LOG_AUDITOR)


def write_some(store: Store) -> None:
    """Acts of an officer whose name would be a formula, and of a reporter."""
    with store.write() as session:
        the_county(session)
        an_auditor(session)
        officer = a_dispatcher(session, "=1+1")
        known: dict[str, Any] = {"subject": "case", "subject_id": CASE, "case_id": CASE, "now": NOW}
        record(session, actor=by_officer(officer), verb=Verb.READ, details={"field": "secret-detail"}, **known)
        record(session, actor=REPORTER, verb=Verb.AMENDED, **known)
        record(session, actor=by_officer(officer), verb=Verb.EXCLUDED, **known)
    sequence_entries(store, now=NOW)


def taken(store: Store, export) -> bytes:
    with store.write() as session:
        auditor = session.query(Officer).filter(Officer.username == "auditor").one()
        content: bytes = export(session, auditor, now=NOW)
        return content


@pytest.mark.parametrize("export", [export_counts, export_sheet, export_lines])
def test_no_case_no_detail_and_no_formula_is_in_it(store: Store, export):
    write_some(store)
    text = taken(store, export).decode("utf-8-sig")
    assert CASE not in text
    assert "secret-detail" not in text
    for row in csv.reader(io.StringIO(text)):
        assert not any(cell.startswith("=") for cell in row)


@pytest.mark.parametrize("export", [export_counts, export_sheet, export_lines])
def test_only_the_log_auditor_gets_it(store: Store, export):
    write_some(store)
    with store.write() as session:
        for officer in (a_dispatcher(session), an_officer(session, "a", "施远", "bureau", Role.ADMINISTRATOR)):
            with pytest.raises(NotAllowed):
                export(session, officer, now=NOW)


def test_a_reporters_acts_bear_the_day_and_an_officers_the_second(store: Store):
    write_some(store)
    lines = [json.loads(line) for line in taken(store, export_lines).decode().splitlines()]
    at = {line["verb"]: line["at"] for line in lines if "verb" in line}
    assert at["amended"] == "2026-10-08"
    assert at["read"] == "2026-10-08T10:52:00+08:00"


def test_counts_are_counts(store: Store):
    write_some(store)
    rows = list(csv.reader(io.StringIO(taken(store, export_counts).decode("utf-8-sig"))))
    assert rows[0] == ["日期", "做了什么", "谁", "次数"]
    assert ["2026-10-08", "查看", "经办人", "1"] in rows


def test_taking_it_stands_in_it(store: Store):
    write_some(store)
    taken(store, export_counts)
    assert "导出" in taken(store, export_sheet).decode("utf-8-sig")


def test_an_outsider_works_the_chain_out_again(store: Store):
    write_some(store)
    told = check_export(taken(store, export_lines))
    with store.read() as session:
        head = verify_ledger(session).head
    assert told is not None
    assert head is not None
    assert told["sha256"] == head.hash.hex()


def test_a_changed_or_missing_line_is_found_by_its_number(store: Store):
    write_some(store)
    lines = taken(store, export_lines).decode().splitlines()
    changed = [line.replace('"sha256": "', '"sha256": "00', 1) if '"entry"' in line else line for line in lines]
    without = [line for line in lines if '"read"' not in line]
    cut = lines[:1]
    for broken in (changed, without, cut):
        with pytest.raises(BrokenExport):
            check_export("\n".join(broken).encode())


def test_an_empty_ledger_is_no_fault(store: Store):
    with store.write() as session:
        the_county(session)
        an_auditor(session)
    assert check_export(taken(store, export_lines)) is None


# ---- the head


def test_the_head_is_written_so_that_it_can_be_typed_back():
    head = Anchor(12, bytes(range(32)))
    written = write_head(head)
    assert written.startswith("12:00010203-04050607-")
    assert parse_head(written) == parse_head(written.replace("-", " ").upper()) == head


def test_the_short_head_of_a_letter_proves_the_same(store: Store):
    write_some(store)
    with store.read() as session:
        line = stamp_head(session, now=NOW)
        assert line.startswith("台账链头 1:")
        assert line.endswith("　2026年10月8日")
        head = parse_head(line.split()[1])
        assert len(head.hash) == 16
        assert verify_ledger(session, anchor=head).is_whole
        other = Anchor(head.block_id, bytes(16))
        assert not verify_ledger(session, anchor=other).is_whole
        assert not verify_ledger(session, anchor=Anchor(head.block_id + 1, head.hash)).is_whole


@pytest.mark.parametrize("text", ["", "12", "12:zz", "x:" + "0" * 64, "1:" + "0" * 63, "1:" + "0" * 31])
def test_what_is_no_head_is_refused(text: str):
    with pytest.raises(InvalidField):
        parse_head(text)


def test_each_day_has_its_head_in_the_log(store: Store, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO, logger="hotline.ledger"):
        assert note_head(store, now=NOW) is None
        assert not caplog.records
        write_some(store)
        head = note_head(store, now=NOW)
    assert head is not None
    (line,) = caplog.records
    assert (line.message, line.__dict__["day"]) == ("ledger_head", "2026-10-08")
    assert parse_head(line.__dict__["head"]) == head


def test_what_the_house_did_in_the_reporters_moment_is_dated_to_the_day_too(store: Store) -> None:
    with store.write() as session:
        the_county(session)
        auditor = an_officer(session, "auditor", "叶守白", "bureau", Role.LOG_AUDITOR)
        opened(session, "麦陇镇敬老院的饭是馊的，周建禾知道")
        told = export_sheet(session, auditor, now=NOW).decode("utf-8-sig")
    moments = [line.split(",")[1] for line in told.splitlines()[1:] if "反映人" in line or "自动" in line]
    assert moments
    assert {len(moment) for moment in moments} == {len("2026-10-08")}
