"""Letters on the wire, with real servers that take, refuse, hang and drop: never lost, never sent twice on a guess."""

import base64
import hashlib
import hmac
import json
import socket
import ssl
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.deliveries import (
    decide_unsure,
    deliver,
    give_up_delivery,
    list_deliveries,
    record_handover,
    resend_failed,
)
from casework.errors import IllegalMove, NotAllowed
from casework.jobs import JobFailure, NotHandedOver, Refused
from casework.ledger import Verb
from casework.models.ledger import LedgerEntry
from casework.models.people import Body, Officer
from casework.models.referrals import Delivery, Referral
from casework.referrals import draft_referral, issue_referral
from casework.store import Store
from casework.transports import (
    MailLetter,
    MailServer,
    MailTls,
    check_webhook_url,
    is_loopback,
    parse_mail_server,
    send_mail,
)
from casework.types import BodyKind, DeliveryMethod, DeliveryStatus, ReferralStatus
from tests.casework.handovers import (
    LATER,
    WEBHOOK_SECRET,
    a_delivery_desk,
    a_sealed_case,
    a_second_clue_officer,
    an_issued_referral,
    opened_by,
    the_delivery,
    the_desk,
    the_house,
)
from tests.casework.job_desk import job_rows
from tests.casework.people import NOW, a_clue_officer, a_dispatcher
from tests.infrastructure.mail import MailSink, SinkMode
from tests.infrastructure.webhook import Hook, HookMode

WAYS = {"mail": DeliveryMethod.MAIL, "webhook": DeliveryMethod.WEBHOOK}


def mail_server(sink: MailSink, **changes: object) -> MailServer:
    known: dict[str, object] = {
        "host": "127.0.0.1",
        "port": sink.port,
        "sender": "hotline@wangtong.example",
        "seconds": 1,
    }
    return MailServer(**(known | changes))  # type: ignore[arg-type]


def issue(store: Store, *ways: str, webhook: str | None = None) -> str:
    """A fire matter, signed out by these ways; returns the referral's id."""
    with store.write() as session:
        the_house(session, fire_ways=ways, webhook=webhook)
        return an_issued_referral(session, methods=tuple(WAYS[way] for way in ways)).id


def try_mail(store: Store, sink: MailSink, **changes: object) -> DeliveryStatus | None:
    return deliver(store, the_delivery(store).id, desk=a_delivery_desk(store, mail=mail_server(sink, **changes)))


def referral_status(store: Store, ident: str) -> ReferralStatus:
    with store.read() as session:
        return session.get_one(Referral, ident).status


def verbs(store: Store) -> list[str]:
    with store.read() as session:
        return [entry.verb for entry in session.scalars(select(LedgerEntry).order_by(LedgerEntry.id))]


# ---- mail


def test_a_letter_arrives_with_its_papers_and_a_link_and_is_recorded_once(store: Store, mail_sink: MailSink):
    ident = issue(store, "mail")
    assert try_mail(store, mail_sink) is DeliveryStatus.SENT
    assert try_mail(store, mail_sink) is DeliveryStatus.SENT
    (mail,) = mail_sink.mails
    assert mail.recipients == ("duty@fire.example",)
    row = the_delivery(store)
    assert mail.message["Message-ID"] == row.message_id
    assert (row.attempts, row.sent_at, row.error_code) == (1, LATER, None)
    assert referral_status(store, ident) is ReferralStatus.DELIVERED
    assert verbs(store).count(Verb.SENT) == 1
    names = [part.get_filename() for part in mail.message.iter_attachments()]
    assert names == ["letter.docx", "letter.pdf", "receipt.docx", "receipt.pdf"]
    pdf = next(part for part in mail.message.iter_attachments() if part.get_filename() == "letter.pdf")
    assert bytes(pdf.get_content()).startswith(b"%PDF")
    body = mail.message.get_body()
    assert body is not None
    assert "http://127.0.0.1:8000/acknowledge/" in body.get_content()


def test_subject_text_and_file_names_tell_neither_person_nor_matter(store: Store, mail_sink: MailSink):
    issue(store, "mail")
    try_mail(store, mail_sink)
    message = mail_sink.mails[0].message
    body = message.get_body()
    assert body is not None
    shown = message["Subject"] + body.get_content() + "".join(str(p.get_filename()) for p in message.iter_attachments())
    for secret in ("消防", "芦渚", "颐年", "隐患", "2026-"):
        assert secret not in shown


def test_a_server_that_defers_is_tried_again_later_with_the_same_message_id(store: Store, mail_sink: MailSink):
    issue(store, "mail")
    mail_sink.mode = SinkMode.DEFER
    with pytest.raises(JobFailure) as caught:
        try_mail(store, mail_sink)
    row = the_delivery(store)
    assert (row.status, row.error_code) == (DeliveryStatus.QUEUED, "smtp_rcpt_451")
    assert row.next_try_at is not None
    assert row.next_try_at > LATER
    assert caught.value.after == row.next_try_at - LATER
    mail_sink.mode = SinkMode.ACCEPT
    assert try_mail(store, mail_sink) is DeliveryStatus.SENT
    assert mail_sink.mails[0].message["Message-ID"] == row.message_id
    assert the_delivery(store).attempts == 2


def test_nobody_listening_is_tried_again(store: Store, mail_sink: MailSink):
    issue(store, "mail")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(JobFailure):
            try_mail(store, mail_sink, port=taken.getsockname()[1])
    row = the_delivery(store)
    assert (row.status, row.error_code) == (DeliveryStatus.QUEUED, "smtp_connect")


def test_a_wrong_address_fails_for_good_until_an_officer_sends_again(store: Store, mail_sink: MailSink):
    issue(store, "mail")
    mail_sink.mode = SinkMode.REFUSE
    assert try_mail(store, mail_sink) is DeliveryStatus.FAILED
    assert the_delivery(store).error_code == "smtp_rcpt_550"
    mail_sink.mode = SinkMode.ACCEPT
    assert try_mail(store, mail_sink) is DeliveryStatus.FAILED
    assert mail_sink.mails == []
    before = len(job_rows(store))
    with store.write() as session:
        row = session.get_one(Delivery, the_delivery(store).id)
        resend_failed(session, row, by=a_dispatcher(session, "周二"), now=LATER)
    assert len(job_rows(store)) == before + 1
    assert try_mail(store, mail_sink) is DeliveryStatus.SENT


@pytest.mark.parametrize("mode", [SinkMode.HANG, SinkMode.DROP_AFTER_DATA])
def test_a_letter_that_may_have_arrived_is_unsure_and_never_sent_again_on_its_own(
    store: Store, mail_sink: MailSink, mode: SinkMode
):
    ident = issue(store, "mail")
    mail_sink.mode = mode
    assert try_mail(store, mail_sink) is DeliveryStatus.UNSURE
    mail_sink.mode = SinkMode.ACCEPT
    for _ in range(3):
        assert try_mail(store, mail_sink) is DeliveryStatus.UNSURE
    assert len(mail_sink.mails) == 1
    assert verbs(store).count(Verb.DELIVERY_UNSURE) == 1
    assert referral_status(store, ident) is ReferralStatus.ISSUED


def test_an_officer_decides_that_an_unsure_letter_arrived(store: Store, mail_sink: MailSink):
    ident = issue(store, "mail")
    mail_sink.mode = SinkMode.DROP_AFTER_DATA
    try_mail(store, mail_sink)
    with store.write() as session:
        row = session.get_one(Delivery, the_delivery(store).id)
        officer = a_dispatcher(session, "周二")
        decide_unsure(session, row, arrived=True, by=officer, now=LATER)
        assert (row.status, row.decided_by) == (DeliveryStatus.SENT, officer.id)
        with pytest.raises(IllegalMove):
            decide_unsure(session, row, arrived=False, by=officer, now=LATER)
    assert referral_status(store, ident) is ReferralStatus.DELIVERED


def test_an_officer_has_an_unsure_letter_sent_again_under_the_same_message_id(store: Store, mail_sink: MailSink):
    issue(store, "mail")
    mail_sink.mode = SinkMode.DROP_AFTER_DATA
    try_mail(store, mail_sink)
    with store.write() as session:
        row = session.get_one(Delivery, the_delivery(store).id)
        decide_unsure(session, row, arrived=False, by=a_dispatcher(session, "周二"), now=LATER)
    mail_sink.mode = SinkMode.ACCEPT
    assert try_mail(store, mail_sink) is DeliveryStatus.SENT
    assert len({mail.message["Message-ID"] for mail in mail_sink.mails}) == 1


def test_a_claim_whose_holder_died_is_unsure(store: Store, mail_sink: MailSink):
    issue(store, "mail")
    with store.write() as session:
        row = session.get_one(Delivery, the_delivery(store).id)
        row.status, row.attempt_id = DeliveryStatus.SENDING, "somebody else"
    assert try_mail(store, mail_sink) is DeliveryStatus.UNSURE
    assert mail_sink.mails == []


def test_a_job_that_is_given_up_leaves_a_word_in_the_row(store: Store):
    issue(store, "mail")
    ident = the_delivery(store).id
    give_up_delivery(store, ident, "crashed", clock=lambda: LATER)
    assert (the_delivery(store).status, the_delivery(store).error_code) == (DeliveryStatus.FAILED, "crashed")
    give_up_delivery(store, ident, "again", clock=lambda: LATER)
    assert the_delivery(store).error_code == "crashed"


def test_a_house_without_a_mail_server_says_so_and_waits(store: Store):
    issue(store, "mail")
    with pytest.raises(JobFailure):
        deliver(store, the_delivery(store).id, desk=a_delivery_desk(store))
    assert the_delivery(store).error_code == "no_mail_server"


def test_plain_text_goes_to_this_machine_only(mail_sink: MailSink):
    letter = MailLetter("a@b.example", "来函", "您好", "<1@hotline>")
    send_mail(letter, mail_server(mail_sink), now=NOW)
    assert len(mail_sink.mails) == 1
    assert [is_loopback(host) for host in ("localhost", "127.0.0.1", "127.8.8.8", "::1")] == [True] * 4
    assert [is_loopback(host) for host in ("10.0.0.1", "mail.example", "127.0.0.1.example")] == [False] * 3


def test_a_server_elsewhere_without_tls_gets_nothing(mail_sink: MailSink, monkeypatch: pytest.MonkeyPatch):
    """The name resolves to the sink, but it is not this machine's name: the letter must not leave."""
    lookup = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **more: lookup("127.0.0.1" if host == "mail.example" else host, *rest, **more),
    )
    letter = MailLetter("a@b.example", "来函", "您好", "<1@hotline>")
    with pytest.raises(NotHandedOver) as caught:
        send_mail(letter, mail_server(mail_sink, host="mail.example"), now=NOW)
    assert caught.value.code == "smtp_no_tls"
    assert (mail_sink.mails, mail_sink.attempts) == ([], 0)


def test_tls_from_the_start_refuses_a_server_that_speaks_plain(mail_sink: MailSink):
    letter = MailLetter("a@b.example", "来函", "您好", "<1@hotline>")
    server = mail_server(mail_sink, tls=MailTls.IMPLICIT, context=ssl.create_default_context())
    with pytest.raises(NotHandedOver):
        send_mail(letter, server, now=NOW)
    assert mail_sink.mails == []


def test_the_mail_address_of_the_house_is_read_from_one_setting():
    server = parse_mail_server("smtps://user%40x:p%2Fw@mail.example", "hotline@x.example")
    assert (server.host, server.port, server.tls) == ("mail.example", 465, MailTls.IMPLICIT)
    assert (server.username, server.password) == ("user@x", "p/w")
    assert parse_mail_server("smtp://mail.example", "a@b").port == 587
    assert "p/w" not in repr(server)
    with pytest.raises(ValueError, match="HOTLINE_SMTP_URL"):
        parse_mail_server("http://mail.example", "a@b")


# ---- webhook


def try_webhook(store: Store) -> DeliveryStatus | None:
    with httpx.Client(timeout=0.5) as http:
        return deliver(store, the_delivery(store, DeliveryMethod.WEBHOOK).id, desk=a_delivery_desk(store, http=http))


def test_a_webhook_is_signed_over_timestamp_and_body(store: Store, webhook: Hook):
    issue(store, "webhook", webhook=webhook.url)
    assert try_webhook(store) is DeliveryStatus.SENT
    (body,), (headers,) = webhook.bodies, webhook.headers
    signed = headers["x-hotline-timestamp"].encode() + b"." + body
    expected = hmac.new(WEBHOOK_SECRET, signed, hashlib.sha256).hexdigest()
    assert headers["x-hotline-signature"] == f"v1={expected}"
    assert headers["x-hotline-timestamp"] == str(int(LATER.timestamp()))
    said = json.loads(body)
    assert said["number"] == "望民函〔2026〕12号"
    assert said["acknowledge_url"].startswith("http://127.0.0.1:8000/acknowledge/")
    assert base64.b64decode(said["files"][1]["base64"]).startswith(b"%PDF")
    assert set(said) == {"id", "number", "issued_on", "office", "acknowledge_url", "files"}


@pytest.mark.parametrize(
    ("mode", "status", "code"),
    [
        (HookMode.REFUSE, DeliveryStatus.FAILED, "webhook_400"),
        (HookMode.REDIRECT, DeliveryStatus.FAILED, "webhook_302"),
        (HookMode.BUSY, DeliveryStatus.QUEUED, "webhook_503"),
        (HookMode.GATEWAY, DeliveryStatus.UNSURE, "HTTPStatusError"),
        (HookMode.HANG, DeliveryStatus.UNSURE, "ReadTimeout"),
        (HookMode.DROP, DeliveryStatus.UNSURE, "RemoteProtocolError"),
    ],
)
def test_each_way_a_webhook_fails_is_told_apart(
    store: Store, webhook: Hook, mode: HookMode, status: DeliveryStatus, code: str
):
    issue(store, "webhook", webhook=webhook.url)
    webhook.mode = mode
    if status is DeliveryStatus.QUEUED:
        with pytest.raises(JobFailure):
            try_webhook(store)
    else:
        assert try_webhook(store) is status
    row = the_delivery(store, DeliveryMethod.WEBHOOK)
    assert (row.status, row.error_code) == (status, code)
    assert len(webhook.bodies) == 1


def test_a_webhook_that_nobody_answers_is_tried_again(store: Store, webhook: Hook):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        issue(store, "webhook", webhook=f"http://127.0.0.1:{taken.getsockname()[1]}/")
        with pytest.raises(JobFailure):
            try_webhook(store)
    assert the_delivery(store, DeliveryMethod.WEBHOOK).error_code == "webhook_connect"


def test_a_webhook_goes_over_https_or_to_this_machine():
    check_webhook_url("https://fire.example/in")
    check_webhook_url("http://127.0.0.1:9/in")
    for url in ("http://fire.example/in", "ftp://127.0.0.1/", "http://localhost.example/"):
        with pytest.raises(Refused):
            check_webhook_url(url)


def test_mail_and_webhook_are_two_deliveries_of_one_referral(store: Store, mail_sink: MailSink, webhook: Hook):
    ident = issue(store, "mail", "webhook", webhook=webhook.url)
    assert try_webhook(store) is DeliveryStatus.SENT
    assert try_mail(store, mail_sink) is DeliveryStatus.SENT
    with store.read() as session:
        rows = list_deliveries(session, session.get_one(Referral, ident))
    assert len({row.message_id for row in rows}) == 2


# ---- discipline, and what people hand over


def test_a_discipline_row_that_says_mail_is_still_refused_at_the_last_door(store: Store, mail_sink: MailSink):
    issue(store, "mail")
    with store.write() as session:
        session.get_one(Body, "fire").kind = BodyKind.DISCIPLINE
    assert try_mail(store, mail_sink) is DeliveryStatus.FAILED
    assert the_delivery(store).error_code == "discipline_matter"
    assert (mail_sink.mails, mail_sink.attempts) == ([], 0)


def test_a_sealed_print_out_has_no_job_and_is_handed_over_by_people(store: Store):
    with store.write() as session:
        the_house(session)
        one, other = a_clue_officer(session), a_second_clue_officer(session)
        case = a_sealed_case(session)
        organ = session.get_one(Body, "discipline")
        referral = draft_referral(
            session, case, organ, by=one, desk=the_desk(), now=NOW, opened=opened_by(session, one, case)
        )
        issue_referral(
            session,
            referral,
            number="〔2026〕1号",
            by=other,
            desk=the_desk(),
            now=NOW,
            opened=opened_by(session, other, case),
        )
        (delivery,) = list_deliveries(session, referral)
        ident = delivery.id
        with pytest.raises(NotAllowed):
            record_handover(session, delivery, by=a_leaver(session), now=LATER)
        record_handover(session, delivery, by=other, now=LATER + timedelta(hours=1))
        assert (delivery.status, referral.status) == (DeliveryStatus.SENT, ReferralStatus.DELIVERED)
    assert [job for job, _, _ in job_rows(store) if ident in job] == []


def a_leaver(session: Session) -> Officer:
    officer = a_dispatcher(session, "走了的人")
    officer.removed_at = NOW
    return officer
