"""Posters (海报): one sheet for the wall of a home, whose code opens the talk with that home known already.

It names no officer and promises nothing; its words are those of the public page.
"""

import io
import json
from importlib.resources import files

import segno

from casework.documents import Typesetter
from casework.types import Role

TEMPLATE = "data/documents/poster.typ"
HANGERS = (Role.DISPATCHER, Role.SUPERVISOR, Role.OPERATOR)
"""Who prints them."""

QUIET_ZONE = 4
"""The white margin that a code needs to be read, in its own squares."""

ERROR_LEVEL = "q"
"""A quarter of the code may be torn or dirty."""

WORDS = {
    "title": "清风热线",
    "asks": "养老的事，都能跟我说",
    "how": "用手机扫一扫，说一说",
    "danger": "有危险，先打电话",
    "numbers": "急救120　火警119　报警110",
}
LINES = ("不留名字也行，不收钱。", "您的原话锁着，被说的人看不到。", "不会用手机，打12345，说“养老的事”。")


def make_address(public_url: str, home_code: str) -> str:
    """What the code on the poster says: the public page, with the home."""
    return f"{public_url.rstrip('/')}/?at={home_code}"


def draw_code(address: str) -> bytes:
    """The address as a code to scan, an SVG picture. Pure."""
    picture = io.BytesIO()
    segno.make(address, error=ERROR_LEVEL, micro=False).save(picture, kind="svg", border=QUIET_ZONE, scale=8)
    return picture.getvalue()


def to_poster(home: str, office: str, address: str, typesetter: Typesetter) -> bytes:
    """The poster of one home as PDF. Raises DocumentFault where it could not be set."""
    template = (files("casework") / TEMPLATE).read_bytes()
    fields = {**WORDS, "lines": LINES, "home": home, "office": office}
    inputs = {"poster": json.dumps(fields, ensure_ascii=False), "code": draw_code(address).decode()}
    return typesetter.set_sheet(template, inputs)
