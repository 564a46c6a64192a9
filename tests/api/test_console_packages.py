"""The package at the console: offered once the body's key is known, taken by the clue officer, opened by the body."""

import httpx
import pyrage
from typer.testing import CliRunner

from api.cli import app
from casework.models.people import Body
from casework.packing import check_package
from tests.api.houses import CLUE, DISPATCHER, LEADER, OTHER_CLUE
from tests.api.visitors import Clerk, Doors
from tests.casework.handovers import give_body_key

SEALED = "副局长阮承岳收了麦陇镇敬老院院长三千元购物卡，就不去检查了。"
KEY = pyrage.x25519.Identity.generate()


def give_key(doors: Doors) -> None:
    house = doors.home.house
    with house.store.write() as session:
        give_body_key(session, session.get_one(Body, "discipline"), str(KEY.to_public()))


def issued_by_package(doors: Doors) -> tuple[Clerk, str]:
    give_key(doors)
    filed = doors.report(SEALED)
    drafter, signer = doors.sign_in(CLUE), doors.sign_in(OTHER_CLUE)
    drafter.unlock()
    signer.unlock()
    path = drafter.act(f"/console/sealed/{filed.case_id}/refer", {"body": "discipline"}).path
    page = signer.act(f"{path}/issue", {"number": "〔2026〕1号", "methods": "package"})
    assert "加密材料包" in page.text, page.text
    return drafter, path


def take(clerk: Clerk, path: str, **typed: str) -> httpx.Response:
    """The package as a browser downloads it, by the form that stands on the page."""
    form = clerk.get(path).form(f"{path}/package")
    return clerk.client.post(f"{path}/package", data=form | typed)


def test_a_package_is_taken_and_opens_with_the_bodys_key(doors: Doors) -> None:
    clerk, path = issued_by_package(doors)
    answer = take(clerk, path)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].isascii()
    manifest = check_package(pyrage.decrypt(answer.content, [KEY]))
    assert manifest["addressee"] == "望桐县纪委监委案件监督管理室"
    assert "清单指纹" in clerk.get(path).text


def test_mail_is_never_offered_for_a_discipline_matter(one_doors: Doors) -> None:
    give_key(one_doors)
    filed = one_doors.report(SEALED)
    drafter, signer = one_doors.sign_in(CLUE), one_doors.sign_in(OTHER_CLUE)
    drafter.unlock()
    signer.unlock()
    path = drafter.act(f"/console/sealed/{filed.case_id}/refer", {"body": "discipline"}).path
    offered = set(signer.get(path).tree.xpath("//input[@name='methods']/@value"))
    assert offered == {"sealed_print", "package", "pickup"}
    page = signer.act(f"{path}/issue", {"number": "〔2026〕1号", "methods": "mail"})
    assert page.status == 422
    assert page.error_at("methods")


def test_a_locked_room_gives_no_package_and_nobody_else_knows_of_it(one_doors: Doors) -> None:
    clerk, path = issued_by_package(one_doors)
    clerk.act("/console/sealed/lock")
    assert clerk.act(f"{path}/package").path == "/console/sealed"
    for person in (DISPATCHER, LEADER):
        assert one_doors.sign_in(person).act(f"{path}/package").status == 404


def test_without_a_package_there_is_none_to_take(one_doors: Doors) -> None:
    filed = one_doors.report("芦渚镇中心敬老院后门拿铁链子锁着，灭火器都过期两年了，没人管。")
    clerk = one_doors.sign_in(DISPATCHER)
    path = clerk.act(f"/console/cases/{filed.case_id}/refer", {"body": "fire"}).path
    assert clerk.act(f"{path}/package").status == 409


def test_the_command_tells_a_whole_package_from_a_changed_one(doors: Doors, tmp_path) -> None:
    clerk, path = issued_by_package(doors)
    tar = pyrage.decrypt(take(clerk, path).content, [KEY])
    whole, changed = tmp_path / "whole.tar", tmp_path / "changed.tar"
    whole.write_bytes(tar)
    changed.write_bytes(tar.replace(b"%PDF", b"%PDG", 1))
    assert CliRunner().invoke(app, ["body", "check-package", str(whole)]).exit_code == 0
    told = CliRunner().invoke(app, ["body", "check-package", str(changed)])
    assert told.exit_code == 1
    assert "letter.pdf" in told.stderr
