"""The operator hears what the machine misjudges: his category stands, the machine's stays beside it as an example."""

from sqlalchemy import select

from casework.models import SealedItem
from casework.models.cases import Case, CaseAssessment
from casework.models.lexicon import LabelledExample
from tests.api.houses import DISPATCHER, OPERATOR
from tests.api.test_console_calls import ABOUT_LEADER, STORY, call, form_of, the_case
from tests.api.visitors import Doors, find_code


def test_the_operators_category_stands_and_is_kept_as_an_example(doors: Doors) -> None:
    clerk = doors.sign_in(OPERATOR)
    assert len(find_code(call(clerk, STORY, category="health_safety"))) == 16
    case = the_case(doors)
    assert case.category == "health_safety"
    with doors.home.house.store.read() as session:
        rows = session.scalars(select(CaseAssessment).order_by(CaseAssessment.revision)).all()
        assert [row.verdict["categories"][0]["code"] for row in rows] == ["food_safety", "health_safety"]
        example = session.scalars(select(LabelledExample)).one()
        assert (example.said["category"], example.told["category"]) == ("food_safety", "health_safety")
    page = doors.sign_in(DISPATCHER).get(f"/console/cases/{case.id}")
    assert f"{OPERATOR.name} 已改定" in page.text


def test_what_the_machine_says_too_is_no_correction(one_doors: Doors) -> None:
    call(one_doors.sign_in(OPERATOR), STORY, category="food_safety")
    with one_doors.home.house.store.read() as session:
        assert len(session.scalars(select(CaseAssessment)).all()) == 1
        assert session.scalars(select(LabelledExample)).all() == []


def test_a_category_that_nobody_knows_is_passed_over(one_doors: Doors) -> None:
    call(one_doors.sign_in(OPERATOR), STORY, category="nonsense")
    assert the_case(one_doors).category == "food_safety"


def test_of_a_sealed_case_the_word_lies_inside_and_the_page_is_the_same(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(OPERATOR)
    page = call(clerk, ABOUT_LEADER, category="inaction")
    assert len(find_code(page)) == 16
    with one_doors.home.house.store.read() as session:
        case = session.scalars(select(Case).where(Case.sealed)).one()
        assert case.category is None
        assert len(session.scalars(select(SealedItem).where(SealedItem.case_id == case.id)).all()) >= 2
        assert session.scalars(select(LabelledExample)).all() == []


def test_the_column_says_what_he_put_in_its_place_and_the_form_keeps_it(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(OPERATOR)
    page = clerk.post("/console/call/look", form_of(clerk) | {"story": STORY, "category": "staffing"})
    assert "您改成：" in page.text
    assert page.tree.xpath("//select[@id='category']/option[@selected]/@value") == ["staffing"]
