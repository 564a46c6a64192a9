"""The tables that `hotline triage --evaluate` prints.

Figures only, unless misses are asked for: labelled texts are somebody's words.
"""

import json
from typing import Any

import typer

from triage.evaluation import Figures, Rate
from triage.types import Assessment

_HEAD = f"{'':22}{'precision':>10}{'recall':>10}{'F1':>8}{'gold':>7}"


def print_figures(figures: Figures, institutions: tuple[int, int]) -> None:
    """Print the table of one evaluation."""
    typer.echo(f"{figures.count} texts")
    typer.echo(_HEAD)
    for code, rate in figures.per_category.items():
        typer.echo(_row(code, rate))
    typer.echo(_row("micro", figures.micro))
    typer.echo(f"{'macro F1':42}{figures.macro_f1:8.3f}")
    typer.echo(f"{'primary right':42}{figures.primary_right:8.3f}")
    typer.echo(_row("critical", figures.critical))
    typer.echo(_row("discipline", figures.discipline))
    if figures.who.support:
        for name, rate in (("who", figures.who), ("what", figures.what), ("sealing", figures.sealing)):
            typer.echo(_row(name, rate))
    found, named = institutions
    if named:
        typer.echo(f"{'institution found':32}{found / named:10.3f}{'':8}{named:7}")
    typer.echo("confusion (gold -> said):")
    for (gold, said), count in figures.confusion.most_common(20):
        typer.echo(f"  {gold} -> {said}: {count}")


def _row(name: str, rate: Rate) -> str:
    return f"{name:22}{rate.precision:10.3f}{rate.recall:10.3f}{rate.f1:8.3f}{rate.support:7}"


def print_misses(rows: list[dict[str, Any]], said: list[Assessment], count: int) -> None:
    """Print the first `count` texts whose labels differ, as JSON Lines."""
    shown = 0
    for row, one in zip(rows, said, strict=True):
        codes = [score.code for score in one.categories]
        same = set(codes) == set(row["categories"])
        if same and one.urgency == row["urgency"] and one.discipline == row["discipline"]:
            continue
        answer = {"categories": codes, "urgency": one.urgency.value, "discipline": one.discipline}
        gold = {key: row.get(key) for key in ("id", "text", "categories", "urgency", "discipline")}
        typer.echo(json.dumps({**gold, "said": answer}, ensure_ascii=False))
        shown += 1
        if shown >= count:
            return
