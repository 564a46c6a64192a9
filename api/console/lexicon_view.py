"""The first page of the lexicon and the form of a change as data.

Phrases with how often they speak, what the office changed, its versions, proposals and offers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from api.console.queue_view import category_names
from api.pages import say_time
from api.wiring import House
from casework.clock import local_date
from casework.examples import mine_examples_for
from casework.lexicon_figures import Figures, Rate, get_count, read_figures
from casework.lexicon_proposals import list_proposals
from casework.lexicons import get_active, list_versions, read_changes
from casework.models.lexicon import CountStatus, LexiconProposal, LexiconVersion, ProposalStatus
from casework.models.people import Officer
from casework.types import Role
from casework.visibility import has_role
from triage.lexicon import Entry
from triage.overlay import Change, ChangeAct
from triage.overlay_files import change_of
from triage.patterns import Pattern

PAGE_SIZE = 40
BESIDE: Mapping[str, str] = {"people": "说的是谁", "danger": "危险的话"}
ACTS: Mapping[ChangeAct, str] = {ChangeAct.ADD: "加说法", ChangeAct.ALTER: "改说法", ChangeAct.REMOVE: "去掉说法"}
STATES: Mapping[ProposalStatus, tuple[str, str]] = {
    ProposalStatus.TESTING: ("正在试", "ochre"),
    ProposalStatus.TESTED: ("试完了，等启用", "ochre"),
    ProposalStatus.LIVE: ("启用了", "bamboo"),
    ProposalStatus.DROPPED: ("不要了", "line"),
}
NOTABLE, TWICE = 5, 2
"""From so many cases a month on, twice or half the share of the month before is worth a mark."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which phrases a page shows."""

    topic: str = ""
    words: str = ""
    page: int = 1

    def link(self, page: int) -> str:
        """The address of another page of the same list."""
        asked = {"topic": self.topic, "q": self.words, "page": page}
        return "?" + urlencode({name: value for name, value in asked.items() if value})


def topic_names(house: House) -> dict[str, str]:
    """The categories' names by code, and those of the topics beside them."""
    return {**category_names(house), **BESIDE}


def view_lexicon(session: Session, officer: Officer, house: House, wanted: Wanted, now: datetime) -> dict[str, Any]:
    """The first page: phrases, what the office changed, versions, proposals, offers."""
    names = topic_names(house)
    figures = read_figures(get_count(session, officer))
    pairs = list(_list_phrases(house.context.lexicon.entries, wanted))
    pairs.sort(key=lambda pair: -figures.of(pair[0].topic, pair[1]).cases)
    first = (wanted.page - 1) * PAGE_SIZE
    shown = pairs[first : first + PAGE_SIZE]
    active = get_active(session)
    return {
        "rows": [_row(entry, word, figures, names) for entry, word in shown],
        "total": len(pairs),
        "count": view_count(session, officer, now),
        "page": {
            "first": first + 1,
            "last": first + len(shown),
            "previous": wanted.link(wanted.page - 1) if wanted.page > 1 else "",
            "next": wanted.link(wanted.page + 1) if first + len(shown) < len(pairs) else "",
        },
        "patterns": [_pattern(each) for each in house.context.lexicon.patterns if each.topic == wanted.topic],
        "topics": list(names.items()),
        "wanted": wanted,
        "active": active,
        "mark": house.lexicon.mark,
        "changes": [say_change(change, names) for change in read_changes(session, active)],
        "versions": [_version(session, row, active, house, now) for row in list_versions(session, limit=12)],
        "proposals": [_brief(row, names) for row in list_proposals(session)],
        "offers": [
            {
                "topic": offer.topic,
                "label": names.get(offer.topic, offer.topic),
                "phrase": offer.phrase,
                "texts": offer.texts,
            }
            for offer in mine_examples_for(session, officer, house.context)
        ],
        "can_undo": active > 0 and has_role(officer, Role.SUPERVISOR, Role.CLUE_OFFICER),
    }


def view_count(session: Session, officer: Officer, now: datetime) -> dict[str, Any]:
    """How many cases the figures come from and when they were counted; how far a count under way has come."""
    count = get_count(session, officer)
    counted = count.counted_at if count else None
    return {
        "cases": read_figures(count).all.cases,
        "at": say_time(counted, local_date(now)) if counted else "",
        "counting": count is not None and count.status is CountStatus.COUNTING,
        "done": count.done if count else 0,
        "total": max(count.total, count.done) if count else 0,
    }


def view_form(house: House, change: Change) -> dict[str, Any]:
    """The form of a change: what it starts with, and the groups of its topic."""
    names = topic_names(house)
    groups = {
        entry.name: entry.why or entry.name
        for entry in house.lexicon.base.lexicon.entries
        if entry.topic == change.topic
    }
    return {
        "act": change.act.value,
        "title": ACTS[change.act],
        "topic": change.topic,
        "label": names[change.topic],
        "groups": list(groups.items()),
        "weighs": change.topic not in BESIDE,
        "values": {
            "words": "\n".join(change.words),
            "entry": change.entry,
            "weight": f"{change.weight:g}" if change.weight else "",
            "why": change.why,
            "needs": "、".join(change.needs),
            "unless": "、".join(change.unless),
            "whole": change.whole,
            "negatable": change.negatable,
        },
    }


def find_phrase(house: House, act: ChangeAct, topic: str, word: str) -> Change:
    """What a form about a phrase starts with: how it counts now, an empty one where it is new."""
    for entry in house.context.lexicon.entries:
        if word and entry.topic == topic and word in entry.words:
            own = {} if act is ChangeAct.REMOVE else _counting(entry, house)
            return Change(act, topic, (word,), **own)
    return Change(act, topic, (word,) if word else ())


def say_change(change: Change, names: Mapping[str, str]) -> dict[str, Any]:
    """A change in words."""
    return {
        "title": ACTS[change.act],
        "label": names.get(change.topic, change.topic),
        "words": "、".join(change.words),
        "counts": list(_say_counting(change)) if change.act is not ChangeAct.REMOVE else [],
    }


def _say_counting(change: Change) -> Iterator[tuple[str, str]]:
    if change.parts:
        yield "句式", (" + " if change.free else " → ").join("、".join(part) for part in change.parts)
        yield "两段之间最多隔", f"{change.window}个词"
    if change.weight:
        yield "分量", f"{change.weight:+g}"
    if change.entry:
        yield "归到", change.why or change.entry
    if change.needs:
        yield "同一句里要有", "、".join(change.needs)
    if change.unless:
        yield "同一小句有就不算", "、".join(change.unless)
    if change.negatable:
        yield "前面有没、不", "不算"
    if change.whole:
        yield "整个词", "才算"


def _counting(entry: Entry, house: House) -> dict[str, Any]:
    shipped = {each.name for each in house.lexicon.base.lexicon.entries if each.topic == entry.topic}
    told = {name: getattr(entry, name) for name in ("weight", "why", "whole", "negatable", "needs", "unless")}
    return told | {"entry": entry.name if entry.name in shipped else ""}


def _list_phrases(entries: Sequence[Entry], wanted: Wanted) -> Iterator[tuple[Entry, str]]:
    for entry in entries:
        if wanted.topic and entry.topic != wanted.topic:
            continue
        yield from ((entry, word) for word in entry.words if wanted.words in word or wanted.words in entry.why)


def _pattern(pattern: Pattern) -> dict[str, Any]:
    return {
        "why": pattern.why,
        "example": pattern.example,
        "own": pattern.source == "office",
        "query": urlencode({"topic": pattern.topic, "word": pattern.name}),
    }


def _row(entry: Entry, word: str, figures: Figures, names: Mapping[str, str]) -> dict[str, Any]:
    rate = figures.of(entry.topic, word)
    return {
        "word": word,
        "topic": entry.topic,
        "label": names.get(entry.topic, entry.topic),
        "why": entry.why,
        "weight": f"{entry.weight:+g}" if entry.weight else "",
        "needs": "、".join(entry.needs),
        "unless": "、".join(entry.unless),
        "own": entry.source == "office",
        "cases": rate.cases,
        "percent": f"{100 * rate.cases / figures.all.cases:.0f}%" if rate.cases else "",
        "recent": rate.recent,
        "before": rate.before,
        "drift": _say_drift(rate, figures.all),
        "query": urlencode({"topic": entry.topic, "word": word}),
    }


def _say_drift(rate: Rate, everything: Rate) -> tuple[str, str]:
    """A word and a tone for a phrase that speaks twice or half as often as the month before, by share of all cases."""
    if max(rate.recent, rate.before) < NOTABLE:
        return "", ""
    now, then = rate.recent / max(everything.recent, 1), rate.before / max(everything.before, 1)
    if now >= TWICE * then:
        return "多了", "ochre"
    return ("少了", "line") if then >= TWICE * now else ("", "")


def _version(session: Session, row: LexiconVersion, active: int, house: House, now: datetime) -> dict[str, Any]:
    by = session.get(Officer, row.made_by) if row.made_by else None
    change = say_change(change_of(row.change), topic_names(house)) if row.change else None
    return {
        "number": row.number,
        "active": row.number == active,
        "by": by.name if by else "命令行",
        "at": say_time(row.made_at, local_date(now)),
        "reason": row.reason,
        "what": f"{change['title']}：{change['words']}（{change['label']}）"
        if change
        else f"整本换成{len(row.changes)}处改动",
        "other_base": row.base != house.lexicon.mark,
    }


def _brief(row: LexiconProposal, names: Mapping[str, str]) -> dict[str, Any]:
    status, tone = STATES[row.status]
    return {"id": row.id, "status": status, "tone": tone, **say_change(change_of(row.change), names)}
