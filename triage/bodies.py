"""Which body handles a matter and which are told as well.

The category names them; a few matters inside a category belong to another body by law (lifts, boilers, medical fund).
"""

from triage.reading import Reading
from triage.taxonomy import Category

_LIFTS = ("电梯", "锅炉", "特种设备", "压力容器")
_MEDICAL_FUND = ("医保", "挂床", "套保", "骗保")


def choose_bodies(reading: Reading, categories: list[Category], *, discipline: bool) -> tuple[str, tuple[str, ...]]:
    """The lead body of the primary category and all others that the categories name, each once.

    Lifts and boilers go to market supervision (特种设备安全法 art. 5), fraud on the medical fund to the medical
    insurance body (医疗保障基金使用监督管理条例 art. 6). Discipline joins where the matter may be one for it.
    """
    lead = categories[0].lead
    special = _special_body(reading, categories[0].code)
    others = [special] if special else []
    if special:
        lead, others = special, [categories[0].lead]
    for category in categories:
        others += [category.lead, *category.co_bodies]
    if discipline:
        others.append("discipline")
    return lead, tuple(dict.fromkeys(body for body in others if body != lead))


def _special_body(reading: Reading, code: str) -> str | None:
    text = reading.source.text
    if code == "building_safety" and any(word in text for word in _LIFTS):
        return "market"
    if code in ("health_safety", "subsidy_fraud") and any(word in text for word in _MEDICAL_FUND):
        return "medical_fund"
    return None
