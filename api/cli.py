"""The command `hotline`: help in Chinese, option names in English; no command holds a key.

A command's module is imported when the command is called: `hotline verify` doesn't load Telegram, nor `serve` the demo,
and the list of commands loads none.
"""

import gc
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import Any

import typer
from pydantic import ValidationError
from typer.core import TyperCommand, TyperGroup

from api.settings import MissingSetting
from casework.errors import DataError, HotlineError


@dataclass(frozen=True, slots=True)
class Command:
    """The module that has a command, whose `register(app)` adds it to a Typer application, and its help in a sentence.

    The sentence is the command's own; it stands here so that the list is shown without loading one of them.
    """

    module: str
    help: str


COMMANDS: Mapping[str, Command] = MappingProxyType(
    {
        "serve": Command("api.serve_commands", "开网页、微信接口和工作台，同时做后台的活。"),
        "worker": Command("api.serve_commands", "只做后台的活：送函、查重、催办。"),
        "migrate": Command("api.upkeep_commands", "建好或升级数据库，载入本单位的名录；第一次运行时生成服务器密钥。"),
        "check-config": Command("api.upkeep_commands", "查一遍设置：缺什么、哪里写错了，一句一条。"),
        "verify": Command(
            "api.upkeep_commands",
            "核对台账的链、钥匙和回避：断在哪里，有多少条还没接上；给出以前的链头，再看它还在不在链里。",
        ),
        "verify-export": Command(
            "api.upkeep_commands",
            "核对一份导出的台账，不用数据库，也不用本单位的设置：哪一行被改过、少了，都看得出来。",
        ),
        "triage": Command("api.triage_commands", "对来件逐条研判：一行一个 JSON 对象，或 xlsx、csv 表格。"),
        "duplicates": Command("api.triage_commands", "找出反映同一件事的来件：一行一个 {id, text}；只作提示，不合并。"),
        "retriage": Command(
            "api.retriage_commands",
            "改了词库以后，把还没派出去的件重新研判一遍；断了再运行一次，接着做。人改过的、派出去的、密封的都不动。",
        ),
        "chat": Command("api.chat_commands", "让一段段对话走一遍前台：一行一个 JSON 对象。"),
        "staff": Command("api.staff_commands", "工作人员：添加，建密件库。"),
        "key": Command("api.key_commands", "接口密钥：发放，查看，停用。"),
        "body": Command("api.body_commands", "承办单位：公钥，材料包。"),
        "channels": Command("api.channel_commands", "对外渠道：公众号菜单、Telegram 回调。"),
        "secret": Command("api.secret_commands", "服务器密钥：换新，查看，去掉旧的。"),
        "backup": Command(
            "api.backup_commands", "备份数据库：一个文件，不含服务器密钥，也不含还没交的谈话。可以边运行边备份。"
        ),
        "restore": Command("api.backup_commands", "把备份恢复到一个空的数据库，恢复后逐表核对；有一处不对就全部撤回。"),
        "move": Command(
            "api.backup_commands",
            "把数据库整个搬到另一处，SQLite 和 PostgreSQL 之间也行。先停掉服务再搬；原来的库不动。",
        ),
        "import": Command(
            "api.transfer_commands", "登记别处转来的一批件：按对方编号去重，有错的行报出行号，断了再运行一次接着登记。"
        ),
        "export": Command(
            "api.transfer_commands", "导出办件，列和12345工单对得上；只有这个人看得到的，密件永远不在里面。"
        ),
        "lexicon": Command("api.lexicon_commands", "本单位对词库的改动：导出成文件，从文件导入。"),
        "demo": Command("api.demo_command", "演示：虚构的望桐县，有来件、有工作人员、有邮箱，按 Ctrl-C 停下。"),
    }
)


class LazyGroup(TyperGroup):
    """Knows every command by name and sentence, loads one when it is called."""

    def list_commands(self, _context: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _context: Any, cmd_name: str) -> Any:
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name].help) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, known, rest = super().resolve_command(ctx, args)
        return name, load_command(name) if name and known else None, rest


def load_command(name: str) -> Any:
    """The command itself, out of its module."""
    several = typer.Typer(add_completion=False)
    several.callback()(_no_options)
    _load(COMMANDS[name].module).register(several)
    return typer.main.get_group(several).commands[name]


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
