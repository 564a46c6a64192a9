"""To whom a clue belongs, and what a bare accusation still lacks."""

from typing import Any

import pytest

from casework.clues import Level, is_bare, list_gaps, load_questions, propose_receiver
from casework.conflicts import Conflict
from casework.roster import Roster, RosterBody, RosterOfficer
from casework.types import BodyKind, ExclusionReason
from tests.casework.people import an_assessment

BODIES = {
    body.code: body
    for body in (
        RosterBody("bureau", BodyKind.CIVIL_AFFAIRS, "望桐县民政局", internal=True),
        RosterBody("care", BodyKind.CIVIL_AFFAIRS, "养老服务科", part_of_code="bureau", internal=True),
        RosterBody("town", BodyKind.TOWNSHIP, "麦陇镇民政办", town_code="mailong"),
        RosterBody("discipline", BodyKind.DISCIPLINE, "望桐县纪委监委", superior_code="discipline_up"),
        RosterBody("discipline_up", BodyKind.DISCIPLINE, "云梧市纪委监委"),
        RosterBody("stationed", BodyKind.DISCIPLINE, "派驻组", superior_code="discipline"),
    )
}
OFFICERS = (RosterOfficer("head", "廖培元", "care", "科长"), RosterOfficer("deputy", "阮承岳", "bureau", leads=True))
ROSTER = Roster(OFFICERS, BODIES)
NAMED = ExclusionReason.NAMED


def a_hit(**more: Any) -> Conflict:
    said: dict[str, Any] = {"reason": NAMED, "certain": True, "phrase": "某人", **more}
    return Conflict(**said)


@pytest.mark.parametrize(
    ("hits", "body", "level"),
    [
        ((), "discipline", Level.OTHERS),
        ((a_hit(body_code="town", reason=ExclusionReason.UNIT_NAMED),), "discipline", Level.OTHERS),
        ((a_hit(officer_id="head"),), "stationed", Level.OWN_HOUSE),
        ((a_hit(officer_id="deputy", leadership=True),), "discipline", Level.LEADERSHIP),
        ((a_hit(officer_id="head"), a_hit(officer_id="deputy", leadership=True)), "discipline", Level.LEADERSHIP),
        ((a_hit(discipline_leader=True),), "discipline_up", Level.DISCIPLINE),
        ((a_hit(body_code="stationed", reason=ExclusionReason.UNIT_NAMED),), "discipline_up", Level.DISCIPLINE),
        ((a_hit(body_code="care", reason=ExclusionReason.SUBORDINATE),), "discipline", Level.OTHERS),
    ],
)
def test_the_receiver_follows_from_who_is_complained_of(hits, body, level) -> None:
    proposal = propose_receiver(hits, ROSTER)
    assert proposal is not None
    assert (proposal.body_code, proposal.level) == (body, level)


def test_without_a_stationed_group_the_county_takes_the_house_too() -> None:
    bodies = {code: body for code, body in BODIES.items() if code != "stationed"}
    proposal = propose_receiver([a_hit(officer_id="head")], Roster(OFFICERS, bodies))
    assert proposal is not None
    assert proposal.body_code == "discipline"


def test_an_office_without_a_discipline_organ_gets_no_proposal() -> None:
    assert propose_receiver([], Roster()) is None


def test_a_bare_accusation_is_asked_about_what_it_lacks() -> None:
    said = an_assessment(home=None)
    assert is_bare(said)
    assert list_gaps(said) == ("when", "where", "who", "how_much", "how_known")
    full = an_assessment(who=True, what=True)
    assert not is_bare(full)
    assert list_gaps(full) == ("when", "how_much", "how_known")


def test_the_questions_are_short_polite_and_cover_every_gap() -> None:
    ready = load_questions()
    assert {each.code for each in ready.questions} == {"when", "where", "who", "how_much", "how_known"}
    for sentence in (part for each in (ready.intro, ready.outro) for part in each.split("。")):
        assert len(sentence) <= 30
    assert all(len(each.text) <= 30 and each.text.endswith(("？", "。")) for each in ready.questions)
    whole = ready.intro + ready.outro + "".join(each.text for each in ready.questions)
    assert not {word for word in ("受理", "诉求", "提交", "系统", "用户", "证明") if word in whole}
