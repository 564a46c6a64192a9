"""Offering what is shown once: a second factor as a code to scan, five words to copy; the server keeps neither.

An offer travels in its own page, encrypted or sealed for that one sign-in, until its owner proves that he has it.
"""

import base64
import hmac
from dataclasses import dataclass

import pyotp
import segno

from api.wiring import House
from casework.errors import BrokenSeal
from casework.passphrases import generate_passphrase
from casework.vault import normalise_passphrase

PURPOSE = "second-factor-offer"
WORDS = "words-offer"
ISSUER = "清风热线"


@dataclass(frozen=True)
class FactorOffer:
    """A second factor on offer: the secret in groups, the picture to scan, and the field that brings it back."""

    secret: str
    picture: str
    kept: str

    @property
    def grouped(self) -> str:
        """The secret to be typed by hand."""
        return " ".join(self.secret[start : start + 4] for start in range(0, len(self.secret), 4))


@dataclass(frozen=True)
class WordsOffer:
    """Five words on offer, and the mark that they are ours and of this sign-in."""

    words: str
    mark: str


def offer_factor(house: House, session_id: str, username: str, kept: str = "") -> FactorOffer:
    """A new second factor, or the one of `kept`, so that a mistyped code does not change the picture."""
    secret = read_factor(house, session_id, kept) or pyotp.random_base32()
    address = pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)
    picture = segno.make(address, error="m", micro=False).svg_inline(
        scale=5, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None
    )
    blob = house.secrets.encrypt(PURPOSE, secret.encode(), session_id.encode())
    return FactorOffer(secret, picture, base64.urlsafe_b64encode(blob).decode())


def read_factor(house: House, session_id: str, kept: str) -> str:
    """The secret that this sign-in was offered, "" where the field is none of ours."""
    try:
        blob = base64.urlsafe_b64decode(kept.encode())
        return house.secrets.decrypt(PURPOSE, blob, session_id.encode()).decode()
    except (ValueError, BrokenSeal):
        return ""


def offer_words(house: House, session_id: str) -> WordsOffer:
    """Five new words."""
    words = generate_passphrase()
    return WordsOffer(words, _mark(house, session_id, words))


def is_offered(house: House, session_id: str, words: str, mark: str) -> bool:
    """Whether we gave these very words to this sign-in: nobody's own idea of a passphrase is taken."""
    data = _marked(session_id, words)
    return any(hmac.compare_digest(known.hex(), mark) for known in house.secrets.macs(WORDS, data))


def _mark(house: House, session_id: str, words: str) -> str:
    return house.secrets.mac(WORDS, _marked(session_id, words)).hex()


def _marked(session_id: str, words: str) -> bytes:
    return session_id.encode() + b"/" + normalise_passphrase(words)
