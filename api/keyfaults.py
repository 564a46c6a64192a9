"""The sentence about a key, or an exclusion, that is not the one in the ledger: for log, commands, page of the keys."""

from datetime import datetime

from casework.clock import local_date
from casework.exclusionchecks import ExclusionFault, ExclusionProblem
from casework.pins import KeyFault, PinKind
from casework.receiverkeys import BodyKey

EXCLUSIONS = {
    ExclusionProblem.GONE: "这条回避没有了",
    ExclusionProblem.CHANGED: "这条回避被改过",
    ExclusionProblem.TAKEN_BACK: "台账里没有人解除，却解除了",
    ExclusionProblem.PUT_BACK: "台账里解除了，却还在",
    ExclusionProblem.NEVER_MADE: "有一条回避，台账里没有人定过",
}


def say_exclusion(fault: ExclusionFault) -> str:
    """What is wrong with it, by the number of the ledger's entry alone: not whose it is, nor of which case."""
    where = f"台账第{fault.entry}条：" if fault.entry is not None else ""
    return f"回避和台账对不上。{where}{EXCLUSIONS[fault.problem]}。"


def say_fault(fault: KeyFault) -> str:
    """Which key, and since when the one in the ledger stands there."""
    what = {
        PinKind.RECOVERY: "恢复钥匙",
        PinKind.RING: "密钥环的钥匙",
        PinKind.BODY: f"{fault.name}的材料包公钥",
    }.get(fault.kind, f"{fault.name}的钥匙")
    if fault.since is None:
        return f"{what}在台账里没有登记过。"
    return f"{what}和台账里登记的不一样，台账里的那把是{_say_day(fault.since)}登记的。"


def say_consequence(fault: KeyFault) -> str:
    """What the house does about it by itself."""
    if fault.kind is PinKind.BODY:
        return "查清以前，不给它加密。"
    return "新来的东西没有封给它，封给了登记的那把。"


def say_unheard(key: BodyKey) -> str:
    """That a receiver's key waits for the second person, and whether it came in the place of one that was heard."""
    day = _say_day(key.since) if key.since is not None else ""
    state = "换过" if key.changed else "新登记"
    return f"{key.body.name}的材料包公钥{day}{state}，指纹 {key.digits}，还没有人听对方念过：核对以前不给它加密。"


def _say_day(at: datetime) -> str:
    day = local_date(at)
    return f"{day.year}年{day.month}月{day.day}日"
