"""A third person's consent on the pages: nobody is pushed to let in the one complained of; one alone can hand on."""

from casework.models.people import Officer
from casework.sealing import list_allowed
from tests.api.houses import CLUE, LEADER, OTHER_CLUE, Person
from tests.api.test_console_exclusions import CONSENTS, SEALED, WHY
from tests.api.visitors import Clerk, Doors

DOUBTED = "沈知堂收了麦陇镇敬老院院长崔广田两万块红包，帮着压案子。"


def inside(doors: Doors, case_id: str) -> list[str]:
    with doors.home.house.store.read() as session:
        return [officer.name for officer in list_allowed(session, case_id)]


def an_open_room(doors: Doors, person: Person) -> Clerk:
    clerk = doors.sign_in(person)
    clerk.unlock()
    return clerk


def consent(doors: Doors) -> str:
    """The leader agrees to the one thing he was asked; what he read."""
    leader = doors.sign_in(LEADER)
    page = leader.get(CONSENTS)
    (path,) = (action for action in page.actions if action.startswith(f"{CONSENTS}/"))
    assert "同意了" in leader.act(path, {"decision": "agree"}).text
    return page.text


def test_the_page_proposes_nobody_whom_the_words_may_mean_and_one_alone_lets_him_in_by_no_form(
    one_doors: Doors,
) -> None:
    filed = one_doors.report(DOUBTED)
    here = f"/console/sealed/{filed.case_id}"
    clerk = an_open_room(one_doors, OTHER_CLUE)
    page = clerk.get(here)
    assert "只有您一位打得开" in page.text
    assert "请先让另一位密件员也看" not in page.text
    assert f"{here}/let-in" not in page.actions
    ident = page.form(f"{here}/ask-letting-in")["officer"]
    assert "一个人不能放他进来" in clerk.act(f"{here}/let-in", {"officer": ident}).text
    assert inside(one_doors, filed.case_id) == [OTHER_CLUE.name]
    asked = clerk.act(f"{here}/ask-letting-in", {"officer": ident})
    assert "等第三个人同意" in asked.text
    read = consent(one_doors)
    assert "让一位同事也看一件" in read
    for secret in (CLUE.name, OTHER_CLUE.name, "崔广田", filed.number, filed.case_id):
        assert secret not in read
    assert f"{here}/let-in" in clerk.get(here).actions
    assert "他看得到这件了" in clerk.act(f"{here}/let-in", {"officer": ident}).text
    assert sorted(inside(one_doors, filed.case_id)) == sorted([CLUE.name, OTHER_CLUE.name])


def test_one_left_alone_hands_the_case_on_with_a_leader_who_reads_no_content(one_doors: Doors) -> None:
    filed = one_doors.report(SEALED)
    here = f"/console/sealed/{filed.case_id}"
    first, second = an_open_room(one_doors, CLUE), an_open_room(one_doors, OTHER_CLUE)
    second.act(f"{here}/kept-out", {"why": WHY})
    page = first.get(here)
    assert f"{here}/refer" not in page.actions
    assert "他只看到标记和送哪一级，看不到内容" in page.text
    asked = first.act(f"{here}/ask-handing-on", {"body": "discipline"})
    assert "七天内等第三个人同意" in asked.text
    assert "等领导同意" in first.get(here).text
    read = consent(one_doors)
    assert "移送县里的纪检监察机关" in read
    for secret in ("鲁守田", CLUE.name, OTHER_CLUE.name, filed.number, filed.case_id, "购物卡"):
        assert secret not in read
    assert f"{here}/refer" in first.get(here).actions
    letter = first.act(f"{here}/refer", {"body": "discipline"})
    assert "局领导同意移送一次，由您签发" in letter.text
    assert f"{letter.path}/issue" in letter.actions
    assert first.act(f"{here}/answer", {"text": "您说的是哪天？"}).status == 409


def test_whoever_writes_it_by_hand_gets_the_wording_of_what_is_wrong(one_doors: Doors) -> None:
    filed = one_doors.report(SEALED)
    here = f"/console/sealed/{filed.case_id}"
    clerk = an_open_room(one_doors, CLUE)
    assert clerk.act(f"{here}/ask-handing-on", {"body": "discipline"}).status == 422
    with one_doors.home.house.store.read() as session:
        ident = session.query(Officer).filter(Officer.username == OTHER_CLUE.username).one().id
    assert clerk.act(f"{here}/ask-letting-in", {"officer": ident}).status == 404
