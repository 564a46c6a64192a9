"""The one place where parts are put together: settings in, a house out.

Nothing is created at import, nothing is looked up elsewhere; routes find the house on the application, jobs get it in
their closures.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from threading import Lock

import httpx
from jinja2 import Environment

from api.pages import build_environment
from api.settings import MissingSetting, Settings
from bot.channels.registry import build_telegram, build_wechat
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_media import fetch_telegram_file
from bot.channels.wechat import WeChatChannel
from bot.channels.wechat_media import fetch_wechat_medium
from bot.courier import Adapters, give_up_message, send_message, tell_reporter_news
from bot.fetching import MEDIUM_PREFIX, Source, Sources, fetch_medium, lose_medium, tell_medium_lost
from bot.frontdesk import FrontDesk, build_front_desk, file_silent_talks
from bot.handovers import HandoverDesk
from bot.late import LATE_PREFIX, answer_late
from bot.officerwords import give_up_word
from bot.polling import PollingDesk, keep_polling
from bot.waiting import WORD_PREFIX
from casework import clock
from casework.caseletters import PaperDesk
from casework.chain import sequence_entries
from casework.deadlines import recompute_provisional
from casework.deliveries import DeliveryDesk, deliver, give_up_delivery
from casework.documents import Typesetter, build_typesetter
from casework.duplicates import look_for_duplicates
from casework.duty import read_duties
from casework.heads import note_head
from casework.institutions import load_directory
from casework.jobs import Handler, JobName, Refused, Schedule, build_engine
from casework.jobs.engine import JobEngine
from casework.keyshelf import FileShelf, KeyShelf, TableShelf
from casework.lexicon_trials import try_proposal
from casework.lexicons import LexiconShelf
from casework.limits import load_rules
from casework.office import Office
from casework.offices import OfficeData, find_office_file, read_office_data
from casework.paging import Pager, PagingDesk, page_next
from casework.paperwording import load_paper_wording
from casework.referral_desk import ReferralDesk
from casework.retention import keep_schedules, load_schedules
from casework.secrets import ServerSecrets, load_secrets
from casework.signins import end_stale_sessions
from casework.store import Store
from casework.transports import MailServer, check_webhook_url, parse_mail_server
from casework.types import AttachmentProblem, Channel
from casework.vault import KdfStrength
from casework.wiping import wipe_freed
from casework.wording import load_wording
from casework.workdays import load_calendar
from intake.addresses import drop_ended_addresses
from intake.gate import ReceiptGate
from intake.idempotency import purge_idempotency_keys
from intake.receipts import ReceiptDesk, ReceiptHit, harden_receipt
from intake.transcription import Transcriber, find_transcriber
from intake.transfers import run_batch
from intake.types import IntakeDesk
from triage.context import Context, build_context

SECOND_FACTOR = "totp"
OUTSIDE_SECONDS = 10
SHORT_KEYS = "short"
DISCIPLINE, DISCIPLINE_SUPERIOR = "discipline", "discipline_up"
"""The codes under which an office's file names its discipline organ and the one above."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What takes long to make, for those who build several houses in one process; what is None is made anew."""

    context: Context | None = None
    typesetter: Typesetter | None = None
    gate: ReceiptGate[ReceiptHit] | None = None


NO_PARTS = Parts()


@dataclass(frozen=True)
class House:
    """Everything that routes, jobs and commands share in one process."""

    settings: Settings
    store: Store
    office: Office
    office_data: OfficeData
    secrets: ServerSecrets
    keys: KeyShelf
    lexicon: LexiconShelf
    intake_desk: IntakeDesk
    receipts: ReceiptDesk
    referral_desk: ReferralDesk
    paper_desk: PaperDesk
    delivery_desk: DeliveryDesk
    front_desk: FrontDesk
    handover_desk: HandoverDesk
    paging_desk: PagingDesk
    wechat: WeChatChannel | None
    telegram: TelegramChannel | None
    typesetter: Typesetter
    pages: Environment
    now: Callable[[], datetime]
    transcriber: Transcriber | None = None

    def unlock_second_factor(self, blob: bytes) -> str:
        """An officer's TOTP secret in clear, for the one check it is needed for."""
        return self.secrets.decrypt(SECOND_FACTOR, blob, b"").decode()

    def lock_second_factor(self, secret: str) -> bytes:
        """A TOTP secret as it is stored."""
        return self.secrets.encrypt(SECOND_FACTOR, secret.encode(), b"")

    @property
    def context(self) -> Context:
        """What triage reads by now: the directory, and the office's active words over the shipped ones."""
        return self.lexicon.current()

    @property
    def adapters(self) -> Adapters:
        """The channels on which we can write first."""
        return {adapter.channel: adapter for adapter in (self.wechat, self.telegram) if adapter is not None}

    @property
    def media_sources(self) -> Sources:
        """The vendors who keep files for us for a while."""
        found: dict[Channel, Source] = {}
        if self.wechat is not None and self.wechat.api is not None:
            found[Channel.WECHAT] = partial(fetch_wechat_medium, self.wechat.api)
        if self.telegram is not None:
            found[Channel.TELEGRAM] = partial(fetch_telegram_file, self.telegram)
        return found

    def close(self) -> None:
        """Let go of connections and threads."""
        self.receipts.gate.close()
        self.delivery_desk.http.close()
        self.store.close()


def read_secrets(settings: Settings) -> ServerSecrets:
    """The server's secrets from their file. Raises MissingSetting where it is not there."""
    path = settings.resolved_secret_file
    if not path.exists():
        raise MissingSetting(f"没有服务器密钥文件 {path.name}。先运行 hotline migrate，或设 HOTLINE_SECRET_FILE。")
    return load_secrets(path.read_bytes())


def build_office(settings: Settings, data: OfficeData) -> Office:
    """What the office is and may do."""
    return Office(
        name=str(data.office["name"]),
        district=str(data.office["district"]),
        calendar=load_calendar(),
        rules=load_rules(),
        number_prefix=str(data.office.get("prefix", "")),
        bypass_authority=settings.bypass_authority or None,
    )


def name_of(data: OfficeData, code: str) -> str:
    """A body's name out of the office's file; "" where it has none."""
    body = data.bodies.get(code)
    return str(body["name"]) if body else ""


def build_keys(store: Store, settings: Settings) -> KeyShelf:
    """Where short-lived keys lie: a file beside SQLite, an unlogged table of PostgreSQL; no backup reaches either."""
    if store.is_sqlite:
        return FileShelf(settings.data_dir / SHORT_KEYS)
    return TableShelf(store.engine)


def read_context(store: Store) -> Context:
    """What triage reads by: the packaged lexicon over the directory in the database."""
    with store.read() as session:
        return build_context(directory=load_directory(session))


def build_house(
    settings: Settings,
    *,
    now: Callable[[], datetime] = clock.now,
    strength: KdfStrength = KdfStrength.VAULT,
    parts: Parts = NO_PARTS,
) -> House:
    """Put the house together. Raises MissingSetting, DataError; the database must have been migrated."""
    store = Store(settings.resolved_database_url)
    office_data = read_office_data(find_office_file(settings.office))
    office = build_office(settings, office_data)
    secrets = read_secrets(settings)
    keys = build_keys(store, settings)
    lexicon = LexiconShelf(store, parts.context or read_context(store), now=now)
    intake_desk = IntakeDesk(contexts=lexicon.current, office=office, secrets=secrets, keys=keys)
    receipts = ReceiptDesk(store, secrets, keys, parts.gate or ReceiptGate(), strength)
    typesetter = parts.typesetter or build_typesetter(settings.font_dir)
    referral_desk = ReferralDesk(office, load_wording(), typesetter, secrets, lexicon.base.taxonomy)
    wechat = build_wechat(settings, store=store, secrets=secrets, clock=now)
    front_desk = build_front_desk(
        intake_desk,
        receipts=receipts,
        discipline=name_of(office_data, DISCIPLINE),
        superior=name_of(office_data, DISCIPLINE_SUPERIOR),
        quota=settings.wechat_quota,
    )
    duties = read_duties(find_office_file(settings.office))
    outside = httpx.Client(timeout=OUTSIDE_SECONDS, follow_redirects=False)
    return House(
        settings=settings,
        store=store,
        office=office,
        office_data=office_data,
        secrets=secrets,
        keys=keys,
        lexicon=lexicon,
        intake_desk=intake_desk,
        receipts=receipts,
        referral_desk=referral_desk,
        paper_desk=PaperDesk(referral_desk, load_paper_wording()),
        delivery_desk=DeliveryDesk(
            office,
            secrets,
            settings.public_url,
            build_mail(settings),
            outside,
            now,
        ),
        front_desk=front_desk,
        handover_desk=HandoverDesk(front_desk),
        paging_desk=PagingDesk(duties, settings.public_url, build_mail(settings), now, build_pager(settings, outside)),
        wechat=wechat,
        telegram=build_telegram(settings),
        typesetter=typesetter,
        pages=build_environment(),
        now=now,
        transcriber=find_transcriber(),
    )


def build_mail(settings: Settings) -> MailServer | None:
    """Where mail leaves, None where the office has no server. Raises MissingSetting for an address nobody can read."""
    if settings.smtp_url is None:
        return None
    try:
        return parse_mail_server(settings.smtp_url.get_secret_value(), settings.mail_from)
    except ValueError:
        raise MissingSetting("HOTLINE_SMTP_URL 没看懂，要写成 smtp://用户:密码@主机:端口。") from None


def build_pager(settings: Settings, http: httpx.Client) -> Pager | None:
    """Where calls for the officer on duty are posted, None where the office has set nothing.

    Raises MissingSetting for an address without a secret, or one that isn't https (but to this machine).
    """
    if settings.paging_webhook is None:
        return None
    if settings.paging_secret is None:
        raise MissingSetting("设了 HOTLINE_PAGING_WEBHOOK，还要设签名用的 HOTLINE_PAGING_SECRET。")
    try:
        check_webhook_url(settings.paging_webhook)
    except Refused:
        raise MissingSetting("HOTLINE_PAGING_WEBHOOK 要用 https 地址。") from None
    return Pager(settings.paging_webhook, settings.paging_secret.get_secret_value().encode(), http)


def build_job_engine(house: House, *, slot: str) -> JobEngine:
    """The engine of background work around the house; nothing runs yet."""
    return build_engine(
        house.store,
        list_handlers(house),
        list_schedules(house),
        slot=slot,
        clock=house.now,
        exhausted={
            JobName.SEND_DELIVERY: partial(give_up_delivery, house.store, clock=house.now),
            JobName.SEND_MESSAGE: partial(_give_up_message, house),
            JobName.FETCH_MEDIUM: partial(_give_up_medium, house),
        },
    )


def _send_message(house: House, subject: str) -> None:
    if subject.startswith(LATE_PREFIX):
        answer_late(house.store, subject, desk=house.front_desk, adapters=house.adapters, clock=house.now)
    elif subject.startswith(MEDIUM_PREFIX):
        tell_medium_lost(house.store, subject, desk=house.front_desk, adapters=house.adapters, clock=house.now)
    else:
        send_message(house.store, subject, desk=house.front_desk, adapters=house.adapters, clock=house.now)


def _give_up_medium(house: House, subject: str, _code: str) -> None:
    lose_medium(house.store, subject, AttachmentProblem.UNREACHED, desk=house.front_desk, clock=house.now)


def _give_up_message(house: House, subject: str, code: str) -> None:
    if subject.startswith(WORD_PREFIX):
        give_up_word(house.store, subject, desk=house.front_desk, now=house.now())
    else:
        give_up_message(house.store, subject, code)


def list_handlers(house: House) -> Mapping[JobName, Handler]:
    """Who does which job."""
    return {
        JobName.FIND_DUPLICATES: lambda case_id: _drop(
            look_for_duplicates(house.store, case_id, secrets=house.secrets, now=house.now())
        ),
        JobName.HARDEN_RECEIPT: lambda receipt_id: _drop(
            harden_receipt(
                house.store,
                receipt_id,
                keys=house.keys,
                secrets=house.secrets,
                strength=house.receipts.strength,
            )
        ),
        JobName.SEND_DELIVERY: lambda delivery_id: _drop(deliver(house.store, delivery_id, desk=house.delivery_desk)),
        JobName.TELL_REPORTER: lambda subject: _drop(tell_reporter_news(house.store, subject, now=house.now())),
        JobName.SEND_MESSAGE: lambda subject: _send_message(house, subject),
        JobName.TRY_LEXICON: lambda proposal_id: _drop(
            try_proposal(house.store, proposal_id, base=house.lexicon.base, now=house.now())
        ),
        JobName.FETCH_MEDIUM: lambda subject: _drop(
            fetch_medium(house.store, subject, desk=house.front_desk, sources=house.media_sources, clock=house.now)
        ),
        JobName.IMPORT_ROWS: lambda batch_id: run_batch(house.store, batch_id, desk=house.intake_desk, clock=house.now),
        JobName.PAGE_OFFICER: lambda subject: _drop(page_next(house.store, subject, desk=house.paging_desk)),
    }


def list_schedules(house: House) -> Mapping[str, Schedule]:
    """What one process at a time does again and again."""
    turns = Lock()

    def end_sign_ins(now: datetime) -> None:
        with turns, house.store.write() as session:
            end_stale_sessions(session, now=now)

    def recompute(now: datetime) -> None:
        with turns, house.store.write() as session:
            recompute_provisional(session, office=house.office, now=now)

    def forget_answers(now: datetime) -> None:
        with turns, house.store.write() as session:
            purge_idempotency_keys(session, now=now)

    def forget_addresses(now: datetime) -> None:
        with turns, house.store.write() as session:
            drop_ended_addresses(session, now=now)

    retention = load_schedules()

    def keep_retention(now: datetime) -> None:
        with turns, house.store.write() as session:
            keep_schedules(session, retention, now=now)

    steps = {
        "sequence_ledger": Schedule(timedelta(seconds=1), lambda now: _drop(sequence_entries(house.store, now=now))),
        "sequence_whole_ledger": Schedule(
            timedelta(hours=1), lambda now: _drop(sequence_entries(house.store, now=now, reach=None))
        ),
        "file_silent_talks": Schedule(
            timedelta(seconds=15), lambda now: _drop(file_silent_talks(house.store, house.front_desk, now))
        ),
        "sweep_short_keys": Schedule(timedelta(minutes=10), lambda now: _drop(house.keys.sweep(now))),
        "end_stale_sign_ins": Schedule(timedelta(minutes=1), end_sign_ins),
        "forget_api_answers": Schedule(timedelta(hours=1), forget_answers),
        "recompute_provisional": Schedule(timedelta(hours=6), recompute),
        "forget_ended_addresses": Schedule(timedelta(hours=1), forget_addresses),
        "note_ledger_head": Schedule(timedelta(days=1), lambda now: _drop(note_head(house.store, now=now))),
        "keep_retention": Schedule(timedelta(hours=6), keep_retention),
        "wipe_freed": Schedule(timedelta(minutes=5), lambda _now: _drop(wipe_freed(house.store))),
    }
    if house.telegram is not None and house.telegram.polls:
        polling = PollingDesk(house.store, house.telegram, house.front_desk, house.now)
        steps["poll_telegram"] = Schedule(timedelta(seconds=1), lambda _now: _drop(keep_polling(polling)))
    return steps


def _drop(_result: object) -> None:
    """A job returns nothing: whatever a step counted stays out of the engine's tables."""
