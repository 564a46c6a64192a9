"""The demo's officers: from the packaged list, each with a password, a second factor, and the keys of the ring."""

import tomllib
from importlib.resources import files
from typing import Any

import pyotp

from api.demo.side import SignIn
from api.wiring import House
from casework.ceremonies import renew_recovery_key
from casework.ledger import SYSTEM
from casework.officers import add_officer
from casework.receiverkeys import note_heard
from casework.rings import give_key_pair
from casework.types import Role
from casework.vaultsetup import set_up_vault

LIST = "demo/data/officers.toml"
PASSWORDS = "mailong-2026-{}"


def add_staff(house: House) -> tuple[SignIn, ...]:
    """Add everybody on the list and set up the vault for those of the ring."""
    people = tomllib.loads((files("api") / LIST).read_text(encoding="utf-8"))["officers"]
    seeds = {person["username"]: pyotp.random_base32() for person in people}
    with house.store.write() as session:
        officers = {}
        for number, person in enumerate(people, start=1):
            officers[person["username"]] = add_officer(
                session,
                username=person["username"],
                name=person["name"],
                aliases=person.get("aliases", ()),
                body_code=person["body"],
                roles=[Role(role) for role in person["roles"]],
                password=PASSWORDS.format(number),
                post=person["post"],
                towns=person.get("towns", ()),
                leads=person.get("leads", False),
                totp_secret=house.lock_second_factor(seeds[person["username"]]),
                by=SYSTEM,
                now=house.now(),
            )
        members = [officers[person["username"]] for person in people if person.get("ring")]
        sheet = set_up_vault(session, members, by=SYSTEM, now=house.now())
        renew_recovery_key(session, sheet.recovery_key, by=SYSTEM, now=house.now())  # their first day is over
        outside = [officers[person["username"]] for person in people if person.get("key")]
        keys = {each.username: give_key_pair(session, each, by=SYSTEM, now=house.now()) for each in outside}
        for each in outside:
            note_heard(session, each, by=members[0], now=house.now())
    passphrases = dict(sheet.passphrases) | keys
    return tuple(_to_sign_in(person, number, seeds, passphrases) for number, person in enumerate(people, start=1))


def _to_sign_in(person: dict[str, Any], number: int, seeds: dict[str, str], passphrases: dict[str, str]) -> SignIn:
    return SignIn(
        username=person["username"],
        name=person["name"],
        post=person["post"],
        password=PASSWORDS.format(number),
        totp=seeds[person["username"]],
        passphrase=passphrases.get(person["username"], ""),
    )
