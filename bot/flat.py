"""A message made flat, for matching alone: half-width signs, small letters, no spaces. It is never stored."""

import re
import unicodedata

TRIM = "。.!！?？,，、~～…:：;；\"'“”‘’()（）[]【】 "
"""Signs around words that mean nothing."""

_BREATH = re.compile(r"(?<=[一-龥])\s{1,8}(?=[一-龥])")
"""Whoever types without signs puts a space where he draws breath."""


def flatten(text: str) -> str:
    """Half-width signs, small letters, a comma for a space between words: only for matching, never stored."""
    return tighten(_BREATH.sub(",", unicodedata.normalize("NFKC", text).strip()))


def tighten(text: str) -> str:
    """The same without any space, for wishes that are said with a space in their midst (让你们领导 来接电话)."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()
