"""An assessment as it rests in a row, and back again.

Every quoted piece is cut anew from the working text, so that nothing that was masked there survives in the verdict.
"""

from dataclasses import fields, is_dataclass, replace
from typing import Any

from pydantic import TypeAdapter

from triage.types import Assessment, Identifier, PersonMention

MASK = "▇"
_QUOTES = ("text", "phrase")
_ASSESSMENT = TypeAdapter(Assessment)


def pack_assessment(assessment: Assessment, working_text: str) -> dict[str, Any]:
    """The assessment as plain JSON values, with every quotation taken from the working text (equal in length)."""
    packed: dict[str, Any] = _ASSESSMENT.dump_python(_requote(assessment, working_text), mode="json")
    return packed


def unpack_assessment(verdict: dict[str, Any]) -> Assessment:
    """The value that `pack_assessment` stored."""
    return _ASSESSMENT.validate_python(verdict)


def list_phrases(assessment: Assessment) -> tuple[str, ...]:
    """The words that moved the verdict, for rules that ask for certain words."""
    scored = (evidence for category in assessment.categories for evidence in category.evidence)
    return tuple(evidence.phrase for evidence in (*scored, *assessment.urgency_evidence) if not evidence.excluded)


def _requote(value: Any, text: str) -> Any:
    if isinstance(value, tuple):
        return tuple(_requote(item, text) for item in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changes = {field.name: _requote(getattr(value, field.name), text) for field in fields(value)}
    start, end = changes.get("start"), changes.get("end")
    if isinstance(start, int) and isinstance(end, int):
        quoted = MASK * (end - start) if isinstance(value, Identifier) else text[start:end]
        changes |= {name: quoted for name in _QUOTES if name in changes}
        if isinstance(value, PersonMention) and MASK in quoted:
            changes["name"] = None
    return replace(value, **changes)
