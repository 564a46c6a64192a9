"""Names as they are heard and typed: one form for spaced, dotted, wide and traditional writing, and one for sound.

Voice input and telephone notes give 周建和 for 周建禾; whoever is meant must not learn of it for one wrong sign.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from triage.entities.plain import read_plain
from triage.entities.sounds import list_readings, sound_of

SENTENCE_END = re.compile(r"[。！？!?；;…\n]")
NO_SIGN = re.compile(r"[\W_]+")
HIDING = "*×✕✖○〇◯●□■_"
"""What people put in place of a sign of a name: 周*禾."""
BLANKS = re.compile(rf"[^\w{HIDING}。！？!?；;…\n]+")
STARTS = (("zh", "z"), ("ch", "c"), ("sh", "s"))
FRONTS = {"n": "l", "r": "l"}
HU = {"hu": "fu", "hua": "fa", "huan": "fan", "huang": "fang", "hui": "fei", "hun": "fen"}
"""What many speak, and voice input writes, for the other: n l r, z zh, c ch, s sh, h f, and in ing, en eng, an ang."""
TONES = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü", "aaaaeeeeiiiioooouuuuvvvvv")
"""Sounds written with their tones: Ruǎn Chéngyuè."""
FIRST_PRIVATE = 0xE000
KEPT = 8


@dataclass(frozen=True, slots=True)
class Folded:
    """A text with nothing left that only separates signs. `near` is as long, each sign its sound; `sentence` numbers
    each sign's sentence.
    """

    text: str
    near: str
    sentence: tuple[int, ...]

    def list_places(self, words: str) -> list[int]:
        """Where the words stand."""
        return find_all(self.text, words)

    def sentence_at(self, place: int) -> str:
        """The sentence around a place, folded."""
        number, start, end = self.sentence[place], place, place
        while start > 0 and self.sentence[start - 1] == number:
            start -= 1
        while end < len(self.text) and self.sentence[end] == number:
            end += 1
        return self.text[start:end]


@lru_cache(maxsize=KEPT)
def fold(text: str) -> Folded:
    """Fold a text: NFKC, simplified forms, lower case; blanks, invisible signs, marks and punctuation go.

    Takes time in proportion to the length. The last few are kept, for the test runs over one text several times.
    """
    plain = unicodedata.normalize("NFKC", read_plain(text).text).lower().translate(TONES)
    parts = [NO_SIGN.sub("", part) for part in SENTENCE_END.split(plain)]
    sentences = [number for number, part in enumerate(parts) for _ in part]
    folded = "".join(parts)
    return Folded(folded, to_near(folded), tuple(sentences))


@lru_cache(maxsize=KEPT)
def fold_hidden(text: str) -> str:
    """The same form, but with what hides a sign of a name and with the ends of sentences still there."""
    return BLANKS.sub("", unicodedata.normalize("NFKC", read_plain(text).text).lower())


def fold_name(name: str) -> str:
    """A name in the same form."""
    return fold(name).text


def to_near(words: str) -> str:
    """Each sign replaced by one that stands for its sound without tone; those that are taken for each other are one."""
    return words.translate(_near_table())


def name_sound(name: str) -> str:
    """A name in Latin letters, without tones: zhoujianhe."""
    return sound_of(name).replace(" ", "")


def find_all(text: str, words: str) -> list[int]:
    """Where words stand in a text, overlapping ones too."""
    places: list[int] = []
    at = text.find(words) if words else -1
    while at >= 0:
        places.append(at)
        at = text.find(words, at + 1)
    return places


@cache
def _near_table() -> dict[int, str]:
    readings = {sign: _blur(sound) for sign, sound in list_readings().items()}
    numbers = {sound: number for number, sound in enumerate(sorted(set(readings.values())))}
    return {ord(sign): chr(FIRST_PRIVATE + numbers[sound]) for sign, sound in readings.items()}


def _blur(sound: str) -> str:
    sound = HU.get(sound, sound)
    for long, short in STARTS:
        sound = sound.replace(long, short, 1) if sound.startswith(long) else sound
    sound = FRONTS.get(sound[:1], sound[:1]) + sound[1:]
    return sound[:-1] if sound.endswith("ng") and not sound.endswith("ong") else sound
