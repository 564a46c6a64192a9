"""The sheet for the wall: one page, the home and the numbers readable, a code of its own for every home."""

from casework.posters import draw_code, make_address, to_poster
from tests.casework.papers import count_pages, read_text, squeeze, the_typesetter

ADDRESS = make_address("https://hotline.wangtong.invalid/", "mailong-jly")


def test_the_code_leads_to_the_public_page_with_the_home():
    assert ADDRESS == "https://hotline.wangtong.invalid/?at=mailong-jly"
    assert draw_code(ADDRESS).startswith(b"<?xml")
    assert draw_code(ADDRESS) != draw_code(make_address("https://hotline.wangtong.invalid", "nanxing-jly"))


def test_the_poster_is_one_page_that_says_whom_to_call():
    made = to_poster("麦陇镇敬老院", "望桐县民政局", ADDRESS, the_typesetter())
    said = squeeze(read_text(made))
    assert count_pages(made) == 1
    assert all(word in said for word in ("麦陇镇敬老院", "望桐县民政局", "12345", "120", "119", "110", "不留名字也行"))


def test_the_same_home_gives_the_same_sheet():
    sheets = {to_poster("麦陇镇敬老院", "望桐县民政局", ADDRESS, the_typesetter()) for _ in range(2)}
    assert len(sheets) == 1


def test_a_name_that_looks_like_markup_is_only_text():
    made = to_poster("#panic()[院]*$", "望桐县民政局", ADDRESS, the_typesetter())
    assert "#panic()[院]*$" in squeeze(read_text(made))
