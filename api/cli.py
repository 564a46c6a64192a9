"""The command `hotline`: help in Chinese, option names in English; no command holds a key.

Each command opens what it needs by the wiring and one unit of work of its own.
"""

import sys
from typing import Annotated

import typer
from pydantic import ValidationError

from api import (
    backup_commands,
    body_commands,
    chat_commands,
    demo_command,
    key_commands,
    staff_commands,
    triage_commands,
)
from api.migrate import upgrade
from api.serving import run_serve, run_worker_command
from api.settings import load_settings
from api.wiring import MissingSetting, build_house
from casework import clock
from casework.chain import verify_ledger
from casework.errors import DataError, HotlineError
from casework.ledger import SYSTEM
from casework.offices import find_office_file, load_office_data
from casework.rings import require_vault
from casework.secrets import generate_secret_file
from casework.store import Store

app = typer.Typer(help="清风热线：养老服务投诉举报热线。", no_args_is_help=True, add_completion=False)
triage_commands.register(app)
chat_commands.register(app)
staff_commands.register(app)
key_commands.register(app)
body_commands.register(app)
backup_commands.register(app)
demo_command.register(app)

SECRET_MODE = 0o600


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="监听的地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="监听的端口")] = 8000,
    jobs: Annotated[bool, typer.Option(help="同时做后台的活")] = True,
) -> None:
    """开网页、微信接口和工作台，同时做后台的活。"""
    run_serve(build_house(load_settings()), host=host, port=port, jobs=jobs)


@app.command()
def worker() -> None:
    """只做后台的活：送函、查重、催办。"""
    run_worker_command(build_house(load_settings()))


@app.command()
def migrate() -> None:
    """建好或升级数据库，载入本单位的名录；第一次运行时生成服务器密钥。"""
    settings = load_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    secret = settings.resolved_secret_file
    if not secret.exists():
        secret.touch(SECRET_MODE)
        secret.write_bytes(generate_secret_file())
        typer.echo(f"生成了服务器密钥：{secret}。请另外备份，不要和数据库放在一起。")
    upgrade(settings.resolved_database_url)
    store = Store(settings.resolved_database_url)
    with store.write() as session:
        data = load_office_data(session, find_office_file(settings.office), by=SYSTEM, now=clock.now())
    store.close()
    typer.echo(
        f"数据库是最新的。名录：{len(data.towns)}个镇街，{len(data.bodies)}个单位，{len(data.institutions)}家机构。"
    )


@app.command("check-config")
def check_config() -> None:
    """查一遍设置：缺什么、哪里写错了，一句一条。"""
    house = build_house(load_settings())
    with house.store.read() as session:
        require_vault(session)
    house.close()
    typer.echo("设置没有问题。")


@app.command()
def verify() -> None:
    """核对台账的链：断在哪里，有多少条还没接上。"""
    store = Store(load_settings().resolved_database_url)
    with store.read() as session:
        report = verify_ledger(session)
    store.close()
    if report.first_broken is not None:
        typer.echo(f"台账断了：{report.first_broken}", err=True)
        raise typer.Exit(1)
    typer.echo(f"台账完好：{report.entries}条，{report.blocks}块，还没接上的{report.unlinked}条。")


def main() -> None:
    """The entry point: what goes wrong on purpose is one sentence, not a traceback."""
    try:
        app()
    except MissingSetting as error:
        _fail(error.sentence)
    except ValidationError as error:
        _fail("设置没看懂：" + "；".join(f"HOTLINE_{str(e['loc'][0]).upper()}" for e in error.errors()))
    except DataError as error:
        _fail(f"数据文件有错：{error}")
    except HotlineError as error:
        _fail(f"没办成：{type(error).__name__} {error}")


def _fail(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
    raise SystemExit(1)
