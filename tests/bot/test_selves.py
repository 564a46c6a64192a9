"""What somebody says of himself, in many voices: unnamed, by name, by a number; and what only looks like it."""

import tomllib
from pathlib import Path

import pytest

from bot.channels import Inbound, MessageKind
from bot.dialogue import advance
from bot.doing import draft_report
from bot.frontdesk import FrontDesk, hear, read
from bot.phrasing import list_facts
from bot.reading import Utterance, read_utterance
from bot.types import Act, Stage, Step, Talk
from bot.words import Intent, load_words
from casework.types import Channel
from intake.types import IntakeDesk
from tests.bot.desk import a_front_desk, an_intake
from tests.casework.people import NOW
from triage.assessment import assess
from triage.context import build_context

ROWS = tomllib.loads((Path(__file__).parent / "selves.toml").read_text(encoding="utf-8"))
Row = tuple[str, str, str, str, bool]
STORY = "福康老年公寓的护工打老人"
UNNAMED = {True: "yes", False: "no", None: ""}
FLOORS = {"seen": 1.0, "held": 0.85}


def at(where: str) -> Talk:
    """The talk in which a sentence is said."""
    if where == "first":
        return Talk()
    told = Talk(lines=(STORY,), matter=STORY, institution="福康老年公寓", category="elder_abuse", is_complaint=True)
    if where == "filed":
        return Talk(stage=Stage.FILED, is_complaint=True, category="elder_abuse", case_id="case", receipt_id="receipt")
    return Talk(
        lines=told.lines,
        matter=STORY,
        institution=told.institution,
        category=told.category,
        is_complaint=True,
        stage=Stage.ASKING_CONTACT,
        question="contact",
        asked=("contact",),
    )


def step_of(desk: FrontDesk, where: str, said: str) -> Step:
    """The next step of a talk in which this is said."""
    inbound = Inbound(Channel.WEB, "", "somebody", "1", MessageKind.TEXT, NOW, text=said)
    talk = at(where)
    reading = read(desk, talk, inbound, hear(inbound, desk=desk), NOW)
    return advance(talk, inbound, reading=reading, script=desk.script, now=NOW)


def heard(desk: FrontDesk, row: Row) -> tuple[str, str, bool]:
    """Unnamed or not, the number, whether a person is called."""
    step = step_of(desk, row[0], row[1])
    return UNNAMED[step.talk.anonymous], step.talk.phone, any(each.act is Act.HAND_OVER for each in step.effects)


@pytest.fixture(scope="module")
def desk() -> FrontDesk:
    """The desk with the whole of triage behind it, for triage knows names."""
    context = build_context()
    intake = an_intake()
    return a_front_desk(
        IntakeDesk(
            contexts=lambda: context, office=intake.office, secrets=intake.secrets, keys=intake.keys, assess=assess
        )
    )


@pytest.mark.parametrize("half", FLOORS)
def test_what_somebody_says_of_himself_is_heard(desk: FrontDesk, half: str) -> None:
    wrong = [(row[1], heard(desk, row)) for row in ROWS[half] if heard(desk, row) != tuple(row[2:])]
    assert 1 - len(wrong) / len(ROWS[half]) >= FLOORS[half], wrong


def marks(said: Utterance) -> str:
    """What a sentence says: A unnamed, R by name, P a number, H a person is called."""
    named = said.wants(Intent.REAL_NAME) or (said.name and not said.wants(Intent.ANONYMOUS))
    called = said.wants(Intent.HUMAN, Intent.WHO_REPORTED, Intent.LOST_CODE)
    found = {"A": said.wants(Intent.ANONYMOUS), "R": named, "P": said.phone, "H": called}
    return "".join(mark for mark, is_there in found.items() if is_there)


@pytest.mark.parametrize("order", ["帮俺记上", "行，替我报上去", "记上吧", "就登记吧"])
def test_an_order_to_file_agrees_to_no_number_and_to_no_name(desk: FrontDesk, order: str) -> None:
    step = step_of(desk, "contact", order)
    assert [effect.act for effect in step.effects] == [Act.FILE]
    assert (step.talk.anonymous, step.talk.contact, step.talk.name) == (None, None, "")


@pytest.mark.parametrize(
    ("said", "shown"),
    [("登记吧，别忘了", "没说，就当不留名"), ("把我名字登上", "可以留名"), ("匿", "不留名字，不留电话")],
)
def test_the_card_says_of_the_name_what_is_kept(desk: FrontDesk, said: str, shown: str) -> None:
    talk = step_of(desk, "contact", said).talk
    card = {fact.field: fact.value for fact in list_facts(talk, desk.script)}
    assert card["contact"] == shown
    assert draft_report(talk, NOW).anonymous == {"没说，就当不留名": None, "可以留名": False}.get(shown, True)


@pytest.mark.parametrize("mark", ROWS["heard"])
def test_a_sentence_alone_says_it(mark: str) -> None:
    words = load_words()
    heard = {said: marks(read_utterance(said, words)) for said in ROWS["heard"][mark]}
    assert {said: got for said, got in heard.items() if got != mark.replace("none", "")} == {}
