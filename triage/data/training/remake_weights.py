"""Make the learned weights anew: `python triage/data/training/remake_weights.py` (`--check` only prints the figures).

Needs scikit-learn, which the product itself does not; the result is two data files that a reviewer can open.
"""

import json
import sys
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
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from triage.context import TOPICS_BESIDE
from triage.decision import choose_categories
from triage.evaluation import Figures, Labels, evaluate
from triage.features import list_features, scale_of
from triage.lexicon import load_lexicon
from triage.matching import Matcher, word_boundaries
from triage.segmenter import load_segmenter
from triage.taxonomy import DATA_DIR, Taxonomy, load_taxonomy
from triage.text import normalise

HERE = Path(__file__).parent
FOLDS, COST, RAREST = 5, 0.5, 3
WORDS_A_TEXT = 6
HELD_OUT = "train-"
# Texts of the later writers are many and made to be hard, so each counts less beside what a hotline hears (whether 0.4
# or 1 made no difference on texts held out).
LATE, SHARE_OF_LATE = frozenset(f"own{number}" for number in range(5, 13)), 0.4
# Bars that the folds don't choose. Categories that always go to discipline inspection need more to join a primary, and
# `discipline` more than even odds: officials are complained of more often in the training texts than on a hotline.
SETTINGS = {
    "threshold": -0.27,
    "threshold:critical": -0.4,
    "threshold:discipline": 0.45,
    "threshold:eight_rules": -0.25,
    "threshold:corruption": -0.25,
    "threshold:inaction": -0.25,
    "shift:inquiry": -0.1,
    "shift:out_of_scope": 0.03,
    "threshold:discipline_named": 0.4,
    "threshold:discipline_keyed": 0.0,
    "threshold:who": 0.15,
    "threshold:who_named": -0.62,
    "threshold:what": -0.4,
    "threshold:what_inaction": -0.1,
    "threshold:what_harmed": -0.3,
}
KEYS = ("who", "what")
Array = NDArray[Any]


@dataclass(frozen=True)
class Texts:
    """The training texts with features and labels, row by row."""

    rows: list[dict[str, Any]]
    features: list[list[str]]
    questions: tuple[str, ...]
    labels: Array


@dataclass(frozen=True)
class Fit:
    """What was learned: the vectoriser, the kinds' scales, a weight row and a bias per question."""

    vectoriser: TfidfVectorizer
    scales: Array
    weights: Array
    bias: Array


def read_rows() -> list[dict[str, Any]]:
    """All labelled texts of this folder, with `keys` where keys.jsonl has them; keys-held.jsonl is only measured on."""
    keys = {
        row["id"]: {**row, "held": "held" in path.stem} for path in HERE.glob("keys*.jsonl") for row in _lines(path)
    }
    rows = []
    for path in sorted([*HERE.glob("train-*.jsonl"), *HERE.glob("own*.jsonl"), HERE / "phrases.jsonl"]):
        for row in _lines(path):
            known = keys.get(row["id"], {})
            rows.append({**row, "file": path.stem, "keys": known.get("keys", {}), "held": known.get("held", False)})
    return rows


def rows_of_lexicon(taxonomy: Taxonomy) -> list[dict[str, Any]]:
    """The lexicon itself as short texts: what an entry's words mean is told to the learned part before any example."""
    rows = []
    for entry in load_lexicon(DATA_DIR, (*taxonomy.codes, *TOPICS_BESIDE)).entries:
        category = taxonomy.by_code.get(entry.topic)
        if category is None:
            continue
        words = sorted(entry.words)
        for at in range(0, len(words), WORDS_A_TEXT):
            text = "".join(words[at : at + WORDS_A_TEXT])
            labels = {"categories": [entry.topic], "urgency": "normal", "discipline": category.discipline == "always"}
            rows.append(
                {"id": f"{entry.name}{at}", "text": text, "file": "lexicon", "keys": {}, "held": False, **labels}
            )
    return rows


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def prepare(rows: list[dict[str, Any]], taxonomy: Taxonomy) -> Texts:
    """Read each text as `assess` does and turn its labels into columns; NaN marks what a row doesn't say."""
    lexicon = load_lexicon(DATA_DIR, (*taxonomy.codes, *TOPICS_BESIDE))
    matcher, segmenter = Matcher(lexicon), load_segmenter(lexicon.own_words)
    features = []
    for row in rows:
        text = normalise(row["text"]).text
        words = segmenter.cut(text)
        hits = matcher.find_hits(text, word_boundaries(words)).hits
        features.append(list_features(text, words, [hit.entry.name for hit in hits]))
    primary = tuple(f"primary:{code}" for code in taxonomy.codes)
    questions = (*taxonomy.codes, *primary, "critical", "discipline", "who", "what")
    labels = [_answers(row, taxonomy.codes) for row in rows]
    return Texts(rows, features, questions, np.array(labels, dtype=float))


def _answers(row: dict[str, Any], codes: Sequence[str]) -> list[float]:
    keys = row.get("keys", {})
    return [
        *(float(code in row["categories"]) for code in codes),
        *(float(code == row["categories"][0]) for code in codes),
        float(row["urgency"] == "critical"),
        float(row["discipline"]),
        float(keys.get("who", np.nan)),
        float(keys.get("what", np.nan)),
    ]


def split(rows: Sequence[dict[str, Any]]) -> Array:
    """A fold per row; texts of one `set` stay together, our own texts and phrases (-1) are always trained on."""
    groups = [f"{row['file']}:{row.get('set', row['id'])}" for row in rows]
    folds = [int(sha256(group.encode()).hexdigest(), 16) % FOLDS for group in groups]
    return np.array([fold if row["file"].startswith(HELD_OUT) else -1 for fold, row in zip(folds, rows, strict=True)])


def fit(texts: Texts, train: Array) -> Fit:
    """Learn from the rows `train`; a question is learned from the rows that answer it."""
    vectoriser = TfidfVectorizer(analyzer=list, min_df=RAREST, sublinear_tf=True, norm=None, dtype=np.float32)
    counted = vectoriser.fit_transform([texts.features[at] for at in train])
    scales = np.array([scale_of(name) for name in vectoriser.get_feature_names_out()], dtype=np.float32)
    table = normalize(counted @ sparse.diags(scales)).tocsr()
    shares = np.array([SHARE_OF_LATE if texts.rows[at]["file"] in LATE else 1.0 for at in train])
    weights, bias = [], []
    for at in range(len(texts.questions)):
        answers = texts.labels[train, at]
        known = np.flatnonzero(~np.isnan(answers))
        if texts.questions[at] in KEYS:
            known = np.array([row for row in known if not texts.rows[train[row]]["held"]], dtype=int)
        if len(set(answers[known])) < 2:
            weights.append(np.zeros(table.shape[1]))
            bias.append(-1.0)
            continue
        machine = LinearSVC(C=COST).fit(table[known], answers[known], sample_weight=shares[known])
        weights.append(machine.coef_[0])
        bias.append(machine.intercept_[0])
    return Fit(vectoriser, scales, np.stack(weights), np.array(bias))


def margins_of(fitted: Fit, texts: Texts, rows: Array) -> Array:
    """The margins of rows."""
    counted = fitted.vectoriser.transform([texts.features[at] for at in rows])
    margins: Array = normalize(counted @ sparse.diags(fitted.scales)) @ fitted.weights.T + fitted.bias
    return margins


def margins_by_folds(texts: Texts, folds: Array) -> Array:
    """Each row's margins from weights that never saw its set; NaN for rows that are always trained on."""
    margins = np.full(texts.labels.shape, np.nan)
    for fold in range(FOLDS):
        test = np.flatnonzero(folds == fold)
        margins[test] = margins_of(fit(texts, np.flatnonzero(folds != fold)), texts, test)
    return margins


def calibrate(margins: Array, labels: Array, questions: Sequence[str]) -> dict[str, list[float]]:
    """Slope and shift per question that turn a margin into a chance."""
    found = {}
    for at, question in enumerate(questions):
        known = np.flatnonzero(~np.isnan(labels[:, at]) & ~np.isnan(margins[:, at]))
        if len(set(labels[known, at])) < 2:
            continue
        line = LogisticRegression(C=100).fit(margins[known][:, [at]], labels[known, at])
        found[question] = [round(float(line.coef_[0, 0]), 4), round(float(line.intercept_[0]), 4)]
    return found


def measure(texts: Texts, margins: Array, taxonomy: Taxonomy, settings: dict[str, float]) -> Figures:
    """The figures of the learned part alone, as the product decides."""
    pairs = []
    for row, line in zip(texts.rows, margins, strict=True):
        if np.isnan(line[0]):
            continue
        named = dict(zip(texts.questions, line.tolist(), strict=True))
        said = tuple(category.code for category in choose_categories(named, taxonomy, settings))
        urgency = "critical" if named["critical"] > settings["threshold:critical"] else "normal"
        always = any(taxonomy.by_code[code].discipline == "always" for code in said)
        disciplined = always or named["discipline"] > settings["threshold:discipline"]
        gold = Labels(tuple(row["categories"]), row["urgency"], row["discipline"])
        pairs.append((gold, Labels(said, urgency, disciplined)))
    return evaluate(pairs, taxonomy.codes)


def save(texts: Texts, calibration: dict[str, list[float]], settings: dict[str, float]) -> None:
    """Learn from everything and write the two files."""
    fitted = fit(texts, np.arange(len(texts.rows)))
    names = fitted.vectoriser.get_feature_names_out()
    rarity = fitted.vectoriser.idf_ * fitted.scales
    kept_rows = np.array([at for at, name in enumerate(names) if "\n" not in name])
    kept = fitted.weights[:, kept_rows].T
    scale = np.maximum(np.abs(kept).max(axis=0), 1e-9) / 127
    folder = DATA_DIR / "model"
    folder.mkdir(exist_ok=True)
    np.savez_compressed(
        folder / "weights.npz",
        vocabulary=np.frombuffer("\n".join(names[kept_rows]).encode(), dtype=np.uint8),
        rarity=rarity[kept_rows].astype(np.float16),
        weights=np.round(kept / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        bias=fitted.bias.astype(np.float32),
    )
    head = {
        "version": sha256(kept.tobytes()).hexdigest()[:12],
        "questions": list(texts.questions),
        "calibration": calibration,
        "settings": settings,
    }
    (folder / "weights.json").write_text(json.dumps(head, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def report(figures: Figures) -> str:
    """The figures that are watched, in one line."""
    scope = figures.per_category["out_of_scope"]
    return (
        f"micro {figures.micro.f1:.4f} macro {figures.macro_f1:.4f} primary {figures.primary_right:.4f} "
        f"critical R {figures.critical.recall:.3f} P {figures.critical.precision:.3f} "
        f"discipline R {figures.discipline.recall:.3f} P {figures.discipline.precision:.3f} "
        f"oos R {scope.recall:.3f} P {scope.precision:.3f}"
    )


def main() -> None:
    """Cross-validate, calibrate, print the figures and write the files."""
    taxonomy = load_taxonomy()
    texts = prepare([*read_rows(), *rows_of_lexicon(taxonomy)], taxonomy)
    margins = margins_by_folds(texts, split(texts.rows))
    settings = dict(SETTINGS)
    figures = measure(texts, margins, taxonomy, settings)
    print(settings, report(figures))
    print({code: round(rate.f1, 2) for code, rate in figures.per_category.items()})
    if "--check" not in sys.argv:
        save(texts, calibrate(margins, texts.labels, texts.questions), settings)


if __name__ == "__main__":
    main()
