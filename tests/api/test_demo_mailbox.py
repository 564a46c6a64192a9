"""The demo's mail server, as other bodies' mailboxes show it."""

import smtplib
from email.message import EmailMessage

from api.demo.mailbox import open_mailbox
from tests.infrastructure.postgres import find_free_port


def test_a_letter_that_is_sent_lies_in_the_mailbox():
    port = find_free_port()
    mailbox, controller = open_mailbox(port)
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "hotline@example.invalid", "fire@example.invalid", "移送函"
    letter.set_content("见附件。")
    try:
        with smtplib.SMTP("127.0.0.1", port) as server:
            server.send_message(letter)
    finally:
        controller.stop()
    assert [kept["Subject"] for kept in mailbox.letters] == ["移送函"]
