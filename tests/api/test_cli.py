"""The command's own manners: every command is there, and none pays for another's libraries."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from api.cli import COMMANDS, app, load_command


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_in_chinese(command: str):
    told = CliRunner().invoke(app, [command, "--help"])
    assert told.exit_code == 0
    assert any("\u4e00" <= sign <= "\u9fff" for sign in told.output)


def test_the_list_names_every_command():
    told = CliRunner().invoke(app, ["--help"]).output
    assert [command for command in COMMANDS if command not in told] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_the_list_says_of_a_command_what_it_says_of_itself(command: str):
    assert load_command(command).help == COMMANDS[command].help


def test_an_unknown_command_is_refused_by_name():
    told = CliRunner().invoke(app, ["triagee"])
    assert told.exit_code == 2
    assert "triagee" in told.output


def test_triage_on_the_command_line_loads_neither_web_nor_database():
    assert list_loaded("import api.triage_commands", "fastapi", "dbos", "telegram") == []


def test_the_list_of_commands_loads_no_tables():
    assert list_loaded("import api.cli", "sqlalchemy", "PIL", "casework.models") == []


def list_loaded(code: str, *modules: str) -> list[str]:
    """Those of the modules that a fresh interpreter has loaded after this code."""
    asked = f"import sys, json; {code}; print(json.dumps([m for m in {modules!r} if m in sys.modules]))"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    return list(json.loads(told.stdout))
