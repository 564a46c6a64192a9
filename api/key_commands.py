"""`hotline key`: the bearer keys of the integration API, made and ended on the machine itself.

A key is shown once on the screen; the database has its hash.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from api.settings import load_settings
from casework import clock
from casework.apikeys import Scope, create_api_key, list_api_keys, revoke_api_key
from casework.bodies import get_body
from casework.errors import InvalidField, NotFound
from casework.store import Store


def register(app: typer.Typer) -> None:
    """Add the group to `app`."""
    key = typer.Typer(help="接口密钥：发放，查看，停用。", no_args_is_help=True)
    app.add_typer(key, name="key")

    key.command("add")(add)
    key.command("list")(show)
    key.command("revoke")(revoke)


def add(
    label: Annotated[str, typer.Argument(help="给谁用，如 12345热线")],
    scope: Annotated[list[Scope], typer.Option(help="权限，可以写几次")],
    body: Annotated[str | None, typer.Option(help="移送类权限绑定的单位代码，如 fire")] = None,
) -> None:
    """发一把密钥；只显示这一次。"""
    with _writing() as session:
        try:
            if body is not None:
                get_body(session, body)
            made = create_api_key(session, label=label, scopes=scope, body_code=body, now=clock.now())
        except InvalidField:
            raise typer.BadParameter("移送类权限要用 --body 写明单位代码。") from None
        except NotFound:
            raise typer.BadParameter(f"没有这个单位：{body}。") from None
    typer.echo(made)


def show() -> None:
    """列出发过的密钥：编号、给谁、权限、停用没有。"""
    with _writing() as session:
        for row in list_api_keys(session):
            state = "停用" if row.revoked_at else "在用"
            typer.echo(f"{row.id}  {state}  {row.label}  {' '.join(row.scopes)}  {row.body_code or ''}".rstrip())


def revoke(ident: Annotated[str, typer.Argument(help="密钥的编号")]) -> None:
    """停用一把密钥，马上生效。"""
    with _writing() as session:
        try:
            revoke_api_key(session, ident, now=clock.now())
        except NotFound:
            raise typer.BadParameter("没有这把密钥。") from None
    typer.echo("停用了。")


@contextmanager
def _writing() -> Iterator[Session]:
    store = Store(load_settings().resolved_database_url)
    try:
        with store.write() as session:
            yield session
    finally:
        store.close()
