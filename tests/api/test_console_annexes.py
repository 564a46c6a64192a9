"""Who reported, in an envelope of its own: only with his consent and a reason, apart from the letter, opened apart."""

import io
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pyrage
import pytest
from docx import Document
from sqlalchemy import func, select

from casework.models.annexes import Annex, AnnexKey
from casework.models.ledger import LedgerEntry
from casework.models.people import Body
from casework.models.referrals import Referral
from casework.packing import check_package
from intake.types import Contact
from tests.api.houses import CLUE, OTHER_CLUE
from tests.api.test_console_pickups import KEY, LIST, ORGAN, OTHER, hire, one, open_room
from tests.api.visitors import Clerk, Doors, Page
from tests.casework.handovers import give_body_key
from tests.casework.papers import read_docx, read_text

STORY = "麦陇镇民政办副主任鲁守田收了敬老院三千元购物卡，就不去检查了。"
NAME, PHONE = "芮秋禾", "15400007731"
WHO = Contact(NAME, PHONE, "麦陇镇东头", relation="女儿")
CONSENT = {"agreed": "10月9日电话里同意。", "remark": "纪委要当面核实"}


def draft(doors: Doors, contact: Contact | None = WHO) -> tuple[Clerk, str]:
    filed = doors.report(STORY, contact=contact)
    clerk = doors.sign_in(CLUE)
    clerk.unlock()
    return clerk, clerk.act(f"/console/sealed/{filed.case_id}/refer", {"body": "discipline"}).path


def issue(doors: Doors, way: str, *, agreed: bool = True) -> tuple[Clerk, str]:
    """A sealed referral of a named report, signed out this way; gives the drafter and its address."""
    with doors.home.house.store.write() as session:
        give_body_key(session, session.get_one(Body, "discipline"), str(KEY.to_public()))
    clerk, path = draft(doors)
    if agreed:
        form = clerk.get(path).form(path)
        clerk.act(path, form | {"identity": "apart"})
    other = doors.sign_in(OTHER_CLUE)
    other.unlock()
    page = other.act(f"{path}/issue", {"number": "〔2026〕1号", "methods": way})
    assert "签发了" in page.text, page.text
    return clerk, path


def send(clerk: Clerk, path: str, **typed: str) -> httpx.Response:
    return clerk.client.post(path, data={"csrf": clerk.csrf} | typed)


def verbs(doors: Doors) -> list[str]:
    with doors.home.house.store.read() as session:
        return list(session.scalars(select(LedgerEntry.verb).order_by(LedgerEntry.id)))


def letter_words(clerk: Clerk, path: str) -> str:
    return read_docx(clerk.client.get(f"{path}/0.docx").content)


def count(doors: Doors, model: Any) -> int:
    with doors.home.house.store.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def unzip(answer: httpx.Response) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(answer.content)) as held:
        return {name: held.read(name) for name in held.namelist()}


def test_of_one_who_gave_no_name_the_letter_says_so_and_none_can_be_made(one_doors: Doors) -> None:
    clerk, path = draft(one_doors, None)
    assert "来件人未署名，没有举报人信息附件" in letter_words(clerk, path)
    assert clerk.act(path, clerk.get(path).form(path) | {"identity": "apart"}).status == 422
    assert not [each for each in clerk.get(path).actions if "/annex/" in each]
    assert clerk.act(f"{path}/annex/print", CONSENT).status == 409
    assert "revealed" not in verbs(one_doors)


def test_without_his_consent_the_letter_says_that_it_stays_with_us(one_doors: Doors) -> None:
    clerk, path = issue(one_doors, "sealed_print", agreed=False)
    words = letter_words(clerk, path)
    assert "举报人没有同意提供身份信息" in words
    assert "另封" not in words
    assert clerk.act(f"{path}/annex/print", CONSENT).status == 409
    assert "revealed" not in verbs(one_doors)


@pytest.mark.parametrize("missing", ["agreed", "remark"])
def test_it_asks_how_he_agreed_and_why_before_the_identity_is_opened(one_doors: Doors, missing: str) -> None:
    clerk, path = issue(one_doors, "sealed_print")
    page = clerk.act(f"{path}/annex/print", CONSENT | {missing: ""})
    assert page.status == 422
    assert page.error_at(f"annex-{missing}")
    kept = "remark" if missing == "agreed" else "agreed"
    assert page.value_of(f"annex-{kept}") == CONSENT[kept]
    assert "revealed" not in verbs(one_doors)


def test_the_printed_one_has_a_cover_that_never_names_him(one_doors: Doors) -> None:
    clerk, path = issue(one_doors, "sealed_print")
    words = letter_words(clerk, path)
    assert "举报人信息（另封，仅限收件人拆阅）" in words
    papers = unzip(send(clerk, f"{path}/annex/print", **CONSENT))
    assert sorted(papers) == ["1-cover.docx", "1-cover.pdf", "2-identity.docx", "2-identity.pdf"]
    for cover in (read_docx(papers["1-cover.docx"]), read_text(papers["1-cover.pdf"])):
        assert "望桐县纪委监委案件监督管理室" in cover
        assert "望民线函〔2026〕1号" in cover
        assert NAME not in cover
        assert PHONE not in cover
    for sheet in (read_docx(papers["2-identity.docx"]), read_text(papers["2-identity.pdf"])):
        assert NAME in sheet
        assert "10月9日电话里同意。" in sheet
    for number in range(5):
        assert NAME not in read_docx(clerk.client.get(f"{path}/{number}.docx").content)
    assert [verb for verb in verbs(one_doors) if verb in ("revealed", "annexed")] == ["revealed", "annexed"]
    assert count(one_doors, Annex) == 0


def test_in_the_package_it_is_a_locked_file_of_its_own(doors: Doors, tmp_path: Path) -> None:
    clerk, path = issue(doors, "package")
    assert "还没有封" in clerk.get(path).text
    clerk.act(f"{path}/annex/seal", CONSENT)
    package = pyrage.decrypt(send(clerk, f"{path}/package").content, [KEY])
    manifest = check_package(package)
    assert "annex-1.tar.age" in [item["name"] for item in manifest["items"]]
    with tarfile.open(fileobj=io.BytesIO(package)) as tar:
        files = {entry.name: tar.extractfile(entry).read() for entry in tar}  # type: ignore[union-attr]
    for name, content in files.items():
        said = read_docx(content) if name.endswith(".docx") else read_text(content) if name.endswith(".pdf") else ""
        assert NAME not in said + content.decode("utf-8", "ignore"), name
    inner = pyrage.decrypt(files["annex-1.tar.age"], [KEY])
    check_package(inner, fingerprint=one(doors, Annex).fingerprint)
    with tarfile.open(fileobj=io.BytesIO(inner)) as tar:
        sheet = tar.extractfile("2-identity.docx").read()  # type: ignore[union-attr]
    assert NAME in "".join(cell.text for row in Document(io.BytesIO(sheet)).tables[0].rows for cell in row.cells)


@pytest.mark.skipif(shutil.which("age") is None, reason="the age tool is not installed")
def test_the_standard_tools_open_the_package_and_then_the_annex(one_doors: Doors, tmp_path: Path) -> None:
    clerk, path = issue(one_doors, "package")
    clerk.act(f"{path}/annex/seal", CONSENT)
    (tmp_path / "key.txt").write_text(f"{KEY}\n")
    (tmp_path / "package.tar.age").write_bytes(send(clerk, f"{path}/package").content)

    def run(*words: str) -> str:
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, check=True, text=True)
        return done.stdout

    run("age", "--decrypt", "-i", "key.txt", "-o", "package.tar", "package.tar.age")
    run("tar", "-xf", "package.tar")
    assert "annex-1.tar.age: OK" in run("sha256sum", "-c", "SHA256SUMS")
    assert not list(tmp_path.glob("*identity*"))
    run("age", "--decrypt", "-i", "key.txt", "-o", "annex.tar", "annex-1.tar.age")
    assert "2-identity.pdf" in run("tar", "-tf", "annex.tar")


def annex_form(page: Page) -> list[str]:
    return [each for each in page.actions if "/annex/" in each]


def test_at_the_receivers_desk_it_is_opened_by_an_act_of_its_own(doors: Doors) -> None:
    words = hire(doors, ORGAN)
    ours, path = issue(doors, "pickup")
    ours.act(f"{path}/annex/seal", CONSENT)
    clerk = doors.sign_in(ORGAN)
    here = f"{LIST}/{one(doors, Referral).id}"
    assert not [each for each in annex_form(clerk.get(here)) if not each.endswith("/locked")]
    page = open_room(clerk, here, words)
    assert NAME not in page.text
    for item in [link for link in page.links if "/sealed/" in link]:
        content = clerk.client.get(item).content
        assert NAME not in (read_docx(content) if content[:2] == b"PK" else content.decode("utf-8", "ignore"))
    assert "annex_opened" not in verbs(doors)
    (action,) = [each for each in annex_form(page) if not each.endswith("/locked")]
    assert NAME in read_docx(unzip(send(clerk, action))["2-identity.docx"])
    assert verbs(doors).count("annex_opened") == 1
    assert "尉清源" in ours.get(path).text
    assert "拆阅" in ours.get(path).text


def test_nobody_else_opens_it_and_looking_does_not(one_doors: Doors) -> None:
    hire(one_doors, ORGAN)
    ours, path = issue(one_doors, "pickup")
    ours.act(f"{path}/annex/seal", CONSENT)
    hire(one_doors, OTHER)
    annex, referral = one(one_doors, Annex), one(one_doors, Referral)
    clerk = one_doors.sign_in(OTHER)
    for action in (f"{LIST}/{referral.id}/annex/{annex.id}", f"{LIST}/{referral.id}/annex/{annex.id}/locked"):
        assert send(clerk, action).status_code == 404
    own = one_doors.sign_in(ORGAN)
    assert send(own, f"{LIST}/{referral.id}/annex/{annex.id}").status_code == 423
    assert "annex_opened" not in verbs(one_doors)


def test_it_rests_as_ciphertext_and_goes_with_a_referral_that_was_withdrawn(one_doors: Doors) -> None:
    hire(one_doors, ORGAN)
    ours, path = issue(one_doors, "pickup")
    ours.act(f"{path}/annex/seal", CONSENT)
    annex = one(one_doors, Annex)
    for word in (NAME, PHONE, "identity"):
        assert word.encode() not in annex.ciphertext + (annex.age_file or b"")
    ours.act(f"{path}/cancel")
    assert count(one_doors, Annex) == count(one_doors, AnnexKey) == 0


def test_a_locked_room_opens_no_identity(one_doors: Doors) -> None:
    clerk, path = issue(one_doors, "sealed_print")
    clerk.act("/console/sealed/lock")
    assert send(clerk, f"{path}/annex/print", **CONSENT).headers["location"] == "/console/sealed"
    assert "revealed" not in verbs(one_doors)
