"""A sealed case as data for its page, made of the opened record in memory; nothing of it is stored or logged."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from api.console.clocks import draw_clock
from api.console.clue_view import view_clue, view_unsealing
from api.console.hold_facts import view_hold
from api.console.labels import CHANNEL, REFERRAL, STATUS
from api.console.marking import Piece, cut_pieces, list_reasons
from api.console.queue_view import EXCERPT, Chip, category_names
from api.pages import say_day, say_time
from api.wiring import House
from casework.bodies import list_bodies
from casework.clock import local_date
from casework.deadlines import list_deadlines
from casework.foureyes import HOLDING_ANSWER, is_alone
from casework.ledger import list_timeline
from casework.models.people import Officer
from casework.referrals import list_referrals
from casework.sealing import SealedContent, SealingReason, list_allowed
from casework.talks import MessageView, Standing, Talk, read_talk
from casework.types import BodyKind, Channel, MessageDirection, SealedKind
from casework.verdicts import unpack_assessment
from intake.codes import format_code
from intake.transfers import CODE_INSIDE

REASONS = {
    SealingReason.BOTH_KEYS: "说到具体的人和事",
    SealingReason.LEADERSHIP: "说到局领导",
    SealingReason.BY_HAND: "人工密封",
}

STANDING = {Standing.SIGNED: "签名核对无误", Standing.UNSIGNED: "公开时写的，没有签名"}
BROKEN = "这句话的签名对不上，可能被人改过。别照它办，也别照它回。"
GAP = "这句前面少了话，可能被人删过。"


def excerpt_sealed(opened: SealedContent) -> str:
    """The first words of the record, for the list in the room."""
    words = str(opened.record["text"]).replace("\n", " ")
    return words if len(words) <= EXCERPT else words[: EXCERPT - 1] + "…"


def place_sealed(opened: SealedContent) -> str:
    """What the record says of the place."""
    assessment = unpack_assessment(opened.record["assessment"])
    if assessment.institution is not None:
        return assessment.institution.name or assessment.institution.text
    return assessment.place.text if assessment.place else "没有说清"


def view_sealed(
    session: Session, officer: Officer, opened: SealedContent, house: House, now: datetime
) -> dict[str, Any]:
    """Everything the page shows; the caller has opened the case with the officer's own key."""
    case, record = opened.case, opened.record
    assessment = unpack_assessment(record["assessment"])
    names = category_names(house)
    reasons = list_reasons(assessment, names)
    allowed = list_allowed(session, case.id)
    return {
        "id": case.id,
        "number": case.number,
        "chips": [Chip(names.get(score.code, score.code), "bamboo") for score in assessment.categories[:2]]
        + [Chip("实名" if record.get("named") else "匿名"), Chip(STATUS[case.status], "line")],
        "kept_out": _say_kept_out(record, len(allowed)) + _say_spared(opened),
        "alone": is_alone(session, case),
        "holding": HOLDING_ANSWER,
        "reports": _reports(opened, reasons),
        "talk": view_talk(read_talk(session, opened.case, case_key=opened.case_key)),
        "notes": _notes(session, opened, now),
        "clocks": [
            draw_clock(view, now=now) for view in list_deadlines(session, case.id, office=house.office, now=now)
        ],
        "referrals": [
            {"id": referral.id, "number": referral.number, "status": REFERRAL[referral.status]}
            for referral in list_referrals(session, case)
        ],
        "timeline": _timeline(session, opened, now),
        "hold": view_hold(session, officer, case, now),
        "clue": view_clue(session, case, now, opened),
        "unsealing": view_unsealing(session, opened, officer, now),
        "receivers": [
            {"code": body.code, "name": body.name}
            for body in list_bodies(session)
            if body.kind in (BodyKind.DISCIPLINE, BodyKind.POLICE) or body.code.endswith("_up")
        ],
    }


def _say_kept_out(record: Any, allowed: int) -> str:
    hit = len(record.get("conflicts", []))
    reasons = "、".join(REASONS.get(reason, reason) for reason in record.get("reasons", []))
    return f"因为{reasons or '人工密封'}密封。点到{hit}处，只有{allowed}位密件员看得到。"


def _say_spared(opened: SealedContent) -> str:
    """Words that may mean the clue officers, who stay because nobody else could look."""
    told = [item.payload for item in opened.items if item.kind in (SealedKind.RECORD, SealedKind.ADDITION)]
    hits = [hit for each in told for hit in each.get("conflicts", ()) if hit.get("spared_id")]
    words = "、".join(dict.fromkeys(f"“{hit['phrase']}”" for hit in hits))
    return f"{words}可能说的就是您这个岗位，别的密件员也一样，所以没有自动回避；说的是您，请自己回避。" if words else ""


def _reports(opened: SealedContent, reasons: Sequence[Any]) -> list[dict[str, Any]]:
    record = opened.record
    shown = [
        {
            "channel": CHANNEL[Channel(record["channel"])],
            "day": say_day(datetime.fromisoformat(record["received_at"])),
            "unsigned": "",
            "pieces": cut_pieces(record["text"], reasons),
        }
    ]
    for item in opened.items:
        if item.kind is SealedKind.ADDITION:
            day = item.payload.get("received_at")
            shown.append(
                {
                    "channel": CHANNEL[Channel(item.payload["channel"])] if "channel" in item.payload else "",
                    "day": say_day(datetime.fromisoformat(day)) if day else "",
                    "unsigned": _say_unsigned(item.payload.get("channel")),
                    "pieces": [Piece(str(item.payload.get("text", "")))],
                }
            )
    return shown


def _say_unsigned(channel: Any) -> str:
    """An addition that came without the code: whoever can write into the database could have made it up."""
    return f"从{CHANNEL[Channel(channel)]}来，没有签名" if channel else ""


def view_talk(talk: Talk) -> dict[str, Any]:
    """The words with what is known of each signature, and what is wrong with the talk as a whole."""
    problems = []
    if talk.keys_changed:
        problems.append("这件密件的对话钥匙对不上，可能被人换过。先别回话，请管理员运行 hotline verify。")
    if talk.lost:
        problems.append(f"台账里还有{talk.lost}句话，这里找不到了，可能被人删过。请管理员运行 hotline verify。")
    return {
        "problems": problems,
        "words": [
            {
                "ours": message.direction is MessageDirection.TO_REPORTER,
                "text": message.text if message.text is not None else "（这句打不开）",
                "day": say_day(message.made_on),
                "standing": STANDING.get(message.standing, ""),
                "warning": _warn(message),
            }
            for message in talk.messages
        ],
    }


def _warn(message: MessageView) -> str:
    said = [BROKEN] if message.standing is Standing.BROKEN else []
    return "".join([*said, *([GAP] if message.gap else [])])


def _notes(session: Session, opened: SealedContent, now: datetime) -> list[dict[str, str]]:
    today = local_date(now)
    notes = [item.payload for item in opened.items if item.kind is SealedKind.NOTE]
    return [
        {
            "text": _say_note(note),
            "who": _name(session, str(note["officer_id"])),
            "at": say_time(datetime.fromisoformat(str(note["made_at"])), today),
        }
        for note in notes
    ]


def _timeline(session: Session, opened: SealedContent, now: datetime) -> list[dict[str, str]]:
    today = local_date(now)
    rows = list_timeline(session, opened.case.id, with_reads=True)
    return [
        {"label": row.label, "at": say_time(row.at, today) if row.at else say_day(row.on), "who": row.actor_name}
        for row in reversed(rows[-40:])
    ]


def _say_note(note: Mapping[str, Any]) -> str:
    """Its words, with the code that is to be told to the reporter of a report that was sent on."""
    code = note.get(CODE_INSIDE)
    return f"{note['text']}查询码：{format_code(str(code))}" if code else str(note["text"])


def _name(session: Session, officer_id: str) -> str:
    officer = session.get(Officer, officer_id)
    return officer.name if officer else ""
