"""How an answer is put together: numbers first, then short sentences, then at most one question with its choices."""

from dataclasses import replace

from bot.script import Question, Script
from bot.spots import is_spot, is_vague
from bot.types import Choice, ContactWay, Fact, HelpNumber, Reply, Talk
from intake.codes import format_code

UNTOLD = frozenset({"inquiry", "out_of_scope"})
"""No matter that could be named beside his words."""

CLIP = 20
"""So many of the writer's own characters are read back at once."""

_HEARD_SHOWN = 120
_NOTED_SHOWN = 25
"""With what stands around them these make one sentence of thirty characters."""


def compose(
    *lines: tuple[str, ...],
    question: Question | None = None,
    numbers: tuple[HelpNumber, ...] = (),
    code: str | None = None,
    fields: dict[str, str] | None = None,
) -> Reply:
    """A reply of these sentences; its `text` is what a chat shows."""
    said = tuple(line for group in lines for line in group)
    ask = question.ask.format(**(fields or {})) if question else ""
    choices = question.choices if question else ()
    reply = Reply(lines=said, question=ask, choices=choices, receipt_code=code, numbers=numbers)
    return replace(reply, text=render(reply))


def vary(reply: Reply, script: Script, told: int) -> Reply:
    """The reply with another short word each time instead of the same one; none where a question follows it."""
    parrot = script.say("heard_more")
    if not set(parrot) & set(reply.lines):
        return reply
    rest = tuple(line for line in reply.lines if line not in parrot)
    word = () if rest or reply.question else script.say(f"listening_{'abc'[told % 3]}")
    varied = replace(reply, lines=rest + word)
    return replace(varied, text=render(varied))


def render(reply: Reply) -> str:
    """The whole answer as plain text: one sentence a line, choices numbered."""
    parts = [f"{number.label} {number.number}" for number in reply.numbers]
    parts += reply.lines
    if reply.receipt_code:
        parts.append(format_code(reply.receipt_code))
    if reply.question:
        parts.append(reply.question)
    parts += [f"{position} {choice.label}" for position, choice in enumerate(reply.choices, 1)]
    return "\n".join(parts)


def join(first: Reply, second: Reply) -> Reply:
    """Two replies in one turn; only the second may ask."""
    merged = Reply(
        lines=first.lines + second.lines,
        question=second.question,
        choices=second.choices,
        receipt_code=first.receipt_code or second.receipt_code,
        numbers=first.numbers or second.numbers,
    )
    return replace(merged, text=render(merged))


def tell_heard(reply: Reply, words: str, script: Script) -> Reply:
    """The reply to words that a machine wrote down: numbers to dial first, then what was heard, then the answer."""
    shown = words if len(words) <= _HEARD_SHOWN else words[:_HEARD_SHOWN] + "……"
    told = compose(script.say("voice_heard", words=shown), numbers=reply.numbers)
    return join(told, reply)


def list_facts(talk: Talk, script: Script) -> tuple[Fact, ...]:
    """The card that is read back: where, what, when, how to reach."""
    words = script.facts
    where = _where(talk)
    values = {
        "place": where or words["unknown"],
        "matter": _matter(talk, script),
        "when": talk.when or words["unknown"],
        "contact": _contact(talk, script),
    }
    return tuple(Fact(field, words[field], value) for field, value in values.items())


def _where(talk: Talk) -> str:
    """Town before home before spot, each said once."""
    home, place = talk.institution or talk.scene or "", talk.place or ""
    if not place or place in home:
        return home
    if not home or is_spot(place):
        return home + place
    return f"{place}，{home}" if is_vague(home) else f"{home}，{place}"


def sum_up(talk: Talk, script: Script) -> str:
    """What is noted so far in a few words: where and what kind of matter, else the last words he told; "" before the
    first.
    """
    if not talk.lines:
        return ""
    plain = script.matters.get(talk.category or "", "") if talk.is_complaint else ""
    matter = plain if plain and plain != script.matters["out_of_scope"] else _clip(talk.lines[-1].strip("，。 "))
    where = _where(talk)
    both = f"{where}，{matter}" if where else matter
    return both if len(both) <= _NOTED_SHOWN else matter[:_NOTED_SHOWN]


def read_back(talk: Talk, script: Script) -> tuple[str, ...]:
    """The card as sentences; what wasn't told isn't read."""
    unknown = script.facts["unknown"]
    return tuple(f"{fact.label}：{fact.value}" for fact in list_facts(talk, script) if fact.value != unknown)


def _matter(talk: Talk, script: Script) -> str:
    told = talk.matter or "，".join(line.strip("，。 ") for line in talk.lines)
    words = _clip(told)
    plain = script.matters.get(talk.category or "", "")
    return f"{words}（{plain}）" if plain and talk.category not in UNTOLD else words


def _clip(told: str) -> str:
    """The first words of the story, cut where he drew breath."""
    if len(told) <= CLIP:
        return told
    breath = max(told.rfind(sign, 0, CLIP) for sign in "，。！？,;； ")
    return told[: breath if breath > CLIP // 2 else CLIP] + "…"


def _contact(talk: Talk, script: Script) -> str:
    words = script.facts
    if talk.contact is ContactWay.HERE:
        return words["contact_here"]
    name = talk.name or (words["contact_named"] if talk.anonymous is False else "")
    reach = "，".join(part for part in (name, talk.phone, talk.safe_time) if part)
    if talk.phone and talk.anonymous:
        return f"{words['contact_no_name']}，{talk.phone}"
    if reach:
        return reach
    said = talk.anonymous or talk.contact is ContactWay.NONE
    return words["contact_none"] if said else words["contact_unsaid"]


def number_choices(choices: tuple[Choice, ...], number: int) -> str | None:
    """The id of the choice with this number, counted from one."""
    return choices[number - 1].id if 1 <= number <= len(choices) else None
