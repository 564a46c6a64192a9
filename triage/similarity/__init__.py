"""Do two reports tell of one incident? Fingerprints that a database can index, a score with reasons, and clusters.

A suggestion for an officer, never a merge.
"""

from triage.similarity.clusters import SAME_INCIDENT, Clustered, Pairing, cluster
from triage.similarity.figures import DuplicateFigures, evaluate_duplicates
from triage.similarity.fingerprints import INDEX_TOKENS, Fingerprint, core_of, fingerprint
from triage.similarity.scoring import Match, score_pair
from triage.similarity.vocabulary import search_tokens

__all__ = [
    "INDEX_TOKENS", "SAME_INCIDENT", "Clustered", "DuplicateFigures", "Fingerprint", "Match", "Pairing",
    "cluster", "core_of", "evaluate_duplicates", "fingerprint", "score_pair", "search_tokens",
]  # fmt: skip
