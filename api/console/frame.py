"""The frame of every console page: the tabs this officer has, and the sentence after an act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from api.console.alarms import build_alarm
from api.console.call_form import TAKES_DOWN
from api.dependencies import Staff
from api.pages import draw
from bot.handovers import READERS, HandedTalk, list_handovers_for
from casework.consents import list_for_leader
from casework.extensions import MAY_DECIDE, count_requests_for
from casework.lexicons import PROPOSERS
from casework.posters import HANGERS
from casework.queues import Queue, count_queues_for
from casework.retention import DECIDERS
from casework.statistictables import READERS as COUNTERS
from casework.types import Role
from casework.visibility import has_role

DONE: Mapping[str, str] = {
    "assign": "派出去了，等对方签收。",
    "sign": "签收了。",
    "return": "退回派单员了。",
    "reply": "答复记下了，反映人在查询页看得到。",
    "close": "办结了。",
    "reopen": "重新办理了。",
    "note": "记下了。",
    "answer": "发出去了，他凭查询码看得到。",
    "correct": "改定了。",
    "leave": "交给派单员办了，您照样看得到。",
    "seal": "密封了，只有密件员看得到。",
    "seal-part": "这几句密封了，公开的一件里没有了。",
    "ask-release": "提出来了，七天内等另一位同意。",
    "release": "同意了。两小时内单独立一件，时间错开。",
    "wait": "问过去了，能停的时限停下了。他一回话就接着走。",
    "go-on": "接着办了，停着的时限又走了，停的日子补在后面。",
    "stood-aside": "您回避了，这件的钥匙收走了。",
    "keeping-out-asked": "提出来了，七天内等第二个人同意。他什么也不知道。",
    "consented": "同意了，钥匙收走了。台账里记着。",
    "third-asked": "提出来了，七天内等第三个人同意。",
    "third-agreed": "同意了。台账里记着。",
    "not-consented": "没有同意，什么都没有动。台账里记着。",
    "kept-out": "他看不到这件了，他那边什么提示也没有。",
    "held": "停下了，到期也不销毁，等另一位来恢复。",
    "let-go": "恢复了，按保存期限走。",
    "extend": "申请了，等值班长或者局领导批。批下来以前，时限照走。",
    "extended": "同意了，时限改好了，话也发给反映人了。要出延期告知书，在下面起草。",
    "not-extended": "没同意，时限不变。申请的人在办件页看得到理由。",
    "issue": "签发了，正在送出。",
    "saved": "存下了。",
    "cancel": "作废了。",
    "acknowledge": "回执登记了。",
    "decided": "记下了。",
    "answered": "回执早就交过了，以第一次为准。",
    "result": "反馈记下了。",
    "confirm": "两把钥匙核过了，记下了是谁核的。",
    "cleared": "解除了，他看得到这件了。",
    "let-in": "他看得到这件了。",
    "ask-unsealing": "提出来了，七天内等另一位同意。",
    "unseal": "解除密件了，按一般办件办。",
    "refer": "代拟稿好了，看过再签发。",
    "destruction-asked": "提出来了，七天内等另一位同意。",
    "nothing-due": "没有到期的。",
    "destroyed": "销毁了，证书在下面。",
    "pickup": "备好了，对方登录就能取。",
    "put": "报上去了，3日内要有决定。",
    "agreed": "批准了，24小时内要移送。",
    "refused": "没批准，理由记在内部记录里。",
    "picture-shown": "给他们看了，随时能收回。",
    "picture-back": "收回了，他们看不到了。",
    "annex": "封好了，收件机关单独拆阅。",
    "paper": "代拟稿好了，看过再签发。",
    "paper-issued": "签发了，编了号，可以打印。发给反映人的，话也写进对话了。",
    "alarm": "您接下了，不再呼叫别人。",
    "taken": "您接下了，机器不再出声。",
    "said": "写进对话了。",
    "given_back": "交还给机器了。",
    "officer-changed": "存下了。他下一次打开页面就按新的来。",
    "nothing-changed": "和原来一样，没有动。",
    "officer-dismissed": "停用了：登录断了，钥匙收回了。停错了，在这里恢复。",
    "enrolled": "设好了。往后用新密码和动态码登录。",
    "password-changed": "密码换了，别处的登录都断了。",
    "factor-changed": "动态码换了，别处的登录都断了。",
    "own-key": "您自己的钥匙做好了，管理员给的五个词作废了。请把指纹念给同事对一遍。",
    "words-changed": "口令换了，旧的五个词打不开了。",
    "elsewhere": "别处的登录都断了，只剩这里。",
    "tie-declared": "记下了。往后提到的来件，您都看不到。",
    "tie-withdrawn": "撤下了。以前按它回避的，不放回来。",
    "ring-in": "放进来了，钥匙给他包好了。",
    "rewrapped": "补包好了。",
    "key-heard": "对上了，往后可以封给它。",
    "recovery-asked": "提出来了，一天内等另一位从保险柜取出恢复钥匙。",
    "lexicon-live": "启用了，往后的来件按新词库认。",
    "lexicon-undone": "退回上一版了。",
    "lexicon-dropped": "不要了，词库没有变。",
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One desk in the bar."""

    href: str
    label: str
    here: bool
    count: int = 0


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk that stands in the bar of those who hold one of its roles; `queue` gives its number."""

    roles: Sequence[Role]
    key: str
    label: str
    queue: Queue | None = None


FRONT = (
    Desk(TAKES_DOWN, "call", "登记"),
    Desk(
        (Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER, Role.HANDLER, Role.CLUE_OFFICER),
        "referrals",
        "移送",
        Queue.REFERRED,
    ),
)
BACK = (
    Desk(MAY_DECIDE, "extensions", "延期"),
    Desk(COUNTERS, "statistics", "统计"),
    Desk((Role.LEADER,), "consents", "同意"),
    Desk((Role.RECEIVER,), "received", "收件"),
    Desk((Role.CLUE_OFFICER,), "sealed", "密件", Queue.SEALED),
    Desk(PROPOSERS, "lexicon", "词库"),
    Desk(HANGERS, "posters", "海报"),
    Desk(DECIDERS, "retention", "到期"),
    Desk((Role.CLUE_OFFICER,), "ring", "钥匙"),
    Desk((Role.ADMINISTRATOR,), "officers", "人员"),
    Desk((Role.LOG_AUDITOR,), "ledger", "台账"),
)


def list_tabs(
    staff: Staff, here: str, counts: Mapping[Queue, int], talks: Sequence[HandedTalk], waiting: Mapping[str, int]
) -> tuple[Tab, ...]:
    """The desks that the officer's roles open; the sealed room only for clue officers."""
    officer = staff.officer

    def open_desks(desks: Sequence[Desk]) -> list[Tab]:
        return [
            Tab(
                f"/console/{desk.key}",
                desk.label,
                here == desk.key,
                counts.get(desk.queue, 0) if desk.queue else waiting.get(desk.key, 0),
            )
            for desk in desks
            if has_role(officer, *desk.roles)
        ]

    tabs = [Tab("/console/", "办件", here == "cases", counts.get(Queue.ALL, 0)), *open_desks(FRONT)]
    if has_role(officer, *READERS) or talks:
        untaken = sum(talk.taken_by is None for talk in talks)
        tabs.append(Tab("/console/handovers", "转人工", here == "handovers", untaken))
    return (*tabs, *open_desks(BACK))


def show(
    request: Request,
    session: Session,
    staff: Staff,
    template: str,
    *,
    here: str,
    status: int = 200,
    counts: Mapping[Queue, int] | None = None,
    **values: Any,
) -> HTMLResponse:
    """A console page inside its frame; `counts` of the queues where the page has counted them already."""
    house = request.app.state.house
    now = house.now()
    if counts is None:
        told = {desk.queue for desk in (*FRONT, *BACK) if desk.queue and has_role(staff.officer, *desk.roles)}
        counts = count_queues_for(session, staff.officer, now=now, queues={Queue.ALL, *told})
    talks = list_handovers_for(session, staff.officer, desk=house.handover_desk, now=now)
    waiting = {"extensions": count_requests_for(session, staff.officer)} if has_role(staff.officer, *MAY_DECIDE) else {}
    if has_role(staff.officer, Role.LEADER):
        waiting["consents"] = len(list_for_leader(session, staff.officer, now=now))
    return draw(
        request,
        template,
        status=status,
        staff=staff,
        tabs=list_tabs(staff, here, counts, talks, waiting),
        alarm=build_alarm(session, staff.officer, talks),
        flash=DONE.get(request.query_params.get("done", ""), ""),
        **values,
    )
