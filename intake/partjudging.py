"""Who is hit by the open part of a report: found on its words as they were written, kept until it stands.

Its row holds masked words alone, and a name under a mask hits nobody (whom the reporter is tied to, whom he works
with); so what the original said of people waits beside the words, as ids without any word.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from casework.conflicts import Conflict, find_conflicts, read_mentions
from casework.office import Office
from casework.openings import Judgement, judge_report
from casework.roster import Roster, build_roster
from casework.sealing import decide_sealing
from casework.types import ExclusionReason
from triage.types import Assessment

HITS = "hits"
"""Under which name a held part keeps them."""


def find_hits(said: Assessment, text: str, masked: Iterable[str], roster: Roster) -> tuple[Conflict, ...]:
    """Whom a part hits by its original words; `masked` are the pieces that its working text hides. Pure."""
    return find_conflicts(read_mentions(said, text, masked), roster)


def pack_hits(hits: Iterable[Conflict]) -> list[list[Any]]:
    """The hits as JSON values: who, why, how surely; not by which words. Pure."""
    return [
        [hit.reason.value, hit.certain, hit.officer_id, hit.body_code, hit.leadership, hit.discipline_leader]
        for hit in hits
    ]


def unpack_hits(packed: Iterable[Iterable[Any]]) -> tuple[Conflict, ...]:
    """What `pack_hits` made, without the words. Pure."""
    return tuple(
        Conflict(ExclusionReason(reason), certain, "", officer, body, leads, discipline)
        for reason, certain, officer, body, leads, discipline in packed
    )


def judge_held(
    session: Session, content: Mapping[str, Any], assessment: Assessment, text: str, *, office: Office
) -> Judgement:
    """The verdict on a part whose moment has come: the people of today by its masked words, those of the day by its
    original ones; whom either hits is hit, and the sealing follows from both.
    """
    today = judge_report(build_roster(session), assessment, text, office=office)
    hits = (*unpack_hits(content.get(HITS, ())), *today.conflicts)
    ordered = tuple(sorted(hits, key=lambda hit: not hit.certain))
    sealing = decide_sealing(
        assessment,
        leadership=any(hit.leadership for hit in ordered),
        discipline_leader=any(hit.discipline_leader for hit in ordered),
        by_hand=False,
        may_bypass=office.bypass_authority is not None,
    )
    return replace(today, conflicts=ordered, sealing=sealing)
