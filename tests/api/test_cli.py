"""The command's own manners: every command is there, and none pays for another's libraries."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from api.cli import COMMANDS, app


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_in_chinese(command: str):
    told = CliRunner().invoke(app, [command, "--help"])
    assert told.exit_code == 0
    assert any("\u4e00" <= sign <= "\u9fff" for sign in told.output)


def test_the_list_names_every_command():
    told = CliRunner().invoke(app, ["--help"]).output
    assert [command for command in COMMANDS if command not in told] == []


def test_an_unknown_command_is_refused_by_name():
    told = CliRunner().invoke(app, ["triagee"])
    assert told.exit_code == 2
    assert "triagee" in told.output


def test_triage_on_the_command_line_loads_neither_web_nor_database():
    code = "import sys, api.triage_commands; print([m for m in ('fastapi', 'dbos', 'telegram') if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
