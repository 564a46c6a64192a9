"""Reading JSON Lines for the commands: a bad line becomes an answer in its place and never stops the run."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

FileArgument = Annotated[Path | None, typer.Argument(help="JSON Lines 文件，缺省读标准输入", show_default=False)]
_NO_FILE = 2


def open_lines(file: Path | None) -> AbstractContextManager[TextIO]:
    """The file's lines, or standard input; a missing file is said to be skipped and ends the command with 2."""
    if file is None:
        return nullcontext(sys.stdin)
    if not file.is_file():
        typer.echo(f"没有文件 {file}，跳过", err=True)
        raise typer.Exit(_NO_FILE)
    return file.open(encoding="utf-8", errors="replace")


def read_rows(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Each non-empty line as an object with a `text`; a bad one as `{"id", "error"}`."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _read_row(line, number)


def _read_row(line: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return {"id": None, "error": f"line {number}: {error}"}
    if not isinstance(row, dict):
        return {"id": None, "error": f"line {number}: not an object"}
    if not isinstance(row.get("text"), str):
        return {"id": row.get("id"), "error": f"line {number}: text must be a string"}
    return row


def write_row(row: dict[str, Any]) -> None:
    """Print one object as a line; what UTF-8 can't hold (lone surrogates) is written as JSON escapes."""
    line = json.dumps(row, ensure_ascii=False)
    if any("\ud800" <= char <= "\udfff" for char in line):
        line = json.dumps(row)
    typer.echo(line)
