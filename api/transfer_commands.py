"""`hotline import` and `hotline export`: sheets of other offices in, work orders out, by the same doors as the console.

An import that was broken off is begun again with the same file: what came in by its serial is passed over.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from api.console.import_view import say_problem
from api.errors import word_problem
from api.orders import TYPES, list_orders, record_export, write_orders
from api.settings import load_settings
from api.wiring import House, build_house
from casework.errors import InvalidField
from casework.ledger import SYSTEM, Verb, record
from casework.models.columns import new_id
from casework.officers import get_officer_by_username
from casework.queues import Queue
from intake.imports import Column, ColumnMap, ImportRow, Sheet, guess_mapping, load_headings, read_rows, read_sheet
from intake.transfers import SUBJECT, RowOutcome, assess_before, take_row


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("import")(bring_in)
    app.command("export")(take_out)


def bring_in(
    file: Annotated[Path, typer.Argument(help="xlsx 或 csv 表格", exists=True, dir_okay=False)],
    source: Annotated[str, typer.Option(help="哪里转来的：12345、xinfang、xuncha、other")] = "12345",
    mapping: Annotated[
        list[str] | None, typer.Option(help="哪一列是什么，如 serial=工单编号；可以写几次，不写就按表头猜")
    ] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看，不登记")] = False,
) -> None:
    """登记别处转来的一批件：按对方编号去重，有错的行报出行号，断了再运行一次接着登记。"""
    if source not in load_headings().sources:
        raise typer.BadParameter(f"--source 只能是：{'、'.join(load_headings().sources)}。")
    sheet = _read(file)
    chosen = _choose(sheet, mapping or [])
    house = build_house(load_settings())
    try:
        try:
            good, bad = read_rows(sheet, chosen, now=house.now())
        except InvalidField as error:
            label = load_headings().labels[Column(error.field)]
            raise typer.BadParameter(f"不知道哪一列是{label}，请加 --mapping {error.field}=表头。") from None
        for column, at in chosen.items():
            typer.echo(f"{load_headings().labels[column]}：{sheet.head[at]}", err=True)
        for row in bad:
            typer.echo(say_problem(row), err=True)
        if dry_run:
            typer.echo(f"能登记{len(good)}行，不登记{len(bad)}行。这回没有登记。")
            return
        counts = _take_all(house, good, source)
        told = f"新登记{counts[RowOutcome.TAKEN]}件，早就有{counts[RowOutcome.KNOWN]}件"
        refused = f"，不能收{counts[RowOutcome.REFUSED]}件" if counts[RowOutcome.REFUSED] else ""
        typer.echo(f"{told}{refused}，没登记{len(bad)}行。")
    finally:
        house.close()
    if bad:
        raise typer.Exit(1)


def take_out(
    file: Annotated[Path, typer.Argument(help="写到哪个文件，.xlsx 或 .csv")],
    officer: Annotated[str, typer.Option(help="按谁能看到的来导出：用户名")],
    queue: Annotated[Queue, typer.Option(help="哪个队列")] = Queue.ALL,
) -> None:
    """导出办件，列和12345工单对得上；只有这个人看得到的，密件永远不在里面。"""
    kind = file.suffix.lower().lstrip(".")
    if kind not in TYPES:
        raise typer.BadParameter("文件名要以 .xlsx 或 .csv 结尾。")
    if file.exists():
        raise typer.BadParameter(f"已经有这个文件：{file.name}。请换一个文件名。")
    house = build_house(load_settings())
    try:
        now = house.now()
        with house.store.write() as session:
            who = get_officer_by_username(session, officer)
            if who is None or who.removed_at is not None:
                raise typer.BadParameter(f"没有这个人：{officer}。")
            rows = list_orders(session, who, queue, house, now=now)
            record_export(session, who, len(rows), queue, by=SYSTEM, now=now)
        file.write_bytes(write_orders(rows, kind))
    finally:
        house.close()
    typer.echo(f"导出{len(rows)}件：{file}")


def _read(file: Path) -> Sheet:
    try:
        return read_sheet(file.read_bytes())
    except InvalidField as error:
        raise typer.BadParameter(word_problem(error)) from None


def _choose(sheet: Sheet, mapping: list[str]) -> ColumnMap:
    """The guessed columns, with those that were named on the command line instead."""
    chosen = guess_mapping(sheet.head, load_headings())
    for pair in mapping:
        name, _, heading = pair.partition("=")
        if name not in set(Column) or heading not in sheet.head:
            raise typer.BadParameter(f"--mapping {pair} 没看懂。左边是 {'、'.join(Column)}，右边是表里的表头。")
        at = sheet.head.index(heading)
        chosen = {column: where for column, where in chosen.items() if where != at} | {Column(name): at}
    return chosen


def _take_all(house: House, rows: list[ImportRow], source: str) -> dict[RowOutcome, int]:
    """Each row in a unit of work of its own, with a bar on the terminal."""
    counts = dict.fromkeys(RowOutcome, 0)
    for row in track(rows, description="登记", console=Console(stderr=True)):
        now = house.now()
        ready = assess_before(row, source, desk=house.intake_desk, now=now)
        with house.store.write() as session:
            counts[take_row(session, row, source, desk=ready, now=now)] += 1
    details = {"rows": len(rows), "taken": counts[RowOutcome.TAKEN]}
    with house.store.write() as session:
        record(
            session,
            actor=SYSTEM,
            verb=Verb.IMPORTED,
            subject=SUBJECT,
            subject_id=new_id(),
            details=details,
            now=house.now(),
        )
    return counts
