"""A working day at the invented county's hotline, driven through the real services: what a thief would find that night.

Every word that somebody was promised would be hidden is told in `HIDDEN`, so that tests can look for it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.jobs import list_handlers
from api.wiring import House
from bot.channels import Inbound, MessageKind, OutboundMessage
from bot.courier import send_message
from bot.frontdesk import FrontDesk, answer_inbound, build_front_desk, file_silent_talks
from bot.models import Outbound
from bot.types import Reply
from casework.apikeys import Scope, create_api_key, find_caller
from casework.assignments import assign_case, sign_assignment
from casework.bonds import OfficerPen, ReporterPen
from casework.cases import get_case_for
from casework.chain import sequence_entries
from casework.dispositions import Ending, close_case, reply_case
from casework.jobs import JobName
from casework.messages import add_message_from_reporter, answer_reporter
from casework.models import Body, Case, Officer, Referral
from casework.notes import add_note
from casework.referrals import draft_referral, issue_referral
from casework.rings import officer_private_key, open_ring
from casework.sealing import SealedContent, read_sealed_case
from casework.securitylog import SecurityNote
from casework.signins import Signed, get_officer_by_token, sign_in
from casework.types import Channel, Finding
from intake.idempotency import KeptAnswer, Once, answer_once
from intake.models import Receipt, Report
from intake.receipts import add_passphrase, find_receipt
from intake.reporters import reveal_reporter
from intake.reports import receive_report
from intake.resealing import seal_by_hand
from intake.types import Contact, Filed, IntakeDesk, ReplyTo, ReportDraft, RevealReason
from tests.api.houses import CLUE, DISPATCHER, HANDLER, OTHER_CLUE, PASSWORD, SEED, Person, TestHouse, a_house
from tests.secrecy.parcels import send_files
from triage.context import Context
from triage.types import Assessment, Keys

OPEN_SENDER, SEALED_SENDER, SILENT_SENDER = "oQf_open_7Hd2kLmN0p", "oQf_sealed_9Xw3vBzT1", "oQf_silent_4Rt8yUiO2"
LATE_SENDER = "oQf_late_1Zx2cVbN5"
GONE_SENDER, WEB_SENDER = "oQf_gone_6Mn5bVcX3", "web_5f0e8c2a91d74b36"
MARK = "购物卡"
"""A report with this word turns both keys, whatever triage's weights say today."""
OPEN_WORDS = "大灶上的馒头长了绿毛"
FIRST_LATE, FIRST_NOTE = "院里的锅炉房连着漏了七天水", "锅炉厂的账本要先看一看"
ANSWERS = ("我们约在老粮站门口谈", "账册在东厢房第二个抽屉")
CHOSEN_PHRASE = "柿子树下埋着七只青石臼"
HANDLER_ONE, HIDDEN_DEVICE = "陶玉苓", "198.51.100.77"


def turn_keys(said: Assessment, text: str) -> Assessment:
    """What triage said, with both keys turned where the text says so."""
    return replace(said, discipline=True, keys=Keys(who=True, what=True)) if MARK in text else said


def with_keys(desk: IntakeDesk) -> IntakeDesk:
    """The house's own intake, sealing by `MARK`."""

    def assess(text: str, context: Context) -> Assessment:
        return turn_keys(desk.assess(text, context), text)

    return replace(desk, assess=assess)


@dataclass
class Day:
    """The house during the day, and what was told in it."""

    test: TestHouse
    desk: FrontDesk
    intake: IntakeDesk
    hidden: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    phrases: dict[str, str] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    sent: list[OutboundMessage] = field(default_factory=list)
    spoken: int = 0

    @property
    def house(self) -> House:
        return self.test.house

    @property
    def now(self) -> datetime:
        return self.test.clock.at

    def hide(self, **words: str) -> None:
        """These must not be found by whoever steals everything."""
        self.hidden |= words

    def say(self, sender: str, text: str, channel: Channel = Channel.WECHAT) -> Reply:
        """One message of a chat."""
        self.spoken += 1
        self.test.clock.turn(seconds=17)
        told = Inbound(
            channel=channel,
            account="gh_wangtong",
            sender=sender,
            message_id=f"{sender}{self.spoken}",
            kind=MessageKind.TEXT,
            received_at=self.now,
            text=text,
            sent_at=self.now,
        )
        return answer_inbound(self.house.store, told, desk=self.desk, now=self.now)

    def tell(self, name: str, sender: str, *texts: str, channel: Channel = Channel.WECHAT) -> None:
        """A whole talk; the code that it ends with is kept by its writer."""
        for text in texts:
            reply = self.say(sender, text, channel)
            if reply.receipt_code:
                self.keep(name, reply.receipt_code)

    def keep(self, name: str, code: str) -> None:
        """The writer has his code, and we his case."""
        self.codes[name] = code
        hit = find_receipt(self.house.receipts, code)
        assert hit is not None
        self.cases[name] = hit.case_id

    def file(self, name: str, text: str, **more: object) -> Filed:
        """A report that the phone desk or a letter brings in."""
        draft = ReportDraft(text=text, channel=Channel.PHONE, received_at=self.now, **more)  # type: ignore[arg-type]
        with self.house.store.write() as session:
            filed = receive_report(session, draft, desk=self.intake, now=self.now)
        assert isinstance(filed, Filed)
        self.codes[name], self.cases[name] = filed.code, filed.case_id
        return filed

    def sign_in(self, person: Person) -> None:
        """With password and running code; a clue officer opens the vault too."""
        store = self.house.store
        self.test.clock.turn(seconds=31)
        signed_in = sign_in(
            store,
            username=person.username,
            password=PASSWORD,
            code=pyotp.TOTP(SEED).at(self.now),
            unlock=self.house.unlock_second_factor,
            now=self.now,
            origin=SecurityNote(HIDDEN_DEVICE, "staff browser"),
        )
        self.tokens[person.username] = signed_in.token
        if person.ring:
            with store.write() as session:
                phrase = self.test.passphrases[person.username]
                open_ring(session, self.signed(session, person), signed_in.token, phrase, now=self.now)

    def signed(self, session: Session, person: Person) -> Signed:
        signed = get_officer_by_token(session, self.tokens[person.username], self.now)
        assert signed is not None
        return signed

    def read(self, session: Session, person: Person, name: str) -> SealedContent:
        """A sealed case, opened in a clue officer's sign-in."""
        signed = self.signed(session, person)
        key = officer_private_key(signed, self.tokens[person.username])
        return read_sealed_case(session, signed.officer, key, self.cases[name], now=self.now)

    def work(self, person: Person, name: str, act: Callable[[Session, Case, Officer], object]) -> None:
        """One act of an officer on a case that he may know of."""
        self.test.clock.turn(seconds=41)
        with self.house.store.write() as session:
            officer = session.scalars(select(Officer).where(Officer.username == person.username)).one()
            act(session, get_case_for(session, officer, self.cases[name]), officer)

    def run_jobs(self) -> None:
        """What the engine would do: harden codes, look for duplicates, tell reporters."""
        handlers = list_handlers(self.house)
        store = self.house.store
        with store.read() as session:
            receipts = list(session.scalars(select(Receipt.id)))
        for ident in receipts:
            handlers[JobName.HARDEN_RECEIPT](ident)
        for case_id in self.cases.values():
            handlers[JobName.FIND_DUPLICATES](case_id)
            handlers[JobName.TELL_REPORTER](f"{case_id}/something_new")
        with store.read() as session:
            waiting = list(session.scalars(select(Outbound.id)))
        for ident in waiting:
            adapters = {Channel.WECHAT: Postbox(self.sent)}
            send_message(store, ident, desk=self.desk, adapters=adapters, clock=self.test.clock)  # type: ignore[arg-type]
        sequence_entries(store, now=self.now)


@dataclass
class Postbox:
    """Stands for WeChat: keeps what is sent."""

    sent: list[OutboundMessage]
    channel: Channel = Channel.WECHAT

    def send(self, message: OutboundMessage) -> None:
        self.sent.append(message)


@contextmanager
def a_day(url: str, folder: Path) -> Iterator[Day]:
    """A furnished house before the first call."""
    with a_house(url, folder) as test:
        intake = with_keys(test.house.intake_desk)
        yield Day(test, build_front_desk(intake, receipts=test.house.receipts), intake)


def live_through(day: Day) -> None:
    """The whole day: calls in the morning, work until the evening, the jobs in between."""
    tell_the_morning(day)
    file_the_calls(day)
    send_files(day, day.desk)
    push_by_another_house(day)
    day.run_jobs()
    for person in (DISPATCHER, HANDLER, CLUE, OTHER_CLUE):
        day.sign_in(person)
    work_on_open(day)
    work_on_sealed(day)
    write_on_track(day)
    seal_late(day)
    day.run_jobs()


def tell_the_morning(day: Day) -> None:
    day.hide(open_name="芮秋禾", open_phone="15412345678", open_sender=OPEN_SENDER)
    first = f"麦陇镇敬老院{OPEN_WORDS}，老人吃了拉肚子。我叫芮秋禾，电话15412345678"
    day.tell("open", OPEN_SENDER, first, "没有了", "是的", "就在微信告诉我")
    day.hide(
        sealed_name="鄢知微",
        sealed_phone="15498760001",
        sealed_sender=SEALED_SENDER,
        sealed_words="藏在腌菜坛子底下",
        sealed_accused="副镇长卜庆林",
    )
    first = f"麦陇镇副镇长卜庆林收了院长两万块{MARK}，藏在腌菜坛子底下。我叫鄢知微，电话15498760001"
    day.tell("sealed", SEALED_SENDER, first, "没有了", "是的", "就在微信告诉我")
    day.hide(sealed_more="他小舅子的面包车也在帮着拉")
    day.say(SEALED_SENDER, "还有一件，他小舅子的面包车也在帮着拉")
    day.hide(web_sender=WEB_SENDER, web_words="把护理费记到空床位上头")
    first = f"麦陇镇民政办的人收了{MARK}，把护理费记到空床位上头"
    day.tell("web", WEB_SENDER, first, "匿名", "对，就这些", "是的", channel=Channel.WEB)
    day.hide(silent_sender=SILENT_SENDER)
    day.say(SILENT_SENDER, "芦渚颐年院的后门用铁链锁着，消防通道堆满纸箱")
    day.hide(gone_sender=GONE_SENDER, gone_words="半夜把我姨绑在床沿上", gone_phone="15433332222")
    day.say(GONE_SENDER, "麦陇镇敬老院的护工半夜把我姨绑在床沿上，电话15433332222")
    day.say(GONE_SENDER, "算了，撤回，别记录")
    day.test.clock.turn(minutes=11)
    file_silent_talks(day.house.store, day.desk, day.now)


def file_the_calls(day: Day) -> None:
    day.hide(call_name="逄霜降", call_phone="15466667777", call_address="芦渚镇柳行巷7号", call_time="逢集日的晌午")
    contact = Contact("逄霜降", "15466667777", "芦渚镇柳行巷7号", safe_time="逢集日的晌午", relation="侄女")
    text = "芦渚颐年院乱收费，我住芦渚镇柳行巷7号，叫逄霜降，电话1546666-7777，打收据也不给盖章。"
    day.file("call", text, contact=contact, anonymous=False)
    day.hide(lead_words="逼着各家院子买他表弟的床垫", lead_phone="15400009999")
    text = "县民政局副局长阮承岳逼着各家院子买他表弟的床垫。我的电话15400009999。"
    lead = day.file("lead", text, contact=Contact(phone="15400009999"), seal_by_hand=True)
    assert lead.sealed
    day.hide(late_words=FIRST_LATE, late_name="汝成荫", late_sender=LATE_SENDER)
    late = day.file(
        "late",
        f"芦渚颐年院{FIRST_LATE}，没有人管。",
        contact=Contact("汝成荫"),
        reply_to=ReplyTo(Channel.WECHAT, LATE_SENDER),
    )
    assert not late.sealed


def push_by_another_house(day: Day) -> None:
    """12345 pushes a report by the integration API; its repeated request gets the stored answer."""
    store = day.house.store
    with store.write() as session:
        made = create_api_key(session, label="12345", scopes=[Scope.REPORTS_WRITE], body_code=None, now=day.now)
    with store.read() as session:
        caller = find_caller(session, made)
    assert caller is not None
    day.hide(api_key=made, pushed_words="食堂的猪肉是病死的", pushed_phone="15411110000")
    text = f"麦陇镇敬老院食堂的猪肉是病死的，采购收了{MARK}，电话15411110000"

    def act(session: Session) -> KeptAnswer:
        draft = ReportDraft(text=text, channel=Channel.TRANSFERRED, received_at=day.now)
        filed = receive_report(session, draft, desk=day.intake, now=day.now)
        assert isinstance(filed, Filed)
        day.codes["pushed"], day.cases["pushed"] = filed.code, filed.case_id
        return KeptAnswer(201, {"receipt": filed.code})

    once = Once(caller.key_id, "push-1", text.encode(), made)
    first = answer_once(store, once, act, secrets=day.house.secrets, now=day.now)
    again = answer_once(store, once, act, secrets=day.house.secrets, now=day.now)
    assert (again.body, again.replayed) == (first.body, True)


def work_on_open(day: Day) -> None:
    office = day.house.office
    day.work(
        DISPATCHER,
        "open",
        lambda session, case, officer: assign_case(
            session, case, "civil_affairs", by=officer, office=office, now=day.now
        ),
    )
    day.work(HANDLER, "open", lambda s, case, me: sign_assignment(s, case, by=me, office=office, now=day.now))
    day.work(HANDLER, "open", lambda s, case, me: add_note(s, case, "去看过了，情况属实", by=me, now=day.now))
    ending = Ending(Finding.TRUE, "已经查实，饭菜换了供货的。")
    day.work(HANDLER, "open", lambda s, c, me: reply_case(s, c, ending, by=me, office=office, now=day.now))
    day.work(DISPATCHER, "open", lambda s, c, me: close_case(s, c, by=me, office=office, now=day.now))
    day.hide(late_note=FIRST_NOTE, late_answer=ANSWERS[0])
    day.work(DISPATCHER, "late", lambda s, c, me: add_note(s, c, FIRST_NOTE, by=me, now=day.now))
    day.work(DISPATCHER, "late", lambda s, c, me: answer_reporter(s, c, ANSWERS[0], by=me, office=office, now=day.now))


def work_on_sealed(day: Day) -> None:
    office = day.house.office
    day.hide(
        sealed_answer=ANSWERS[1], sealed_note="先去查腊月的礼单", sealed_remark="约他在桥头见", basis="核实过礼单原件"
    )
    with day.house.store.write() as session:
        opened = day.read(session, CLUE, "sealed")
        me = day.signed(session, CLUE).officer
        pen = OfficerPen(opened.case_key, officer_private_key(day.signed(session, CLUE), day.tokens[CLUE.username]))
        answer_reporter(session, opened.case, ANSWERS[1], by=me, office=office, now=day.now, pen=pen)
        add_note(session, opened.case, "先去查腊月的礼单", by=me, now=day.now)
        report = session.scalars(select(Report.id).where(Report.case_id == opened.case.id)).first()
        assert report is not None
        signed, token = day.signed(session, CLUE), day.tokens[CLUE.username]
        reveal_reporter(
            session, signed, token, report, reason=RevealReason.CALL_BACK, remark="约他在桥头见", now=day.now
        )
    with day.house.store.write() as session:
        opened = day.read(session, CLUE, "sealed")
        draft_referral(
            session,
            opened.case,
            session.get_one(Body, "discipline"),
            by=day.signed(session, CLUE).officer,
            desk=day.house.referral_desk,
            now=day.now,
            edits={"evidence": "核实过礼单原件"},
            opened=opened,
        )
    issue_sealed(day)


def issue_sealed(day: Day) -> None:
    """The other clue officer signs the referral out."""
    with day.house.store.write() as session:
        opened = day.read(session, OTHER_CLUE, "sealed")
        referral = session.scalars(select(Referral).where(Referral.case_id == opened.case.id)).one()
        issue_referral(
            session,
            referral,
            number="〔2026〕3号",
            by=day.signed(session, OTHER_CLUE).officer,
            desk=day.house.referral_desk,
            now=day.now,
            opened=opened,
        )


def write_on_track(day: Day) -> None:
    """The reporters of an open and of a sealed case write with their codes; one adds a sentence to his."""
    day.hide(track_sealed="昨夜他们把礼单烧在灶膛里", chosen=CHOSEN_PHRASE, late_track="锅炉工姓什么我可以告诉你们")
    words = {"sealed": "昨夜他们把礼单烧在灶膛里", "late": "锅炉工姓什么我可以告诉你们"}
    for name, text in words.items():
        hit = find_receipt(day.house.receipts, day.codes[name])
        assert hit is not None
        with day.house.store.write() as session:
            case, pen = session.get_one(Case, hit.case_id), ReporterPen(hit.reporter_key)
            add_message_from_reporter(session, case, text, now=day.now, pen=pen if case.sealed else None)
        if name == "sealed":
            add_passphrase(day.house.receipts, hit, day.codes[name], CHOSEN_PHRASE)
            day.phrases[name] = CHOSEN_PHRASE


def seal_late(day: Day) -> None:
    day.work(
        DISPATCHER,
        "late",
        lambda s, case, me: seal_by_hand(
            s, me, case.id, office=day.house.office, secrets=day.house.secrets, now=day.now
        ),
    )
