"""The ledger (台账): everything done and everything read, in the transaction of the act, never changed afterwards.

An entry holds ids, field names and counts, never content, so that retention can delete a case without breaking it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from casework.clock import local_date
from casework.models.ledger import LedgerEntry
from casework.models.people import Body, Officer
from casework.types import ActorKind


class Verb(StrEnum):
    """What can be done to a thing and is remembered. A new one needs its Chinese words in `VERB_LABELS`."""

    OPENED = "opened"
    OPENED_SLIP = "opened_slip"
    TAKEN_DOWN = "taken_down"
    WORD_COMPARED = "word_compared"
    IMPORTED = "imported"
    AMENDED = "amended"
    ATTACHED = "attached"
    ATTACHMENT_LOST = "attachment_lost"
    READ = "read"
    MOVED = "moved"
    ASSESSED = "assessed"
    WEIGHED_AGAIN = "weighed_again"
    PROPOSED_ANEW = "proposed_anew"
    CONFIRMED = "confirmed"
    LEFT_OPEN = "left_open"
    DISPATCHED = "dispatched"
    HANDED_UP = "handed_up"
    SIGNED = "signed"
    RETURNED = "returned"
    PAUSED = "paused"
    RESUMED = "resumed"
    NOTED = "noted"
    ANSWERED = "answered"
    WROTE = "wrote"
    REPLIED = "replied"
    CALLED_BACK = "called_back"
    CLOSED = "closed"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    EXCLUDED = "excluded"
    KEEPING_OUT_ASKED = "keeping_out_asked"
    KEEPING_OUT_AGREED = "keeping_out_agreed"
    KEEPING_OUT_REFUSED = "keeping_out_refused"
    CONSENT_ASKED = "consent_asked"
    CONSENT_AGREED = "consent_agreed"
    CONSENT_REFUSED = "consent_refused"
    CLEARED = "cleared"
    SEALED = "sealed"
    UNSEAL_ASKED = "unseal_asked"
    UNSEALED = "unsealed"
    REVEALED = "revealed"
    PRINTED = "printed"
    EXPORTED = "exported"
    LINKED = "linked"
    NOT_LINKED = "not_linked"
    EXTENSION_ASKED = "extension_asked"
    EXTENSION_GRANTED = "extension_granted"
    EXTENSION_REFUSED = "extension_refused"
    CLOCK_WAIVED = "clock_waived"
    CLOCK_RECOMPUTED = "clock_recomputed"
    REMINDED = "reminded"
    DRAFTED = "drafted"
    APPROVED = "approved"
    ISSUED = "issued"
    CANCELLED = "cancelled"
    SENT = "sent"
    DELIVERY_FAILED = "delivery_failed"
    DELIVERY_UNSURE = "delivery_unsure"
    DELIVERY_DECIDED = "delivery_decided"
    ACKNOWLEDGED = "acknowledged"
    SENT_BACK = "sent_back"
    RESULT_CAME = "result_came"
    KEY_ADDED = "key_added"
    KEY_REVOKED = "key_revoked"
    PICKED_UP = "picked_up"
    PACKED = "packed"
    ANNEXED = "annexed"
    ANNEX_OPENED = "annex_opened"
    PUT_TO_PRINCIPAL = "put_to_principal"
    PRINCIPAL_AGREED = "principal_agreed"
    PRINCIPAL_REFUSED = "principal_refused"
    PICTURE_SHOWN = "picture_shown"
    PICTURE_TAKEN_BACK = "picture_taken_back"
    PAPER_DRAFTED = "paper_drafted"
    PAPER_ISSUED = "paper_issued"
    PAPER_DROPPED = "paper_dropped"
    SHRUNK = "shrunk"
    DESTRUCTION_ASKED = "destruction_asked"
    DESTROYED = "destroyed"
    HOLD_PLACED = "hold_placed"
    HOLD_LIFTED = "hold_lifted"
    OFFICER_ADDED = "officer_added"
    OFFICER_CHANGED = "officer_changed"
    OFFICER_REMOVED = "officer_removed"
    OFFICER_RESTORED = "officer_restored"
    TIE_DECLARED = "tie_declared"
    TIE_WITHDRAWN = "tie_withdrawn"
    KEYS_ROTATED = "keys_rotated"
    KEYS_RETIRED = "keys_retired"
    RECOVERY_ASKED = "recovery_asked"
    KEY_PINNED = "key_pinned"
    KEYS_CONFIRMED = "keys_confirmed"
    KEY_HEARD = "key_heard"
    RING_CREATED = "ring_created"
    RING_CHANGED = "ring_changed"
    RING_OPENED = "ring_opened"
    RING_CLOSED = "ring_closed"
    DATA_LOADED = "data_loaded"
    BODY_CHANGED = "body_changed"
    LEXICON_PROPOSED = "lexicon_proposed"
    LEXICON_CHANGED = "lexicon_changed"
    LEXICON_UNDONE = "lexicon_undone"
    PAGED = "paged"
    PAGE_TAKEN = "page_taken"
    TALK_TAKEN = "talk_taken"
    TALK_GIVEN_BACK = "talk_given_back"


VERB_LABELS: Mapping[Verb, str] = {
    Verb.OPENED: "收到来件",
    Verb.OPENED_SLIP: "开出应急单",
    Verb.TAKEN_DOWN: "代为登记",
    Verb.WORD_COMPARED: "对暗号",
    Verb.IMPORTED: "批量登记转来件",
    Verb.AMENDED: "反映人补充",
    Verb.ATTACHED: "收到附件",
    Verb.ATTACHMENT_LOST: "附件没取到",
    Verb.READ: "查看",
    Verb.MOVED: "状态变更",
    Verb.ASSESSED: "改研判",
    Verb.WEIGHED_AGAIN: "补充后重新研判",
    Verb.PROPOSED_ANEW: "补充后，建议改类别",
    Verb.CONFIRMED: "确认线索",
    Verb.LEFT_OPEN: "线索看过，交派单员办",
    Verb.DISPATCHED: "派单",
    Verb.HANDED_UP: "无人可办，转上级",
    Verb.SIGNED: "签收",
    Verb.RETURNED: "退单",
    Verb.PAUSED: "暂停",
    Verb.RESUMED: "恢复",
    Verb.NOTED: "写内部记录",
    Verb.ANSWERED: "回复反映人",
    Verb.WROTE: "反映人来信",
    Verb.REPLIED: "答复",
    Verb.CALLED_BACK: "回访",
    Verb.CLOSED: "办结",
    Verb.REOPENED: "重新办理",
    Verb.WITHDRAWN: "撤回",
    Verb.EXCLUDED: "回避",
    Verb.KEEPING_OUT_ASKED: "提议请密件员回避",
    Verb.KEEPING_OUT_AGREED: "第二人同意请密件员回避",
    Verb.KEEPING_OUT_REFUSED: "第二人不同意请密件员回避",
    Verb.CONSENT_ASKED: "请第三人同意放人或者移送",
    Verb.CONSENT_AGREED: "第三人同意放人或者移送",
    Verb.CONSENT_REFUSED: "第三人不同意放人或者移送",
    Verb.CLEARED: "解除回避",
    Verb.SEALED: "转为密件",
    Verb.UNSEAL_ASKED: "提议解除密件",
    Verb.UNSEALED: "解除密件",
    Verb.REVEALED: "查看反映人身份",
    Verb.PRINTED: "打印",
    Verb.EXPORTED: "导出",
    Verb.LINKED: "并案关联",
    Verb.NOT_LINKED: "认定不是同一件事",
    Verb.EXTENSION_ASKED: "申请延期",
    Verb.EXTENSION_GRANTED: "同意延期",
    Verb.EXTENSION_REFUSED: "不同意延期",
    Verb.CLOCK_WAIVED: "时限不再适用",
    Verb.CLOCK_RECOMPUTED: "时限重算",
    Verb.REMINDED: "催办",
    Verb.DRAFTED: "起草移送函",
    Verb.APPROVED: "第二人同意",
    Verb.ISSUED: "签发",
    Verb.CANCELLED: "撤销移送",
    Verb.SENT: "送出",
    Verb.DELIVERY_FAILED: "没送出去",
    Verb.DELIVERY_UNSURE: "送达不确定",
    Verb.DELIVERY_DECIDED: "认定送达情况",
    Verb.ACKNOWLEDGED: "收到回执",
    Verb.SENT_BACK: "对方退回",
    Verb.RESULT_CAME: "收到处置反馈",
    Verb.KEY_ADDED: "发接口密钥",
    Verb.KEY_REVOKED: "停用接口密钥",
    Verb.PICKED_UP: "对方登录取走",
    Verb.PACKED: "装进材料包",
    Verb.ANNEXED: "封好举报人信息",
    Verb.ANNEX_OPENED: "对方拆阅举报人信息",
    Verb.PUT_TO_PRINCIPAL: "报正职负责人决定",
    Verb.PRINCIPAL_AGREED: "正职负责人批准移送",
    Verb.PRINCIPAL_REFUSED: "正职负责人不批准移送",
    Verb.PICTURE_SHOWN: "给承办单位看照片",
    Verb.PICTURE_TAKEN_BACK: "收回给承办单位看的照片",
    Verb.PAPER_DRAFTED: "起草文书",
    Verb.PAPER_ISSUED: "签发文书",
    Verb.PAPER_DROPPED: "作废文书稿",
    Verb.SHRUNK: "缩减留存",
    Verb.DESTRUCTION_ASKED: "提出销毁",
    Verb.DESTROYED: "到期销毁",
    Verb.HOLD_PLACED: "暂停销毁",
    Verb.HOLD_LIFTED: "恢复按期销毁",
    Verb.OFFICER_ADDED: "新增人员",
    Verb.OFFICER_CHANGED: "变更人员",
    Verb.OFFICER_REMOVED: "停用人员",
    Verb.OFFICER_RESTORED: "恢复人员",
    Verb.TIE_DECLARED: "申报利害关系",
    Verb.TIE_WITHDRAWN: "撤下利害关系",
    Verb.KEYS_ROTATED: "换服务器密钥",
    Verb.KEYS_RETIRED: "去掉旧的服务器密钥",
    Verb.RECOVERY_ASKED: "提出动用恢复钥匙",
    Verb.KEY_PINNED: "登记钥匙指纹",
    Verb.KEYS_CONFIRMED: "核对密件库的钥匙",
    Verb.KEY_HEARD: "听指纹核对收件方的钥匙",
    Verb.RING_CREATED: "建密钥环",
    Verb.RING_CHANGED: "变更密钥环",
    Verb.RING_OPENED: "打开密件库",
    Verb.RING_CLOSED: "锁上密件库",
    Verb.DATA_LOADED: "载入资料",
    Verb.BODY_CHANGED: "变更单位资料",
    Verb.LEXICON_PROPOSED: "提议改词库",
    Verb.LEXICON_CHANGED: "启用词库新版",
    Verb.LEXICON_UNDONE: "退回词库上一版",
    Verb.PAGED: "呼叫值班人员",
    Verb.PAGE_TAKEN: "接下危急来件",
    Verb.TALK_TAKEN: "接下转人工",
    Verb.TALK_GIVEN_BACK: "交还给机器",
}

ACTOR_LABELS: Mapping[ActorKind, str] = {
    ActorKind.OFFICER: "经办人",
    ActorKind.REPORTER: "反映人",
    ActorKind.BODY: "承办单位",
    ActorKind.SYSTEM: "自动",
}


@dataclass(frozen=True)
class Actor:
    """Who did it; the reporter and the house itself have no id."""

    kind: ActorKind
    id: str | None


REPORTER = Actor(ActorKind.REPORTER, None)
SYSTEM = Actor(ActorKind.SYSTEM, None)
SAID = ("at", "actor", "actor_id", "verb", "subject", "subject_id", "case_id", "details")
ADD_ENTRY = insert(LedgerEntry.metadata.tables[LedgerEntry.__tablename__]).inline()
BY_THE_DAY = frozenset({ActorKind.REPORTER, ActorKind.SYSTEM})
"""Whose acts are shown by the day: a reporter's, and what the house does by itself in the same moment."""


def by_officer(officer: Officer) -> Actor:
    """The officer as an actor."""
    return Actor(ActorKind.OFFICER, officer.id)


def by_body(code: str) -> Actor:
    """A receiving body that answers by link or API, without an officer's name."""
    return Actor(ActorKind.BODY, code)


@dataclass(frozen=True)
class TimelineRow:
    """One line of a case's 经过. What a reporter did has no hour: `at` is None and only `on` is known."""

    id: int
    on: date
    at: datetime | None
    actor: ActorKind
    actor_name: str
    verb: Verb
    label: str
    details: Mapping[str, Any]


def record(
    session: Session,
    *,
    actor: Actor,
    verb: Verb,
    subject: str,
    subject_id: str,
    case_id: str | None = None,
    details: Mapping[str, Any] | None = None,
    now: datetime,
) -> None:
    """Write down who did what to what, in the caller's transaction.

    `subject` is the table's noun ("case", "referral"); `details` hold ids, names of fields and counts only: no
    category, body or reason either, for any case may be sealed later and its entries can't be taken back. Raises
    TypeError for a detail that is not text, whole number, truth, None or a list of these (a fraction would not read
    back the same from both databases), ValueError for a moment without a zone.
    """
    if now.tzinfo is None:
        raise ValueError("a moment without a zone")
    kept = dict(details or {})
    _refuse_odd_details(kept)
    said = {
        "at": now.astimezone(UTC),
        "actor": actor.kind,
        "actor_id": actor.id,
        "verb": verb.value,
        "subject": subject,
        "subject_id": subject_id,
        "case_id": case_id,
        "details": kept,
    }
    session.connection().execute(ADD_ENTRY, said | {"content_hash": _hash(said)})


def content_hash(entry: LedgerEntry) -> bytes:
    """SHA-256 over the canonical JSON (sorted keys, no blanks, UTF-8) of everything the entry says."""
    return _hash({name: getattr(entry, name) for name in SAID})


def _hash(said: Mapping[str, Any]) -> bytes:
    at = said["at"].astimezone(UTC).isoformat(timespec="microseconds")
    told = {**said, "at": at, "actor": str(said["actor"])}
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).digest()


def list_timeline(session: Session, case_id: str, *, with_reads: bool = False) -> list[TimelineRow]:
    """What happened to a case, oldest first.

    The caller has got the case through `get_case_for`. Who looked at it is left out unless asked for.
    """
    query = (
        select(LedgerEntry, Officer.name, Body.name)
        .outerjoin(Officer, Officer.id == LedgerEntry.actor_id)
        .outerjoin(Body, Body.code == LedgerEntry.actor_id)
        .where(LedgerEntry.case_id == case_id)
        .order_by(LedgerEntry.at, LedgerEntry.id)
    )
    if not with_reads:
        query = query.where(LedgerEntry.verb != Verb.READ)
    return [_to_row(entry, officer or body) for entry, officer, body in session.execute(query)]


def _to_row(entry: LedgerEntry, name: str | None) -> TimelineRow:
    verb = Verb(entry.verb)
    return TimelineRow(
        id=entry.id,
        on=local_date(entry.at),
        at=None if entry.actor in BY_THE_DAY else entry.at,
        actor=entry.actor,
        actor_name=name or ACTOR_LABELS[entry.actor],
        verb=verb,
        label=VERB_LABELS[verb],
        details=entry.details,
    )


def _refuse_odd_details(details: Mapping[str, Any]) -> None:
    for name, value in details.items():
        for item in value if isinstance(value, list | tuple) else (value,):
            if not isinstance(item, str | int | None):
                raise TypeError(f"ledger detail {name} is a {type(item).__name__}")
