"""What `make` does about Debian packages, tried with stand-ins for Debian's programs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "apt"
REAL = ("sh", "cat", "env", "grep", "mktemp", "rm", "tail")


@pytest.fixture
def machine(tmp_path):
    """A folder of programs: the few real ones that the script needs, and what a test adds."""
    for name in REAL:
        (tmp_path / name).symlink_to(Path(shutil.which(name) or name))
    return tmp_path


def add(machine, name, script):
    program = machine / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def add_debian(machine, *, user, installed=False):
    add(machine, "dpkg-query", "printf 'install ok installed'" if installed else "exit 1")
    add(machine, "apt-get", f'echo "$@" >>{machine}/calls')
    add(machine, "id", f"echo {user}")


def ask(machine, *words):
    environment = {**os.environ, "PATH": str(machine)}
    return subprocess.run(
        ["sh", str(SCRIPT), *words],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_is_silent_when_nothing_is_missing(machine):
    add_debian(machine, user=0, installed=True)
    done = ask(machine, "postgresql")
    assert (done.returncode, done.stdout, (machine / "calls").exists()) == (0, "", False)


def test_root_installs_and_is_told_the_names(machine):
    add_debian(machine, user=0)
    done = ask(machine, "postgresql", "chromium")
    assert done.returncode == 0
    assert "postgresql chromium" in done.stdout
    assert "install -y --no-install-recommends postgresql chromium" in (machine / "calls").read_text()


def test_a_user_installs_by_sudo(machine):
    add_debian(machine, user=1000)
    add(machine, "sudo", f'[ "$1" = -n ] || {{ echo sudo >>{machine}/calls; "$@"; }}')
    assert ask(machine, "postgresql").returncode == 0
    assert "sudo" in (machine / "calls").read_text()


def test_a_user_without_rights_is_told_in_one_sentence(machine):
    add_debian(machine, user=1000)
    add(machine, "sudo", "exit 1")
    done = ask(machine, "python3-venv")
    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("user", [0, 1000])
def test_what_is_optional_does_not_stop_a_machine_without_apt(machine, user):
    add(machine, "id", f"echo {user}")
    done = ask(machine, "--optional", "文书将使用黑体。", "fonts-noto-cjk")
    assert done.returncode == 0
    assert "fonts-noto-cjk" in done.stdout
    assert "文书将使用黑体。" in done.stdout


def test_when_apt_fails_its_own_words_are_shown(machine):
    add_debian(machine, user=0)
    add(machine, "apt-get", "echo E: Unable to locate package; exit 100")
    done = ask(machine, "postgresql")
    assert done.returncode == 1
    assert "Unable to locate" in done.stderr


def test_what_is_optional_goes_on_when_apt_fails(machine):
    add_debian(machine, user=0)
    add(machine, "apt-get", "exit 100")
    assert ask(machine, "--optional", "会用黑体。", "fonts-noto-cjk").returncode == 0
