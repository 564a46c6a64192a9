import os
import subprocess
import sys

import psycopg
import pytest

from tests.infrastructure import postgres, rundir
from tests.infrastructure.databases import check_kind, plain


def pid_of_the_dead():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    return gone.pid


def test_what_a_killed_run_left_is_stopped_and_cleared_away(run_dir):
    check_kind("postgresql")
    left = run_dir / f"{rundir.PREFIX}{pid_of_the_dead()}-abc"
    left.mkdir(mode=0o711)
    cluster = postgres.start(left)
    rundir.clear_leftovers(run_dir)
    assert not left.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(plain(cluster.url("postgres")))


def test_a_run_that_goes_on_is_left_alone(run_dir):
    living = run_dir / f"{rundir.PREFIX}{os.getpid()}-abc"
    living.mkdir()
    rundir.clear_leftovers(run_dir)
    assert living.exists()
