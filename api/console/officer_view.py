"""How the administrator sees the staff: who is where, on or off, last here on which day; no tie, no key, no case."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.dependencies import Form
from api.pages import say_day
from casework.bodies import list_bodies
from casework.clock import local_date
from casework.memberships import list_memberships
from casework.models.people import Body, Officer, OfficerTie
from casework.rings import is_holder
from casework.screenings import find_progress
from casework.securitylog import last_sign_ins
from casework.staffing import RING_ROLES, Placement, list_everybody, list_towns
from casework.types import Role
from casework.visibility import has_role

ROLE: Mapping[Role, tuple[str, str]] = {
    Role.DISPATCHER: ("派单员", "看原话，研判、派单、回访"),
    Role.SUPERVISOR: ("值班长", "看原话，督办、延期、销号"),
    Role.OPERATOR: ("话务员", "登记电话、来信"),
    Role.HANDLER: ("承办人", "办本单位的办件"),
    Role.TOWNSHIP: ("乡镇", "办本乡镇的办件"),
    Role.INSPECTOR: ("督导员", "看自己几个乡镇的办件"),
    Role.LEADER: ("领导", "看摘要、签发、督办"),
    Role.CLUE_OFFICER: ("密件员", "看密件；还要同事给他包钥匙"),
    Role.RECEIVER: ("收件人员", "外单位，签收移送"),
    Role.ADMINISTRATOR: ("管理员", "管人员，看不到办件；不兼别的"),
    Role.LOG_AUDITOR: ("日志审计员", "查台账和安全日志；不兼别的"),
}
SPLIT_AT = "、，, \n"


def list_rows(session: Session, *, today: date) -> list[Mapping[str, Any]]:
    """Everybody, those who have left last."""
    bodies = {body.code: body.name for body in session.scalars(select(Body))}
    seen = last_sign_ins(session)
    return [_to_row(officer, bodies, seen.get(officer.id), today) for officer in list_everybody(session)]


def _to_row(officer: Officer, bodies: Mapping[str, str], seen: Any, today: date) -> Mapping[str, Any]:
    label, tone = say_state(officer)
    return {
        "href": f"/console/officers/{officer.id}",
        "name": officer.name,
        "username": officer.username,
        "post": officer.post,
        "body": bodies.get(officer.body_code, ""),
        "roles": say_roles(officer),
        "state": label,
        "tone": tone,
        "seen": say_day(seen, today) if seen else "还没有",
    }


def say_roles(officer: Officer) -> str:
    """His roles in the words of the office."""
    words = [label for role, (label, _) in ROLE.items() if role.value in officer.roles]
    return "、".join([*words, *(["局领导"] if officer.leads else [])])


def say_state(officer: Officer) -> tuple[str, str]:
    """On, off, or not yet here, with the colour of its chip."""
    if officer.removed_at is not None:
        return "停用", "line"
    if officer.initial_until is not None:
        return "等他登录", "ochre"
    return "在岗", "bamboo"


def say_key(session: Session, officer: Officer) -> str:
    """Whether he holds a key of the vault, for the one who must not hold one himself."""
    if is_holder(session, officer.id):
        return "在密件库里。停用，或者不再当密件员，会收回他的钥匙，往后的来件换新钥匙。"
    if officer.public_key is not None:
        return "有自己的钥匙，不在密件库里。"
    if has_role(officer, *RING_ROLES):
        return "还没有钥匙。他自己在“我的账号”里做，再由密件库里的同事放他进去。您看不到，也给不了。"
    return "这个岗位不用钥匙。"


def count_ties(session: Session, officer: Officer) -> int:
    """How many ties he declared; what they are is his own affair and the conflict test's."""
    query = select(func.count()).select_from(OfficerTie).where(OfficerTie.officer_id == officer.id)
    return session.scalar(query) or 0


def list_before(session: Session, officer_id: str) -> list[str]:
    """Where he was before: the exclusions of those bodies go on holding for him."""
    bodies = {body.code: body.name for body in session.scalars(select(Body))}
    rows = list_memberships(session, officer_id)
    return [f"{bodies.get(row.body_code, '')}{row.post}，到{say_day(row.ended_on)}" for row in rows]


def say_progress(session: Session, officer_id: str) -> str:
    """How far the cases that are over have been held against him; "" where nothing is left to do."""
    progress = find_progress(session, officer_id)
    return f"正在和已办结的办件核对回避：{progress[0]}/{progress[1]}件" if progress else ""


def list_choices(session: Session) -> Mapping[str, Any]:
    """What the form offers: bodies, roles with what each may do, towns."""
    bodies = list_bodies(session)
    return {
        "inside": [(body.code, body.name) for body in bodies if body.internal],
        "outside": [(body.code, body.name) for body in bodies if not body.internal],
        "roles": [(role.value, label, what) for role, (label, what) in ROLE.items()],
        "towns": [(town.code, town.name) for town in list_towns(session)],
    }


def read_placement(form: Form) -> Placement:
    """The form as it was filled in."""
    aliases = form.text("aliases")
    for sign in SPLIT_AT:
        aliases = aliases.replace(sign, "\n")
    return Placement(
        name=form.text("name"),
        post=form.text("post"),
        body_code=form.text("body"),
        roles=tuple(form.texts("roles")),
        aliases=tuple(dict.fromkeys(part for part in aliases.split("\n") if part)),
        towns=tuple(form.texts("towns")),
        leads=form.text("leads") == "yes",
    )


def show_placement(officer: Officer) -> Placement:
    """An officer as the form shows him."""
    return Placement(
        name=officer.name,
        post=officer.post,
        body_code=officer.body_code,
        roles=tuple(officer.roles),
        aliases=tuple(officer.aliases),
        towns=tuple(officer.towns),
        leads=officer.leads,
    )


def say_since(officer: Officer) -> str:
    """Since when he is here, or when he left."""
    if officer.removed_at is not None:
        return f"{say_day(local_date(officer.removed_at))}停用"
    return f"{say_day(local_date(officer.created_at))}加进来"
