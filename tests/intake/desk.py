"""An intake desk for the tests: weak keys, keys in memory, and a triage that says what the test wants."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from casework.keyshelf import MemoryShelf
from casework.models import Officer, OfficerSession
from casework.rings import open_ring
from casework.secrets import ServerSecrets, generate_secret_file, load_secrets
from casework.signins import Signed
from casework.store import Store
from casework.types import Channel
from casework.vault import KdfStrength
from casework.vaultsetup import VaultSheet, set_up_vault
from intake.gate import ReceiptGate
from intake.receipts import ReceiptDesk
from intake.types import Contact, IntakeDesk, ReportDraft
from tests.casework.people import NOW, a_clue_officer, an_assessment, an_office, the_county
from triage.context import Context
from triage.types import Assessment, Identifier, IdentifierKind

LIGHT = KdfStrength(passes=1, memory_kib=8)
WHEN = datetime(2026, 10, 8, 2, 52, 31, 123456, tzinfo=UTC)
STORY = "我叫芮秋禾，电话15412345678。麦陇镇敬老院的饭是馊的，老人吃了拉肚子。"
SEALED_STORY = "麦陇镇敬老院院长崔广田收了家属三万元红包才给床位。"


class FakeContext:
    """Stands for triage's context, which a fake triage does not read."""

    def with_received(self, *_: Any) -> "FakeContext":
        return self


@dataclass
class FakeTriage:
    """Says of a text what the test told it to; phones are found as the real one finds them."""

    said: dict[str, Any] = field(default_factory=dict)

    def __call__(self, text: str, _context: Context) -> Assessment:
        return an_assessment(text, **({"identifiers": find_phones(text)} | self.said))


def find_phones(text: str) -> tuple[Identifier, ...]:
    start = text.find("154")
    if start < 0:
        return ()
    return (Identifier(text[start : start + 11], start, start + 11, IdentifierKind.PHONE),)


def some_secrets() -> ServerSecrets:
    return load_secrets(generate_secret_file())


def a_desk(*, office: Any = None, **said: Any) -> IntakeDesk:
    """A desk whose triage says `said` of every text."""
    return IntakeDesk(
        contexts=FakeContext,  # type: ignore[arg-type]  # the fake triage takes it as it is
        office=office or an_office(),
        secrets=some_secrets(),
        keys=MemoryShelf(),
        assess=FakeTriage(said),
    )


def a_draft(text: str = STORY, **more: Any) -> ReportDraft:
    known: dict[str, Any] = {"text": text, "channel": Channel.WEB, "received_at": WHEN}
    return ReportDraft(**(known | more))


def a_contact(**more: Any) -> Contact:
    return Contact(**({"name": "芮秋禾", "phone": "15412345678", "address": "芦渚镇柳行巷7号"} | more))


def a_house(session: Session, *names: str) -> tuple[list[Officer], VaultSheet]:
    """The invented county with its vault set up for these clue officers."""
    the_county(session, recovery=False)
    members = [a_clue_officer(session, name) for name in names or ("宁致远", "闻人静")]
    return members, set_up_vault(session, members, strength=LIGHT, now=NOW)


def sign_in(session: Session, officer: Officer, token: str = "token") -> Signed:
    """A live sign-in of an officer, his vault still locked."""
    row = OfficerSession(
        officer_id=officer.id,
        token_sha256=f"{officer.id}{token}".encode(),
        csrf_token="",
        created_at=NOW,
        seen_at=NOW,
        expires_at=NOW,
    )
    session.add(row)
    session.flush()
    return Signed(officer, row)


def sign_in_open(session: Session, officer: Officer, sheet: VaultSheet, token: str = "token") -> Signed:
    """A live sign-in with the vault open."""
    signed = sign_in(session, officer, token)
    open_ring(session, signed, token, dict(sheet.passphrases)[officer.username], now=NOW)
    return signed


def a_receipt_desk(store: Store, desk: IntakeDesk, *, miss_seconds: float = 0.01) -> ReceiptDesk:
    """Close its gate when done."""
    gate = ReceiptGate(miss_seconds=miss_seconds, usual_seconds=0.01)  # type: ignore[var-annotated]
    return ReceiptDesk(store, desk.secrets, desk.keys, gate, LIGHT)
