"""Make `model/senses.npz` anew: `python triage/data/training/remake_senses.py VECTORS.npz`.

`teach_senses.py` beside it writes the vectors: where a sentence model places the training texts and their words. Here a
linear model over words and signs learns to place them alike.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge

from triage.context import build_context
from triage.reading import read_text
from triage.similarity.senses import list_features
from triage.similarity.vocabulary import list_words

HERE = Path(__file__).parent
MEANINGS, LEAST_TEXTS, RESTRAINT = 96, 3, 0.3
WORD_COUNTS = 0.3
FLATTENED = 0.6
"""How far the teacher's strongest directions are held down (1: all alike); chosen on held-out pairs of one home."""
Floats = NDArray[np.float32]


def cut(text: str) -> Iterator[str]:
    """The features of a text."""
    return list_features(list_words(text))


def learn(table: csr_matrix, goal: Floats, counts: Floats | None = None) -> tuple[Floats, Floats]:
    """Weights by feature and goal, and the bias of each goal."""
    found = Ridge(alpha=RESTRAINT, solver="sparse_cg", tol=3e-3, max_iter=100).fit(table, goal, sample_weight=counts)
    return found.coef_.T, found.intercept_


def main() -> None:
    """Teach, learn, write the weights as int8 with a scale for each goal."""
    with np.load(sys.argv[1]) as stored:
        vectors = dict(stored)
    texts, words = vectors["texts"].tolist(), vectors["words"].tolist()
    counted = TfidfVectorizer(analyzer=cut, sublinear_tf=True, min_df=LEAST_TEXTS, dtype=np.float32)
    table = counted.fit_transform(texts)
    placed, named = vectors["x"] - vectors["x"].mean(0), vectors["y"] - vectors["y"].mean(0)
    _, strength, directions = np.linalg.svd(placed, full_matrices=False)
    turned = directions[:MEANINGS].T / strength[:MEANINGS] ** FLATTENED
    weights, bias = learn(
        vstack([table, counted.transform(words)]).tocsr(),
        (np.vstack([placed, named]) @ turned).astype(np.float32),
        np.r_[np.ones(len(texts)), np.full(len(words), WORD_COUNTS)].astype(np.float32),
    )
    context = build_context()
    rows = [[read_text(text, context).margins[code] for code in context.taxonomy.by_code] for text in texts]
    margins = np.array(rows, dtype=np.float32)
    themes, theme_bias = learn(table, margins - margins.mean(axis=0))
    both = np.hstack([weights, themes])
    scale = np.abs(both).max(axis=0) / 127
    np.savez_compressed(
        HERE.parent / "model" / "senses.npz",
        vocabulary=np.frombuffer("\n".join(counted.get_feature_names_out()).encode("utf-8"), dtype=np.uint8),
        rarity=counted.idf_.astype(np.float32),
        weights=np.round(both / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        bias=np.r_[bias, theme_bias].astype(np.float32),
        meanings=np.array(MEANINGS),
    )


if __name__ == "__main__":
    main()
