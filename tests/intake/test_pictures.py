"""What staff see of a picture is its pixels alone."""

import io

import pytest
from PIL import Image

from casework.errors import InvalidField
from intake.pictures import LONGEST_SIDE, THUMBNAIL_SIDE, clean_picture
from tests.intake import files


def _open(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_nothing_that_a_camera_wrote_goes_over(form: str) -> None:
    original = files.a_picture(form=form)
    assert files.PLACE.encode() in original
    clean = clean_picture(original + b"<!-- hidden behind -->")
    for made in (clean.copy, clean.thumbnail):
        picture = _open(made)
        assert picture.format == "JPEG"
        assert dict(picture.getexif()) == {}
        assert not {"exif", "xmp", "icc_profile", "comment"} & set(picture.info)
        assert b"grain store" not in made
        assert b"hidden" not in made


def test_it_stands_as_it_was_held() -> None:
    turned = _open(clean_picture(files.a_picture((600, 400), orientation=6)).copy)
    assert turned.size == (400, 600)
    top, bottom = turned.getpixel((200, 20)), turned.getpixel((200, 580))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 150 > bottom[0]


def test_a_large_one_is_made_smaller_and_the_thumbnail_smaller_still() -> None:
    clean = clean_picture(files.a_picture((4000, 3000)))
    assert max(_open(clean.copy).size) == LONGEST_SIDE
    assert max(_open(clean.thumbnail).size) == THUMBNAIL_SIDE


def test_glass_stands_on_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(out, "PNG")
    assert _open(clean_picture(out.getvalue()).copy).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    "data",
    [
        files.a_picture_bomb(),
        files.a_picture()[:300],
        files.a_picture(form="PNG")[:200],
        b"\xff\xd8\xff\xe0 no picture",
    ],
    ids=["bomb", "cut jpeg", "cut png", "no picture"],
)
def test_a_bomb_and_a_broken_picture_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidField) as caught:
        clean_picture(data)
    assert (caught.value.field, caught.value.problem) == ("file", "broken_file")
