"""What became of the parts of a sealed report, as data for its page; made of the opened record in memory."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.console.attachment_view import KINDS
from api.console.labels import STATUS
from api.pages import say_day
from casework.clock import local_date
from casework.models.cases import Case
from casework.models.people import Officer
from casework.parting import Unclean, Why, split_sentences
from casework.sealing import SealedContent, list_allowed
from casework.visibility import visible_cases
from intake.addedfiles import list_added_files
from intake.addedwords import find_standing_part, list_added
from intake.parts import RECORD_PARTING
from intake.releasing import list_let_over, list_part_ids, list_proposals, list_released

WHY = {
    Why.PERSON: "说到人或者单位",
    Why.DEED: "说到钱、好处或者举报",
    Why.PRONOUN: "指着前面的人",
    Why.COUNT: "数着有几件事",
    Why.LINK: "接着密的话说",
    Why.FOLLOWS: "跟着密的话",
    Why.OWN_MATTER: "自成一件事",
    Why.BESIDE: "跟着公开的话",
    Why.PLACE: "只说了地方",
}
UNCLEAN = {
    Unclean.ONE_SENTENCE: "只有一句话",
    Unclean.TOO_LONG: "话太长，拆不准",
    Unclean.DANGER: "有人命危险，先开应急单",
    Unclean.NOTHING_OPEN: "没有能单独办的事",
    Unclean.TOO_SHORT: "剩下的字太少",
    Unclean.NO_MATTER: "剩下的不成一件事",
    Unclean.NO_PLACE: "剩下的没说是哪里",
    Unclean.STILL_GRAVE: "剩下的也说到人",
    Unclean.HANDLED_BY_ACCUSED: "剩下的会落到被说的人手里",
    Unclean.NOT_APART: "分开了就说不清",
}


def view_parts(session: Session, officer: Officer, opened: SealedContent, now: datetime) -> dict[str, Any]:
    """The sentences with their reasons, what stands open of them, what waits for the second person."""
    text = str(opened.record["text"])
    spans = split_sentences(text)
    said = opened.record.get(RECORD_PARTING) or {}
    own = [tuple(each[:2]) for each in said.get("sentences", ()) if each[2]] if said.get("case_id") else []
    parts = [(said["case_id"], own)] if own else []
    parts += [(ident, [spans[pick] for pick in picks]) for ident, picks in list_released(opened)]
    names = {other.id: other.name for other in list_allowed(session, opened.case.id)}
    shown = [_view_part(session, officer, ident, [text[a:b].strip() for a, b in where]) for ident, where in parts]
    waits = opened.case.opened_on == local_date(now)
    added = _list_added(session, opened)
    there = {ident: said for ident, said in added.items() if ident not in list_let_over(opened)}
    there = there if _has_part(session, opened) else {}
    files = list_added_files(session, opened)
    pictures = {each.id: f"/console/attachments/{each.id}/copy" for each in files if each.has_copy}
    gone = [where for (_, where), part in zip(parts, shown, strict=True) if part["number"] or waits]
    return {
        "sentences": [
            {"n": number, "text": text[a:b].strip()}
            for number, (a, b) in enumerate(spans)
            if not any((a, b) in where for where in gone)
        ],
        "why": [
            {"text": text[each[0] : each[1]].strip(), "open": each[2], "why": WHY[Why(each[3])]}
            for each in said.get("sentences", ())
        ],
        "unclean": UNCLEAN[Unclean(said["unclean"])] if said.get("unclean") else "",
        "by_hand": names.get(said.get("by", ""), ""),
        "opened": shown,
        "waits": waits,
        "proposals": [
            {
                "id": each.item_id,
                "who": names.get(each.officer_id, ""),
                "mine": each.officer_id == officer.id,
                "reason": each.reason,
                "texts": [text[slice(*spans[pick])].strip() for pick in each.picks]
                + [said for ident, said in added.items() if ident in each.added],
                "own_case": bool(each.picks),
            }
            for each in list_proposals(session, opened, now=now)
        ],
        "added": [{"id": ident, "text": said, "href": pictures.get(ident, "")} for ident, said in there.items()],
        "alone": len(names) < 2,
        "may_part": len(spans) > 1 or bool(there),
    }


def _list_added(session: Session, opened: SealedContent) -> dict[str, str]:
    """What he added, words and files, by id: as the page says it."""
    said = {each.id: each.text for each in list_added(session, opened)}
    files = list_added_files(session, opened)
    return said | {each.id: f"{KINDS[each.kind]}，{say_day(each.received_on)}收到的" for each in files}


def _has_part(session: Session, opened: SealedContent) -> bool:
    return find_standing_part(session, list_part_ids(opened)) is not None


def _view_part(session: Session, officer: Officer, case_id: str, texts: list[str]) -> dict[str, Any]:
    """The open case; a link only for one who may know of it by himself, a number for all who read the sealed one."""
    row = session.execute(select(Case.number, Case.status).where(Case.id == case_id)).one_or_none()
    seen = session.scalar(select(Case.id).where(Case.id == case_id, visible_cases(officer)))
    return {
        "number": row[0] if row is not None else "",
        "status": STATUS[row[1]] if row is not None else "",
        "href": f"/console/cases/{case_id}" if seen is not None else "",
        "texts": texts,
    }
