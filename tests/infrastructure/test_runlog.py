"""The search of the whole run's log, on small runs of its own, with helpers and without."""

import subprocess
import sys
from pathlib import Path

import pytest

from api.redaction import MASK
from tests.infrastructure.runlog import FOLDER, find_numbers

ROOT = Path(__file__).parents[2]
PLUGINS = ("-p", "tests.infrastructure.rundir", "-p", "tests.infrastructure.runlog", "-p", "no:cacheprovider")
QUIET = """
import logging

def test_one():
    logging.getLogger("hotline.web").info("request", extra={"route": "/cases/{case_id}", "ms": 12})

def test_two():
    logging.getLogger("somebody").info("15412345678 is told to nobody at this level")
"""
LOUD = (
    QUIET
    + """
def test_three():
    logging.getLogger("hotline.web").info("request", extra={"phone": "15412345678"})
"""
)


LEAKING = """
def test_four(run_dir):
    (run_dir / "log" / "somebody.log").write_text("said by 15412345678")
"""


def run(folder: Path, tests: str, *more: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_small.py").write_text(tests)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", *PLUGINS, *more, "-c", str(folder / "pytest.ini"), str(folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("how", [(), ("-n", "2")], ids=["alone", "with_helpers"])
def test_a_number_in_any_test_s_log_makes_the_run_fail(tmp_path: Path, how: tuple[str, ...]) -> None:
    leaking = run(tmp_path, LEAKING, *how)
    assert "1 passed" in leaking.stdout
    assert "a number in the log of the run: said by 15412345678" in leaking.stdout
    assert leaking.returncode == 1


@pytest.mark.parametrize("how", [(), ("-n", "2")], ids=["alone", "with_helpers"])
def test_a_line_that_had_to_be_masked_is_shown(tmp_path: Path, how: tuple[str, ...]) -> None:
    loud = run(tmp_path, LOUD, *how)
    assert f"masked in the log of the run: hotline.web 'request' {{'phone': '{MASK * 11}'}}" in loud.stdout
    assert loud.returncode == 0, loud.stdout


@pytest.mark.parametrize("how", [(), ("-n", "2")], ids=["alone", "with_helpers"])
def test_a_quiet_run_passes(tmp_path: Path, how: tuple[str, ...]) -> None:
    quiet = run(tmp_path, QUIET, *how)
    assert quiet.returncode == 0, quiet.stdout
    assert "in the log of the run" not in quiet.stdout


def test_what_this_very_run_has_written_so_far_carries_no_number(run_dir: Path) -> None:
    assert find_numbers(run_dir / FOLDER) == []
