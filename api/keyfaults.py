"""The sentence about a key that is not the one in the ledger, for the log, the commands and the page of the keys."""

from casework.clock import local_date
from casework.pins import KeyFault, PinKind


def say_fault(fault: KeyFault) -> str:
    """Which key, and since when the one in the ledger stands there."""
    what = {PinKind.RECOVERY: "恢复钥匙", PinKind.RING: "密钥环的钥匙"}.get(fault.kind, f"{fault.name}的钥匙")
    if fault.since is None:
        return f"{what}在台账里没有登记过。"
    day = local_date(fault.since)
    return f"{what}和台账里登记的不一样，台账里的那把是{day.year}年{day.month}月{day.day}日登记的。"
