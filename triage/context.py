"""Everything `assess` needs beside the text: words, weights, categories and the office's directory.

It is built once at start, which also warms the segmenter, and is handed in as a value.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from triage.lexicon import Entry, Lexicon, load_lexicon
from triage.matching import Matcher
from triage.model import Model
from triage.scope_words import Scope, load_scope
from triage.segmenter import Engine, Segmenter, load_segmenter
from triage.taxonomy import DATA_DIR, Taxonomy, load_taxonomy
from triage.types import Directory

TOPICS_BESIDE = ("people", "danger")


@dataclass(frozen=True)
class Context:
    """What a verdict depends on; `received` and `channel` belong to the one report at hand."""

    lexicon: Lexicon
    taxonomy: Taxonomy
    directory: Directory
    model: Model
    matcher: Matcher
    segmenter: Segmenter
    scope: Scope
    received: date | None = None
    channel: str | None = None

    def with_received(self, received: date | None, channel: str | None = None) -> "Context":
        """The same context for a report of that day (and channel)."""
        return replace(self, received=received, channel=channel or self.channel)

    def with_directory(self, directory: Directory) -> "Context":
        """The same context with another directory."""
        return replace(self, directory=directory)

    def with_lexicon(self, lexicon: Lexicon) -> "Context":
        """The same context with another lexicon, as the console's preview needs it; builds the automaton anew."""
        return replace(self, lexicon=lexicon, matcher=Matcher(lexicon))


def build_context(
    *,
    directory: Directory = Directory(),  # noqa: B008 - frozen and empty
    overlay: Sequence[Entry] | None = None,
    version: str = "base",
    data_dir: Path | None = None,
    engine: Engine = Engine.RJIEBA,
) -> Context:
    """Load the data files, lay the office's `overlay` over them and warm the segmenter.

    Raises DataError with file and line where a data file is wrong.
    """
    folder = data_dir or DATA_DIR
    taxonomy = load_taxonomy(folder)
    lexicon = load_lexicon(folder, (*taxonomy.codes, *TOPICS_BESIDE), overlay, version=version)
    return Context(
        lexicon=lexicon,
        taxonomy=taxonomy,
        directory=directory,
        model=Model.load(folder / "model"),
        matcher=Matcher(lexicon),
        segmenter=load_segmenter(lexicon.own_words, engine),
        scope=load_scope(folder),
    )
