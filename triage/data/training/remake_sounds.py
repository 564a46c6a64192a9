"""Make the table of sounds anew: `python triage/data/training/remake_sounds.py`.

One line a syllable with the signs of GB 2312 that are read so; where a sign has several readings, the one it has in the
names of homes and towns.
"""

from collections import defaultdict
from pathlib import Path

from pypinyin import lazy_pinyin

TABLE = Path(__file__).parent.parent / "sounds.toml"
LEAD_BYTES, TRAIL_BYTES = range(0xB0, 0xF8), range(0xA1, 0xFF)
IN_NAMES = {"长": "chang", "重": "chong", "曾": "zeng", "都": "du"}
"""长寿, 重阳, 曾家镇, 都市: as names have it, not as the single sign is listed."""

HEAD = """# How signs are read, without tones: what names that only sound alike are compared by.
# Remade by: python triage/data/training/remake_sounds.py
"""


def list_signs() -> list[str]:
    """The signs of GB 2312, in its order; five places of it are empty."""
    cells = (bytes((lead, trail)).decode("gb2312", "ignore") for lead in LEAD_BYTES for trail in TRAIL_BYTES)
    return [sign for sign in cells if sign]


def main() -> None:
    """Write the table."""
    table: defaultdict[str, str] = defaultdict(str)
    for sign in list_signs():
        table[IN_NAMES.get(sign) or lazy_pinyin(sign)[0]] += sign
    lines = (f'{sound} = "{signs}"\n' for sound, signs in sorted(table.items()))
    TABLE.write_text(HEAD + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
