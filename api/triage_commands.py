"""`hotline triage` and `hotline duplicates`: triage for other programs, line by line, and its figures.

JSON Lines go in and out; a bad line is answered in its place and never stops the run.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from api import duplicate_commands
from api.json_lines import FileArgument, open_lines, read_rows, write_row
from api.office_context import read_office_context
from api.triage_figures import print_figures, print_misses
from api.triage_sheets import SHEET_SUFFIXES, triage_sheet
from triage.assessment import assess
from triage.context import Context, build_context
from triage.evaluation import Labels, evaluate
from triage.types import Assessment, Evidence

ContextMaker = Callable[[], Context]


def register(app: typer.Typer, office_context: ContextMaker = read_office_context) -> None:
    """Add the commands to `app`; `office_context` loads the office's own directory and overlay, where there is one."""
    duplicate_commands.register(app, office_context)

    @app.command("triage", help="对来件逐条研判：一行一个 JSON 对象，或 xlsx、csv 表格。")
    def triage(
        file: FileArgument = None,
        evaluate_gold: Annotated[
            Path | None, typer.Option("--evaluate", help="带标注的 JSON Lines，只出评测数字")
        ] = None,
        misses: Annotated[int, typer.Option("--misses", help="评测时列出前 N 条判错的来件", min=0)] = 0,
        fail_under: Annotated[float | None, typer.Option("--fail-under", help="micro-F1 低于此数时以 1 退出")] = None,
        *,
        base: Annotated[bool, typer.Option("--base", help="只用随附词库，不用本单位改动")] = False,
    ) -> None:
        """Triage lines of text or a sheet, or measure triage against labels."""
        context = build_context() if base else office_context()
        if evaluate_gold is not None:
            micro = _evaluate_file(evaluate_gold, context, misses)
            if fail_under is not None and micro < fail_under:
                raise typer.Exit(1)
        elif file is not None and file.suffix.lower() in SHEET_SUFFIXES:
            triage_sheet(file, context)
        else:
            _triage_lines(file, context)


def _triage_lines(file: Path | None, context: Context) -> None:
    with open_lines(file) as lines:
        for answer in triage_lines(lines, context):
            write_row(answer)


def triage_lines(lines: Iterable[str], context: Context) -> Iterator[dict[str, Any]]:
    """Answer each non-empty line; a bad one gives `{"id", "error"}`, unknown keys are passed through."""
    for row in read_rows(lines):
        yield row if "error" in row and "text" not in row else _answer(row, context)


def _answer(row: dict[str, Any], context: Context) -> dict[str, Any]:
    try:
        received = _day(row.get("received"))
    except (TypeError, ValueError) as error:
        return {"id": row.get("id"), "error": f"received: {error}"}
    channel = row.get("channel")
    known = context.with_received(received, channel if isinstance(channel, str) else None)
    return {**row, **as_json(assess(row["text"], known))}


def _day(received: str | None) -> date | None:
    return datetime.fromisoformat(received).date() if received else None


def as_json(assessment: Assessment) -> dict[str, Any]:
    """The assessment in the shape that other programs rely on."""
    mention = assessment.institution
    place, when = assessment.place, assessment.when
    return {
        "categories": [
            {"code": s.code, "score": s.score, "evidence": [_evidence(e) for e in s.evidence]}
            for s in assessment.categories
        ],
        "urgency": assessment.urgency.value,
        "discipline": assessment.discipline,
        "keys": {"who": assessment.keys.who, "what": assessment.keys.what},
        "body": assessment.body,
        "institution": {**asdict(mention), "kind": mention.kind.value} if mention else None,
        "place": asdict(place) if place else None,
        "when": {**_span(when), "from": _iso(when.from_), "to": _iso(when.to)} if when else None,
        "phones": [_span(phone) for phone in assessment.phones],
        "explanation": assessment.explanation,
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {"phrase": evidence.phrase, "start": evidence.start, "end": evidence.end, "why": evidence.why}


def _span(thing: Any) -> dict[str, Any]:
    return {"text": thing.text, "start": thing.start, "end": thing.end}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def labels_of(assessment: Assessment) -> Labels:
    """What triage said, as evaluation wants it."""
    return Labels(
        tuple(score.code for score in assessment.categories),
        assessment.urgency.value,
        assessment.discipline,
        (assessment.keys.who, assessment.keys.what),
    )


def read_gold(row: dict[str, Any]) -> Labels:
    """A gold line's labels; `keys` where the line has them."""
    keys = row.get("keys")
    pair = (bool(keys["who"]), bool(keys["what"])) if keys else None
    return Labels(tuple(row["categories"]), row["urgency"], bool(row["discipline"]), pair)


def _evaluate_file(path: Path, context: Context, misses: int) -> float:
    with open_lines(path) as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    said = [assess(row["text"], context) for row in rows]
    pairs = [(read_gold(row), labels_of(one)) for row, one in zip(rows, said, strict=True)]
    figures = evaluate(pairs, context.taxonomy.codes)
    print_figures(figures, _institutions_found(rows, said))
    if misses:
        print_misses(rows, said, misses)
    return figures.micro.f1


def _institutions_found(rows: list[dict[str, Any]], said: list[Assessment]) -> tuple[int, int]:
    named = [(row["about"], one.institution) for row, one in zip(rows, said, strict=True) if row.get("about")]
    return sum(1 for about, found in named if found and same_institution(about, found.text)), len(named)


def same_institution(gold: str, found: str) -> bool:
    """Equal but for spaces and signs, or one holds the other and they share at least three characters."""
    left, right = (("".join(filter(str.isalnum, name))) for name in (gold, found))
    return left == right or (min(len(left), len(right)) >= 3 and (left in right or right in left))
