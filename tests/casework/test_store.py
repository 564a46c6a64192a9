"""What the store takes: also what PostgreSQL would refuse, so that no sender repeats for ever."""

from sqlalchemy import text

from casework.store import Store
from intake.models import Report
from tests.bot.desk import Person, a_front_desk, count, set_up


def test_a_sign_that_no_text_column_holds_does_not_cost_the_report(store: Store) -> None:
    set_up(store)
    person = Person(store, a_front_desk())
    person.tell("麦陇镇敬老院的饭是馊的\0老人吃了拉肚子", "不留", "是的")
    with store.read() as session:
        assert count(session, Report) == 1
        working = session.query(Report).one().working_text or ""
    assert "馊的" in working
    assert working.index("老人吃了") == len("麦陇镇敬老院的饭是馊的\0")


def test_several_rows_at_once_are_sent_without_it_too(store: Store) -> None:
    with store.write() as session:
        session.execute(text("CREATE TABLE words (said TEXT)"))
        session.execute(text("INSERT INTO words VALUES (:said)"), [{"said": "一\0二"}, {"said": "三"}])
        said = list(session.scalars(text("SELECT said FROM words")))
    assert {each.replace("\0", "\ufffd") for each in said} == {"一\ufffd二", "三"}
