"""`hotline lexicon export` and `import`: the office's changes as a TOML file, out and in; an import is a new version.

A file with a mistake changes nothing and is told with file, line, field and reason.
"""

from pathlib import Path
from typing import Annotated

import typer

from api.errors import PROBLEMS
from api.settings import load_settings
from casework import clock
from casework.ledger import SYSTEM
from casework.lexicons import add_version, get_active, read_changes
from casework.store import Store
from triage.context import Context, build_context
from triage.errors import DataError
from triage.overlay import Change, list_topics, mark_of
from triage.overlay_files import read_overlay, write_overlay

ENCODING = "utf-8"


def register(app: typer.Typer) -> None:
    """Add the command with its two verbs to `app`."""
    group = typer.Typer(help="本单位对词库的改动：导出成文件，从文件导入。", no_args_is_help=True)
    group.command("export")(export)
    group.command("import")(bring_in)
    app.add_typer(group, name="lexicon")


def export(
    file: Annotated[Path, typer.Argument(help="写到哪个 TOML 文件", dir_okay=False)],
) -> None:
    """把现在用的改动写成 TOML 文件。"""
    store = _open_store()
    try:
        with store.read() as session:
            number = get_active(session)
            changes = read_changes(session, number)
    finally:
        store.close()
    head = (f"本单位对词库的改动，第{number}版，{len(changes)}处。", f"随附词库 {mark_of(build_context())}。")
    file.write_text(write_overlay(changes, head=head), encoding=ENCODING)
    typer.echo(f"写好了：{file}，第{number}版，{len(changes)}处改动。")


def bring_in(
    file: Annotated[Path, typer.Argument(help="TOML 文件", exists=True, dir_okay=False)],
    reason: Annotated[str, typer.Option(help="为什么导入，记在版本里")] = "从文件导入",
    *,
    check: Annotated[bool, typer.Option("--check", help="只看对不对，不导入")] = False,
) -> None:
    """用文件里的改动换下现在的，成为新的一版，马上启用。"""
    base = build_context()
    changes = read_file(file, base)
    if check:
        typer.echo(f"文件没有错，{len(changes)}处改动。这回没有导入。")
        return
    store = _open_store()
    try:
        with store.write() as session:
            if read_changes(session, get_active(session)) == changes:
                typer.echo("和现在用的一样，没有新的一版。")
                return
            version = add_version(session, changes, reason=reason, base=base, by=SYSTEM, now=clock.now())
    finally:
        store.close()
    typer.echo(f"导入了{len(changes)}处改动，是第{version.number}版，正在用。退回上一版在工作台的“词库”。")


def read_file(file: Path, base: Context) -> tuple[Change, ...]:
    """The changes of a file. Ends the command with 1 and one line of file, line and reason where it is wrong."""
    try:
        source = file.read_text(encoding=ENCODING)
        return read_overlay(file, source, base.lexicon, list_topics(base), PROBLEMS)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        typer.echo(f"{file.name}:{line}: 要用 UTF-8 编码保存", err=True)
    except DataError as error:
        typer.echo(str(error), err=True)
    raise typer.Exit(1)


def _open_store() -> Store:
    return Store(load_settings().resolved_database_url)
