"""Learn where a sentence model places texts: `python triage/data/training/remake_senses.py VECTORS.npz PLACES.npz`.

`teach_senses.py` beside it writes the vectors; here a linear model over words and signs learns to place texts alike,
and to say how far each category lies. `remake_duplicates.py` turns the places into `model/senses.npz`.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from triage.context import build_context
from triage.reading import read_text
from triage.similarity.senses import list_features
from triage.similarity.vocabulary import list_words

LEAST_TEXTS, RESTRAINT = 3, 0.3
Floats = NDArray[np.float32]


def cut(text: str) -> Iterator[str]:
    """The features of a text."""
    return list_features(list_words(text))


def learn(table: csr_matrix, goal: Floats) -> tuple[Floats, Floats]:
    """Ridge regression by way of the texts, which are fewer than the features: weights and the bias of each goal."""
    middle = np.asarray(table.mean(axis=0)).ravel()
    alike = (table @ table.T).toarray()
    aside = np.asarray(table @ middle).ravel()
    alike += middle @ middle - aside[:, None] - aside[None, :]
    alike[np.diag_indices_from(alike)] += RESTRAINT
    counts = cho_solve(cho_factor(alike, lower=True), goal - goal.mean(axis=0))
    weights = (table.T @ counts - np.outer(middle, counts.sum(axis=0))).astype(np.float32)
    return weights, -middle @ weights


def main() -> None:
    """Read the vectors, learn, write the places, which are not shipped."""
    with np.load(sys.argv[1]) as stored:
        texts, vectors = stored["texts"].tolist(), stored["x"].astype(np.float32)
    counted = TfidfVectorizer(analyzer=cut, sublinear_tf=True, min_df=LEAST_TEXTS, dtype=np.float32)
    table = counted.fit_transform(texts)
    context = build_context()
    rows = [[read_text(text, context).margins[code] for code in context.taxonomy.by_code] for text in texts]
    place, place_bias = learn(table, vectors)
    theme, theme_bias = learn(table, np.array(rows, dtype=np.float32))
    np.savez_compressed(
        Path(sys.argv[2]),
        vocabulary=np.frombuffer("\n".join(counted.get_feature_names_out()).encode("utf-8"), dtype=np.uint8),
        rarity=counted.idf_.astype(np.float32),
        place=place.astype(np.float16),
        place_bias=place_bias,
        theme=theme.astype(np.float32),
        theme_bias=theme_bias,
    )


if __name__ == "__main__":
    main()
