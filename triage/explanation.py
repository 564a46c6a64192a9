"""The one sentence that an officer can read to a superior.

It says what the matter is, by which words, how urgent it is and where it goes, in that order and nothing else.
"""

from collections.abc import Sequence

from triage.taxonomy import Taxonomy
from triage.types import CategoryScore, Evidence, Keys, Urgency

_MOST_WORDS, _LONGEST = 3, 16
_URGENCY = {
    Urgency.CRITICAL: "来件说到正在发生、危及生命的情形，应立即告知110、119或120并通知值班人员",
    Urgency.HIGH: "有人身、财产或安全风险，应当日处理",
    Urgency.NORMAL: "按法定时限办理",
}


def explain(
    scores: Sequence[CategoryScore],
    urgency: Urgency,
    keys: Keys,
    body: str,
    co_bodies: Sequence[str],
    *,
    discipline: bool,
    taxonomy: Taxonomy,
) -> str:
    """One Chinese sentence: category with its words, urgency, discipline, body."""
    category = taxonomy.by_code[scores[0].code]
    parts = [f"{_by_words(scores[0])}，研判为“{category.name}”{_others(scores[1:], taxonomy)}"]
    parts.append(_URGENCY[urgency])
    if discipline:
        parts.append(
            "被反映的是公职一方，"
            + ("人和事都具体，建议密办并移送纪检监察" if keys.who and keys.what else "交线索专办人员先看")
        )
    told = "、".join(taxonomy.bodies[code] for code in co_bodies)
    parts.append(f"建议由{taxonomy.bodies[body]}承办" + (f"，同时告知{told}" if told else ""))
    return "；".join(parts) + "。"


def _by_words(score: CategoryScore) -> str:
    told: list[Evidence] = []
    for each in score.evidence:
        if len(each.phrase) <= _LONGEST and not any(_overlap(each, other) for other in told):
            told.append(each)
        if len(told) == _MOST_WORDS:
            break
    words = "、".join(f"“{each.phrase}”" for each in told)
    return f"来件中有{words}等说法" if words else "按全文意思"


def _overlap(one: Evidence, other: Evidence) -> bool:
    return one.start < other.end and other.start < one.end


def _others(scores: Sequence[CategoryScore], taxonomy: Taxonomy) -> str:
    names = "、".join(f"“{taxonomy.by_code[score.code].name}”" for score in scores)
    return f"，并涉及{names}" if names else ""
