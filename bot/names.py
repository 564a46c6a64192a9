"""The writer's own name, as people give it; what only looks like one is none. Pure, on flattened words."""

import re
from functools import lru_cache

from intake.screening import RARE_SURNAMES
from triage.entities.names import load_names
from triage.types import Assessment, IdentifierKind

_ENDS_NAME = r"(?=$|[,。!;、.:]|电话|手机|联系|住|今年|1\d|0\d)"
_NEVER_CALLED = r"[啥什甭谁哪名他她它你您不没了过来去救护院医保大车天苦屈冤得警急孩儿女老人爹娘爸妈半几两三]|护工|院长"
_NOT_A_NAME = re.compile(
    r"[啥谁什么哪]|血压|血糖|[庄屯营洼镇村乡县市区院局所的人事楼]$|[打接用行好]$|^周[一二三四五六日末]|^(?:马上|白天|平时|常用|有空|高龄|常年|万一|方便|于是|时候|应该|安全|金额|全家|全部|都是)"
)


def own_name(assessment: Assessment | None) -> str | None:
    """The writer's own name, as triage found it."""
    if assessment is None:
        return None
    names = [found.text for found in assessment.identifiers if found.kind is IdentifierKind.REPORTER_NAME]
    return names[-1] if names else None


def is_no_name(words: str) -> bool:
    """Whether what looks like a name is a place, an illness, a turn of speech."""
    return bool(_NOT_A_NAME.search(words))


def find_name(flat: str) -> str | None:
    """The name that the writer gives as his own."""
    for pattern in name_patterns():
        hit = pattern.search(flat)
        if hit and not _NOT_A_NAME.search(hit.group(1)):
            return _complete(hit.group(1), flat)
    return None


def _complete(name: str, flat: str) -> str:
    """我姓卓,卓来喜: the whole name, where it stands beside the surname."""
    is_surname = len(name) == 1 or name in load_names().persons.compound_surnames
    whole = re.search(rf"[,。:](?:名?叫|我叫|大名)?({name}[一-龥]{{1,2}})(?=$|[,。!:])", flat) if is_surname else None
    return whole.group(1) if whole else name


_MORE_SURNAMES = (
    "水云凤花廉常傅元平萧狄计伏强危支经裘干宣贲洪诸钮羊於邴松井富乌巴弓牧山蓬仰秋伊暴戎祖束幸蓟薄印宿怀从索咸籍赖屠能苍双闻"
    "莘逄申扶堵冉郦雍郤璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东"
    "欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公亓闫岳仝鹿苑原麴鄢阳覃"
)
"""Surnames that triage leaves out, for most are words too; beside 我姓, 我叫 or a telephone number they are names."""


@lru_cache(maxsize=1)
def name_patterns() -> tuple[re.Pattern[str], ...]:
    """How people give their own name; every one begins with a surname that triage knows."""
    known = load_names().persons
    single = {name for name in known.surnames if len(name) == 1} | RARE_SURNAMES
    usual, surname = (
        rf"(?:{'|'.join(known.compound_surnames)}|[{''.join(sorted(signs))}])"
        for signs in (single, single | set(_MORE_SURNAMES))
    )
    full = rf"{surname}[一-龥]{{1,2}}"
    kin = "闺女|儿子|女儿|儿媳妇?|孙女|孙子|侄女|侄子|外甥女?|老伴|邻居|家属|妹妹|姐姐|弟弟|哥哥|村民|职工"
    labels = "大名|真名|名字|姓名|反映人|举报人|投诉人|来信人|联系人|落款|署名|具名"
    titles = (
        "大爷|大娘|大姐|大哥|师傅|老师|阿姨|大叔|叔|姐|哥|婶子?|"
        "大妈|大伯|伯|奶奶|爷爷|女士|先生|大?嫂子?|姨|老太太?|老汉|老头|大夫|医生"
    )
    return tuple(
        re.compile(pattern)
        for pattern in (
            rf"(?:我|俺|本人)(?:的?(?:大|真)?名字?)?(?:就)?(?:叫|名叫|:){{1,4}}({full}){_ENDS_NAME}",
            rf"(?:我|俺|本人)(?:的名字)?(?:就)?(?:叫|是){{1,2}}({usual}[一-龥]{{1,2}}){_ENDS_NAME}",
            rf"(?:^|[,。!:]|我的?|俺的?|本人)(?:{labels})(?:就)?(?:叫|是|写|:){{0,3}}({full}){_ENDS_NAME}",
            rf"(?:我|俺|本人)(?:是)?[一-龥]{{0,16}}?(?:{kin}),?(?:叫|我叫|名叫)?({full}){_ENDS_NAME}",
            rf"(?:我|俺|免贵|本人|鄙人|敝|^|[,。])(?:们)?家?姓({surname}|[一-龥](?=$|[,。!;:]))",
            rf"免贵({surname}){_ENDS_NAME}",
            rf"(?:我|俺)(?:名字)?叫(?!{_NEVER_CALLED})([一-龥]{{2,3}}){_ENDS_NAME}",
            rf"(?:我|俺)(?:就)?(?:是[一-龥]{{0,6}}?|(?=老))([老小]{surname}(?:头|家的?|太太|婆子)?){_ENDS_NAME}",
            rf"就?(?:说|写|当)是?([老小]{surname}|{full})(?:说的|反映的|报的|举报的)",
            rf"(?:^|[,。!])(?:我|俺)?({full})[,:](?:男|女)[,。]",
            rf"(?:^|[,。!])(?:我|俺|咱)?([老小]{surname})[,:]?(?:电话|手机|联系电话)?(?:是|:)?1[3-9]\d{{9}}",
            rf"本人({full}){_ENDS_NAME}",
            rf"(?:写|登记|记|署|留|落|签|报)(?:上|下|成)?(?:我|俺)?({full})(?:的名|[仨三两]个?字|这个名)",
            rf"(?:户口本?|身份证)上?(?:的?名字?)?(?:是|叫|写的)({full}){_ENDS_NAME}",
            rf"(?:^|[,。!])(?:我|俺)?({full})[,:]?(?:我)?是?(?:老人|他|她)的?(?:{kin}){_ENDS_NAME}",
            rf"(?:联系|找|打给|问)({full}|[老小]{surname}|{surname}(?:{titles}))[,:]?(?:电话|手机)?(?:是|:)?1[3-9]\d{{9}}",
            rf"1[3-9]\d{{9}}\(({full}|{surname}(?:{titles})?)\)",
            rf"(?:就)?(?:写|登记|记)(?:上|下)?({full})(?:吧|就行|就中|即可)",
            rf"(?:我|俺|本人)是[一-龥]{{2,8}}的({surname}[一-龥]{{2}}(?<![长员工人部记计师生友属户民者家的])){_ENDS_NAME}",
            rf"(?:^|[,。])(?:你|您|恁)?(?:就)?(?:叫|名叫|登记|写|记)(?:上|下|成)?({full}){_ENDS_NAME}",
            rf"(?:我|俺)是[一-龥]{{0,6}}?({surname})家(?:老[大二三四五六幺]|的|媳妇|闺女|儿子){_ENDS_NAME}",
            rf"(?:叫我|喊我|叫俺|我是|俺是)([老小大]{surname}|{surname}(?:{titles}))(?:就|吧|即|{_ENDS_NAME})",
            rf"1[3-9]\d{{9}}[,:]?({full}|{surname}(?:{titles}))(?=$|[,。!])",
            rf"1[3-9]\d{{9}},?(?:就)?(?:找|叫|问|喊|是)(?:姓)?([老小]{surname}|{surname}(?:{titles})?|{full})(?=的?$|的?[,。!]|就|吧)",
            rf"(?:^|[,。!:]|是)({surname}([一-龥])([一-龥])?)[,。!][一-龥]{{1,4}}的(?:\2|\3)(?=$|[,。!])",
            rf"(?:^|[,。!])(?:我|俺|本人)?({full})[,:]?(?:[男女][,:]?)?(?:电话|手机|联系电话)?(?:是|:)?1[3-9]\d{{9}}",
        )
    )
