"""The speed of extraction and of duplicates: a message, a pair, a file, and one look-up among a million stored reports.

The stored reports are tokens drawn like real ones: a few homes with thousands of reports, stock words, rare words.
"""

import os
import random
import sqlite3
import statistics
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from triage.extraction import extract_entities
from triage.similarity import INDEX_TOKENS, Fingerprint, cluster, fingerprint, score_pair
from triage.types import Directory

STORED = int(os.environ.get("BENCH_REPORTS", "1000000"))
PIECE = (
    "我妈在松涛里养老院住了两年，上个月交了三千块押金，前天晚上被护工李小红推了一把摔断了腿，"
    "院长说是她自己滑的，监控也不让看。"
)
MOST_OF_TOKEN, SCORED = 200, 20


def milliseconds(work: Callable[[], object], times: int) -> list[float]:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)


def show(name: str, taken: list[float]) -> None:
    print(f"{name:58} p50 {statistics.median(taken):8.2f} ms  p99 {taken[int(len(taken) * 0.99)]:8.2f} ms")


def test_one_message():
    for length in (140, 1200):
        text = (PIECE * 20)[:length]
        extract_entities(text, directory=Directory(), received=None)
        taken = milliseconds(partial(extract_entities, text, directory=Directory(), received=None), 200)
        show(f"entities of {length} characters", taken)
        assert statistics.median(taken) < 20
    one = fingerprint(PIECE)
    show("fingerprint", milliseconds(lambda: fingerprint(PIECE), 200))
    show("one pair", milliseconds(lambda: score_pair(one, one), 200))


def tokens(chance: random.Random) -> tuple[str, ...]:
    home = int(chance.paretovariate(0.6))
    joined = [f"h{home}_c{int(chance.paretovariate(0.9)) % 190}" for _ in range(4)]
    rare = [f"w{int(chance.paretovariate(0.35)) % 3_000_000}" for _ in range(7)]
    return tuple(dict.fromkeys((*joined, f"h{home}", *rare)))[:INDEX_TOKENS]


def test_a_file_costs_in_proportion_to_its_length():
    chance = random.Random(1)
    per_row = {}
    for size in (1000, 4000):
        rows = [(str(i), Fingerprint(tokens=some, words=some)) for i in range(size) for some in (tokens(chance),)]
        began = time.perf_counter()
        cluster(rows)
        per_row[size] = (time.perf_counter() - began) / size * 1000
        print(f"clusters of {size} reports: {per_row[size]:.2f} ms a report")
    assert per_row[4000] < 4 * per_row[1000]


def test_one_look_up_among_many(tmp_path: Path):
    """A token table as a database keeps it: at most 200 newest holders of each token, 20 best candidates scored."""
    middle = {}
    for size in (10_000, STORED):
        store = sqlite3.connect(tmp_path / f"{size}.db")
        store.execute("create table tokens (token text, report integer, primary key (token, report)) without rowid")
        chance = random.Random(2)
        rows = sorted({(token, report) for report in range(size) for token in tokens(chance)})
        store.executemany("insert into tokens values (?, ?)", rows)
        store.commit()
        del rows
        query = random.Random(3)
        taken = milliseconds(partial(look_up, store, query), 300)
        show(f"look-up among {size} reports, with 20 pairs scored", taken)
        middle[size] = statistics.median(taken)
        store.close()
    assert middle[STORED] < 3 * middle[10_000] + 5


def look_up(store: sqlite3.Connection, chance: random.Random) -> None:
    shared: Counter[int] = Counter()
    for token in tokens(chance):
        query = "select report from tokens where token = ? order by report desc limit ?"
        shared.update(report for (report,) in store.execute(query, (token, MOST_OF_TOKEN)))
    one = fingerprint(PIECE)
    for _ in shared.most_common(SCORED):
        score_pair(one, one)
