"""Offering what is shown once: a second factor as a code to scan, five words to copy; the server keeps neither.

An offer travels in its own page, under the token of that one sign-in, until its owner proves that he has it.
"""

import base64
from dataclasses import dataclass

import pyotp
import segno

from api.dependencies import Staff
from casework.errors import BrokenSeal
from casework.passphrases import generate_passphrase
from casework.vault import unwrap_for_token, wrap_for_token

FACTOR, WORDS = "factor", "words"
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
    """Five words on offer, and the field that brings them back."""

    words: str
    mark: str


def offer_factor(staff: Staff, kept: str = "") -> FactorOffer:
    """A new second factor, or the one of `kept`, so that a mistyped code does not change the picture."""
    secret = read_factor(staff, kept) or pyotp.random_base32()
    address = pyotp.TOTP(secret).provisioning_uri(name=staff.officer.username, issuer_name=ISSUER)
    picture = segno.make(address, error="m", micro=False).svg_inline(
        scale=5, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None
    )
    return FactorOffer(secret, picture, _keep(staff, FACTOR, secret))


def read_factor(staff: Staff, kept: str) -> str:
    """The secret that this sign-in was offered, "" where the field is none of ours."""
    return _read(staff, FACTOR, kept)


def offer_words(staff: Staff) -> WordsOffer:
    """Five new words."""
    words = generate_passphrase()
    return WordsOffer(words, _keep(staff, WORDS, words))


def read_words(staff: Staff, mark: str) -> WordsOffer | None:
    """The words that this sign-in was offered, None where the mark is none of ours: nobody thinks of his own."""
    words = _read(staff, WORDS, mark)
    return WordsOffer(words, mark) if words else None


def _keep(staff: Staff, what: str, text: str) -> str:
    blob = wrap_for_token(f"{what}/{text}".encode(), staff.token, staff.session_row.id)
    return base64.urlsafe_b64encode(blob).decode()


def _read(staff: Staff, what: str, kept: str) -> str:
    try:
        text = unwrap_for_token(base64.urlsafe_b64decode(kept.encode()), staff.token, staff.session_row.id).decode()
    except (ValueError, BrokenSeal):
        return ""
    return text.removeprefix(f"{what}/") if text.startswith(f"{what}/") else ""
