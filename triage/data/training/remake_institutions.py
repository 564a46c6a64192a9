"""Make the weights that find the unit complained of anew: `python triage/data/training/remake_institutions.py`.

Learns from the field `about` of the training texts and from copies of them under invented names; with `--check` it
holds out a quarter at a time (texts of one `set` together) and prints how many names it finds.
"""

import json
import random
import re
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.entities.gaps import TABLE_SIZE
from triage.entities.names import load_names
from triage.entities.plain import read_plain
from triage.entities.spotting import (
    LENGTHS,
    LONGEST,
    NULL,
    SHORTEST,
    SpanTable,
    place_of,
    places_of_length,
    score_spans,
    tabulate,
    weigh,
)

HERE = Path(__file__).parent
EPOCHS, RATE, DROPPED, SEEDS, FOLDS = 6, 0.3, 0.4, 3, 4
PLACE_SIGNS = (
    "清河湾营柳沟杨家王庄李马坡岭头店集桥坝滩洼坑屯坪坞岔口石门龙泉青山白云黑水红旗东关西岗"
    "南北上下前后大小老新赵孙官铺堡寨塘埠圩"
)
OPENINGS = (
    "", "", "", "", "来电人反映", "市民称", "来电人称", "家属反映", "投诉", "反映", "举报", "我要反映",
    "匿名反映", "您好,", "关于", "俺们", "其称",
)  # fmt: skip
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Example:
    """One text's gaps and which of all its scores are the name's (empty: no unit is named)."""

    row: dict[str, Any]
    table: SpanTable
    right: NDArray[np.int64]


def load_examples(copies: int) -> tuple[list[Example], list[Example]]:
    """The training texts, and `copies` of each with a name under an invented one."""
    files = sorted((*HERE.glob("train-*.jsonl"), *HERE.glob("own-*.jsonl")))
    read = (json.loads(line) for file in files for line in file.read_text("utf-8").splitlines() if line.strip())
    rows = [row for row in read if "about" in row]
    chance = random.Random(3)  # noqa: S311 - not a secret
    stems = _stems(rows)
    invented = [copy for row in rows for _ in range(copies) if (copy := _rename(row, stems, chance))]
    return list(_examples(rows)), list(_examples(invented))


def learn(examples: Sequence[Example]) -> NDArray[np.float32]:
    """The mean weights of a few runs that differ in order and in what they leave out."""
    runs = [_learn_once(examples, np.random.default_rng(seed)) for seed in range(SEEDS)]
    mean: NDArray[np.float32] = (np.mean(runs, axis=0) * (1 - DROPPED)).astype(np.float32)
    return mean


def check(examples: Sequence[Example], copies: Sequence[Example]) -> None:
    """Print, for each threshold, names found, and named texts without one that get one, on held-out quarters."""
    found: dict[int, list[int]] = {threshold: [0, 0, 0, 0] for threshold in (0, -2, -4, -99)}
    for fold in range(FOLDS):
        weights = learn([one for one in (*examples, *copies) if _fold(one.row) != fold])
        for one in (one for one in examples if _fold(one.row) == fold):
            _count(one, weights, found)
    for threshold, (named, hits, nameless, false) in found.items():
        line = f"found {hits / named:.4f} of {named}, said in {false / nameless:.4f} of {nameless} without"
        print(f"threshold {threshold}: {line}")


def save(weights: NDArray[np.float32], path: Path) -> None:
    """Write the weights that are worth keeping, with their places."""
    places = np.flatnonzero(np.abs(weights) > 0.01).astype(np.uint32)
    np.savez_compressed(path, places=places, weights=weights[places].astype(np.float16))


def _fold(row: dict[str, Any]) -> int:
    return zlib.crc32(str(row.get("set") or row["id"]).encode()) % FOLDS


def _examples(rows: Sequence[dict[str, Any]]) -> Iterator[Example]:
    for row in rows:
        text, about = read_plain(row["text"]).text, read_plain(row["about"] or "").text
        table = tabulate(text)
        if table is None:
            continue
        ends = [m.end() for m in re.finditer(re.escape(about), text) if m.end() < len(table.room)] if about else []
        fits = SHORTEST <= len(about) <= LONGEST
        right = np.array([_cell(end, len(about)) for end in ends if fits and table.room[end] >= len(about)], np.int64)
        if len(right) or not about:
            yield Example(row, table, right)


def _cell(end: int, length: int) -> int:
    return end * len(LENGTHS) + length - SHORTEST


def _learn_once(examples: Sequence[Example], chance: np.random.Generator) -> Floats:
    weights, seen = np.zeros(TABLE_SIZE), np.ones(TABLE_SIZE)
    for _ in range(EPOCHS):
        for i in chance.permutation(len(examples)):
            places, slopes = _slopes(examples[i], weights, chance)
            where, back = np.unique(places, return_inverse=True)
            total = np.bincount(back, slopes, len(where))
            seen[where] += total * total
            weights[where] -= RATE * total / np.sqrt(seen[where])
    return weights


def _slopes(one: Example, weights: Floats, chance: np.random.Generator) -> tuple[NDArray[np.uint32], Floats]:
    """Where and how much the loss of one text slopes, with part of the features left out."""
    table = _thinned(one.table, chance)
    scores = np.append(score_spans(table, weigh(weights)), 0.0)  # type: ignore[arg-type]
    likely = np.exp(scores - scores.max())
    likely /= likely.sum()
    wanted = np.zeros_like(likely)
    if len(one.right):
        share = likely[one.right].sum()
        wanted[one.right] = likely[one.right] / share if share > 1e-9 else 1 / len(one.right)
    else:
        wanted[-1] = 1
    places, slopes = zip(*_spread(table, (likely - wanted)[:-1].reshape(-1, len(LENGTHS))), strict=True)
    return np.concatenate(places), np.concatenate(slopes)


def _thinned(table: SpanTable, chance: np.random.Generator) -> SpanTable:
    """The table without part of its rows; of the groups by kind the same rows go."""
    sizes = np.diff(table.groups, append=len(table.places))
    kept = [np.asarray(chance.random(size) > DROPPED) for size in sizes[:4]]
    for rows in kept:
        rows[0] |= not rows.any()
    kept += [kept[-1]] * (len(sizes) - 4)
    groups = np.cumsum([0, *(rows.sum() for rows in kept[:-1])])
    return replace(table, places=np.compress(np.concatenate(kept), table.places, axis=0), groups=groups)


def _spread(table: SpanTable, slopes: Floats) -> Iterator[tuple[NDArray[np.uint32], Floats]]:
    gaps = len(table.kinds)
    starts = np.maximum(np.arange(gaps)[:, None] - LENGTHS, 0).ravel()
    by_start, by_end = np.bincount(starts, slopes.ravel(), gaps), slopes.sum(1)
    inside = (by_start - by_end).cumsum()
    inside[-1] = 0
    by_kind = [
        np.bincount(starts, (slopes * (table.group_of[table.kinds] == group)[:, None]).ravel(), gaps)
        for group in range(len(table.groups) - 3)
    ]
    for rows, slope in zip(np.split(table.places, table.groups[1:]), (by_start, by_end, inside, *by_kind), strict=True):
        yield rows.ravel(), np.tile(slope, len(rows))
    lengths = places_of_length(table.kinds[:, None], table.sizes[:, None])
    there = slopes != 0
    yield lengths[:, there].ravel(), np.tile(slopes[there], len(lengths))
    yield np.array([NULL], np.uint32), np.array([-slopes.sum()])


def _count(one: Example, weights: NDArray[np.float32], found: dict[int, list[int]]) -> None:
    scores = score_spans(one.table, weigh(weights))
    start, end = place_of(int(scores.argmax()))
    text = read_plain(one.row["text"]).text[start:end]
    for threshold, counts in found.items():
        said = bool(scores.max() > threshold)
        if one.row["about"]:
            counts[0] += 1
            counts[1] += said and is_found(text, one.row["about"])
        else:
            counts[2] += 1
            counts[3] += said


def is_found(text: str, about: str) -> bool:
    """The same but for spaces and signs, or one within the other with at least three characters shared."""
    one, other = (re.sub(r"[\W_]+", "", words) for words in (text, about))
    return one == other or ((one in other or other in one) and min(len(one), len(other)) >= 3)


def _stems(rows: Sequence[dict[str, Any]]) -> list[str]:
    return [
        stem
        for row in rows
        if row["about"] and (stem := _split(row["about"])[0]) and stem[-1] not in "镇乡村县区市街道社第"
    ]


def _split(name: str) -> tuple[str, str]:
    words = load_names().institutions
    for ending in (
        *words.home_suffixes,
        *words.office_suffixes,
        *words.company_suffixes,
        *words.place_suffixes,
        *words.home_heads,
    ):
        if name.endswith(ending) and len(name) >= len(ending) + 2:
            return name[: -len(ending)], ending
    return "", ""


def _rename(row: dict[str, Any], stems: Sequence[str], chance: random.Random) -> dict[str, Any] | None:
    """The same text about an invented unit; sometimes with another opening, for names often come first."""
    stem, ending = _split(row["about"] or "")
    if not stem or stem[-1] in "市街道社第":
        return None
    if stem[-1] in "镇乡村县区" or ending in load_names().institutions.place_suffixes:
        fresh = "".join(chance.choices(PLACE_SIGNS, k=chance.choice((2, 2, 3)))) + (
            stem[-1] if stem[-1] in "镇乡村县区" else ""
        )
    else:
        one, other = chance.choice(stems), chance.choice(stems)
        fresh = one if chance.random() < 0.5 else one[: max(1, len(one) // 2)] + other[len(other) // 2 :]
    text = row["text"].replace(row["about"], fresh + ending)
    if text.startswith(fresh) and chance.random() < 0.4:
        text = chance.choice(OPENINGS) + text
    return {**row, "text": text, "about": fresh + ending}


if __name__ == "__main__":
    originals, renamed = load_examples(copies=1)
    if "--check" in sys.argv:
        check(originals, renamed)
    else:
        save(learn([*originals, *renamed]), HERE.parent / "model" / "institutions.npz")
