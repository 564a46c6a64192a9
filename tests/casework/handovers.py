"""Referrals ready made for the tests: the desk, a case about fire, a sealed one about an official, and the people."""

from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.deliveries import DeliveryDesk
from casework.ledger import SYSTEM
from casework.models.cases import Case
from casework.models.people import Body, Officer
from casework.models.referrals import Delivery, Referral
from casework.openings import open_case
from casework.receiverkeys import note_heard, set_body_key
from casework.referral_desk import ReferralDesk
from casework.referrals import draft_referral, issue_referral
from casework.sealing import SealedContent, read_sealed_case
from casework.secrets import ServerSecrets, generate_secret_file, load_secrets
from casework.store import Store
from casework.transports import MailServer
from casework.types import DeliveryMethod, Role
from casework.webhooks import set_webhook
from tests.casework.papers import the_typesetter, the_wording
from tests.casework.people import (
    NOW,
    a_clue_officer,
    a_dispatcher,
    a_leader,
    a_person,
    an_assessment,
    an_office,
    an_officer,
    an_opening,
    see_to_four_eyes,
    the_county,
)
from triage.taxonomy import load_taxonomy

LATER = NOW + timedelta(days=1)
SECRETS = load_secrets(generate_secret_file())
FIRE_TEXT = "芦渚颐年院后门拿大铁链子锁着，灭火器都过期两年了。"
CLUE_TEXT = "麦陇镇民政办副主任鲁守田收了三千元购物卡，就不去检查了。"
WEBHOOK_SECRET = b"a secret that both sides know"


def the_desk(secrets: ServerSecrets = SECRETS) -> ReferralDesk:
    office = an_office(number_prefix="望民函")
    return ReferralDesk(office, the_wording(), the_typesetter(), secrets, load_taxonomy())


def the_house(session: Session, *, fire_ways: tuple[str, ...] = ("mail",), webhook: str | None = None) -> None:
    """The county, with a fire brigade that can be reached."""
    the_county(session)
    equip_bodies(session, fire_ways=fire_ways, webhook=webhook)


def equip_bodies(session: Session, *, fire_ways: tuple[str, ...] = ("mail",), webhook: str | None = None) -> None:
    """Addresses for fire rescue, and for discipline inspection addresses that must never be used."""
    fire = session.get_one(Body, "fire")
    fire.accepts, fire.mail = list(fire_ways), "duty@fire.example"
    if webhook:
        set_webhook(session, fire, webhook, secrets=SECRETS, by=SYSTEM, now=NOW, secret=WEBHOOK_SECRET)
    discipline = session.get_one(Body, "discipline")
    discipline.accepts = ["mail", "webhook", "sealed_print", "package", "pickup"]
    discipline.mail, discipline.webhook_url, discipline.webhook_secret = "a@b.example", "https://b.example", b"x"
    session.flush()


def a_fire_case(session: Session, **assessed: Any) -> Case:
    known: dict[str, Any] = {"category": "fire_hazard", "body": "fire", "home": "luzhu-home", "town": "luzhu"}
    assessment = an_assessment(FIRE_TEXT, **(known | assessed))
    case = open_case(session, an_opening(FIRE_TEXT, assessment=assessment), office=an_office(), now=NOW).case
    assert case is not None
    return case


def a_sealed_case(session: Session) -> Case:
    see_to_four_eyes(session)
    person = a_person(CLUE_TEXT, "鲁守田", name="鲁守田", post="副主任", unit="麦陇镇民政办")
    assessment = an_assessment(
        CLUE_TEXT,
        category="corruption",
        body="discipline",
        discipline=True,
        who=True,
        what=True,
        home=None,
        town="mailong",
        persons=[person],
    )
    case = open_case(session, an_opening(CLUE_TEXT, assessment=assessment), office=an_office(), now=NOW).case
    assert case is not None
    assert case.sealed
    return case


def opened_by(session: Session, officer: Officer, case: Case) -> SealedContent:
    """The sealed case in this officer's sign-in; his test key pair is kept bare."""
    assert officer.wrapped_private_key is not None
    return read_sealed_case(session, officer, officer.wrapped_private_key, case.id, now=NOW)


def an_issued_referral(
    session: Session, *, number: str = "12", methods: tuple[DeliveryMethod, ...] | None = None, **assessed: Any
) -> Referral:
    """A fire matter, drafted by a dispatcher and signed out by a leader."""
    case = a_fire_case(session, **assessed)
    by = a_dispatcher(session)
    referral = draft_referral(session, case, session.get_one(Body, "fire"), by=by, desk=the_desk(), now=NOW)
    return issue_referral(
        session,
        referral,
        number=f"〔2026〕{number}号",
        by=a_leader(session),
        desk=the_desk(),
        now=LATER,
        methods=methods,
    )


def a_delivery_desk(store: Store, *, mail: MailServer | None = None, http: httpx.Client | None = None) -> DeliveryDesk:
    return DeliveryDesk(
        office=an_office(number_prefix="望民函"),
        secrets=SECRETS,
        public_url="http://127.0.0.1:8000",
        mail=mail,
        http=http or httpx.Client(timeout=1),
        clock=lambda: LATER,
    )


def the_delivery(store: Store, method: DeliveryMethod = DeliveryMethod.MAIL) -> Delivery:
    """The one delivery by this way, as it rests in the database."""
    with store.read() as session:
        return session.query(Delivery).filter(Delivery.method == method).one()


def a_second_clue_officer(session: Session) -> Officer:
    return a_clue_officer(session, "沈知棠")


def a_township_officer(session: Session) -> Officer:
    return an_officer(session, "township", "鲁守田", "township-mailong", Role.TOWNSHIP, post="副主任")


def fire(session: Session) -> Body:
    return session.get_one(Body, "fire")


def discipline(session: Session) -> Body:
    return session.get_one(Body, "discipline")


def drafted(session: Session, case: Case | None = None) -> Referral:
    case = case or a_fire_case(session)
    return draft_referral(session, case, fire(session), by=a_dispatcher(session), desk=the_desk(), now=NOW)


def heard(session: Session, of: Officer | Body, *, by: Officer | None = None) -> None:
    """As if one of the ring had heard the fingerprint of this receiver's key and typed it in."""
    by = by or session.scalars(select(Officer).order_by(Officer.username)).first()
    assert by is not None
    note_heard(session, of, by=by, now=NOW)


def give_body_key(session: Session, body: Body, key: str) -> None:
    """A body's public key, entered by one and heard by another."""
    set_body_key(session, body, key, by=SYSTEM, now=NOW)
    heard(session, body)
