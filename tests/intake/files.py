"""Files as people and thieves send them: pictures with what a camera writes, recordings, papers, and liars."""

import io
import zipfile
from array import array
from math import sin, tau

import av
from PIL import Image

MAKER, PLACE = "ZhuyeCam of 芮秋禾", "118.20W of the old grain store"
AMR = b"#!AMR\n" + bytes([0x3C, *range(31)]) * 50
OGG = b"OggS" + bytes(24) + b"\x01vorbis" + bytes(200)
WEBM_SOUND = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm" + bytes(40) + b"A_OPUS" + bytes(400)
WEBM_FILM = WEBM_SOUND + b"V_VP8" + bytes(100)
MP4_FILM = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"hdlr" + bytes(8) + b"vide" + bytes(200)
MP4_SOUND = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"hdlr" + bytes(8) + b"soun" + bytes(200)
SILK = b"\x02#!SILK_V3" + bytes(200)
PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n"
EXE = b"MZ\x90\x00" + bytes(60) + b"This program cannot be run in DOS mode." + bytes(500)
PAGE = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
DRAWING = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def a_picture(
    size: tuple[int, int] = (640, 480),
    *,
    form: str = "JPEG",
    exif: bool = True,
    orientation: int = 1,
    left: tuple[int, int, int] = (200, 30, 30),
) -> bytes:
    """A picture, its left half of another colour, with everything that a camera tells about its owner."""
    picture = Image.new("RGB", size, (30, 90, 60))
    picture.paste(left, (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    if not exif:
        picture.save(out, form)
        return out.getvalue()
    told = Image.Exif()
    told[0x010F], told[0x0112], told[0x010E] = MAKER, orientation, PLACE
    told.get_ifd(0x8825)[1] = "N"
    picture.save(out, form, exif=told)
    return out.getvalue()


def spoken_amr(seconds: int = 1) -> bytes:
    """A real recording as WeChat sends it: a tone of 440 Hz."""
    out = io.BytesIO()
    tone = array("h", (int(9000 * sin(number / 8000 * tau * 440)) for number in range(8000 * seconds)))
    with av.open(out, "w", format="amr") as box:
        stream = box.add_stream("libopencore_amrnb", rate=8000)
        stream.codec_context.layout, stream.codec_context.format, stream.bit_rate = "mono", "s16", 12200
        for start in range(0, len(tone), 160):
            frame = av.AudioFrame(format="s16", layout="mono", samples=160)
            frame.sample_rate, frame.pts = 8000, start
            frame.planes[0].update(tone[start : start + 160].tobytes())
            box.mux(stream.encode(frame))
        box.mux(stream.encode(None))
    return out.getvalue()


def a_marked_picture(mark: str) -> bytes:
    """A picture whose metadata say `mark`, in its EXIF, in a comment, and behind its end."""
    picture, out, told = Image.new("RGB", (120, 80), (90, 60, 30)), io.BytesIO(), Image.Exif()
    told[0x010E] = mark
    picture.save(out, "JPEG", exif=told, comment=mark.encode())
    return out.getvalue() + mark.encode()


def a_marked_bitmap(mark: str) -> bytes:
    """A picture whose very pixels spell `mark`, row by row, as a bitmap stores them."""
    row = mark.encode().ljust(64, b"\x80")[:64]
    out = io.BytesIO()
    Image.frombytes("L", (64, 64), row * 64).save(out, "BMP")
    return out.getvalue()


def a_marked_voice(mark: str) -> bytes:
    """A recording whose sound spells `mark`."""
    return AMR + mark.encode() * 20


def a_document(*, folder: str = "word", more: dict[str, bytes] | None = None) -> bytes:
    """An office document, as far as anybody looks at it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {
            "[Content_Types].xml": b"<Types/>",
            f"{folder}/document.xml": b"<w/>",
            **(more or {}),
        }.items():
            archive.writestr(name, content)
    return out.getvalue()


def an_archive() -> bytes:
    """A bare zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("run.exe", EXE)
    return out.getvalue()


def a_bomb() -> bytes:
    """A document that unpacks to far more than it weighs."""
    return a_document(more={"word/media/zeros.bin": bytes(201 * 1024 * 1024)})


def a_picture_bomb() -> bytes:
    """A PNG of a few kilobytes that would need gigabytes: only its header is honest about it."""
    small = bytearray(a_picture((8, 8), form="PNG", exif=False))
    small[16:24] = (60_000).to_bytes(4, "big") * 2
    return bytes(small)
