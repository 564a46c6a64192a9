"""Which fonts a paper is set in, and saying so when they are not the ones the standard names.

GB/T 9704 names 小标宋, 仿宋, 楷体 and 黑体, which may not be redistributed: the office's own folder comes first,
then the system's free Song and Kai, then the packaged Chinese font.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

BOLD = 700
REGULAR = 400
PACKAGED = ("Noto Sans CJK SC",)
FREE_SONG = ("Noto Serif CJK SC", "Source Han Serif SC", "AR PL UMing CN", "AR PL UMing")


class FontRole(StrEnum):
    """What a font is used for."""

    MARK = "mark"
    BODY = "body"
    KAI = "kai"
    HEI = "hei"
    SONG = "song"


@dataclass(frozen=True, slots=True)
class RoleFonts:
    """The names under which a role's own font is known, and what stands in for it, best first."""

    standard: str
    own: tuple[str, ...]
    instead: tuple[str, ...]
    weight_instead: int = REGULAR


ROLES = {
    FontRole.MARK: RoleFonts(
        "方正小标宋",
        ("方正小标宋_GBK", "方正小标宋简体", "FZXiaoBiaoSong-B05", "FZXiaoBiaoSong-B05S", "小标宋体"),
        (*FREE_SONG, *PACKAGED),
        BOLD,
    ),
    FontRole.BODY: RoleFonts(
        "仿宋_GB2312",
        ("仿宋_GB2312", "FangSong_GB2312", "仿宋", "FangSong", "STFangsong", "方正仿宋_GBK", "FZFangSong-Z02"),
        (*FREE_SONG, *PACKAGED),
    ),
    FontRole.KAI: RoleFonts(
        "楷体_GB2312",
        ("楷体_GB2312", "KaiTi_GB2312", "楷体", "KaiTi", "STKaiti", "方正楷体_GBK"),
        ("AR PL UKai", "AR PL UKai CN", "AR PL KaitiM GB", *FREE_SONG, *PACKAGED),
    ),
    FontRole.HEI: RoleFonts("黑体", ("黑体", "SimHei", "STHeiti", "方正黑体_GBK"), PACKAGED, BOLD),
    FontRole.SONG: RoleFonts("宋体", ("宋体", "SimSun", "STSong", "方正书宋_GBK"), (*FREE_SONG, *PACKAGED)),
}


class MissingFonts(RuntimeError):  # named for what is missing
    """No Chinese font at all can be found, so that no paper can be set."""


@dataclass(frozen=True, slots=True)
class ChosenFont:
    """The families of one role, best first: the later ones serve only characters that the first lacks."""

    families: tuple[str, ...]
    weight: int
    standard: bool


@dataclass(frozen=True, slots=True)
class FontChoice:
    """The fonts of every role, and one sentence for the draft about those that stand in for others."""

    roles: dict[FontRole, ChosenFont]
    note: str


def choose_fonts(families: Collection[str]) -> FontChoice:
    """Pick for every role the best of the families at hand (pure).

    Raises MissingFonts where not one family of a role's list is there.
    """
    roles = {role: _choose(role, frozenset(families)) for role in FontRole}
    return FontChoice(roles=roles, note=_describe(roles))


def _choose(role: FontRole, families: frozenset[str]) -> ChosenFont:
    wanted = ROLES[role]
    own = tuple(name for name in wanted.own if name in families)
    instead = tuple(name for name in wanted.instead if name in families)
    if not own and not instead:
        raise MissingFonts(role.value)
    return ChosenFont(
        families=(*own[:1], *instead), weight=REGULAR if own else wanted.weight_instead, standard=bool(own)
    )


def _describe(roles: dict[FontRole, ChosenFont]) -> str:
    shown = (FontRole.MARK, FontRole.BODY, FontRole.KAI, FontRole.HEI)
    missing = [role for role in shown if not roles[role].standard]
    if not missing:
        return ""
    names = "、".join(ROLES[role].standard for role in missing)
    used = "、".join(dict.fromkeys(roles[role].families[0] for role in missing))
    return f"本机没有{names}，暂用{used}"
