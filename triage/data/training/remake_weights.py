"""Make the learned weights anew from the training texts: `python triage/data/training/remake_weights.py`.

Needs scikit-learn, which the product itself does not; the result is two data files that a reviewer can open.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from triage.context import SPECIAL_TOPICS
from triage.evaluation import Labels
from triage.features import list_features
from triage.lexicon import load_lexicon
from triage.matching import Matcher, word_boundaries
from triage.reading import weigh_topics
from triage.segmenter import load_segmenter
from triage.taxonomy import DATA_DIR, load_taxonomy
from triage.text import normalise

HERE = Path(__file__).parent
FOLDS, COST, MOST_FEATURES = 5, 0.5, 70_000
Array = NDArray[Any]


@dataclass(frozen=True)
class Texts:
    """The training texts with features, signs and labels, row by row."""

    rows: list[dict[str, Any]]
    features: list[list[str]]
    signs: list[dict[str, float]]
    questions: tuple[str, ...]
    labels: Array


def read_rows() -> list[dict[str, Any]]:
    """All texts of this folder, one object a line."""
    rows = []
    for path in sorted(HERE.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            rows.append({**json.loads(line), "file": path.stem})
    return rows


def prepare(rows: list[dict[str, Any]]) -> Texts:
    """Read each text as `assess` does and turn its labels into columns."""
    taxonomy = load_taxonomy()
    lexicon = load_lexicon(DATA_DIR, (*taxonomy.codes, *SPECIAL_TOPICS))
    matcher, segmenter = Matcher(lexicon), load_segmenter(lexicon.own_words)
    features, signs = [], []
    for row in rows:
        text = normalise(row["text"]).text
        words = segmenter.cut(text)
        features.append(list(list_features(text, words)))
        signs.append(weigh_topics(tuple(matcher.find_hits(text, word_boundaries(words)))))
    questions = (*taxonomy.codes, "critical", "discipline")
    labels = [
        [*(code in row["categories"] for code in taxonomy.codes), row["urgency"] == "critical", row["discipline"]]
        for row in rows
    ]
    return Texts(rows, features, signs, questions, np.array(labels, dtype=int))


def split(rows: Sequence[dict[str, Any]]) -> Array:
    """A fold per row; texts of one `set` stay together."""
    groups = [f"{row['file']}:{row.get('set', row['id'])}" for row in rows]
    return np.array([int(sha256(group.encode()).hexdigest(), 16) % FOLDS for group in groups])


def sign_names(texts: Texts) -> list[str]:
    """The names of all signs that occur, sorted."""
    return sorted({name for signs in texts.signs for name in signs})


def sign_matrix(signs: Sequence[dict[str, float]], names: Sequence[str]) -> sparse.csr_matrix:
    """Signs as columns."""
    table = np.array([[row.get(name, 0.0) for name in names] for row in signs], dtype=np.float32)
    return sparse.csr_matrix(table.reshape(len(signs), len(names)))


def fit(texts: Texts, train: Array, test: Array) -> tuple[Array, TfidfVectorizer, Array, Array]:
    """Margins of the test rows, the vectoriser, all weights (questions x columns) and biases."""
    vectoriser = TfidfVectorizer(analyzer=lambda row: row, min_df=2, sublinear_tf=True, dtype=np.float32)
    names = sign_names(texts)
    own = vectoriser.fit_transform([texts.features[at] for at in train])
    fitted = sparse.hstack([own, sign_matrix([texts.signs[at] for at in train], names)]).tocsr()
    machines = [LinearSVC(C=COST).fit(fitted, texts.labels[train, at]) for at in range(len(texts.questions))]
    weights = np.stack([machine.coef_[0] for machine in machines])
    bias = np.array([machine.intercept_[0] for machine in machines])
    if not len(test):
        return np.zeros((0, len(machines))), vectoriser, weights, bias
    other = vectoriser.transform([texts.features[at] for at in test])
    asked = sparse.hstack([other, sign_matrix([texts.signs[at] for at in test], names)]).tocsr()
    return asked @ weights.T + bias, vectoriser, weights, bias


def margins_by_folds(texts: Texts) -> Array:
    """Each row's margins from weights that never saw its set."""
    folds = split(texts.rows)
    margins = np.zeros(texts.labels.shape)
    for fold in range(FOLDS):
        test = np.flatnonzero(folds == fold)
        margins[test] = fit(texts, np.flatnonzero(folds != fold), test)[0]
    return margins


def calibrate(margins: Array, labels: Array, questions: Sequence[str]) -> dict[str, list[float]]:
    """Slope and shift per question that turn a margin into a chance."""
    found = {}
    for at, question in enumerate(questions):
        line = LogisticRegression(C=100).fit(margins[:, [at]], labels[:, at])
        found[question] = [round(float(line.coef_[0, 0]), 4), round(float(line.intercept_[0]), 4)]
    return found


def gold_of(row: dict[str, Any]) -> Labels:
    """A row's labels as evaluation wants them."""
    return Labels(tuple(row["categories"]), row["urgency"], row["discipline"])


def save(texts: Texts, calibration: dict[str, list[float]], settings: dict[str, float]) -> None:
    """Fit on everything, keep the heaviest features, write the two files."""
    _, vectoriser, weights, bias = fit(texts, np.arange(len(texts.rows)), np.array([], dtype=int))
    words = vectoriser.get_feature_names_out()
    own = weights[:, : len(words)]
    heavy = np.sort(np.argsort(-(np.abs(own).max(axis=0)))[:MOST_FEATURES])
    heavy = np.array([at for at in heavy if "\n" not in words[at]])
    kept = own[:, heavy].T
    scale = np.abs(kept).max(axis=0) / 127
    folder = DATA_DIR / "model"
    folder.mkdir(exist_ok=True)
    np.savez_compressed(
        folder / "weights.npz",
        vocabulary=np.frombuffer("\n".join(words[heavy]).encode(), dtype=np.uint8),
        rarity=vectoriser.idf_[heavy].astype(np.float16),
        weights=np.round(kept / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        bias=bias.astype(np.float32),
        sign_weights=weights[:, len(words) :].T.astype(np.float32),
    )
    head = {
        "version": sha256(kept.tobytes()).hexdigest()[:12],
        "questions": list(texts.questions),
        "signs": sign_names(texts),
        "calibration": calibration,
        "settings": settings,
    }
    (folder / "weights.json").write_text(json.dumps(head, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    """Cross-validate, calibrate, choose thresholds, write."""
    texts = prepare(read_rows())
    margins = margins_by_folds(texts)
    calibration = calibrate(margins, texts.labels, texts.questions)
    save(texts, calibration, {"threshold": -0.4, "threshold:critical": -0.3, "threshold:discipline": -0.1})


if __name__ == "__main__":
    main()
