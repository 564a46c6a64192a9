"""`make bench`: how right and how fast triage is, with paths as arguments; what is missing is said to be skipped.

Run it as `python -m tests.benchmarks.bench_triage [SHARED]`. Alarms on public messages are listed by id for a reader.
"""

import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import jieba

from api.triage_commands import labels_of, read_gold
from api.triage_figures import print_figures
from tests.triage.reading_room import a_context, said_of
from triage.context import build_context
from triage.evaluation import evaluate
from triage.types import Assessment, Evidence

OURS_ELSEWHERE = ("inquiry", "out_of_scope")
LONG, LONGEST = 1200, 100_000
TRAPS = "real/substring_traps.jsonl"


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The rows of a file, none (and a sentence) where it is missing."""
    if not path.exists():
        print(f"{path.name}: missing, skipped")
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def bench_start() -> None:
    """How long triage takes to start."""
    begun = time.perf_counter()
    build_context()
    print(f"start of triage: {time.perf_counter() - begun:.2f} s (limit 1.5)")


def bench_gold(rows: Sequence[dict[str, Any]]) -> None:
    """The figures on labelled texts."""
    if rows:
        pairs = [(read_gold(row), labels_of(said_of(row["text"]))) for row in rows]
        print_figures(evaluate(pairs, a_context().taxonomy.codes), (0, 0))


def all_evidence(said: Assessment) -> Iterator[Evidence]:
    """Every piece of evidence of an assessment."""
    for score in said.categories:
        yield from score.evidence
    yield from (*said.urgency_evidence, *said.discipline_evidence, *said.keys.evidence, *said.excluded)


def fires(row: dict[str, Any]) -> bool:
    """Whether a span of evidence begins or ends inside the trap's longer word."""
    left = row["context"].find(row["inside"])
    right = left + len(row["inside"])
    spans = [(e.start, e.end) for e in all_evidence(said_of(row["context"]))]
    return any(left < start < right or left < end < right for start, end in spans)


def bench_traps(rows: Sequence[dict[str, Any]]) -> None:
    """How many substring traps fire."""
    if rows:
        print(f"substring traps that fire: {sum(map(fires, rows))} of {len(rows)}")


def bench_alarms(rows: Sequence[dict[str, Any]]) -> None:
    """Alarms per 1,000 public messages, by id for a reader."""
    if not rows:
        return
    said = [(row["id"], said_of(f"{row['title']}\n{row['text']}")) for row in rows]
    alarms = [(number, one) for number, one in said if one.category not in OURS_ELSEWHERE]
    critical = sum(one.urgency == "critical" for _, one in said)
    print(f"alarms: {len(alarms)} of {len(rows)} ({1000 * len(alarms) / len(rows):.1f} per 1,000), {critical} critical")
    for number, one in alarms:
        print(f"  {number} {one.category}")


def bench_speed(rows: Sequence[dict[str, Any]]) -> None:
    """`assess` against `jieba.cut` alone on the same texts, and long messages."""
    texts = [row["text"] for row in rows]
    if not texts:
        return
    jieba.initialize()
    ours, theirs = best_seconds(said_of, texts), best_seconds(lambda text: list(jieba.cut(text)), texts)
    told = f"assess {1000 * ours / len(texts):.2f} ms a text, jieba.cut {1000 * theirs / len(texts):.2f} ms"
    print(f"{told}: {ours / theirs:.1f} times as long (goal 1), load {os.getloadavg()[0]:.1f}")
    print(f"99 % of messages of {LONG} characters under {long_message_ms(texts):.1f} ms (limit 10)")
    joined = "".join(texts) * (LONGEST // sum(map(len, texts)) + 1)
    halves = [best_seconds(said_of, [joined[:size]]) for size in (LONGEST // 2, LONGEST)]
    print(f"{LONGEST:,} characters: {halves[1]:.2f} s, {halves[1] / halves[0]:.1f} times half as many (linear: 2)")


def best_seconds(do: Callable[[str], object], texts: Sequence[str], rounds: int = 3) -> float:
    """CPU time of all texts together, each at its quickest of a few rounds, since others use the machine too."""
    took = [math.inf] * len(texts)
    for _ in range(rounds):
        for number, text in enumerate(texts):
            begun = time.process_time()
            do(text)
            took[number] = min(took[number], time.process_time() - begun)
    return sum(took)


def long_message_ms(texts: Sequence[str]) -> float:
    """The 99th percentile of the CPU time of messages of LONG characters, made by joining texts."""
    joined = "".join(texts)
    pieces = [joined[at : at + LONG] for at in range(0, min(len(joined), 200 * LONG), LONG)]
    took = []
    for piece in pieces:
        begun = time.process_time()
        said_of(piece)
        took.append(time.process_time() - begun)
    return 1000 * sorted(took)[int(0.99 * len(took))]


def bench_all(shared: Path) -> None:
    """All rows; `shared` holds `samples` and `real`."""
    bench_start()
    gold = read_lines(shared / "samples" / "triage.jsonl")
    bench_gold(gold)
    bench_traps(read_lines(shared / TRAPS))
    bench_alarms(read_lines(shared / "real" / "messages.jsonl"))
    bench_speed(gold)


def test_triage_figures_beside_their_floors():
    bench_all(Path(os.environ.get("HOTLINE_SHARED", "../shared")))
    assert not any(map(fires, read_lines(Path(os.environ.get("HOTLINE_SHARED", "../shared")) / TRAPS)))


if __name__ == "__main__":
    bench_all(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared"))
