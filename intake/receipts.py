"""Receipts: issuing a code within the transaction that files, hardening it afterwards, finding its case by it.

The code itself is stored nowhere. Until the job has hardened it, it rests under a short-lived key; from then on only
Argon2id of it under a salt of its own, under the server's secret, can recognise it, and what it derives opens the
reporter's key.
"""

import hashlib
import hmac
import os
import secrets as random_source
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from casework.bonds import Halves
from casework.clock import local_date
from casework.jobs import JobName, enqueue
from casework.keyshelf import KeyShelf, destroy_after_commit
from casework.models.columns import new_id
from casework.secrets import NONCE_BYTES, ServerSecrets, derive_key
from casework.signatures import Signer, signing_public
from casework.store import Store
from casework.vault import (
    SALT_BYTES,
    STRENGTH_BYTES,
    KdfStrength,
    KeyPair,
    generate_key_pair,
    pack_strength,
    stretch,
    unpack_strength,
)
from intake.codes import (
    LOCATOR_DIGITS,
    SECRET_DIGITS,
    Code,
    add_phrase,
    choose_phrase,
    make_code,
    read_code,
)
from intake.gate import ReceiptGate
from intake.lanes import Lane
from intake.links import Link, make_links, read_links
from intake.models import Receipt
from intake.sieve import Sieve, Verdict

PURPOSE = "receipt"
PENDING_LIFE = timedelta(days=7)
"""How long an unhardened code waits for its job at the most."""
LOCATORS_TRIED = 12
VERIFIER_BYTES, TAG_BYTES = 32, 16
ADD_RECEIPT = insert(Receipt.metadata.tables[Receipt.__tablename__])
COUNT_LOCATORS = (
    select(Receipt.locator, func.count())
    .where(Receipt.locator.in_(bindparam("drawn", expanding=True)))
    .group_by(Receipt.locator)
)


@dataclass(frozen=True, slots=True)
class IssuedReceipt:
    """A new receipt; the code is shown to its owner and kept nowhere."""

    receipt_id: str
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReceiptHit:
    """A code that fits: its case, and the private half of the reporter's key for as long as the request lasts.

    `links` lead to the other part of a report that was parted.
    """

    case_id: str
    receipt_id: str
    locator: str
    reporter_key: bytes = field(repr=False)
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiptDesk:
    """What look-ups need; built once by the wiring."""

    store: Store
    secrets: ServerSecrets
    keys: KeyShelf
    gate: ReceiptGate[ReceiptHit]
    strength: KdfStrength = KdfStrength.VAULT
    sieve: Sieve = field(default_factory=Sieve)


@dataclass(frozen=True, slots=True)
class HardenedRow:
    """What of a receipt's row a check needs, read before the line so that no transaction waits in it."""

    id: str
    case_id: str
    locator: str
    salt: bytes
    verifier: bytes
    wrapped_private_key: bytes
    links: bytes | None
    sieve: bytes | None


def issue_receipt(
    session: Session,
    case_id: str,
    *,
    keys: KeyShelf,
    now: datetime,
    pair: KeyPair | None = None,
    link: Link | None = None,
) -> IssuedReceipt:
    """Make a code for a case, in the transaction that files it; no Argon2 here, the job hardens it afterwards.

    The reporter's key pair is made at once, so that what is written to him before the job runs is sealed to it too;
    `pair` is one that was made before, for the bond of a case that is sealed from its first moment; `link` a further
    case that the code opens.
    """
    code = make_code(choose_locator(session), "".join(random_source.choice("0123456789") for _ in range(SECRET_DIGITS)))
    pair = pair or generate_key_pair()
    short = keys.create(now + PENDING_LIFE)
    row_id = new_id()
    parsed = read_code(code)
    values = {
        "id": row_id,
        "case_id": case_id,
        "locator": parsed.locator,
        "salt": os.urandom(SALT_BYTES),
        "pending_mac": _pending_mac(short.key, parsed.secret),
        "pending_ciphertext": _encrypt(short.key, pair.private + parsed.secret, row_id),
        "pending_key_id": short.key_id,
        "public_key": pair.public,
        "signing_key": signing_public(pair.private, Signer.REPORTER),
        "links": make_links(pair.public, link),
        "created_on": local_date(now),
    }
    session.flush()
    session.connection().execute(ADD_RECEIPT, values)
    enqueue(session, JobName.HARDEN_RECEIPT, row_id)
    return IssuedReceipt(row_id, code)


def add_linked_receipt(
    session: Session,
    case_id: str,
    row_id: str,
    halves: Halves,
    *,
    secrets: ServerSecrets,
    strength: KdfStrength = KdfStrength.VAULT,
    now: datetime,
) -> Receipt:
    """The receipt of a case that another receipt's code opens: a row like any other, which no code of its own fits.

    What is written to the reporter in that case is sealed to its public half; the private one lies in the link.
    """
    verifier = pack_strength(strength) + os.urandom(VERIFIER_BYTES)
    wrapped = os.urandom(NONCE_BYTES + VERIFIER_BYTES + TAG_BYTES)
    row = Receipt(
        id=row_id,
        case_id=case_id,
        locator=choose_locator(session),
        salt=os.urandom(SALT_BYTES),
        verifier=secrets.encrypt(PURPOSE, verifier, _bind(row_id, "verifier")),
        wrapped_private_key=secrets.encrypt(PURPOSE, wrapped, _bind(row_id, "key")),
        public_key=halves.box,
        signing_key=halves.sign,
        links=make_links(halves.box),
        created_on=local_date(now),
    )
    session.add(row)
    session.flush()
    enqueue(session, JobName.HARDEN_RECEIPT, row_id)
    return row


def harden_receipt(
    store: Store,
    receipt_id: str,
    *,
    keys: KeyShelf,
    secrets: ServerSecrets,
    strength: KdfStrength = KdfStrength.VAULT,
    sieve: Sieve | None = None,
) -> bool:
    """The job's step: put the Argon2id verifier in the pending code's place, wrap the reporter's key by its fruit.

    A receipt that no code of its own fits gets a mark of the sieve like the others. Harmless when run twice. False
    where nothing is to be done, or the short-lived key is gone: that code is lost.
    """
    with store.read() as session:
        row = session.get(Receipt, receipt_id)
    if row is None:
        return False
    if row.pending_ciphertext is None or row.pending_key_id is None:
        if row.verifier is not None and row.sieve is None and sieve is not None:
            _keep_mark(store, receipt_id, sieve.mark(Code(row.locator, os.urandom(SALT_BYTES)), receipt_id))
        return False
    key_id, pending, salt, locator = row.pending_key_id, row.pending_ciphertext, row.salt, row.locator
    short = keys.get(key_id)
    if short is None:
        return False
    opened = _decrypt(short, pending, receipt_id)
    private, secret = opened[:32], opened[32:]
    verifier, wrapped = _harden(secret, salt, private, receipt_id, secrets=secrets, strength=strength)
    with store.write() as session:
        row = session.get(Receipt, receipt_id, with_for_update=True)
        if row is None or row.pending_key_id != key_id:
            return False
        row.verifier, row.wrapped_private_key = verifier, wrapped
        row.sieve = sieve.mark(Code(locator, secret), receipt_id) if sieve is not None else None
        row.pending_mac = row.pending_ciphertext = row.pending_key_id = None
        destroy_after_commit(session, keys, key_id)
    return True


def ask_receipt(desk: ReceiptDesk, text: str, *, phrase: str = "", proven: bool = False) -> "Future[ReceiptHit | None]":
    """Look up the code that a person typed, with the sentence he may have added; None where nothing fits.

    A right code that is still pending is answered at once. Everything else goes through the gate; an unknown locator
    waits as long as a known one, without any Argon2. A cancelled future means that the line was too long: ask again.
    Raises MistypedCode for digits that do not fit together: that costs no look-up.
    """
    code = add_phrase(read_code(text), phrase)
    rows = _list_rows(desk.store, code.locator)
    hit = _find_pending(rows, code, desk.keys)
    if hit is None and any(row.pending_key_id is not None for row in rows):
        rows = _list_rows(desk.store, code.locator)  # one of them may have been hardened meanwhile, its key gone
    if hit is not None:
        answered: Future[ReceiptHit | None] = Future()
        answered.set_result(hit)
        return answered
    hardened = [kept for row in rows if (kept := _as_hardened(row)) is not None]
    lane, worth = sift_rows(hardened, code, desk.sieve, proven=proven)
    check = partial(_check_and_mark, desk, worth, code) if worth else None
    return desk.gate.ask(code.locator, check, lane=lane)


def sift_rows(rows: list[HardenedRow], code: Code, sieve: Sieve, *, proven: bool) -> tuple[Lane, list[HardenedRow]]:
    """The rows that are worth an Argon2, those the code may fit first, and the lane they are checked in."""
    judged = [(sieve.judge(row.sieve, code, row.id), row) for row in rows]
    fitting = [row for verdict, row in judged if verdict is Verdict.FITS]
    unknown = [row for verdict, row in judged if verdict is Verdict.UNKNOWN]
    lane = Lane.LIKELY if fitting else Lane.PROVEN if proven else Lane.PLAIN
    return lane, fitting + unknown


def find_receipt(desk: ReceiptDesk, text: str, *, phrase: str = "", timeout: float | None = None) -> ReceiptHit | None:
    """`ask_receipt` for a caller that may block, never inside a unit of work. Raises TimeoutError when it lasts."""
    answer = ask_receipt(desk, text, phrase=phrase)
    try:
        return answer.result(timeout)
    except (CancelledError, FutureTimeoutError) as error:
        answer.cancel()
        raise TimeoutError from error


def check_rows(rows: list[HardenedRow], code: Code, secrets: ServerSecrets) -> ReceiptHit | None:
    """The dear check: one Argon2id for each row of the locator until one fits."""
    for row in rows:
        stored = secrets.decrypt(PURPOSE, row.verifier, _bind(row.id, "verifier"))
        root = stretch(code.secret, row.salt, unpack_strength(stored))
        if hmac.compare_digest(stored[STRENGTH_BYTES:], derive_key(root, "hotline/receipt/verifier")):
            wrapped = secrets.decrypt(PURPOSE, row.wrapped_private_key, _bind(row.id, "key"))
            private = _decrypt(derive_key(root, "hotline/receipt/key"), wrapped, row.id)
            return ReceiptHit(row.case_id, row.id, row.locator, private, read_links(row.links, private))
    return None


def _check_and_mark(desk: ReceiptDesk, rows: list[HardenedRow], code: Code) -> ReceiptHit | None:
    """The check; a right code that the sieve did not know yet is marked for the next time."""
    hit = check_rows(rows, code, desk.secrets)
    if hit is not None and not any(desk.sieve.knows(row.sieve) for row in rows if row.id == hit.receipt_id):
        _keep_mark(desk.store, hit.receipt_id, desk.sieve.mark(code, hit.receipt_id))
    return hit


def _keep_mark(store: Store, receipt_id: str, mark: bytes) -> None:
    with store.write() as session:
        row = session.get(Receipt, receipt_id, with_for_update=True)
        if row is not None:
            row.sieve = mark


def add_passphrase(desk: ReceiptDesk, hit: ReceiptHit, text: str, phrase: str) -> None:
    """Bind a code to a sentence of its owner's own, who has just come in by it: from now on both are asked for.

    The sentence is kept as the code is, in Argon2id, and nobody can tell it again. A second of Argon2, then a unit of
    work of its own: never call it inside another one. Raises MistypedCode, WeakPassphrase.
    """
    code, salt = choose_phrase(read_code(text), phrase), os.urandom(SALT_BYTES)
    verifier, wrapped = _harden(
        code.secret, salt, hit.reporter_key, hit.receipt_id, secrets=desk.secrets, strength=desk.strength
    )
    with desk.store.write() as session:
        row = session.get_one(Receipt, hit.receipt_id, with_for_update=True)
        row.salt, row.verifier, row.wrapped_private_key = salt, verifier, wrapped
        row.sieve = desk.sieve.mark(code, hit.receipt_id)
        if row.pending_key_id is not None:
            destroy_after_commit(session, desk.keys, row.pending_key_id)
        row.pending_mac = row.pending_ciphertext = row.pending_key_id = None


def find_halves(session: Session, case_id: str) -> Halves | None:
    """The public halves of the reporter's key of a case; None where nobody has a code for it."""
    query = select(Receipt).where(Receipt.case_id == case_id, Receipt.public_key.is_not(None)).limit(1)
    row = session.scalar(query)
    if row is None or row.public_key is None or row.signing_key is None:
        return None
    return Halves(row.public_key, row.signing_key)


def choose_locator(session: Session) -> str:
    """Four random digits, if possible of no other receipt: rows that share them make each other's look-ups dear."""
    drawn = [f"{random_source.randbelow(10**LOCATOR_DIGITS):0{LOCATOR_DIGITS}d}" for _ in range(LOCATORS_TRIED)]
    taken = {row.locator: int(row[1]) for row in session.connection().execute(COUNT_LOCATORS, {"drawn": drawn})}
    return min(drawn, key=lambda locator: taken.get(locator, 0))


def _harden(
    secret: bytes, salt: bytes, private: bytes, row_id: str, *, secrets: ServerSecrets, strength: KdfStrength
) -> tuple[bytes, bytes]:
    root = stretch(secret, salt, strength)
    verifier = pack_strength(strength) + derive_key(root, "hotline/receipt/verifier")
    wrapped = _encrypt(derive_key(root, "hotline/receipt/key"), private, row_id)
    return (
        secrets.encrypt(PURPOSE, verifier, _bind(row_id, "verifier")),
        secrets.encrypt(PURPOSE, wrapped, _bind(row_id, "key")),
    )


def _list_rows(store: Store, locator: str) -> list[Receipt]:
    with store.read() as session:
        return list(session.scalars(select(Receipt).where(Receipt.locator == locator)))


def _find_pending(rows: list[Receipt], code: Code, keys: KeyShelf) -> ReceiptHit | None:
    for row in rows:
        if row.pending_mac is None or row.pending_ciphertext is None or row.pending_key_id is None:
            continue
        short = keys.get(row.pending_key_id)
        if short is not None and hmac.compare_digest(row.pending_mac, _pending_mac(short, code.secret)):
            private = _decrypt(short, row.pending_ciphertext, row.id)[:32]
            return ReceiptHit(row.case_id, row.id, row.locator, private, read_links(row.links, private))
    return None


def _as_hardened(row: Receipt) -> HardenedRow | None:
    if row.verifier is None or row.wrapped_private_key is None:
        return None
    return HardenedRow(
        row.id, row.case_id, row.locator, row.salt, row.verifier, row.wrapped_private_key, row.links, row.sieve
    )


def _pending_mac(key: bytes, secret: bytes) -> bytes:
    return hmac.new(derive_key(key, "hotline/receipt/pending"), secret, hashlib.sha256).digest()


def _encrypt(key: bytes, plaintext: bytes, row_id: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, row_id.encode())


def _decrypt(key: bytes, blob: bytes, row_id: str) -> bytes:
    return AESGCM(key).decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], row_id.encode())


def _bind(row_id: str, part: str) -> bytes:
    return f"{row_id}/{part}".encode()
