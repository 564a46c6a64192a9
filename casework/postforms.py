"""How a post is written out: the title alone, with its unit, with the surname. Pure, and made once for a roster."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

TITLE = re.compile(r"副?(?:局|科|处|股|所|站|院|镇|乡|厅|部|队|组)长$|副?(?:主任|书记|经理|会计)$|科员$|干事$|专干$")
RANK = "副"


@dataclass(frozen=True, slots=True)
class PostForms:
    """One officer's post: the title, without 副 too; `full` name him for certain, `surnamed` do not."""

    title: str
    plain: str
    full: tuple[str, ...]
    surnamed: tuple[str, ...]


@lru_cache(maxsize=1024)
def find_title(post: str) -> str:
    """The title at the end of a post (养老服务科科长: 科长), empty where there is none."""
    found = TITLE.search(post)
    return found.group() if found else ""


def list_post_forms(name: str, post: str, labels: Iterable[str]) -> PostForms:
    """养老服务科科长, 养老服务科长: the labels of his unit with the title, and a post that names the unit; 贺科长."""
    title = find_title(post)
    if not title:
        return PostForms("", "", (), ())
    known = tuple(labels)
    full = [label + title for label in known]
    full += [label + title[1:] for label in known if label.endswith(title[0])]
    if len(post) > len(title):
        full.append(post)
    plain = title.removeprefix(RANK)
    surnamed = (name[:1] + title, name[:1] + plain)
    return PostForms(title, plain, tuple(dict.fromkeys(full)), tuple(dict.fromkeys(surnamed)))
