"""How an officer sees whether his reporter was told that there is news; by day, and never where he is reached."""

from sqlalchemy.orm import Session

from api.pages import say_day
from bot.courier import NewsState, list_news_states
from casework.clock import local_date
from casework.types import DeliveryStatus

SHOWN = 3
STATES = {
    DeliveryStatus.QUEUED: "等着发“有新消息”",
    DeliveryStatus.SENDING: "正在发“有新消息”",
    DeliveryStatus.SENT: "说过一声“有新消息”",
    DeliveryStatus.UNSURE: "发过“有新消息”，对方没有回音",
    DeliveryStatus.CANCELLED: "不用发了",
}
REASONS = {
    "window_closed": "对方平台只许四十八小时内写，他再开口时自动补发",
    "quota_spent": "对方平台许写的条数用完了，他再开口时自动补发",
    "not_shown": "对方平台收了，没能显示",
}
OTHERWISE = "没发出去"


def view_news(session: Session, case_id: str) -> list[str]:
    """The last words of news to the reporters of a case, as sentences; the caller got the case by its door."""
    return [_say(state) for state in list_news_states(session, case_id)[:SHOWN]]


def _say(state: NewsState) -> str:
    day = say_day(local_date(state.queued_at))
    if state.status is DeliveryStatus.FAILED:
        return f"{day} “有新消息”没发出去：{REASONS.get(state.code, OTHERWISE)}。他凭查询码随时看得到。"
    return f"{day} {STATES[state.status]}。"
