"""The facts of a story in its writer's words: institution, the most exact place, time; as last corrected. Pure."""

import re
from dataclasses import dataclass, replace

from bot.addresses import can_be_spot, find_named_home, find_quarter, widen_town
from bot.moments import find_moment
from bot.reading import Reading, as_place
from bot.spots import (
    can_be_place,
    find_some_home,
    find_spot,
    find_street,
    is_compared,
    is_exact,
    is_home,
    is_landmark,
    is_spot,
    is_time,
    is_vague,
)
from bot.types import Stage, Talk
from triage.types import Assessment, InstitutionKind, InstitutionMention, PlaceMention

_BESIDE = re.compile("(?:挨着|靠着|靠近|紧邻|邻着|离)$")

_TOLD_THEM = re.compile("[^,，。]{0,6}(?:反映|举报|投诉|求助|要|提|借|讨|打听|问|申请|捐|告|交|说)")
"""向东岗敬老院反映过: here the sign is a word of its own."""

ANSWER_LIMIT = 24
"""An answer longer than this is a story, not a place."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a text says of home, spot and time; None where it says nothing."""

    institution: str | None = None
    place: str | None = None
    when: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said."""
        return not (self.institution or self.place or self.when)

    def over(self, older: "Facts") -> "Facts":
        """These facts, and the older ones where these say nothing."""
        return Facts(self.institution or older.institution, self.place or older.place, self.when or older.when)


def take_facts(talk: Talk, reading: Reading, *, corrects: bool) -> Talk:
    """The talk with what a message says of institution, place and time.

    What the whole story says counts, until he corrects it or answers the question where; the most exact spot stays.
    """
    said = reading.said
    found = find_facts(reading.message, said.text)
    if corrects:
        return _settle(talk, guess_fact(said.corrected) if found.is_empty else found)
    if talk.stage is Stage.ASKING_PLACE and not (found.institution or found.place) and not said.intents:
        told = _settle(talk, _answered(talk, reading, found))
        return replace(told, settled=tuple(name for name in told.settled if name != "when" or name in talk.settled))
    story = find_facts(reading.story, "\n".join((*talk.lines, said.text)))
    known = Facts(talk.institution, talk.place, talk.when)
    fresh = story.over(known).over(found)
    if fresh.institution and is_vague(fresh.institution):
        fresh = replace(fresh, institution=known.institution or fresh.institution)
    if known.place and _is_exacter(known.place, fresh.place):
        fresh = replace(fresh, place=known.place)
    settled = _loosen(talk, found)
    fresh = replace(fresh, place=found.place) if "place" in talk.settled and "place" not in settled else fresh
    return replace(
        talk,
        institution=talk.institution if "institution" in settled else fresh.institution,
        place=talk.place if "place" in settled else fresh.place,
        when=talk.when if "when" in settled else fresh.when,
    )


def _loosen(talk: Talk, found: Facts) -> tuple[str, ...]:
    """What stands by his own word; an address that is told later is better than the vague answer to where."""
    better = found.place and is_exact(found.place) and not is_spot(found.place) and not is_exact(talk.place or "")
    return tuple(name for name in talk.settled if not (better and name == "place"))


def _answered(talk: Talk, reading: Reading, found: Facts) -> Facts:
    """What was said when the question where was open; a time, a repeated word, more of the story are no place."""
    text = reading.said.text
    if found.when or reading.complains or text.strip() in talk.lines:
        return found
    return answer_place(text).over(found)


def is_known_place(talk: Talk) -> bool:
    """Whether somebody could go there: a home that has a name, a place that is no mere spot in a house, or the code
    he scanned."""
    if talk.scene or (talk.institution and not is_vague(talk.institution)):
        return True
    return bool(talk.place) and not is_spot(talk.place or "")


def _is_exacter(known: str, fresh: str | None) -> bool:
    return is_exact(known) and not is_exact(fresh or "")


def _settle(talk: Talk, told: Facts) -> Talk:
    names = tuple(name for name in ("institution", "place", "when") if getattr(told, name))
    facts = told.over(Facts(talk.institution, talk.place, talk.when))
    return replace(
        talk,
        institution=facts.institution,
        place=facts.place,
        when=facts.when,
        settled=tuple(dict.fromkeys((*talk.settled, *names))),
    )


def find_facts(assessment: Assessment | None, text: str) -> Facts:
    """What triage found, and the spot inside a house by its own shape (三楼东头), which is more exact than a town."""
    found = Facts(when=find_moment(text, None))
    if assessment is not None:
        found = _read_found(assessment, text).over(found)
    found = _restore_name(found, text)
    if found.place and (is_compared(found.place, text) or _is_cut_off(found)):
        found = replace(found, place=None)
    if found.place and _is_neighbour(found.place, text):
        found = replace(found, place=find_quarter(text) or found.place)
    if found.institution and is_landmark(found.institution, text):
        found = replace(found, institution=None)
    if found.institution and is_spot(found.institution):
        found = replace(found, institution=None, place=found.place or found.institution)
    named = find_named_home(text)
    if named and (found.institution is None or is_vague(found.institution)):
        found = replace(found, institution=named)
    found = found.over(Facts(institution=find_some_home(text), place=find_street(text) or find_quarter(text)))
    spot = find_spot(text)
    better = spot and (not is_exact(found.place or "") or (found.place or "") in spot)
    return replace(found, place=spot) if better else found


def _restore_name(found: Facts, text: str) -> Facts:
    """The home with the sign that was taken for a word before it (向阳屯敬老院 at the head of a message)."""
    whole = f"向{found.institution}"
    heads = bool(found.institution) and any(
        line.startswith(whole) and not _TOLD_THEM.match(line, len(whole)) for line in text.split("\n")
    )
    return replace(found, institution=whole) if heads else found


def _is_cut_off(found: Facts) -> bool:
    """Whether a place is only the rest of a home's name (阳屯 of 向阳屯敬老院)."""
    return bool(found.institution and found.place and found.institution.find(found.place) == 1)


def _is_neighbour(place: str, text: str) -> bool:
    """Whether a place is told only because his own lies beside it (挨着南荇镇粮所)."""
    return bool(_BESIDE.search(text[: text.find(place)]))


def _read_found(assessment: Assessment, text: str) -> Facts:
    """What triage found, as far as it was said: the village behind the town, the days behind the month."""
    institution, place, when = assessment.institution, assessment.place, assessment.when
    moment = when.text if when else None
    if when is not None and text[when.start : when.end] == when.text:
        moment = find_moment(text, (when.start, when.end))
    found = _join(institution, place, moment)
    if place is None or text[place.start : place.end] != place.text or found.place != place.text:
        return found
    unit = institution if institution is not None and institution.kind is not InstitutionKind.PLACE else None
    stop = unit.start if unit is not None and unit.start >= place.end else None
    inside = unit is not None and unit.start <= place.start < unit.end
    return found if inside else replace(found, place=widen_town(text, place.start, place.end, stop))


def _join(institution: InstitutionMention | None, place: PlaceMention | None, when: str | None) -> Facts:
    """A town right before a home is part of its name, and still the place; a village alone is only a place."""
    if institution is None or institution.kind is InstitutionKind.PLACE:
        spot = place or institution
        return Facts(None, spot.text if spot else None, when)
    if place and place.end == institution.start:
        return Facts(place.text + institution.text, place.text, when)
    return Facts(institution.text, place.text if place else None, when)


def guess_fact(corrected: str) -> Facts:
    """What a short correction is about, by the shape of its words."""
    words = as_place(corrected)
    if not words or len(words) > ANSWER_LIMIT:
        return Facts()
    if is_home(words) and not is_spot(words):
        return Facts(institution=words)
    if is_exact(words):
        return Facts(place=words)
    return Facts(when=words) if is_time(words) else Facts()


def answer_place(text: str) -> Facts:
    """The answer to where: a home by its ending, else a place; a long one is a story."""
    words = as_place(text)
    if not words or len(words) > ANSWER_LIMIT:
        return Facts()
    if is_home(words) and not is_spot(words):
        return Facts(institution=words)
    return Facts(place=words) if can_be_place(words) and can_be_spot(words) else Facts()


TOLD_ALREADY: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("how_much", re.compile(r"[0-9一二三四五六七八九十百千万两半几]+(?:来|多)?(?:块|元|万|千块|百块|角)")),
    ("who", re.compile(r"(?:院长|所长|主任|书记|会计|局长|科长|镇长|乡长|股长|站长|经理|老板|护工)")),
    ("going_on", re.compile(r"天天|每天|一直|到现在|现在还|还在|老是|总是|至今|每个?月|还没|也没|都没|不退|不给|不发")),
    (
        "how_known",
        re.compile(r"亲眼|亲手|我看见|我看到|俺看见|听[^,。]{0,6}说|跟我说的|告诉我|我(?:就)?是(?:这|里|院|那)"),
    ),
    ("evidence", re.compile(r"有(?:照片|视频|录音|录像|单子|收据|发票|合同|转账记录)|没(?:有)?(?:照片|证据|单子)")),
)
"""What answers a question before it is asked; a first mention is enough, for asking again is worse than not asking."""


def list_answered(text: str) -> tuple[str, ...]:
    """The questions after the receipt that a text answers already."""
    return tuple(name for name, pattern in TOLD_ALREADY if pattern.search(text))
