"""`hotline serve` and `hotline worker`: the two processes an office keeps running.

Any number of them share one PostgreSQL; an office on SQLite runs one `serve`.
"""

from typing import Annotated

import typer

from api.serving import run_serve, run_worker_command
from api.settings import load_settings
from api.wiring import build_house


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command()(serve)
    app.command()(worker)


def serve(
    host: Annotated[str, typer.Option(help="监听的地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="监听的端口")] = 8000,
    jobs: Annotated[bool, typer.Option(help="同时做后台的活")] = True,  # noqa: FBT002 - a switch
) -> None:
    """开网页、微信接口和工作台，同时做后台的活。"""
    run_serve(build_house(load_settings()), host=host, port=port, jobs=jobs)


def worker() -> None:
    """只做后台的活：送函、查重、催办。"""
    run_worker_command(build_house(load_settings()))
