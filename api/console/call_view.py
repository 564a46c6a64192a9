"""What stands beside the operator's form while somebody talks: numbers to dial, what triage makes of it, what to ask
next, what to read back, and cases like it as far as he may see them.

Nothing of it is stored; it is made anew of what is typed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from api.console.call_form import ANSWERS, Call
from api.console.labels import STATUS
from api.console.marking import list_reasons
from api.console.queue_view import category_names, excerpt_of, first_reports, short_name
from api.pages import say_day
from api.wiring import House
from bot.dangers import name_danger
from bot.phrasing import read_back
from bot.types import ContactWay, HelpNumber, Talk
from casework.cases import list_earlier_cases
from casework.clock import local_date
from casework.lookalikes import list_like_cases_for
from casework.models.cases import Case
from casework.models.people import Officer
from casework.types import Danger
from casework.visibility import can_read_words
from intake.types import IntakeDesk
from triage.context import Context
from triage.types import Assessment, Urgency

MOST_REASONS = 8
MOST_EARLIER = 5
NO_NUMBERS: tuple[HelpNumber, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """What was typed and what triage says of it."""

    call: Call
    text: str
    said: Assessment
    danger: Danger | None
    corrected: str = ""

    @property
    def category(self) -> str:
        """The operator's own word where he corrects the machine, else the machine's."""
        return self.corrected or self.said.category


def judge_call(call: Call, house: House, now: datetime) -> Judged:
    """Assess everything that was typed; the operator's own tick makes it critical, whatever the words weigh."""
    text = call.whole_text
    context = house.context.with_received(local_date(now), call.channel.value)
    said = house.intake_desk.assess(text, context)
    if call.urgent:
        said = replace(said, urgency=Urgency.CRITICAL)
    danger = name_danger(text, house.front_desk.words.perils) if said.urgency is Urgency.CRITICAL else None
    chosen = call.text("category")
    corrected = chosen if chosen in house.context.taxonomy.by_code and chosen != said.category else ""
    return Judged(call, text, said, danger or (Danger.OTHER if call.urgent else None), corrected)


def desk_for(judged: Judged, house: House) -> IntakeDesk:
    """The intake for this one report, which was assessed before the unit of work began."""

    def assess(text: str, context: Context) -> Assessment:
        return judged.said if text == judged.text else house.intake_desk.assess(text, context)

    return replace(house.intake_desk, assess=assess)


def list_choosable(house: House) -> list[tuple[str, str]]:
    """The categories an operator may put in the machine's place."""
    return list(category_names(house).items())


def view_look(session: Session, officer: Officer, judged: Judged, house: House, now: datetime) -> dict[str, Any]:
    """The column beside the form; `empty` while nothing was told."""
    said, names = judged.said, category_names(house)
    alike = _list_alike(session, officer, judged, house, now)
    return {
        "empty": not judged.text,
        "danger": view_danger(judged.danger, house),
        "urgency": said.urgency.value,
        "corrected": names.get(judged.corrected, "") if judged.text else "",
        "categories": [names.get(score.code, score.code) for score in said.categories[:3]],
        "discipline": said.discipline,
        "body": _name_body(said, house),
        "home": (said.institution.name or said.institution.text) if said.institution else "",
        "home_known": bool(said.institution and said.institution.code),
        "reasons": list_reasons(said, names)[:MOST_REASONS] if judged.text else [],
        "read_back": list_read_back(judged, house) if judged.text else (),
        "alike": alike,
        "earlier": _list_earlier(session, officer, said, house, but={row["id"] for row in alike}),
    }


def view_danger(danger: Danger | None, house: House) -> dict[str, Any] | None:
    """The numbers that come first, and the bot's own words to say with them."""
    if danger is None:
        return None
    script = house.front_desk.script
    return {"numbers": script.numbers.get(danger.value, NO_NUMBERS), "lines": script.say(f"danger.{danger.value}")}


def list_questions(judged: Judged, house: House) -> list[dict[str, Any]]:
    """What may be asked further: every question of the bot's, `wanted` where it is one for this category.

    What was answered already stays on the page.
    """
    script = house.front_desk.script
    wanted = script.details.get(judged.category, script.details["default"]) if judged.text else ()
    return [
        {
            "name": name,
            "ask": script.questions[name].ask,
            "wanted": name in wanted,
            "shown": name in wanted or bool(judged.call.text(name)),
            "choices": _list_choices(script.questions[name].choices, script.notes),
        }
        for name in ANSWERS
    ]


def list_read_back(judged: Judged, house: House) -> tuple[str, ...]:
    """The bot's own read-back of what was typed, to be said to the caller."""
    call = judged.call
    talk = Talk(
        channel=call.channel,
        lines=(" ".join((call.story or judged.text).split()),),
        institution=call.text("home") or (judged.said.institution.text if judged.said.institution else None),
        place=call.text("place") or (judged.said.place.text if judged.said.place else None),
        when=call.text("when") or (judged.said.when.text if judged.said.when else None),
        name="" if call.anonymous else call.text("name"),
        phone=call.number if call.consent else "",
        safe_time=call.text("safe_time") if call.consent else "",
        anonymous=True if call.anonymous else None,
        contact=ContactWay.PHONE if call.consent else ContactWay.NONE if call.anonymous else None,
        category=judged.category,
    )
    return (*read_back(talk, house.front_desk.script), house.front_desk.script.questions["confirm"].ask)


def _list_choices(choices: Sequence[Any], notes: Mapping[str, str]) -> list[str]:
    """The answers that need no typing, as the report will say them."""
    return [notes[choice.id].rstrip("。") for choice in choices if choice.id in notes]


def _name_body(said: Assessment, house: House) -> str:
    body = house.office_data.bodies.get(said.body)
    return short_name(str(body["name"]), house) if body else house.context.taxonomy.bodies.get(said.body, "")


def _list_alike(
    session: Session, officer: Officer, judged: Judged, house: House, now: datetime
) -> list[dict[str, Any]]:
    if not judged.text:
        return []
    found = list_like_cases_for(session, officer, judged.text, judged.said, now=now)
    shown = _describe_cases(session, officer, [each.case for each in found], house)
    return [row | {"why": "，".join(each.match.why)} for row, each in zip(shown, found, strict=True)]


def _list_earlier(
    session: Session, officer: Officer, said: Assessment, house: House, *, but: set[str]
) -> list[dict[str, Any]]:
    if said.institution is None or said.institution.code is None:
        return []
    found = list_earlier_cases(session, officer, said.institution.code, limit=MOST_EARLIER)
    return _describe_cases(session, officer, [case for case in found if case.id not in but], house)


def _describe_cases(session: Session, officer: Officer, cases: Sequence[Case], house: House) -> list[dict[str, Any]]:
    """Cases that he may know of, a line each; words only for those who may read them."""
    reports = first_reports(session, [case.id for case in cases])
    reads = can_read_words(officer)
    return [
        {
            "id": case.id,
            "number": case.number,
            "status": STATUS[case.status],
            "day": say_day(case.opened_on),
            "excerpt": excerpt_of(case, reports.get(case.id), None, house, reads=reads),
        }
        for case in cases
    ]
