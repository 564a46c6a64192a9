"""The conflict test: exact names, aliases, posts, units, operators, ties, and what follows from each."""

from typing import Any

import pytest

from casework.bodies import choose_body, find_outside_superior, is_desk_free
from casework.conflicts import Conflict, Mentions, find_blamed, find_bodies, find_conflicts, is_hit
from casework.postforms import find_title
from casework.roster import Roster, RosterBody, RosterInstitution, RosterOfficer
from casework.types import BodyKind, ExclusionReason, Role
from triage.types import InstitutionKind, PersonMention

PART: dict[str, Any] = {"internal": True, "part_of_code": "bureau", "superior_code": "bureau"}
BODIES = (
    RosterBody("up", BodyKind.CIVIL_AFFAIRS, "云梧市民政局"),
    RosterBody(
        "bureau", BodyKind.CIVIL_AFFAIRS, "望桐县民政局", ("县民政局", "民政局"), internal=True, superior_code="up"
    ),
    RosterBody("civil_affairs", BodyKind.CIVIL_AFFAIRS, "养老服务科", ("养老科",), **PART),
    RosterBody("assistance", BodyKind.ASSISTANCE, "社会救助科", **PART),
    RosterBody("hotline", BodyKind.CIVIL_AFFAIRS, "热线中心", **PART),
    RosterBody("discipline", BodyKind.DISCIPLINE, "望桐县纪委监委", ("县纪委",)),
    RosterBody("fire", BodyKind.FIRE, "望桐县消防救援大队", ("消防大队", "消防")),
    RosterBody("town-a", BodyKind.TOWNSHIP, "麦陇镇民政办", town_code="mailong", superior_code="bureau"),
    RosterBody("town-b", BodyKind.TOWNSHIP, "芦渚镇民政办", town_code="luzhu", superior_code="bureau"),
)
HEAD = RosterOfficer("head", "贺小满", "civil_affairs", "养老服务科科长", roles=frozenset({Role.HANDLER}))
CLERK = RosterOfficer("clerk", "柏一鸣", "civil_affairs", "养老服务科科员", roles=frozenset({Role.HANDLER}))
CHIEF = RosterOfficer("chief", "项云帆", "bureau", "局长", leads=True, roles=frozenset({Role.LEADER}))
DESK = RosterOfficer("desk", "周建禾", "hotline", "热线中心主任", roles=frozenset({Role.DISPATCHER}))
TOWN = RosterOfficer("town", "石敬亭", "town-a", "民政办主任", roles=frozenset({Role.TOWNSHIP}))
HOME = RosterInstitution(
    "home", "麦陇镇敬老院", ("麦陇敬老院",), "mailong", "麦陇镇人民政府", "崔广田", run_by_code="town-a"
)
PRIVATE = RosterInstitution("private", "芦渚颐年院", (), "luzhu", "芦渚颐年养老公司", "滕守业")
ROSTER = Roster(
    (HEAD, CLERK, CHIEF, DESK, TOWN), {body.code: body for body in BODIES}, {"home": HOME, "private": PRIVATE}
)


def hits(text: str, roster: Roster = ROSTER, **said: object) -> dict[str, Conflict]:
    """Whom the text hits, by officer id or body code."""
    found = find_conflicts(Mentions(text, **said), roster)  # type: ignore[arg-type]
    return {hit.officer_id or hit.body_code or "discipline leader": hit for hit in found}


def a_person(words: str, *, name: str | None = None, post: str | None = None, unit: str | None = None):
    return PersonMention(words, 0, len(words), name, post, unit)


def test_a_text_that_names_nobody_hits_nobody():
    assert hits("饭是馊的，吃了拉肚子。") == {}


def test_a_full_name_is_certain():
    hit = hits("这事柏一鸣知道。")["clerk"]
    assert (hit.reason, hit.certain, hit.phrase) == (ExclusionReason.NAMED, True, "柏一鸣")


def test_an_alias_hits_like_a_name():
    roster = Roster((RosterOfficer("x", "柏一鸣", "civil_affairs", aliases=("柏胖子",)),), ROSTER.bodies)
    assert hits("柏胖子来吃过饭。", roster)["x"].reason is ExclusionReason.NAMED


@pytest.mark.parametrize("words", ["养老服务科科长", "养老科科长", "养老服务科长", "养老科长"])
def test_a_post_with_its_unit_is_certain(words: str):
    hit = hits(f"{words}收了红包。")["head"]
    assert (hit.reason, hit.certain) == (ExclusionReason.POST_NAMED, True)


@pytest.mark.parametrize("words", ["贺科长", "贺副科长"])
def test_a_surname_with_a_post_is_uncertain_and_excludes_too(words: str):
    roster = Roster((RosterOfficer("x", "贺小满", "civil_affairs", "养老服务科副科长"),), ROSTER.bodies)
    hit = hits(f"{words}收了红包。", roster)["x"]
    assert hit.certain is False


def test_another_ones_surname_with_the_same_post_does_not_hit():
    assert "head" not in hits("刘科长收了红包。", persons=(a_person("刘科长", name="刘", post="科长"),))


def test_a_bare_post_of_the_house_is_uncertain():
    hit = hits("科长收了红包。", persons=(a_person("科长", post="科长"),))["head"]
    assert hit.certain is False


def test_who_serves_under_a_head_that_is_hit_is_kept_out_with_him():
    found = hits("贺小满收了红包。")
    assert found["civil_affairs"].reason is ExclusionReason.SUBORDINATE
    conflicts = tuple(found.values())
    assert is_hit(CLERK, conflicts, ROSTER)
    assert not is_hit(DESK, conflicts, ROSTER)


def test_a_clerk_that_is_hit_does_not_empty_his_section():
    conflicts = tuple(hits("柏一鸣态度不好。").values())
    assert not is_hit(HEAD, conflicts, ROSTER)


def test_a_leader_is_marked_as_leadership_by_name_and_by_post():
    assert hits("项云帆包庇。")["chief"].leadership
    assert hits("民政局局长包庇。")["chief"].leadership
    assert hits("民政局长包庇。")["chief"].certain


def test_a_leader_that_is_hit_does_not_shut_the_hotlines_own_desk():
    conflicts = tuple(hits("项云帆包庇。").values())
    assert not is_hit(DESK, conflicts, ROSTER)
    assert is_hit(CLERK, conflicts, ROSTER)


def test_a_section_complained_of_is_kept_out():
    found = hits("养老科推来推去。", unit="养老科", unit_kind=InstitutionKind.OFFICE)
    assert (found["civil_affairs"].reason, found["civil_affairs"].certain) == (ExclusionReason.UNIT_NAMED, True)


def test_a_unit_that_is_only_mentioned_is_kept_out_without_certainty():
    said: dict[str, Any] = {"unit": "麦陇镇敬老院", "unit_kind": InstitutionKind.HOME}
    hit = hits("我给消防大队打过电话，他们来看过。", **said)["fire"]
    assert (hit.reason, hit.certain, hit.phrase) == (ExclusionReason.UNIT_MENTIONED, False, "消防大队")


@pytest.mark.parametrize(
    "words", ["请消防大队来看看。", "希望县消防大队管一管。", "消防大队：\n敬老院的门锁着。", "消防通道堵了。"]
)
def test_a_unit_that_is_asked_for_help_or_written_to_is_not_kept_out(words: str):
    assert "fire" not in hits(words, unit="麦陇镇敬老院", unit_kind=InstitutionKind.HOME)


def test_the_bureau_as_a_whole_hits_its_sections_and_not_the_desk():
    found = hits("民政局没人接电话。", unit="民政局", unit_kind=InstitutionKind.OFFICE)
    assert {code: hit.certain for code, hit in found.items()} == {"civil_affairs": False, "assistance": False}
    assert is_desk_free(found.values(), ROSTER)


def test_a_town_office_is_certain_where_the_town_is_known_and_every_one_is_meant_where_not():
    known = hits("镇民政办不管。", unit="镇民政办", unit_kind=InstitutionKind.OFFICE, town_code="luzhu")
    assert set(known) == {"town-b"}
    assert known["town-b"].certain
    unknown = hits("镇民政办不管。", unit="镇民政办", unit_kind=InstitutionKind.OFFICE)
    assert {code: hit.certain for code, hit in unknown.items()} == {"town-a": False, "town-b": False}


def test_the_head_of_a_town_office_is_found_by_his_post_and_town():
    person = a_person("民政办主任", post="主任", unit="民政办")
    found = hits("民政办主任收礼。", persons=(person,), town_code="mailong")
    assert found["town"].reason is ExclusionReason.POST_NAMED
    assert found["town-a"].certain
    assert "desk" not in found


def test_who_runs_the_home_is_kept_out():
    found = hits("饭是馊的。", institution_code="home")
    assert found["town-a"].reason is ExclusionReason.OPERATES_INSTITUTION
    assert "town-b" not in found


def test_an_officer_who_heads_the_home_himself_is_kept_out():
    roster = Roster((RosterOfficer("x", "滕守业", "hotline"),), ROSTER.bodies, ROSTER.institutions)
    assert hits("饭是馊的。", roster, institution_code="private")["x"].reason is ExclusionReason.OPERATES_INSTITUTION


@pytest.mark.parametrize("tie", ["滕守业", "芦渚颐年养老公司", "芦渚颐年院"])
def test_a_declared_tie_to_the_home_its_owner_or_its_head_excludes(tie: str):
    roster = Roster((RosterOfficer("x", "周建禾", "hotline", ties=(tie,)),), ROSTER.bodies, ROSTER.institutions)
    assert hits("饭是馊的。", roster, institution_code="private")["x"].reason is ExclusionReason.DECLARED_TIE
    assert hits("饭是馊的。", roster, institution_code="home") == {
        "town-a": hits("饭是馊的。", institution_code="home")["town-a"]
    }


def test_a_relative_who_is_named_excludes_by_the_tie():
    roster = Roster((RosterOfficer("x", "周建禾", "hotline", ties=("周秋实",)),), ROSTER.bodies)
    assert hits("护工周秋实打人。", roster)["x"].reason is ExclusionReason.DECLARED_TIE


def test_a_discipline_matter_is_not_shown_to_the_office_of_the_place():
    assert hits("有人吃请。", institution_code="private", discipline=True)["town-b"].reason is ExclusionReason.OWN_PLACE
    assert hits("有人吃请。", institution_code="private") == {}


def test_a_leader_of_the_discipline_organ_is_marked_without_being_known():
    found = hits("县纪委书记包庇。", persons=(a_person("县纪委书记", post="书记", unit="县纪委"),))
    assert found["discipline leader"].discipline_leader
    assert not any(hit.discipline_leader for hit in hits("我要找纪委反映。").values())


def test_a_surer_reason_stands_in_place_of_a_weaker_one():
    assert hits("贺科长，就是贺小满，收钱。")["head"].certain


@pytest.mark.parametrize(
    ("post", "title"),
    [("养老服务科科长", "科长"), ("副局长", "副局长"), ("民政办主任", "主任"), ("科员", "科员"), ("护理员", "")],
)
def test_a_title_is_the_end_of_a_post(post: str, title: str):
    assert find_title(post) == title


def test_words_that_mean_no_body_find_none():
    assert find_bodies("村里", None, ROSTER) == ((), False)


def test_a_matter_goes_to_the_body_that_bears_its_kind():
    assert choose_body("civil_affairs", None, (), ROSTER) == "civil_affairs"
    assert choose_body("fire", None, (), ROSTER) == "fire"
    assert choose_body("township", "luzhu", (), ROSTER) == "town-b"
    assert choose_body("township", None, (), ROSTER) is None
    assert choose_body("housing", None, (), ROSTER) is None


def test_a_matter_about_the_section_goes_above_it():
    conflicts = tuple(hits("养老科推来推去。", unit="养老科", unit_kind=InstitutionKind.OFFICE).values())
    assert choose_body("civil_affairs", None, conflicts, ROSTER) == "bureau"


def test_a_matter_about_a_town_office_goes_to_the_bureau():
    conflicts = tuple(hits("饭是馊的。", institution_code="home").values())
    assert choose_body("township", "mailong", conflicts, ROSTER) == "bureau"


def test_where_the_whole_bureau_is_kept_out_the_superior_gets_it():
    whole = (Conflict(ExclusionReason.BY_HAND, certain=True, phrase="", body_code="bureau"),)
    assert choose_body("civil_affairs", None, whole, ROSTER) == "up"
    assert find_outside_superior(whole, ROSTER) == "up"
    assert not is_desk_free(whole, ROSTER)


def test_who_is_meant_without_certainty_is_kept_out_too():
    hit = hits("柏一明收了红包。")["clerk"]
    assert (hit.reason, hit.certain, hit.phrase) == (ExclusionReason.NAMED, False, "柏一明")


def test_a_leader_misheard_is_leadership_in_a_discipline_matter_alone():
    assert hits("项云凡收了红包。", discipline=True)["chief"].leadership
    assert not hits("项云凡来看过老人。")["chief"].leadership


def test_a_name_that_the_writer_gives_as_his_own_keeps_its_bearer_out_without_certainty():
    assert hits("我叫柏一鸣，饭是馊的。")["clerk"].certain
    assert not hits("我叫柏一鸣，饭是馊的。", own=("柏一鸣",))["clerk"].certain


def test_a_certain_hit_stays_certain_where_the_same_one_is_called_as_well():
    found = hits("贺小满收了红包，贺科就是这样。")
    assert found["head"].certain
    assert found["civil_affairs"].certain


def test_a_body_spoken_of_beside_a_home_is_kept_out_without_certainty():
    said: dict[str, Any] = {"unit": "芦渚颐年院", "unit_kind": InstitutionKind.HOME}
    hit = hits("颐年院乱收费，养老服务科来人吃了饭就走，和院长是一伙的。", **said)["civil_affairs"]
    assert (hit.reason, hit.certain) == (ExclusionReason.UNIT_MENTIONED, False)


def test_a_town_office_spoken_of_beside_a_home_is_the_one_of_the_town():
    found = hits("镇民政办的人来吃过饭。", town_code="luzhu", unit="芦渚颐年院", unit_kind=InstitutionKind.HOME)
    assert set(found) == {"town-b"}


def test_a_longer_label_hides_the_one_within_it():
    found = hits("云梧市民政局来看过。", unit="芦渚颐年院", unit_kind=InstitutionKind.HOME)
    assert set(found) == {"up"}


def test_the_hotlines_own_desk_and_the_discipline_organs_are_not_kept_out_for_being_mentioned():
    assert hits("我打过热线中心，也找过县纪委。", unit="芦渚颐年院", unit_kind=InstitutionKind.HOME) == {}


def test_a_colleagues_sentence_blames_or_only_tells_who_does_what():
    blamed = find_blamed("请贺小满核实。反映人说柏一鸣收了两条烟。", ROSTER)
    assert [(hit.officer_id, hit.certain) for hit in blamed] == [("clerk", False)]


CLUES = tuple(
    RosterOfficer(ident, name, "hotline", "密件员", roles=frozenset({Role.CLUE_OFFICER}))
    for ident, name in (("clue", "沈知棠"), ("clue2", "苗惠兰"))
)
STAFFED = Roster((*ROSTER.officers, *CLUES), ROSTER.bodies)


def kept_out(text: str, roster: Roster = STAFFED) -> set[str]:
    found = find_conflicts(Mentions(text, discipline=True), roster)
    return {each.id for each in CLUES if is_hit(each, found, roster)}


def test_a_word_for_the_role_never_takes_the_last_clue_officer_and_tells_those_who_stay():
    found = find_conflicts(Mentions("密件员把举报说出去了。", discipline=True), STAFFED)
    assert not any(is_hit(each, found, STAFFED) for each in CLUES)
    assert {(hit.spared_id, hit.phrase) for hit in found if hit.spared_id} == {("clue", "密件员"), ("clue2", "密件员")}


def test_the_one_whom_the_words_mean_in_person_goes_and_the_other_stays():
    assert kept_out("密件员沈知棠收了红包。") == {"clue"}
    assert kept_out("密件员沈知堂收了红包。") == {"clue"}


def test_clue_officers_who_are_all_named_are_all_kept_out():
    assert kept_out("密件员沈知棠和苗惠兰都收了红包。") == {"clue", "clue2"}


def test_the_role_of_a_head_in_their_own_section_does_not_take_them_with_him():
    head = RosterOfficer("shift", "孟怀川", "hotline", "热线中心副主任", roles=frozenset({Role.SUPERVISOR}))
    roster = Roster((*STAFFED.officers, head), ROSTER.bodies)
    found = find_conflicts(Mentions("热线负责人骂人。"), roster)
    assert is_hit(head, found, roster)
    assert is_hit(DESK, found, roster)
    assert kept_out("热线负责人骂人。", roster) == set()
