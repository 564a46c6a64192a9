"""Make word weights and topics for duplicates anew: `python triage/data/training/remake_similarity.py`.

Counts the words of the training texts and squeezes word by text into a few topics (LSA); needs scikit-learn, which the
product itself does not.
"""

import json
from collections import Counter
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

from triage.entities.plain import read_plain
from triage.similarity.vocabulary import list_concepts, list_words

HERE = Path(__file__).parent
TOPICS, LEAST_COUNT, LEAST_TOPIC_COUNT = 64, 2, 3


def main() -> None:
    """Read the training texts, write `model/similarity.npz`."""
    files = sorted(HERE.glob("train-*.jsonl"))
    rows = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines() if line.strip()]
    bags = [set(list_words(read_plain(row["text"]).text)) for row in rows]
    counts = Counter(word for bag in bags for word in bag)
    signs = Counter(sign for row in rows for sign in set(read_plain(row["text"]).text) if "\u3400" <= sign <= "\u9fff")
    concepts = Counter(concept for row in rows for concept in list_concepts(read_plain(row["text"]).text))
    words = sorted((w for w, n in counts.items() if n >= LEAST_COUNT and "\n" not in w), key=lambda w: (-counts[w], w))
    topical = {word: column for column, word in enumerate(words) if counts[word] >= LEAST_TOPIC_COUNT}
    weights = np.log(len(rows) / (np.array([counts[word] for word in topical]) + 0.5))
    pairs = [(i, topical[word]) for i, bag in enumerate(bags) for word in bag if word in topical]
    texts, columns = (np.array(side) for side in zip(*pairs, strict=True))
    table = sparse.csr_matrix((weights[columns], (texts, columns)), shape=(len(rows), len(topical)))
    norms = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
    table = sparse.diags(1 / np.maximum(norms, 1e-9)) @ table
    _, strengths, topics = randomized_svd(table, TOPICS, random_state=0)
    vectors = topics.T * np.sqrt(strengths)
    scale = np.abs(vectors).max() / 127
    np.savez_compressed(
        HERE.parent / "model" / "similarity.npz",
        words="\n".join(words),
        counts=np.array([counts[word] for word in words], np.uint16),
        topics=np.round(vectors / scale).astype(np.int8),
        scale=scale,
        documents=len(rows),
        concepts="\n".join(sorted(concepts)),
        concept_counts=np.array([concepts[concept] for concept in sorted(concepts)], np.uint16),
        signs="".join(sorted(signs)),
        sign_counts=np.array([signs[sign] for sign in sorted(signs)], np.uint16),
    )


if __name__ == "__main__":
    main()
