"""`hotline backup`, `restore` and `move`: the database in one file, back again, or into another kind of database.

The server's secret is never copied with it: the same secret file has to lie beside whatever is restored.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
from rich.progress import Progress as Bar

from api.migrate import find_revision, upgrade_store
from api.settings import Settings, load_settings
from api.wiring import build_keys, read_secrets
from bot.restoring import Settled, harden_pending, settle_moved, settle_restored
from casework import clock
from casework.backups import Progress, copy_database, restore_backup, write_backup
from casework.errors import BackupProblem, BackupRefused
from casework.store import Store

SHOWN_EVERY = 200
SENTENCES = {
    BackupProblem.EXISTS: "已经有这个文件：{detail}。请换一个文件名。",
    BackupProblem.CUT: "备份文件不完整，或者不是本程序的备份：{detail}。什么都没有写入。",
    BackupProblem.CHANGED: "备份文件被改过，或者不是用这份服务器密钥做的：{detail}。什么都没有写入。",
    BackupProblem.OTHER_VERSION: "这份备份来自另一个版本：{detail}。请用做备份的那个版本恢复，再升级。",
    BackupProblem.NOT_EMPTY: "目标数据库不是空的：{detail}。请给一个空的数据库。",
    BackupProblem.UNEQUAL: "写进去的和备份对不上：{detail}。已全部撤回。",
    BackupProblem.SAME_PLACE: "新旧数据库是同一个，没有动。",
}


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command()(backup)
    app.command()(restore)
    app.command()(move)


def backup(file: Annotated[Path, typer.Argument(help="备份写到哪个文件")]) -> None:
    """备份数据库：一个文件，不含服务器密钥，也不含还没交的谈话。可以边运行边备份。"""
    settings = load_settings()
    with _opened(settings.resolved_database_url) as store, _telling() as progress:
        made = write_backup(
            store,
            file,
            revision=find_revision(store),
            secrets=read_secrets(settings),
            now=clock.now(),
            progress=progress,
        )
    typer.echo(f"备份好了：{file}，{made.rows}行，台账{made.ledger['entries']}条。")
    typer.echo("服务器密钥不在里面，请另外保管；没有它，备份恢复不了。")
    if made.ledger["broken"]:
        typer.echo("注意：台账在备份前就断了，请运行 hotline verify 查看。", err=True)


def restore(file: Annotated[Path, typer.Argument(help="备份文件")]) -> None:
    """把备份恢复到一个空的数据库，恢复后逐表核对；有一处不对就全部撤回。"""
    settings = load_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    settled: list[Settled] = []
    with _opened(settings.resolved_database_url) as store, _telling() as progress:
        upgrade_store(store)
        made = restore_backup(
            store,
            file,
            revision=find_revision(store),
            secrets=read_secrets(settings),
            settle=lambda session, said: settled.append(
                settle_restored(session, backup_id=said.id, now=clock.now()),
            ),
            progress=progress,
        )
    typer.echo(f"恢复好了：{made.made_at[:16].replace('T', ' ')}（UTC）的备份，{made.rows}行，逐表核对一致。")
    _tell_settled(settled[0])


def move(url: Annotated[str, typer.Argument(help="新数据库的地址；必须是空的")]) -> None:
    """把数据库整个搬到另一处，SQLite 和 PostgreSQL 之间也行。先停掉服务再搬；原来的库不动。"""
    settings = load_settings()
    settled: list[Settled] = []
    with _opened(settings.resolved_database_url) as store, _opened(url) as target, _telling() as progress:
        if store.engine.url == target.engine.url:
            raise BackupRefused(BackupProblem.SAME_PLACE)
        _harden(store, settings)
        upgrade_store(target)
        rows = copy_database(
            store,
            target,
            settle=lambda session: settled.append(settle_moved(session, now=clock.now())),
            progress=progress,
        )
    typer.echo(f"搬好了：{rows}行，逐表核对一致。请把 HOTLINE_DATABASE_URL 改成新地址，再开服务。")
    _tell_settled(settled[0])


def _harden(store: Store, settings: Settings) -> None:
    harden_pending(store, keys=build_keys(store, settings), secrets=read_secrets(settings))


def _tell_settled(settled: Settled) -> None:
    if settled.lost_codes:
        typer.echo(f"有{settled.lost_codes}个查询码做备份时还没存稳，已经失效；反映人再来时请补发。")
    if settled.unsure:
        typer.echo(f"有{settled.unsure}份移送件可能已经送出，没有自动再送，请在工作台逐件认定。")
    if settled.queued:
        typer.echo(f"有{settled.queued}份移送件接着送。")
    typer.echo("还没交的谈话不在备份里；工作人员要重新登录。")


@contextmanager
def _opened(url: str) -> Iterator[Store]:
    store = Store(url)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _telling() -> Iterator[Progress]:
    """A bar on the terminal's error side; a refusal is one sentence there and status 1."""
    console = Console(stderr=True)
    try:
        with Bar(
            TextColumn("{task.description:<18}"), BarColumn(), MofNCompleteColumn(), console=console, transient=True
        ) as bar:
            tasks: dict[str, TaskID] = {}

            def show(table: str, done: int, total: int) -> None:
                if table not in tasks:
                    tasks[table] = bar.add_task(table, total=total)
                if done % SHOWN_EVERY == 0 or done == total:
                    bar.update(tasks[table], completed=done)

            yield show
    except BackupRefused as refused:
        typer.echo(SENTENCES[refused.problem].format(detail=refused.detail), err=True)
        raise typer.Exit(1) from None
