"""What triage says of a text: the one door of this package.

A text and a context go in, an Assessment with all its reasons comes out; the same two always give the same answer.
"""

from triage.bodies import choose_bodies
from triage.context import Context
from triage.decision import NOTHING_SAID, choose_categories
from triage.discipline import decide_discipline
from triage.entities.plain import view_of
from triage.evidence import evidence_for, evidence_of
from triage.explanation import explain
from triage.extraction import extract_from
from triage.reading import Reading, read_text
from triage.scope import is_elsewhere
from triage.taxonomy import Category
from triage.types import Assessment, CategoryScore
from triage.urgency import decide_urgency


def assess(text: str, context: Context) -> Assessment:
    """Assess a text: categories, urgency, discipline, keys, bodies, entities and one sentence that explains them.

    1. Read the text once. 2. Choose categories. 3. Raise the urgency where there is danger. 4. Ask whether it is a
    matter for discipline inspection. 5. Name the bodies. 6. Extract entities. Any string is answered, an empty one too.
    """
    reading = read_text(text, context)
    categories = _choose(reading, context)
    scores = tuple(
        CategoryScore(
            category.code,
            round(context.model.probability(category.code, reading.margins.get(category.code, 0.0)), 4),
            evidence_for(reading, category.code),
        )
        for category in categories
    )
    urgency, urgency_evidence = decide_urgency(reading, categories)
    verdict = decide_discipline(reading, categories, context.model.settings)
    body, co_bodies = choose_bodies(reading, categories, discipline=verdict.discipline)
    entities = extract_from(view_of(reading.source), directory=context.directory, received=context.received)
    return Assessment(
        categories=scores,
        urgency=urgency,
        discipline=verdict.discipline,
        keys=verdict.keys,
        body=body,
        co_bodies=co_bodies,
        explanation=explain(
            scores, urgency, verdict.keys, body, co_bodies, discipline=verdict.discipline, taxonomy=context.taxonomy
        ),
        institution=entities.institution,
        place=entities.place,
        when=entities.when,
        persons=entities.persons,
        amounts=entities.amounts,
        identifiers=entities.identifiers,
        urgency_evidence=urgency_evidence,
        discipline_evidence=verdict.evidence,
        excluded=tuple(evidence_of(reading, hit, excluded="前面有否定词，不算") for hit in reading.denied),
        lexicon_version=context.lexicon.version,
    )


def _choose(reading: Reading, context: Context) -> list[Category]:
    """The categories; a text that holds no word at all, or none of elder care, is out_of_scope."""
    nothing = [context.taxonomy.by_code[NOTHING_SAID]]
    if not any(word.strip() for word in reading.words):
        return nothing
    chosen = choose_categories(reading.margins, context.taxonomy, context.model.settings)
    return nothing if is_elsewhere(reading, context.scope) else chosen
