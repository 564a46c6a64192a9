"""Emergency slips (应急单): what a sealed or refused report still tells the world when a life is in danger.

Place, kind of danger and the number to call; never the reporter's number, no word of the story.
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from casework.errors import NotFound
from casework.models.cases import Case
from casework.models.secrecy import EmergencySlip
from casework.types import BodyKind, Danger
from triage.types import Assessment

SLIP_CATEGORY = "emergency"
"""What stands where other cases have a category: a slip must not tell the report's own."""


@dataclass(frozen=True)
class DangerCall:
    """A kind of danger, the number to call and the body that answers there."""

    kind: Danger
    number: str
    body: BodyKind


CALLS = {
    Danger.FIRE: DangerCall(Danger.FIRE, "119", BodyKind.FIRE),
    Danger.VIOLENCE: DangerCall(Danger.VIOLENCE, "110", BodyKind.POLICE),
    Danger.MEDICAL: DangerCall(Danger.MEDICAL, "120", BodyKind.HEALTH),
    Danger.MISSING: DangerCall(Danger.MISSING, "110", BodyKind.POLICE),
    Danger.OTHER: DangerCall(Danger.OTHER, "110", BodyKind.POLICE),
}
WORDS = (
    (Danger.MISSING, ("走失", "失踪", "跑丢", "走丢", "找不到")),
    (Danger.FIRE, ("火", "烟", "煤气", "燃气", "爆炸", "电梯", "困")),
    (Danger.MEDICAL, ("晕", "昏", "喘", "噎", "中毒", "吐", "发烧", "抽", "血", "药", "不省人事", "没气", "摔")),
    (Danger.VIOLENCE, ("打", "砍", "捆", "绑", "掐", "锁", "关", "摸", "杀", "自杀", "想死")),
)
BY_CATEGORY = {
    "fire_hazard": Danger.FIRE,
    "building_safety": Danger.FIRE,
    "food_safety": Danger.MEDICAL,
    "health_safety": Danger.MEDICAL,
    "elder_abuse": Danger.VIOLENCE,
}


def find_danger(assessment: Assessment) -> DangerCall:
    """Which danger it is, by the words that made it critical, else by the category. Pure."""
    said = "\n".join(evidence.phrase for evidence in assessment.urgency_evidence if not evidence.excluded)
    for kind, words in WORDS:
        if any(word in said for word in words):
            return CALLS[kind]
    return CALLS[BY_CATEGORY.get(assessment.category, Danger.OTHER)]


def get_slip(session: Session, case: Case) -> EmergencySlip:
    """What the slip says. Raises NotFound for an ordinary case."""
    slip = session.get(EmergencySlip, case.id)
    if slip is None:
        raise NotFound("slip", case.id)
    return slip
