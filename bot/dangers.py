"""Which danger a message tells of: by its own words, or where triage sees a life in danger and the words say which.

Pure. The words of danger themselves stand in perils.toml.
"""

import re
from collections.abc import Mapping

from bot.flat import flatten
from bot.patterns import Patterns, find_any
from bot.perils import Perils, find_peril
from casework.types import Danger

DANGER_OF = {"fire_hazard": Danger.FIRE, "health_safety": Danger.MEDICAL, "elder_abuse": Danger.VIOLENCE}
"""Which number comes first where triage sees a life in danger and the words name no danger of their own."""


def find_danger(flat: str, perils: Perils) -> Danger | None:
    """Danger that is there now by its own words; a sentence that speaks of the past or of fear doesn't count."""
    presses = find_any(perils.plain.urgent, flat)
    clauses = (part for part in re.split(r"[。?;\n]", flat) if not find_any(perils.plain.past, part))
    found = {
        _match_danger(clause, perils.plain.now) or (_match_danger(clause, perils.plain.maybe) if presses else None)
        for clause in clauses
    }
    return next((danger for danger in perils.plain.now if danger in found), None)


def _match_danger(clause: str, kinds: Mapping[Danger, Patterns]) -> Danger | None:
    hits = (danger for danger, patterns in kinds.items() if find_any(patterns, clause))
    return next(hits, None)


def name_danger(text: str, perils: Perils) -> Danger | None:
    """Which danger it is, where triage sees a life in danger.

    None where the text says that it is over, and where it names no danger and nothing presses: for these there is
    `suspect_danger`.
    """
    flat = flatten(text)
    presses = find_any(perils.plain.urgent, flat)
    if not presses and find_any(perils.plain.past, flat):
        return None
    named = _match_danger(flat, perils.plain.now) or _match_danger(flat, perils.plain.maybe)
    alarm = find_peril(text, perils, trusted=True)
    return named or (alarm.danger if alarm else Danger.OTHER if presses else None)


def suspect_danger(text: str, perils: Perils, category: str) -> Danger | None:
    """Which number comes first where triage alone sees a life in danger: by the category; None where it is over.

    Nobody is sent to the telephone over an old story, and nothing is filed over his head; but whoever stands beside it
    now has the number before anything else is asked.
    """
    flat = flatten(text)
    past = find_any(perils.plain.past, flat)
    return None if past else DANGER_OF.get(category, Danger.OTHER)
