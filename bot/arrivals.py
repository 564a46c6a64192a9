"""What the way of a message demands: floods, edits, albums, messages out of order, and how often we may write back.

Pure; the front desk asks before and after it lets the dialogue move.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.channels import EventKind, Inbound, MessageKind
from bot.phrasing import compose
from bot.reading import Utterance
from bot.script import Script
from bot.telling import CHATS
from bot.types import Arrival, Reply, Talk, ToldLine
from bot.words import Intent

WINDOW = timedelta(hours=48)
"""So long after a person's message the vendor lets us write first."""

TAP_WINDOW, TAP_MESSAGES = timedelta(minutes=1), 3
"""After a tap of the menu, a scan, a follow; it never shortens what a message opened."""

FLOOD_SPAN, FLOOD = timedelta(minutes=1), 20
"""More messages than this in so long are kept without a word about each."""

TOLD_KEPT = 60
MOST_TOLD = 20_000
"""So many characters of a story are held in a talk; then it is filed, and what follows is added."""

CAPTIONED = frozenset({MessageKind.IMAGE, MessageKind.VOICE, MessageKind.VIDEO, MessageKind.FILE})
TAPS = frozenset({EventKind.FOLLOWED, EventKind.SCANNED, EventKind.MENU})


def arrive(before: Arrival, inbound: Inbound, *, quota: int, now: datetime) -> Arrival:
    """What this message changes, whatever it says: the window it opens, how many came in the last minute."""
    begins = before.burst_from is None or now - before.burst_from >= FLOOD_SPAN
    counted = replace(
        before,
        burst_from=now if begins else before.burst_from,
        burst=1 if begins else before.burst + 1,
        album=inbound.album or "",
    )
    if inbound.kind is not MessageKind.EVENT:
        return replace(counted, window_until=now + WINDOW, window_left=quota)
    until = now + TAP_WINDOW
    is_open = before.window_until is not None and before.window_until > until and before.window_left >= TAP_MESSAGES
    if inbound.event not in TAPS or is_open:
        return counted
    return replace(counted, window_until=until, window_left=min(quota, TAP_MESSAGES))


def is_flood(arrival: Arrival) -> bool:
    """Whether more came in this minute than a person types."""
    return arrival.burst > FLOOD


def may_be_kept_quietly(talk: Talk, inbound: Inbound, said: Utterance) -> bool:
    """Whether a message of a flood may join the story unanswered: words alone, no wish, no code, no danger."""
    plain = inbound.kind is MessageKind.TEXT and inbound.choice is None and not inbound.is_edit
    wishes = bool(said.intents) or said.danger is not None or said.code is not None
    return plain and said.tells and not wishes and not talk.is_filed and not talk.with_officer


def unfold(inbound: Inbound) -> tuple[Inbound, ...]:
    """A picture with words under it is two messages: the picture, then the words; a file too large is no message."""
    text = inbound.text.strip()
    if inbound.kind not in CAPTIONED:
        return (inbound,)
    words = (replace(inbound, kind=MessageKind.TEXT, media=()),) if text else ()
    file = () if inbound.too_large else (replace(inbound, text=""),)
    return file + words


def find_told(talk: Talk, inbound: Inbound) -> ToldLine | None:
    """What an edited message said before, where the talk still has it."""
    return next((line for line in talk.arrival.told if line.ref == inbound.ref), None) if inbound.is_edit else None


def take_back(talk: Talk, old: ToldLine) -> Talk:
    """The story without a line whose new version is about to be told."""
    lines = list(talk.lines)
    if old.text in lines:
        lines.remove(old.text)
    told = tuple(line for line in talk.arrival.told if line != old)
    return replace(talk, lines=tuple(lines), arrival=replace(talk.arrival, told=told))


def as_correction(said: Utterance) -> Utterance:
    """An edited message overrides what was understood of its first version."""
    return replace(said, intents=said.intents | {Intent.CORRECTION}, corrected=said.corrected or said.text)


def keep_order(before: Talk, after: Talk, inbound: Inbound, arrival: Arrival) -> Talk:
    """The talk with the new line where it was said, not where it arrived: an edited one in its old place.

    Which message told it, and when, is noted; once the words are shed nothing of this remains.
    """
    old = find_told(before, inbound)
    told = tuple(line for line in arrival.told if line != old) if after.lines else ()
    base = take_back(before, old).lines if old is not None else before.lines
    if len(after.lines) != len(base) + 1:
        return replace(after, arrival=replace(arrival, told=arrival.told if after.lines else ()))
    line = ToldLine(inbound.ref, inbound.sent_at, after.lines[-1])
    if old is not None and old.text in before.lines:
        place = before.lines.index(old.text)
    else:
        later = [each.text for each in told if _is_later(each, line) and each.text in base]
        place = min((base.index(text) for text in later), default=len(base))
    lines = (*base[:place], line.text, *base[place:])
    return replace(after, lines=lines, arrival=replace(arrival, told=(*told, line)[-TOLD_KEPT:]))


def _is_later(each: ToldLine, line: ToldLine) -> bool:
    return each.at is not None and line.at is not None and each.at > line.at


def is_overlong(talk: Talk) -> bool:
    """Whether a story has grown so long that it is filed at once."""
    return sum(len(line) for line in talk.lines) > MOST_TOLD


def quieten(reply: Reply, inbound: Inbound, *, before: Arrival, after: Arrival, script: Script) -> Reply:
    """The reply, unless it would be one of too many: the second picture of an album, the thirtieth line of a minute.

    Numbers to dial and a code are always said. A page is never left without a word.
    """
    if reply.numbers or reply.receipt_code:
        return reply
    chats = inbound.channel in CHATS
    if chats and inbound.album and inbound.album == before.album:
        return Reply()
    if not is_flood(after):
        return reply
    slowly = compose(script.say("slow_down"))
    return slowly if not chats or after.burst == FLOOD + 1 else Reply()
