"""Sealing the marked sentences of an open case, as an act of its page: for clue officers, in their open vault."""

from collections.abc import Sequence
from typing import Any

from api.console.act_input import ActInput
from casework.errors import InvalidField
from casework.parting import split_sentences
from intake.models import Report
from intake.partsealing import seal_sentences

SEPARATOR = ":"


def list_marks(reports: Sequence[Report]) -> list[dict[str, Any]]:
    """Every sentence of the open reports with the value of its box."""
    return [
        {"value": f"{report.id}{SEPARATOR}{number}", "text": text[start:end].strip()}
        for report in reports
        if (text := report.working_text) is not None
        for number, (start, end) in enumerate(split_sentences(text))
    ]


def seal_part(act: ActInput) -> str:
    """Seal the ticked sentences; the way goes to the sealed case, which the officer may know of or not."""
    report_id, picks = _read_picks(act.form.texts("picks"))
    seal_sentences(act.session, act.staff, act.staff.token, report_id, picks, desk=act.house.intake_desk, now=act.now)
    return act.back("seal-part")


def _read_picks(values: Sequence[str]) -> tuple[str, list[int]]:
    pairs = [value.rpartition(SEPARATOR) for value in values]
    reports = {report_id for report_id, _, _ in pairs}
    if not pairs:
        raise InvalidField("picks", "required")
    if len(reports) > 1:
        raise InvalidField("picks", "one_report")
    return reports.pop(), [int(place) for _, _, place in pairs if place.isdecimal()]
