import smtplib
from email.message import EmailMessage

import pytest

from tests.infrastructure.mail import SinkMode


def post(sink, timeout=5):
    message = EmailMessage()
    message["Subject"] = "有新文书"
    message["Message-ID"] = "<1@hotline.example>"
    message.set_content("请登录查看。")
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=timeout) as client:
        client.send_message(message, "hotline@example.org", ["fire@example.org"])


def test_it_keeps_what_it_is_sent(mail_sink):
    post(mail_sink)
    [mail] = mail_sink.wait_for(1)
    assert mail.recipients == ("fire@example.org",)
    assert mail.message["Subject"] == "有新文书"
    assert "请登录查看" in mail.message.get_content()


@pytest.mark.parametrize(("mode", "code"), [(SinkMode.REFUSE, 550), (SinkMode.DEFER, 451)])
def test_it_turns_a_recipient_away(mail_sink, mode, code):
    mail_sink.mode = mode
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        post(mail_sink)
    assert refused.value.recipients["fire@example.org"][0] == code
    assert mail_sink.mails == []
    assert mail_sink.attempts == 1


def test_it_goes_away_after_it_took_the_text(mail_sink):
    mail_sink.mode = SinkMode.DROP_AFTER_DATA
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        post(mail_sink)
    assert len(mail_sink.mails) == 1


def test_it_says_nothing_for_longer_than_the_sender_waits(mail_sink):
    mail_sink.mode = SinkMode.HANG
    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        post(mail_sink, timeout=0.3)
    assert len(mail_sink.mails) == 1
