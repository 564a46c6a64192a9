"""Make the weights of words, signs and meanings anew: `python triage/data/training/remake_similarity.py`.

Counts in how many training texts each stands; what stands in one only is left out, for it weighs as much as a new word.
"""

import json
from collections import Counter
from pathlib import Path

from triage.entities.plain import read_plain
from triage.similarity.vocabulary import list_concepts, list_words

HERE = Path(__file__).parent
LEAST_COUNT = 2


def main() -> None:
    """Read the training texts, write `model/similarity.json`."""
    files = sorted(HERE.glob("train-*.jsonl"))
    lines = [line for file in files for line in file.read_text("utf-8").splitlines() if line.strip()]
    texts = [read_plain(json.loads(line)["text"]).text for line in lines]
    counted = {
        "words": Counter(word for text in texts for word in set(list_words(text))),
        "signs": Counter(sign for text in texts for sign in set(text) if "\u3400" <= sign <= "\u9fff"),
        "concepts": Counter(concept for text in texts for concept in list_concepts(text)),
    }
    stored = {
        "documents": len(texts),
        **{name: {k: n for k, n in sorted(counts.items()) if n >= LEAST_COUNT} for name, counts in counted.items()},
    }
    target = HERE.parent / "model" / "similarity.json"
    target.write_text(json.dumps(stored, ensure_ascii=False, indent=0) + "\n", "utf-8")


if __name__ == "__main__":
    main()
