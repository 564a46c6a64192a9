"""The form of a draft referral: exactly the fields that its papers show, and persons as lines of text."""

from typing import Any

from casework.notices import SEPARATOR, Accused, IdentityAnnex, NoticeFields
from casework.wording import NoticeWording

FORM: tuple[tuple[str, str, int], ...] = (
    ("institution", "说的是哪家", 1),
    ("place", "在哪里", 1),
    ("happened", "什么时候（到日）", 1),
    ("amount", "涉及多少钱", 1),
    ("accused", "涉及的人（一行一位：姓名｜单位｜职务｜职级｜政治面貌）", 3),
    ("problems", "反映的主要问题（一行一条）", 5),
    ("investigators", "调查人员（两人以上，用、隔开）", 1),
    ("findings", "查明的情况（一行一条）", 4),
    ("measures", "我局做了什么、没做什么", 4),
    ("urgent_signs", "要特别注意的情况", 1),
    ("suggestions", "建议", 3),
    ("evidence", "材料", 1),
    ("materials", "证据材料（一行一件：名称｜份数页数｜备注）", 3),
    ("goods", "涉案物品（一行一件：名称｜数量｜特征和存放地点）", 3),
    ("expertise", "检验报告、鉴定结论（一行一件：名称｜份数页数｜出具单位）", 2),
    ("others", "其他材料（一行一件：名称｜份数页数｜备注）", 2),
    ("contact", "联系人和电话", 1),
    ("identity", "举报人信息（另封，不进函）", 1),
)
ACCUSED, IDENTITY = "accused", "identity"
SAID = {
    IdentityAnnex.WITHHELD: "本人没有同意提供，或者还没有问过",
    IdentityAnnex.APART: "问过本人，同意提供给收件机关，另封",
    IdentityAnnex.NONE: "来件人未署名，没有",
}
PARTS = ("name", "unit", "post", "rank", "political")


def list_form(fields: NoticeFields, wording: NoticeWording) -> list[dict[str, Any]]:
    """The fields that the papers of this template can show, with what they hold."""
    shown = wording.fields_of(fields.kind, internal=fields.internal)
    return [
        {"name": name, "label": label, "rows": rows, "value": _text_of(fields, name), "options": _offer(fields, name)}
        for name, label, rows in FORM
        if name in shown or (name == ACCUSED and any(part.startswith("accused_") for part in shown))
    ]


def list_templates(fields: NoticeFields, body_kind: str, wording: NoticeWording) -> list[dict[str, Any]]:
    """The papers that this draft may become; none where there is only one."""
    kinds = wording.kinds_for(body_kind)
    if fields.internal or len(kinds) < 2:
        return []
    return [{"kind": kind, "label": _label_of(kind, wording), "chosen": kind == fields.kind} for kind in kinds]


def read_accused(text: str) -> list[dict[str, str]]:
    """Persons out of lines: 姓名｜单位｜职务｜职级｜政治面貌, what is left out is empty."""
    lines = [line for line in text.splitlines() if line.strip()]
    return [
        dict(zip(PARTS, (part.strip() for part in SEPARATOR.split(line, len(PARTS) - 1)), strict=False))
        for line in lines
    ]


def _label_of(kind: str, wording: NoticeWording) -> str:
    notice = wording.template_for(kind, internal=False)
    return notice.label or notice.title


def _offer(fields: NoticeFields, name: str) -> list[tuple[str, str]]:
    """What may be chosen, where a field is no free text: of one who gave no name there is nothing to hand over."""
    if name != IDENTITY:
        return []
    offered = (IdentityAnnex.WITHHELD, IdentityAnnex.APART) if fields.named else (IdentityAnnex.NONE,)
    return [(each.value, SAID[each]) for each in offered]


def _text_of(fields: NoticeFields, name: str) -> str:
    value = getattr(fields, name)
    if name == ACCUSED:
        return "\n".join(map(_line_of, fields.accused))
    return "\n".join(value) if isinstance(value, tuple) else str(value)


def _line_of(person: Accused) -> str:
    return "｜".join(getattr(person, part) for part in PARTS).rstrip("｜")
