"""How a talk's story weighs when it is filed: told as danger it is critical, and a word at the end doesn't undo it.

Whoever ends a story with 快点办 or 就这样吧 has still complained; triage over the whole is asked first and has its say.
"""

from collections.abc import Callable
from dataclasses import replace

from bot.phones import blank_contact
from bot.reading import NOT_COMPLAINTS, is_complaint
from bot.types import Talk
from intake.types import IntakeDesk
from triage.context import Context
from triage.types import Assessment, CategoryScore, Urgency

Assess = Callable[[str, Context], Assessment]


def weigh_talk(desk: IntakeDesk, talk: Talk) -> IntakeDesk:
    """The same intake for what this talk told: steady in its category, critical where it was told as danger."""
    steady = replace(desk, assess=_steady(desk.assess, talk.lines), assess_part=desk.assess)
    return raise_urgency(steady) if talk.is_urgent else steady


def raise_urgency(desk: IntakeDesk) -> IntakeDesk:
    """The same intake for a report that was told as danger to life: critical, whatever triage weighs."""

    def assess(text: str, context: Context) -> Assessment:
        return replace(desk.assess(text, context), urgency=Urgency.CRITICAL)

    return replace(desk, assess=assess)


def _steady(assess: Assess, lines: tuple[str, ...]) -> Assess:
    """Where the whole story is no complaint any more, the longest beginning that was one says which; or one message."""

    def weigh(text: str, context: Context) -> Assessment:
        whole = assess(text, context)
        if whole.category not in NOT_COMPLAINTS:
            return whole
        bare = assess(blank_contact(text), context)
        if bare.category not in NOT_COMPLAINTS:
            return _with_verdict(whole, bare, bare.categories)
        beginnings = ("\n".join(lines[:count]) for count in range(len(lines) - 1, 0, -1))
        told = next((part for words in beginnings if is_complaint(part := assess(words, context), words)), None)
        if told is not None:
            return _with_verdict(whole, told, told.categories)
        alone = next((part for words in lines if is_complaint(part := assess(words, context), words)), None)
        if alone is None:
            return whole
        codes = tuple(CategoryScore(each.code, each.score) for each in alone.categories)
        return _with_verdict(whole, alone, codes)

    return weigh


def _with_verdict(whole: Assessment, told: Assessment, categories: tuple[CategoryScore, ...]) -> Assessment:
    """What the whole says of home, place, time and names, with the verdict of the part that complained."""
    critical = Urgency.CRITICAL in (whole.urgency, told.urgency)
    return replace(
        whole,
        categories=categories,
        body=told.body,
        co_bodies=told.co_bodies,
        explanation=told.explanation,
        urgency=Urgency.CRITICAL if critical else told.urgency,
        discipline=whole.discipline or told.discipline,
    )
