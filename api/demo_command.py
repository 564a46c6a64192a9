"""`hotline demo`: an invented county, alive on this machine until Ctrl-C."""

from pathlib import Path
from typing import Annotated

import typer

from api.demo.run import run_demo


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""

    @app.command()
    def demo(
        port: Annotated[int, typer.Option(help="热线的端口")] = 8000,
        side_port: Annotated[int, typer.Option(help="演示页的端口：老人的微信、邮箱、口令")] = 8001,
        mail_port: Annotated[int, typer.Option(help="演示邮箱的端口")] = 8025,
        folder: Annotated[Path, typer.Option(help="演示数据放在哪里，每次重新生成")] = Path("var/demo"),
    ) -> None:
        """演示：虚构的望桐县，有来件、有工作人员、有邮箱，按 Ctrl-C 停下。"""
        run_demo(port=port, side_port=side_port, mail_port=mail_port, folder=folder)
