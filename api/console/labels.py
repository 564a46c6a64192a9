"""What the closed sets are called on screen, in the words of the trade; one place, so that one word stays one."""

from collections.abc import Mapping

from casework.types import (
    AcknowledgementDecision,
    CaseStatus,
    Channel,
    DeliveryMethod,
    DeliveryStatus,
    DisposalClass,
    ReferralStatus,
)
from triage.types import OperatorKind

STATUS: Mapping[CaseStatus, str] = {
    CaseStatus.RECEIVED: "待派单",
    CaseStatus.DISPATCHED: "待签收",
    CaseStatus.WORKING: "办理中",
    CaseStatus.WAITING: "等反映人",
    CaseStatus.RETURNED: "已退单",
    CaseStatus.REFERRED: "已移送",
    CaseStatus.REPLIED: "已答复",
    CaseStatus.CALLBACK: "回访中",
    CaseStatus.CLOSED: "已办结",
    CaseStatus.WITHDRAWN: "已撤回",
}
CHANNEL: Mapping[Channel, str] = {
    Channel.WECHAT: "微信",
    Channel.WEB: "网页",
    Channel.TELEGRAM: "Telegram",
    Channel.PHONE: "电话",
    Channel.LETTER: "信件",
    Channel.VISIT: "来访",
    Channel.MEDIA: "媒体",
    Channel.TRANSFERRED: "转办",
}
OPERATOR: Mapping[OperatorKind, str] = {
    OperatorKind.PUBLIC: "公办",
    OperatorKind.PRIVATE: "民办",
    OperatorKind.ENTRUSTED: "公建民营",
    OperatorKind.UNKNOWN: "没有登记",
}
REFERRAL: Mapping[ReferralStatus, str] = {
    ReferralStatus.DRAFTED: "代拟稿",
    ReferralStatus.ISSUED: "已签发",
    ReferralStatus.DELIVERED: "已送达",
    ReferralStatus.ACKNOWLEDGED: "已回执",
    ReferralStatus.RETURNED: "对方退回",
    ReferralStatus.ANSWERED: "已反馈",
    ReferralStatus.CANCELLED: "已作废",
}
DELIVERY: Mapping[DeliveryStatus, tuple[str, str]] = {
    DeliveryStatus.QUEUED: ("等着发", "ochre"),
    DeliveryStatus.SENDING: ("正在发", "ochre"),
    DeliveryStatus.SENT: ("送到了", "bamboo"),
    DeliveryStatus.FAILED: ("没发出去", "cinnabar"),
    DeliveryStatus.UNSURE: ("不确定", "ochre"),
    DeliveryStatus.CANCELLED: ("不发了", ""),
}
METHOD: Mapping[DeliveryMethod, str] = {
    DeliveryMethod.MAIL: "邮件",
    DeliveryMethod.WEBHOOK: "系统对接",
    DeliveryMethod.SEALED_PRINT: "密封件，两人送",
    DeliveryMethod.PACKAGE: "加密材料包",
    DeliveryMethod.PICKUP: "对方登录自取",
}
DECISION: Mapping[AcknowledgementDecision, str] = {
    AcknowledgementDecision.TAKEN: "受理",
    AcknowledgementDecision.PASSED_ON: "转有管辖权机关",
    AcknowledgementDecision.SENT_BACK: "退回",
}
DISPOSAL: Mapping[DisposalClass, str] = {
    DisposalClass.TALK: "谈话函询",
    DisposalClass.PRELIMINARY_CHECK: "初步核实",
    DisposalClass.SHELVED: "暂存待查",
    DisposalClass.CLOSED: "予以了结",
    DisposalClass.CASE_FILED: "立案",
}
