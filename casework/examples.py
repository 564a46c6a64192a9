"""What officers corrected, kept as labelled examples: what triage said and what the officer said, as codes.

No text is copied. A case that is sealed or destroyed takes its example along; phrases mined from the rest are offers.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from casework.clock import local_date
from casework.models.cases import Case, CaseAssessment
from casework.models.lexicon import LabelledExample
from casework.models.people import Institution, Officer, Town
from casework.verdicts import unpack_assessment
from casework.visibility import visible_cases
from casework.words import list_words
from triage.context import Context
from triage.mining import Labelled, Offer, mine_phrases
from triage.types import Assessment

LOOK_AT = 300
CATEGORY = "category"


def keep_example(session: Session, case: Case, *, now: datetime) -> LabelledExample | None:
    """Keep how an officer's word differs from the machine's first; none, where they agree (again) or nothing was said.

    Called after a correction; one row a case.
    """
    rows = session.scalars(
        select(CaseAssessment).where(CaseAssessment.case_id == case.id).order_by(CaseAssessment.revision)
    ).all()
    session.execute(delete(LabelledExample).where(LabelledExample.case_id == case.id))
    if case.sealed or not rows or rows[0].officer_id is not None:
        return None
    said = _tell(unpack_assessment(rows[0].verdict))
    told = {
        CATEGORY: case.category,
        "urgency": case.urgency.value if case.urgency else None,
        "discipline": case.discipline,
        "body": rows[-1].verdict["body"],
        "institution": case.institution_code,
    }
    if said == told:
        return None
    example = LabelledExample(case_id=case.id, said=said, told=told, made_on=local_date(now))
    session.add(example)
    session.flush()
    return example


def list_examples_for(session: Session, officer: Officer, *, limit: int = LOOK_AT) -> list[LabelledExample]:
    """The newest examples of cases that he may know of; of sealed ones there are none."""
    query = (
        select(LabelledExample)
        .join(Case, Case.id == LabelledExample.case_id)
        .where(visible_cases(officer), ~Case.sealed)
        .order_by(LabelledExample.made_on.desc(), LabelledExample.id)
    )
    return list(session.scalars(query.limit(limit)))


def mine_examples_for(session: Session, officer: Officer, context: Context) -> list[Offer]:
    """Phrases that cases moved to a category share and the lexicon lacks: offered, never applied by themselves."""
    wanted = {
        example.case_id: str(example.told[CATEGORY])
        for example in list_examples_for(session, officer)
        if example.told[CATEGORY] != example.said[CATEGORY]
    }
    known = frozenset(word for entry in context.lexicon.entries for word in entry.words)
    texts = list(_list_labelled(session, wanted))
    return mine_phrases(texts, cut=context.segmenter.cut, known=known) if texts else []


def _list_labelled(session: Session, wanted: dict[str, str]) -> Iterator[Labelled]:
    directory = _list_names(session)
    verdicts = {
        row.case_id: unpack_assessment(row.verdict)
        for row in session.scalars(select(CaseAssessment).where(CaseAssessment.case_id.in_(wanted)))
    }
    for words in list_words(session, list(wanted)):
        named = _names_in(verdicts[words.case_id]) if words.case_id in verdicts else ()
        yield Labelled(wanted[words.case_id], words.text, (*directory, *named))


def _names_in(said: Assessment) -> tuple[str, ...]:
    """Persons, home and place that triage found in a text: a name is no phrase of a category."""
    mentions = [*said.persons, *(mention for mention in (said.institution, said.place) if mention)]
    return tuple(mention.text for mention in mentions)


def _list_names(session: Session) -> Sequence[str]:
    homes = session.execute(select(Institution.name, Institution.operator_name, Institution.director_name))
    towns = session.scalars(select(Town.name))
    officers = session.scalars(select(Officer.name))
    return [name for name in (*(name for row in homes for name in row), *towns, *officers) if name]


def _tell(said: Assessment) -> dict[str, Any]:
    return {
        CATEGORY: said.category,
        "urgency": said.urgency.value,
        "discipline": said.discipline,
        "body": said.body,
        "institution": said.institution.code if said.institution else None,
    }
