"""Reply addresses: the vendor id of one who said yes to being told of news, under the server's key.

They stand apart from the report, are in no log, and go when their owner wishes, unfollows, or the matter has ended.
"""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from casework.clock import local_date
from casework.errors import BrokenSeal
from casework.models.cases import Case
from casework.models.columns import new_id
from casework.secrets import ServerSecrets
from intake.models import Receipt, ReplyAddress
from intake.types import ReplyTo

PURPOSE = "reply_address"


def keep_reply_address(
    session: Session, receipt_id: str, reply_to: ReplyTo, *, secrets: ServerSecrets, now: datetime
) -> ReplyAddress:
    """Keep where to tell of news; another address of the same receipt and channel is replaced.

    The same one stays the row it is, for news that wait for it hang on it.
    """
    same = (ReplyAddress.receipt_id == receipt_id, ReplyAddress.channel == reply_to.channel)
    for known in session.scalars(select(ReplyAddress).where(*same)):
        if is_address_of(known, reply_to.vendor_id, secrets=secrets):
            return known
    session.execute(delete(ReplyAddress).where(*same))
    row_id = new_id()
    row = ReplyAddress(
        id=row_id,
        receipt_id=receipt_id,
        channel=reply_to.channel,
        ciphertext=secrets.encrypt(PURPOSE, reply_to.vendor_id.encode(), row_id.encode()),
        agreed_on=local_date(now),
    )
    session.add(row)
    session.flush()
    return row


def read_reply_address(row: ReplyAddress, *, secrets: ServerSecrets) -> str:
    """The vendor id, for the courier at the moment of sending. Raises BrokenSeal."""
    return secrets.decrypt(PURPOSE, row.ciphertext, row.id.encode()).decode()


def list_reply_addresses(session: Session, case_id: str) -> list[ReplyAddress]:
    """Where the reporters of a case are told of news."""
    query = select(ReplyAddress).join(Receipt, Receipt.id == ReplyAddress.receipt_id).where(Receipt.case_id == case_id)
    return list(session.scalars(query.order_by(ReplyAddress.id)))


def drop_reply_addresses(session: Session, case_id: str) -> int:
    """Forget them all: the reporter's wish, or the end of the case; how many there were."""
    rows = list_reply_addresses(session, case_id)
    for row in rows:
        session.delete(row)
    session.flush()
    return len(rows)


def drop_ended_addresses(session: Session, *, now: datetime) -> int:
    """Forget the addresses of cases that ended before today, when the last news has long been sent; how many."""
    ended = select(Receipt.id).join(Case, Case.id == Receipt.case_id).where(Case.closed_on < local_date(now))
    rows = list(session.scalars(select(ReplyAddress).where(ReplyAddress.receipt_id.in_(ended))))
    for row in rows:
        session.delete(row)
    session.flush()
    return len(rows)


def drop_addresses_of(session: Session, reply_to: ReplyTo, *, secrets: ServerSecrets) -> int:
    """Forget every address of one who unfollowed. Nothing indexes them by person, so all of the channel are opened."""
    dropped = 0
    for row in session.scalars(select(ReplyAddress).where(ReplyAddress.channel == reply_to.channel)):
        if is_address_of(row, reply_to.vendor_id, secrets=secrets):
            session.delete(row)
            dropped += 1
    session.flush()
    return dropped


def is_address_of(row: ReplyAddress, vendor_id: str, *, secrets: ServerSecrets) -> bool:
    """Whether this is the address of that person; one that no secret opens any more is nobody's."""
    try:
        return read_reply_address(row, secrets=secrets) == vendor_id
    except BrokenSeal:
        return False
