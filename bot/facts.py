"""The facts of a story in its writer's words: institution, the most exact place, time; as last corrected. Pure."""

import re
from dataclasses import dataclass, replace

from bot.reading import Reading, as_place
from bot.types import Stage, Talk
from triage.types import Assessment

ANSWER_LIMIT = 24
"""An answer longer than this is a story, not a place."""

_HOME = re.compile(
    r"(?:院|中心|公寓|之家|驿站|食堂|服务站|护理站|福利所|民政所|民政局|镇政府|村委会?|公司|老年房|院子)$"
)
_EXACT = re.compile(r"楼|层|室|屋|房|床|单元|栋|病区|食堂|厨房|院子|走廊|[东西南北]头|路|街|巷|村|组")
_WHEN = re.compile(r"[年月日号天周点]|星期|礼拜|早上|上午|中午|下午|晚上|夜里|刚才|以前|去年|前年|春|夏|秋|冬|节")
_SPOT = re.compile(
    r"(?:[0-9一二三四五六七八九十]{1,3}(?:号楼|栋|单元|病区|号院|区))?"
    r"(?:(?:[0-9一二三四五六七八九十]{1,2}|顶|底)(?:楼|层)"
    r"(?:[东西南北]头|[东西南北]边|最里头|尽头|走廊|拐角|楼道)?(?:那屋|那间)?(?:[0-9]{2,4}(?:号|房|室|屋|床)?(?:间|房)?)?"
    r"|[0-9]{3,4}(?:号房间?|房间?|室|屋)"
    r"|[0-9]{1,3}号?床"
    r"|[东西南北]头(?:那屋|那间|第?[一二三四五六七八九十两]间)"
    r"|[东西南北]屋)"
)


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
        return _settle(talk, answer_place(said.text).over(found))
    story = find_facts(reading.story, "\n".join((*talk.lines, said.text)))
    known = Facts(talk.institution, talk.place, talk.when)
    fresh = story.over(known).over(found)
    if known.place and _is_exacter(known.place, fresh.place):
        fresh = replace(fresh, place=known.place)
    settled = talk.settled
    return replace(
        talk,
        institution=talk.institution if "institution" in settled else fresh.institution,
        place=talk.place if "place" in settled else fresh.place,
        when=talk.when if "when" in settled else fresh.when,
    )


def _is_exacter(known: str, fresh: str | None) -> bool:
    return bool(_EXACT.search(known)) and not _EXACT.search(fresh or "")


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
    found = Facts()
    if assessment is not None:
        institution, place, when = assessment.institution, assessment.place, assessment.when
        found = Facts(
            institution.text if institution else None, place.text if place else None, when.text if when else None
        )
    spot = _SPOT.search(text)
    if spot and not (found.place and _EXACT.search(found.place)):
        found = replace(found, place=spot.group())
    if found.institution and found.place and found.place in found.institution:
        return replace(found, place=None)
    return found


def guess_fact(corrected: str) -> Facts:
    """What a short correction is about, by the shape of its words."""
    words = as_place(corrected)
    if not words or len(words) > ANSWER_LIMIT:
        return Facts()
    if _HOME.search(words):
        return Facts(institution=words)
    if _EXACT.search(words):
        return Facts(place=words)
    return Facts(when=words) if _WHEN.search(words) else Facts()


def answer_place(text: str) -> Facts:
    """The answer to where: a home by its ending, else a place; a long one is a story."""
    words = as_place(text)
    if not words or len(words) > ANSWER_LIMIT:
        return Facts()
    return Facts(institution=words) if _HOME.search(words) else Facts(place=words)
