"""`hotline duplicates`: which reports of a file tell of the same incident, and how well that is found.

A suggestion with reasons for every pair; nothing is merged.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from api.json_lines import FileArgument, open_lines, read_rows, write_row
from triage.assessment import assess
from triage.context import Context
from triage.similarity import Clustered, Fingerprint, cluster, evaluate_duplicates, fingerprint

ContextMaker = Callable[[], Context]


def register(app: typer.Typer, make_context: ContextMaker) -> None:
    """Add the command to `app`."""

    @app.command("duplicates", help="找出反映同一件事的来件：一行一个 {id, text}；只作提示，不合并。")
    def duplicates(
        file: FileArgument = None,
        evaluate_gold: Annotated[
            Path | None, typer.Option("--evaluate", help="带 group 标注的 JSON Lines，只出评测数字")
        ] = None,
    ) -> None:
        """Cluster the reports of a file, or measure that against `group`."""
        context = make_context()
        if evaluate_gold is not None:
            _evaluate(evaluate_gold, context)
            return
        with open_lines(file) as lines:
            for answer in find_duplicates(read_rows(lines), context):
                write_row(answer)


def find_duplicates(rows: Iterator[dict[str, Any]], context: Context) -> Iterator[dict[str, Any]]:
    """Each row with its cluster (None: alone) and matches; unknown keys pass through, bad rows as `{"id", "error"}`."""
    taken = list(rows)
    good = [row for row in taken if "error" not in row]
    found = iter(_cluster(good, context))
    for row in taken:
        yield row if "error" in row else {**row, **_as_json(next(found), good)}


def _cluster(rows: list[dict[str, Any]], context: Context) -> tuple[Clustered, ...]:
    return cluster((str(at), _print(row, context)) for at, row in enumerate(rows))


def _print(row: dict[str, Any], context: Context) -> Fingerprint:
    return fingerprint(row["text"], assess(row["text"], context))


def _as_json(one: Clustered, rows: list[dict[str, Any]]) -> dict[str, Any]:
    matches = [
        {"id": rows[int(m.id)].get("id"), "score": round(m.match.score, 4), "why": list(m.match.why)}
        for m in one.matches
    ]
    return {"cluster": one.cluster, "matches": matches}


def _evaluate(path: Path, context: Context) -> None:
    with open_lines(path) as lines:
        rows = [row for row in read_rows(lines) if "error" not in row]
    said = [one.cluster for one in _cluster(rows, context)]
    figures = evaluate_duplicates([row.get("group") for row in rows], said)
    typer.echo(f"{len(rows)} texts{'':12}{'precision':>10}{'recall':>10}{'F1':>8}")
    for name, kind in (("pairwise", "pair"), ("B-cubed", "bcubed")):
        numbers = [getattr(figures, f"{kind}_{which}") for which in ("precision", "recall", "f1")]
        typer.echo(f"{name:20}{numbers[0]:10.3f}{numbers[1]:10.3f}{numbers[2]:8.3f}")
