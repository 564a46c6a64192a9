"""How words are read aloud, without tones: 福康养老苑 and 福康养老院 are one sound.

A table of the product's own, made from a dictionary at development time: the dictionary itself knows half a million
phrases, which names don't need and which cost every start half a second.
"""

import tomllib
from functools import cache, lru_cache
from importlib.resources import files

_KEPT_WORDS = 4096


@lru_cache(maxsize=_KEPT_WORDS)
def sound_of(words: str) -> str:
    """The words in pinyin without tones, a space between syllables; a sign that is not in the table stays."""
    sounds = _load_sounds()
    return " ".join(sounds.get(sign, sign) for sign in words)


@cache
def _load_sounds() -> dict[str, str]:
    table = tomllib.loads((files("triage") / "data" / "sounds.toml").read_text(encoding="utf-8"))
    return {sign: sound for sound, signs in table.items() for sign in signs}


@cache
def list_readings() -> dict[str, str]:
    """Every sign of the table with its sound."""
    return dict(_load_sounds())
