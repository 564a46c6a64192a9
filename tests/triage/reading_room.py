"""What the triage tests share: one context for all, since building it is the slow part."""

from functools import cache

from triage.assessment import assess
from triage.context import Context, build_context
from triage.types import Assessment


@cache
def a_context() -> Context:
    """The shipped context without a directory."""
    return build_context()


def said_of(text: str) -> Assessment:
    """What triage says of a text."""
    return assess(text, a_context())
