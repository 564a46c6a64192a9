"""Passphrases that the house makes for its officers: words of everyday Chinese, easy to type, write down and read out.

The words come from `data/passphrase_words.txt`, whose head says how it was made; no two of them sound alike.
"""

import secrets
from functools import cache
from importlib import resources

WORDS = 5
SEPARATOR = "-"


def generate_passphrase(words: int = WORDS) -> str:
    """Five random words out of 7,776 (64 bits), joined by hyphens."""
    known = list_words()
    return SEPARATOR.join(secrets.choice(known) for _ in range(words))


@cache
def list_words() -> tuple[str, ...]:
    """The words of the packaged list, in its order."""
    content = resources.files("casework").joinpath("data/passphrase_words.txt").read_text("utf-8")
    return tuple(line for line in content.splitlines() if line and not line.startswith("#"))
