"""Whatever a person may write: triage answers every string, masking keeps every place, half a character included."""

from functools import cache

from casework.clock import local_date
from intake.screening import mask_text
from tests.casework.people import NOW
from triage.assessment import assess
from triage.context import Context, build_context

SEEDS = tuple(
    text.encode()
    for text in (
        "麦陇镇敬老院的护工打人，老人身上有伤，电话15412345678",
        "副镇长收了院长两万块购物卡，我叫芮秋禾，住柳行巷7号",
        "消防通道锁着，着火了怎么办！！！",
        "身份证 110101199001011234 卡号 6222 0200 0000 0000 000",
        "昨天，前天，上个月三号，二〇二六年十月一日 25:61",
        "",
    )
)


@cache
def _context() -> Context:
    return build_context().with_received(local_date(NOW), "web")


def feed(data: bytes) -> None:
    """Every offset lies in the text, every word of evidence stands where it is said to stand."""
    text = data.decode("utf-8", "surrogateescape")
    said = assess(text, _context())
    for category in said.categories:
        for each in category.evidence:
            assert 0 <= each.start <= each.end <= len(text)
    masked = mask_text(text, said.identifiers)
    assert len(masked) == len(text)
    assert all(was == now or now == "▇" for was, now in zip(text, masked, strict=True))
