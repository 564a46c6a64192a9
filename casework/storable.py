"""What a person types, as every database and every encoder can hold it: one letter for each, so that places agree.

A NUL and half of a surrogate pair come out of broken clients and of people who try what happens; neither may keep a
report from being stored.
"""

import re

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def make_storable(text: str) -> str:
    """The text with U+FFFD for whatever can't be stored; halves that stand together become the letter they make."""
    if _UNSTORABLE.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "\ufffd")
