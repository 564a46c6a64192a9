"""Progress by receipt code: read in any dress, cheap to mistype, and never more than it may tell."""

from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from api.app import create_app
from casework.assignments import assign_case, sign_assignment
from casework.bonds import OfficerPen
from casework.dispositions import Ending, close_case, reply_case
from casework.messages import answer_reporter
from casework.models.cases import Case, Message
from casework.models.people import Officer
from casework.models.talk import TalkBond
from casework.outcomes import Outcome
from casework.rings import unlock_key
from casework.sealing import open_case_key
from casework.types import Finding
from casework.vault import seal_record
from intake.codes import SPOKEN, read_digits
from intake.gate import ReceiptGate
from intake.lanes import Lane
from intake.models import Receipt
from intake.receipts import harden_receipt
from intake.types import Filed
from intake.work import BITS, count_zero_bits
from tests.api.houses import CLUE, DISPATCHER, LIGHT, OTHER_HANDLER, Person
from tests.api.visitors import Browser, Doors, Page, Visitor

STORY = "麦陇镇敬老院的饭是馊的，老人吃了拉肚子。"
SEALED_STORY = "副局长阮承岳收了麦陇镇敬老院院长三千元购物卡，就不去检查了。"
HIDDEN = ("阮承岳", "购物卡", "麦陇镇敬老院", "纪委", "密件")


def harden(doors: Doors) -> None:
    house = doors.home.house
    with house.store.read() as session:
        pending = session.scalars(select(Receipt.id)).all()
    for receipt in pending:
        harden_receipt(house.store, receipt, keys=house.keys, secrets=house.secrets, strength=LIGHT)


def work(doors: Doors, case_id: str, act: Any, by: Person, *words: Any, **more: Any) -> None:
    """One act of casework by an officer of the house."""
    house = doors.home.house
    with house.store.write() as session:
        case = session.get_one(Case, case_id)
        officer = session.scalars(select(Officer).where(Officer.username == by.username)).one()
        act(session, case, *words, by=officer, office=house.office, now=doors.home.clock(), **more)


def a_pen(doors: Doors, case_id: str) -> OfficerPen:
    """What a clue officer writes with whose vault is open."""
    with doors.home.house.store.read() as session:
        officer = session.scalars(select(Officer).where(Officer.username == CLUE.username)).one()
        private = unlock_key(officer, doors.home.passphrases[CLUE.username])
        return OfficerPen(open_case_key(session, officer, private, case_id), private)


def track(doors: Doors, code: str) -> Page:
    return doors.visitor().post("/track", {"code": code})


def steps_of(page: Page) -> list[tuple[str, str]]:
    return [
        (each.get("class"), " ".join(each.xpath("./b/text()"))) for each in page.tree.xpath("//ol[@class='stem']/li")
    ]


@pytest.fixture
def filed(doors: Doors) -> Filed:
    return doors.report(STORY)


@pytest.mark.parametrize(
    "dress",
    [
        lambda code: code,
        lambda code: " ".join(code[i : i + 4] for i in range(0, 16, 4)),
        lambda code: "-".join(code[i : i + 4] for i in range(0, 16, 4)),
        lambda code: "".join(chr(ord(digit) + 0xFEE0) for digit in code),
        lambda code: "".join(SPOKEN[int(digit)] for digit in code),
        lambda code: f"我的码是 {code}。",
    ],
    ids=["plain", "grouped", "dashes", "full width", "spoken", "in a sentence"],
)
def test_the_code_is_read_in_any_dress(one_doors: Doors, dress: Any) -> None:
    page = track(one_doors, dress(one_doors.report(STORY).code))
    assert page.status == 200
    assert "您的话收到了" in page.text


def test_a_fresh_receipt_works_before_and_after_it_was_hardened(doors: Doors, filed: Filed) -> None:
    assert track(doors, filed.code).status == 200
    harden(doors)
    assert track(doors, filed.code).status == 200


def test_a_mistyped_code_is_told_at_once_and_costs_no_look_up(one_doors: Doors) -> None:
    code = one_doors.report(STORY).code
    harden(one_doors)
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    one_doors.home.house.receipts.gate.close()
    page = track(one_doors, wrong)
    assert page.status == 422
    assert page.error_at("code") == "这个码抄错了一个数，请对一对。"
    assert page.value_of("code") == wrong


@pytest.mark.parametrize("typed", ["", "12", "没有", "1" * 400])
def test_what_is_no_code_is_told_at_the_field(one_doors: Doors, typed: str) -> None:
    page = track(one_doors, typed)
    assert page.status == 422
    assert page.error_at("code")
    assert page.value_of("code") == typed


def test_a_code_of_nobody_is_not_found(doors: Doors) -> None:
    page = track(doors, "0" * 16)
    assert page.status == 404
    assert page.error_at("code") == "没有找到这个码，请再看看您记的数。"


def test_the_code_never_stands_in_an_address(one_doors: Doors) -> None:
    code = one_doors.report(STORY).code
    page = track(one_doors, code)
    assert code not in str(page.response.url)
    assert not [link for link in page.links if code in link]
    assert one_doors.client().get(f"/track?code={code}").text.count(code) == 0


def test_a_full_line_tells_how_many_wait_and_keeps_the_code(one_doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    house = one_doors.home.house
    code = one_doors.report(STORY).code
    harden(one_doors)
    nobody_works: ReceiptGate[Any] = ReceiptGate(at_once=0)
    monkeypatch.setattr("api.track.PATIENCE_SECONDS", 0.05)
    receipts = replace(house.receipts, gate=nobody_works)
    visitor = Visitor(Browser(create_app(replace(house, receipts=receipts))))
    page = visitor.post("/track", {"code": code})
    nobody_works.close()
    assert page.status == 503
    assert "前面还有" in page.text
    assert page.value_of("code") == code


def test_the_page_tells_the_steps_as_they_are_taken(doors: Doors, filed: Filed) -> None:
    assert steps_of(track(doors, filed.code))[:2] == [("now", "收到您的话"), ("next", "分给管这事的单位")]
    work(doors, filed.case_id, assign_case, DISPATCHER, "assistance")
    page = track(doors, filed.code)
    assert "交给人办了" in page.text
    assert "社会救助科" in page.text
    work(doors, filed.case_id, sign_assignment, OTHER_HANDLER)
    assert "已经有人在办了" in track(doors, filed.code).text
    ending = Ending(Finding.TRUE, "厨房停用整改，下周再去看。", (Outcome.RECTIFICATION,), "内部的话")
    work(doors, filed.case_id, reply_case, OTHER_HANDLER, ending)
    replied = track(doors, filed.code)
    assert "厨房停用整改，下周再去看。" in replied.text
    work(doors, filed.case_id, close_case, DISPATCHER)
    closed = track(doors, filed.code)
    assert "这件事办完了" in closed.text
    assert steps_of(closed)[-1] == ("now", "办完了")
    for page in (replied, closed):
        assert "内部的话" not in page.text
        assert OTHER_HANDLER.name not in page.text


def test_the_day_of_the_answer_is_told_and_no_hour(one_doors: Doors) -> None:
    page = track(one_doors, one_doors.report(STORY).code)
    assert "哪天给您答复" in page.text
    assert "10:52" not in page.text


def test_a_word_is_added_and_answered_in_both_directions(doors: Doors, filed: Filed) -> None:
    visitor = doors.visitor()
    page = visitor.post("/track", {"code": filed.code})
    page = visitor.post("/track/say", page.form("/track/say") | {"text": "昨天又吃坏了一个"})
    assert "收到了，办事的人看得到。" in page.text
    work(doors, filed.case_id, answer_reporter, DISPATCHER, "您好，明天有人去看。")
    page = visitor.post("/track", {"code": filed.code})
    assert "昨天又吃坏了一个" in page.text
    assert "您好，明天有人去看。" in page.text
    assert DISPATCHER.name not in page.text


def test_two_taps_are_one_word(doors: Doors, filed: Filed) -> None:
    form = {"code": filed.code, "text": "昨天又吃坏了一个"}
    visitor = doors.visitor()
    visitor.post("/track/say", form)
    assert visitor.post("/track/say", form).text.count("昨天又吃坏了一个") == 1


@pytest.mark.parametrize(("typed", "told"), [("  ", "还没写呢。写一句再按。"), ("馊" * 4001, "太长了。请分两回说。")])
def test_an_empty_or_endless_word_is_told_at_the_field_and_kept(one_doors: Doors, typed: str, told: str) -> None:
    code = one_doors.report(STORY).code
    page = one_doors.visitor().post("/track/say", {"code": code, "text": typed})
    assert page.status == 422
    assert page.error_at("text") == told
    assert page.value_of("text").strip() == typed.strip()


def test_a_word_without_a_right_code_goes_nowhere(one_doors: Doors) -> None:
    one_doors.report(STORY)
    page = one_doors.visitor().post("/track/say", {"code": "0" * 16, "text": "谁在办？"})
    assert page.status == 404
    with one_doors.home.house.store.read() as session:
        assert session.scalars(select(Message)).all() == []


def test_while_nothing_can_be_stored_the_word_stands_on_the_page(one_doors: Doors) -> None:
    code = one_doors.report(STORY).code
    house = one_doors.home.house

    class FullStore:
        """Reads as ever, can't write."""

        is_sqlite, engine, read = house.store.is_sqlite, house.store.engine, house.store.read

        def write(self) -> Any:
            raise TimeoutError

    full = replace(house, store=FullStore())  # type: ignore[arg-type]
    page = Visitor(Browser(create_app(full))).post("/track/say", {"code": code, "text": "昨天又吃坏了一个"})
    assert page.status == 503
    assert page.value_of("kept") == "昨天又吃坏了一个"


def test_a_sealed_case_says_one_thing_at_every_stage(doors: Doors) -> None:
    filed = doors.report(SEALED_STORY)
    assert filed.sealed
    page = track(doors, filed.code)
    assert "已按程序转交" in page.text
    assert not [words for words in HIDDEN if words in page.text.replace("给养老院", "")]
    assert steps_of(page) == []
    assert "哪天给您答复" not in page.text


def test_the_talk_of_a_sealed_case_opens_with_its_code(doors: Doors) -> None:
    filed = doors.report(SEALED_STORY)
    visitor = doors.visitor()
    visitor.post("/track/say", {"code": filed.code, "text": "他上周又来过"})
    harden(doors)
    pen = a_pen(doors, filed.case_id)
    work(doors, filed.case_id, answer_reporter, CLUE, "您方便说说是哪一天吗？", pen=pen)
    page = visitor.post("/track", {"code": filed.code})
    assert "他上周又来过" in page.text
    assert "您方便说说是哪一天吗？" in page.text
    with doors.home.house.store.read() as session:
        assert [row.text for row in session.scalars(select(Message))] == [None, None]


def test_a_word_that_somebody_changed_is_warned_of_and_the_others_are_told_as_signed(doors: Doors) -> None:
    filed = doors.report(SEALED_STORY)
    visitor = doors.visitor()
    visitor.post("/track/say", {"code": filed.code, "text": "他上周又来过"})
    work(doors, filed.case_id, answer_reporter, CLUE, "您方便说说是哪一天吗？", pen=a_pen(doors, filed.case_id))
    page = visitor.post("/track", {"code": filed.code})
    assert page.text.count("签名核对无误") == 2
    assert "签名对不上" not in page.text
    with doors.home.house.store.write() as session:
        case = session.get_one(Case, filed.case_id)
        row = session.scalars(select(Message).where(Message.position == 2)).one()
        public = session.scalars(select(Receipt.public_key)).one()
        assert case.public_key is not None
        assert public is not None
        forged = {"text": "明早八点到桥头", "salt": ""}
        row.case_ciphertext = seal_record(case.public_key, row.id, forged)
        row.reporter_ciphertext = seal_record(public, row.id, forged)
    page = visitor.post("/track", {"code": filed.code})
    assert "这句话的签名对不上，可能被人改过。请别照它做，打电话问。" in page.text
    assert page.text.count("签名核对无误") == 1


def test_a_word_that_somebody_deleted_is_missed(doors: Doors) -> None:
    filed = doors.report(SEALED_STORY)
    visitor = doors.visitor()
    visitor.post("/track/say", {"code": filed.code, "text": "他上周又来过"})
    with doors.home.house.store.write() as session:
        session.execute(delete(Message))
    assert "有1句话不见了" in visitor.post("/track", {"code": filed.code}).text


def test_of_an_open_case_nothing_is_said_of_signatures(one_doors: Doors) -> None:
    code = one_doors.report(STORY).code
    page = one_doors.visitor().post("/track/say", {"code": code, "text": "昨天又吃坏了一个"})
    assert "签名" not in page.text


def test_words_are_kept_for_him_where_the_keys_of_the_talk_were_changed(one_doors: Doors) -> None:
    filed = one_doors.report(SEALED_STORY)
    with one_doors.home.house.store.write() as session:
        session.execute(update(TalkBond).values(case_public_key=b"\1" * 32))
    page = one_doors.visitor().post("/track/say", {"code": filed.code, "text": "他上周又来过"})
    assert page.status == 503
    assert page.value_of("kept") == "他上周又来过"
    assert "对话的钥匙被人换过" in track(one_doors, filed.code).text


SENTENCE = "柿子树下埋着七只青石臼"


@pytest.mark.parametrize("hardened", [False, True])
def test_a_sentence_is_added_and_asked_for_from_then_on(doors: Doors, filed: Filed, hardened: bool) -> None:
    if hardened:
        harden(doors)
    visitor = doors.visitor()
    page = visitor.post("/track", {"code": filed.code})
    page = visitor.post("/track/phrase", page.form("/track/phrase") | {"sentence": SENTENCE})
    assert "加上了。下回查，码和这句话都要写。" in page.text
    page = visitor.post("/track/say", page.form("/track/say") | {"text": "昨天又吃坏了一个"})
    assert "收到了" in page.text
    alone = visitor.post("/track", {"code": filed.code})
    assert alone.status == 404
    assert visitor.post("/track", alone.form("/track") | {"phrase": "柿子树下，埋着七只青石臼。"}).status == 200


@pytest.mark.parametrize(
    ("sentence", "told"),
    [("", "太短了"), ("柿子树", "太短了"), ("一" * 12, "重复的字太多"), ("154123456789", "光写数字")],
)
def test_a_weak_sentence_is_told_at_its_field_and_the_code_still_opens(
    one_doors: Doors, sentence: str, told: str
) -> None:
    code = one_doors.report(STORY).code
    page = one_doors.visitor().post("/track/phrase", {"code": code, "sentence": sentence})
    assert page.status == 422
    assert told in page.error_at("sentence")
    assert page.value_of("sentence") == sentence
    assert track(one_doors, code).status == 200


def test_while_people_wait_the_page_brings_work_and_the_work_moves_forward(
    one_doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = one_doors.home.house
    code = one_doors.report(STORY).code
    harden(one_doors)
    nobody_works: ReceiptGate[Any] = ReceiptGate(at_once=0)
    asked: list[Lane] = []
    real = nobody_works.ask

    def ask(locator: str, check: Any, *, lane: Lane) -> Any:
        asked.append(lane)
        return real(locator, check, lane=lane)

    monkeypatch.setattr(nobody_works, "ask", ask)
    monkeypatch.setattr("api.track.PATIENCE_SECONDS", 0.05)
    busy = replace(house, receipts=replace(house.receipts, gate=nobody_works))
    visitor = Visitor(Browser(create_app(busy)))
    page = visitor.post("/track", {"code": code})
    assert "查的人多，正在排队" in page.text
    form = page.form("/track")
    challenge, digits = form["challenge"], read_digits(code)
    nonce = next(str(n) for n in count() if count_zero_bits(f"{challenge}:{digits}:{n}") >= BITS)
    for given in ("", "1", nonce):
        visitor.post("/track", form | {"nonce": given})
    nobody_works.close()
    assert asked == [Lane.PLAIN] * 3 + [Lane.PROVEN]


def test_the_quiet_page_brings_no_work_and_no_script_of_its_own(one_doors: Doors) -> None:
    page = one_doors.visitor().get("/track")
    assert "challenge" not in page.form("/track")
    assert "track.js" not in page.response.text
