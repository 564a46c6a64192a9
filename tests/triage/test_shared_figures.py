"""The floors on the labelled texts beside the repository; skipped where those are missing."""

import json
import os
from pathlib import Path

import pytest

from api.triage_commands import labels_of, read_gold
from tests.triage.reading_room import a_context, said_of
from triage.evaluation import evaluate

SHARED = Path(os.environ.get("HOTLINE_SHARED", Path(__file__).parents[3] / "shared"))
GOLD = SHARED / "samples" / "triage.jsonl"
TRAPS = SHARED / "real" / "substring_traps.jsonl"


@pytest.mark.skipif(not GOLD.exists(), reason="no labelled texts beside the repository")
def test_the_floors_hold_on_the_validation_texts():
    rows = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    figures = evaluate([(read_gold(row), labels_of(said_of(row["text"]))) for row in rows], a_context().taxonomy.codes)
    assert figures.micro.f1 >= 0.82
    assert figures.critical.recall >= 0.95
    assert figures.critical.precision >= 0.80
    assert figures.discipline.recall >= 0.93


@pytest.mark.skipif(not TRAPS.exists(), reason="no traps beside the repository")
def test_no_substring_trap_fires():
    for line in TRAPS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        said, left = said_of(row["context"]), row["context"].find(row["inside"])
        right = left + len(row["inside"])
        for evidence in (e for score in said.categories for e in score.evidence):
            assert not left < evidence.start < right, row["inside"]
            assert not left < evidence.end < right, row["inside"]
