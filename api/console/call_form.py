"""What an operator fills in while he listens: read from the posted form, checked, and made into a report.

Pure but for the form it reads. What the caller refused (a name, to be called) is not taken over, whatever was typed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from api.dependencies import Form
from api.errors import PROBLEMS
from api.uploads import Upload
from casework.types import Channel, Role
from intake.scans import MOST_PAGES
from intake.telling import tell_whole
from intake.types import Contact, ReportDraft, Told

TAKES_DOWN = (Role.OPERATOR, Role.DISPATCHER, Role.SUPERVISOR)
"""Who takes a report down for somebody."""
DESK_CHANNELS = (Channel.PHONE, Channel.VISIT, Channel.LETTER, Channel.MEDIA)
WISHES: Mapping[str, str] = {"yes": "wish_yes", "no": "wish_no", "unknown": "wish_unknown"}
"""The three answers to whether the elder himself wants to tell it, by the bot's own notes."""
ANSWERS: Mapping[str, str] = {
    "going_on": "现在",
    "who": "是谁",
    "how_much": "多少钱",
    "how_known": "怎么知道的",
    "evidence": "凭据",
}
"""What is asked further by category, and the words that stand before the answer in the report."""
LONGEST: Mapping[str, int] = {"story": 8000}
LONGEST_FIELD = 200
TEXTS = ("home", "place", "when", "outlet", "name", "phone", "relation", "safe_time", "word", "category", *ANSWERS)
NUMBER = re.compile(r"(?:\+?86)?1[3-9]\d{9}|0\d{9,11}|[2-9]\d{6,7}")
SCAN = re.compile(r"[0-9a-f]{24}")
BETWEEN_DIGITS = re.compile(r"[\s\-－—·()（）]+")


@dataclass(frozen=True)
class Call:
    """One filled form. `answers` by question, without the empty ones."""

    channel: Channel = Channel.PHONE
    story: str = field(default="", repr=False)
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    wish: str = ""
    anonymous: bool = False
    consent: bool = False
    urgent: bool = False
    sealed: bool = False
    scans: tuple[str, ...] = ()

    def text(self, name: str) -> str:
        """One small field, "" where nothing was typed."""
        return self.texts.get(name, "")

    @property
    def answers(self) -> Mapping[str, str]:
        """What was answered to the further questions."""
        return {name: self.text(name) for name in ANSWERS if self.text(name)}

    @property
    def number(self) -> str:
        """The telephone number as it will be dialled."""
        return BETWEEN_DIGITS.sub("", self.text("phone"))

    @property
    def told(self) -> Told:
        """Home, place and time as they stand in their own fields."""
        return Told(self.text("home") or None, self.text("place") or None, self.text("when") or None)

    @property
    def whole_text(self) -> str:
        """Everything that was told, as the report keeps it: the story, then what it does not say itself."""
        outlet = f"来源：{self.text('outlet')}。" if self.channel is Channel.MEDIA and self.text("outlet") else ""
        answers = [f"{ANSWERS[name]}：{answer.rstrip('。')}。" for name, answer in self.answers.items()]
        return tell_whole(self.story, self.told, (outlet, *answers))


def read_call(form: Form | Upload) -> Call:
    """The form as it was posted; an unknown channel is the telephone."""
    channel, wish = form.text("channel"), form.text("wish")
    scans = [each for each in form.text("scans").split(",") if SCAN.fullmatch(each)]
    return Call(
        channel=Channel(channel) if channel in DESK_CHANNELS else Channel.PHONE,
        story=form.text("story").replace("\r\n", "\n").strip(),
        texts={name: form.text(name).strip() for name in TEXTS},
        wish=wish if wish in WISHES else "",
        anonymous=bool(form.text("anonymous")),
        consent=bool(form.text("consent")),
        urgent=bool(form.text("urgent")),
        sealed=bool(form.text("sealed")),
        scans=tuple(dict.fromkeys(scans))[:MOST_PAGES],
    )


def list_problems(call: Call) -> dict[str, str]:
    """What is wrong, by field, as the sentence that stands there; empty where the report may be taken."""
    found = {} if call.story else {"story": PROBLEMS["no_story"]}
    if len(call.story) > LONGEST["story"]:
        found["story"] = PROBLEMS["too_long"]
    found |= {name: PROBLEMS["too_long"] for name in TEXTS if len(call.text(name)) > LONGEST_FIELD}
    if call.consent and not call.number:
        found["phone"] = PROBLEMS["phone_missing"]
    elif call.number and not NUMBER.fullmatch(call.number):
        found["phone"] = PROBLEMS["not_a_phone"]
    return found


def make_draft(call: Call, notes: Mapping[str, str], *, now: datetime) -> ReportDraft:
    """The report this form amounts to; `notes` are the bot's sentences for answers from a list.

    Without a wish to be named no name is kept; without consent to be called, no number and no hour.
    """
    contact = Contact(
        name="" if call.anonymous else call.text("name"),
        phone=call.number if call.consent else "",
        safe_time=call.text("safe_time") if call.consent else "",
        relation=call.text("relation"),
        wish=notes[WISHES[call.wish]] if call.wish else "",
    )
    return ReportDraft(
        text=call.whole_text,
        channel=call.channel,
        received_at=now,
        contact=contact if contact != Contact() else None,
        anonymous=True if call.anonymous else None,
        told=call.told,
        seal_by_hand=call.sealed,
    )
