"""The one place where parts are put together: settings in, a house out.

Nothing is created at import, nothing is looked up elsewhere; routes find the house on the application, jobs get it in
their closures.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import httpx
from jinja2 import Environment
from sqlalchemy.orm import Session

from api.pages import build_environment
from api.settings import MissingSetting, Settings
from bot.channels.registry import build_telegram, build_wechat
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_media import fetch_telegram_file
from bot.channels.wechat import WeChatChannel
from bot.channels.wechat_media import fetch_wechat_medium
from bot.courier import Adapters
from bot.fetching import Source, Sources
from bot.frontdesk import FrontDesk, build_front_desk
from bot.handovers import HandoverDesk, reach_of_talk
from casework import clock
from casework.caseletters import PaperDesk
from casework.deliveries import DeliveryDesk
from casework.documents import Typesetter, build_typesetter
from casework.duty import read_duties
from casework.institutions import load_directory
from casework.jobs import Refused
from casework.keyshelf import FileShelf, KeyShelf, TableShelf
from casework.lexicons import LexiconShelf
from casework.limits import load_rules
from casework.office import Office
from casework.offices import OfficeData, find_office_file, read_office_data
from casework.paging import Pager, PagingDesk, Reach
from casework.paperwording import load_paper_wording
from casework.referral_desk import ReferralDesk
from casework.secretfile import SecretFile
from casework.secrets import ServerSecrets
from casework.store import Store
from casework.transports import MailServer, check_webhook_url, parse_mail_server
from casework.types import Channel
from casework.vault import KdfStrength
from casework.wording import load_wording
from casework.workdays import load_calendar
from intake.gate import ReceiptGate
from intake.receipts import ReceiptDesk, ReceiptHit
from intake.sieve import open_sieve
from intake.speech import SpeechEngine, SpeechProblem, find_engine
from intake.transcription import Transcriber, find_transcriber
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
    ears: SpeechEngine | None = None


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
    ears: SpeechEngine | None = None

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
    """The server's secrets from their file, which they follow. Raises MissingSetting where it is not there."""
    path = settings.resolved_secret_file
    if not path.exists():
        raise MissingSetting(f"没有服务器密钥文件 {path.name}。先运行 hotline migrate，或设 HOTLINE_SECRET_FILE。")
    return SecretFile(path).open()


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
    data = read_office_data(find_office_file(settings.office))
    office, secrets, keys = build_office(settings, data), read_secrets(settings), build_keys(store, settings)
    lexicon = LexiconShelf(store, parts.context or read_context(store), now=now)
    intake_desk = IntakeDesk(contexts=lexicon.current, office=office, secrets=secrets, keys=keys)
    sieve = open_sieve(settings.memory_dir, str(settings.data_dir.absolute()))
    receipts = ReceiptDesk(store, secrets, keys, parts.gate or ReceiptGate(), strength, sieve)
    typesetter = parts.typesetter or build_typesetter(settings.font_dir)
    referral_desk = ReferralDesk(office, load_wording(), typesetter, secrets, lexicon.base.taxonomy)
    ears = parts.ears or build_ears(settings)
    front_desk = _build_front(settings, intake_desk, receipts, data, hears=ears is not None)
    handover_desk = HandoverDesk(front_desk)
    mail, outside = build_mail(settings), httpx.Client(timeout=OUTSIDE_SECONDS, follow_redirects=False)
    return House(
        settings=settings,
        store=store,
        office=office,
        office_data=data,
        secrets=secrets,
        keys=keys,
        lexicon=lexicon,
        intake_desk=intake_desk,
        receipts=receipts,
        referral_desk=referral_desk,
        paper_desk=PaperDesk(referral_desk, load_paper_wording()),
        delivery_desk=DeliveryDesk(office, secrets, settings.public_url, mail, outside, now),
        front_desk=front_desk,
        handover_desk=handover_desk,
        paging_desk=_build_paging(settings, mail, outside, handover_desk, now),
        wechat=build_wechat(settings, store=store, secrets=secrets, clock=now),
        telegram=build_telegram(settings),
        typesetter=typesetter,
        pages=build_environment(),
        now=now,
        transcriber=find_transcriber(),
        ears=ears,
    )


def _build_front(
    settings: Settings, intake: IntakeDesk, receipts: ReceiptDesk, data: OfficeData, *, hears: bool
) -> FrontDesk:
    return build_front_desk(
        intake,
        receipts=receipts,
        discipline=name_of(data, DISCIPLINE),
        superior=name_of(data, DISCIPLINE_SUPERIOR),
        quota=settings.wechat_quota,
        hears=hears,
    )


def _build_paging(
    settings: Settings,
    mail: MailServer | None,
    outside: httpx.Client,
    handovers: HandoverDesk,
    now: Callable[[], datetime],
) -> PagingDesk:
    duties = read_duties(find_office_file(settings.office))

    def reach(session: Session, handover_id: str) -> Reach:
        return reach_of_talk(session, handover_id, desk=handovers, now=now())

    return PagingDesk(duties, settings.public_url, mail, now, build_pager(settings, outside), reach)


def build_ears(settings: Settings) -> SpeechEngine | None:
    """What listens to recordings, None where the office has set nothing. Raises MissingSetting."""
    try:
        return find_engine(settings.speech_dir)
    except SpeechProblem as problem:
        raise MissingSetting(problem.sentence) from None


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
