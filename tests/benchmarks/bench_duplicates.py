"""The speed of extraction and of duplicates: a message, a pair, a file, and one look-up among a million stored reports.

The stored reports are tokens drawn like real ones: a few homes with thousands of reports, stock words, rare words.
"""

import json
import os
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

import intake.models  # noqa: F401 - the reports' table belongs to intake
from casework.duplicate_index import hash_tokens, list_tokens
from casework.duplicates import find_alike
from casework.models import Case
from casework.secrets import load_secrets
from casework.server_keys import PURPOSE
from casework.store import Base, Store
from casework.verdicts import pack_assessment
from triage.assessment import assess
from triage.context import build_context
from triage.extraction import extract_entities
from triage.similarity import INDEX_TOKENS, Fingerprint, cluster, fingerprint, score_pair
from triage.types import Directory, Urgency

STORED = int(os.environ.get("BENCH_REPORTS", "1000000"))
PIECE = (
    "我妈在松涛里养老院住了两年，上个月交了三千块押金，前天晚上被护工李小红推了一把摔断了腿，"
    "院长说是她自己滑的，监控也不让看。"
)
NOW = datetime(2026, 1, 15, 4, tzinfo=UTC)
SECRETS = load_secrets(b"1 " + b"5c" * 32)
KEY = bytes(32)
HOMES, HOME_SIGNS = 75, "松柏桃李梅兰竹菊云霞溪谷春秋晴岚星月荷桂榆枫鹤鹿泉"
MATTERS = (
    "护工扇了她两巴掌，脸都肿了",
    "押金五千到现在不给退",
    "夜里摔断了腿没人管，天亮才发现",
    "食堂的馒头长毛，好几个老人拉肚子",
    "消防通道锁着，堆满了纸箱",
    "长了褥疮烂得见骨头，从来不翻身",
    "金戒指丢了，不让看监控",
    "冬天不烧暖气，屋里八九度",
    "让老人投钱买床位，说一年返一成利",
    "夜里就一个护工管三十个老人",
)


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
    """The product's own tables and look-up, on SQLite, at 10,000, 100,000 and `BENCH_REPORTS` stored reports."""
    middle = {}
    told = list_stock()
    for size in sorted({10_000, 100_000, STORED}):
        store = Store(f"sqlite:///{tmp_path / f'{size}.db'}")
        began = time.perf_counter()
        fill(store, size, told)
        print(f"{size} reports stored in {time.perf_counter() - began:.0f} s")
        chance = random.Random(3)
        with store.read() as session:
            asked = [name_case(chance.randrange(size)) for _ in range(320)]
            looks = [partial(find_alike, session, case_id, secrets=SECRETS, now=NOW) for case_id in asked]
            for look in looks[:20]:
                look()
            began, busy = time.perf_counter(), time.process_time()
            taken = sorted(one for look in looks[20:] for one in milliseconds(look, 1))
            share = (time.process_time() - busy) / (time.perf_counter() - began)
        show(f"look-up among {size} reports, 20 pairs scored", taken)
        middle[size] = statistics.median(taken)
        mean = sum(taken) * share / len(taken)
        print(f"  of this the processor was given to us {share:.0%} of the time: {mean:.1f} ms of work a look-up")
        store.close()
    assert middle[STORED] < 3 * middle[10_000] + 5


def list_stock() -> list[tuple[str, dict[str, Any], Case, list[int]]]:
    """Some thousands of tellings made of stock phrases and a few hundred homes: text, verdict, case, tokens."""
    context = build_context().with_received(NOW.date())
    stock = []
    for home, matter in product(range(HOMES), range(len(MATTERS))):
        text = f"我妈住在{HOME_SIGNS[home % 25]}{HOME_SIGNS[home // 25]}里养老院，{MATTERS[matter]}，求领导管管"
        said = assess(text, context)
        case = Case(category=said.category, urgency=Urgency.NORMAL, institution_code=None)
        hashed = hash_tokens(list_tokens(case, fingerprint(text, said)), [KEY])
        stock.append((text, pack_assessment(said, text), case, hashed))
    return stock


def fill(store: Store, size: int, stock: list[tuple[str, dict[str, Any], Case, list[int]]]) -> None:
    """Rows by the hundred thousand, without the ORM; a few homes have most of the reports."""
    Base.metadata.create_all(store.engine)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-400000", "journal_mode=MEMORY"):
            raw.execute(f"PRAGMA {pragma}")
        raw.execute("DROP INDEX ix_duplicate_token_position")
        raw.execute("BEGIN")
        chance = random.Random(2)
        picks = [min(int(chance.paretovariate(0.5)), len(stock)) - 1 for _ in range(size)]
        verdicts = [json.dumps(verdict, ensure_ascii=False) for _, verdict, _, _ in stock]
        day = NOW.date().isoformat()
        for table, rows in (
            (
                "case_file(id,number,kind,sealed,status,version,opened_on,category,urgency,discipline)",
                (
                    (name_case(i), f"N{i}", "ordinary", 0, "received", 1, day, stock[p][2].category, "normal", 0)
                    for i, p in enumerate(picks)
                ),
            ),
            (
                "server_key(id,use,version,ciphertext)",
                [("k", "duplicates", 1, SECRETS.encrypt(PURPOSE, KEY, b"k"))],
            ),
            ("duplicate_print(position,case_id)", ((i + 1, name_case(i)) for i in range(size))),
            (
                "case_assessment(id,case_id,revision,verdict,lexicon_version,made_at)",
                ((name_case(i), name_case(i), 1, verdicts[p], "", "2026-01-01 00:00:00") for i, p in enumerate(picks)),
            ),
            (
                "report(id,case_id,sealed,received_on,original_ciphertext,ring_id,commitment,working_text,channel,named)",
                (
                    (name_case(i), name_case(i), 0, day, b"", "r", b"", stock[p][0], "web", 0)
                    for i, p in enumerate(picks)
                ),
            ),
        ):
            signs = ",".join("?" * (table.count(",") + 1))
            raw.executemany(f"INSERT INTO {table} VALUES ({signs})", rows)
        lengths = np.array([len(hashed) for *_, hashed in stock])[picks]
        tokens = np.concatenate([np.array(hashed) for *_, hashed in stock])
        starts = np.concatenate([[0], np.cumsum([len(hashed) for *_, hashed in stock])[:-1]])[picks]
        at = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths) + np.arange(lengths.sum())
        where = np.repeat(np.arange(1, size + 1), lengths)
        rare = np.random.default_rng(5).integers(1, 2**62, size * 3)
        token, position = np.r_[tokens[at], rare], np.r_[where, np.repeat(np.arange(1, size + 1), 3)]
        order = np.lexsort((position, token))
        for some in np.array_split(order, max(1, size // 50_000)):
            raw.executemany(
                "INSERT OR IGNORE INTO duplicate_token(token,position) VALUES (?,?)",
                zip(token[some].tolist(), position[some].tolist(), strict=True),
            )
        raw.execute("CREATE INDEX ix_duplicate_token_position ON duplicate_token(position)")
        raw.execute("COMMIT")
        raw.execute("PRAGMA cache_size=-2000")


def name_case(number: int) -> str:
    return f"{number:024x}"
