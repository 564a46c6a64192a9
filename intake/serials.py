"""The numbers that other offices know our reports by: in a plain table while the case is open, sealed inside later."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from intake.models import TransferSerial
from intake.types import Transfer


def pack_transfer(report_id: str, transfer: Transfer | None) -> dict[str, Any]:
    """The number as a sealed case keeps it inside; nothing for a report that nobody sent on."""
    if transfer is None:
        return {}
    return {"transfers": [{"report_id": report_id, "source": transfer.source, "serial": transfer.serial}]}


def take_serials(session: Session, report_ids: Sequence[str]) -> list[dict[str, str]]:
    """What other offices call these reports, taken out of the plain table: the case is being sealed."""
    rows = session.scalars(select(TransferSerial).where(TransferSerial.report_id.in_(report_ids))).all()
    packed = [{"report_id": row.report_id, "source": row.source, "serial": row.serial} for row in rows]
    session.execute(delete(TransferSerial).where(TransferSerial.report_id.in_(report_ids)))
    return packed


def put_serials(session: Session, packed: Iterable[Mapping[str, str]]) -> None:
    """Back into the plain table: the case is open again."""
    session.add_all(TransferSerial(**each) for each in packed)
