"""The command `hotline`: help in Chinese, option names in English; no command holds a key.

A command's module is imported when the command is called: `hotline verify` doesn't load Telegram, nor `serve` the demo.
"""

import gc
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import Any

import typer
from pydantic import ValidationError
from typer.core import TyperGroup

from api.settings import MissingSetting
from casework.errors import DataError, HotlineError

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "serve": "api.serve_commands",
        "worker": "api.serve_commands",
        "migrate": "api.upkeep_commands",
        "check-config": "api.upkeep_commands",
        "verify": "api.upkeep_commands",
        "verify-export": "api.upkeep_commands",
        "triage": "api.triage_commands",
        "duplicates": "api.triage_commands",
        "retriage": "api.retriage_commands",
        "chat": "api.chat_commands",
        "staff": "api.staff_commands",
        "key": "api.key_commands",
        "body": "api.body_commands",
        "channels": "api.channel_commands",
        "secret": "api.secret_commands",
        "backup": "api.backup_commands",
        "restore": "api.backup_commands",
        "move": "api.backup_commands",
        "import": "api.transfer_commands",
        "export": "api.transfer_commands",
        "lexicon": "api.lexicon_commands",
        "demo": "api.demo_command",
    }
)
"""Each command and the module that has it; its `register(app)` adds it to a Typer application."""


class LazyGroup(TyperGroup):
    """Knows every command by name, loads one when it is asked for."""

    def list_commands(self, _context: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _context: Any, cmd_name: str) -> Any:
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        several = typer.Typer(add_completion=False)
        several.callback()(_no_options)
        _load(module).register(several)
        return typer.main.get_group(several).commands[cmd_name]


def _load(module: str) -> ModuleType:
    """Import without looking for garbage: a million objects are made that all stay, a quarter of the time otherwise."""
    gc.disable()
    loaded = import_module(module)
    gc.freeze()
    gc.enable()
    return loaded


def _no_options() -> None:
    """A group even where one command stands alone."""


app = typer.Typer(cls=LazyGroup, help="清风热线：养老服务投诉举报热线。", no_args_is_help=True, add_completion=False)
app.callback()(_no_options)


def main() -> None:
    """The entry point: what goes wrong on purpose is one sentence, not a traceback.

    Whatever a command writes (database, keys, exports) is its owner's alone.
    """
    os.umask(0o077)
    try:
        app()
    except MissingSetting as error:
        _fail(error.sentence)
    except ValidationError as error:
        _fail("设置没看懂：" + "；".join(f"HOTLINE_{str(e['loc'][0]).upper()}" for e in error.errors()))
    except DataError as error:
        _fail(f"数据文件有错：{error}")
    except OSError as error:
        _fail(f"没办成：{error.strerror or error}{'：' + str(error.filename) if error.filename else ''}")
    except HotlineError as error:
        _fail(f"没办成：{type(error).__name__} {error}")


def _fail(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
    raise SystemExit(1)
