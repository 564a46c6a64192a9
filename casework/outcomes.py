"""What may come of a case: the closed list of sanctions and results of the two campaign plans.

A finding (is it true?) is another thing and stands in `types.Finding`.
"""

from collections.abc import Mapping
from enum import StrEnum

from casework.types import Finding


class Outcome(StrEnum):
    """The closed list."""

    EXPLAINED = "explained"
    EDUCATED = "educated"
    RECTIFICATION = "rectification"
    RECOVERED = "recovered"
    FINED = "fined"
    SUSPENDED = "suspended"
    SUBSIDY_CANCELLED = "subsidy_cancelled"
    PROJECT_CANCELLED = "project_cancelled"
    SUBSIDY_STOPPED = "subsidy_stopped"
    STARS_LOWERED = "stars_lowered"
    JOINT_SANCTION = "joint_sanction"
    CRITICISED = "criticised"
    REPORTED_UP = "reported_up"
    JOINT_ACTION = "joint_action"
    TALKED_TO = "talked_to"
    TRANSFERRED = "transferred"
    HELD_TO_ACCOUNT = "held_to_account"
    EXPOSED = "exposed"
    REBOUND_SANCTIONED = "rebound_sanctioned"


OUTCOME_LABELS: Mapping[Outcome, str] = {
    Outcome.EXPLAINED: "解释说明",
    Outcome.EDUCATED: "教育到位、从轻",
    Outcome.RECTIFICATION: "责令(限期)改正",
    Outcome.RECOVERED: "追缴、退回",
    Outcome.FINED: "警告、罚款",
    Outcome.SUSPENDED: "停业整顿",
    Outcome.SUBSIDY_CANCELLED: "取消补贴或申报资格",
    Outcome.PROJECT_CANCELLED: "取消项目资格(5年)",
    Outcome.SUBSIDY_STOPPED: "停发补贴，2年不列入改造计划",
    Outcome.STARS_LOWERED: "降低星级",
    Outcome.JOINT_SANCTION: "失信联合惩戒",
    Outcome.CRITICISED: "通报批评",
    Outcome.REPORTED_UP: "上报政府",
    Outcome.JOINT_ACTION: "联合打击",
    Outcome.TALKED_TO: "约谈",
    Outcome.TRANSFERRED: "移送其他机关",
    Outcome.HELD_TO_ACCOUNT: "追责问责",
    Outcome.EXPOSED: "曝光",
    Outcome.REBOUND_SANCTIONED: "反弹追责",
}

FINDING_LABELS: Mapping[Finding, str] = {
    Finding.TRUE: "属实",
    Finding.PARTLY_TRUE: "部分属实",
    Finding.UNTRUE: "不属实",
    Finding.UNVERIFIABLE: "无法核实",
}
