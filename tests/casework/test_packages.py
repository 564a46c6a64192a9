"""A package for another body: opened by its key alone, told apart when a byte was changed, silent on the reporter."""

import hashlib
import io
import json
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pyrage
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.chain import sequence_entries
from casework.errors import IllegalMove, InvalidField, NotAllowed, NotFound
from casework.ledger import SYSTEM
from casework.models.cases import Case
from casework.models.ledger import LedgerEntry
from casework.models.people import Body, Officer
from casework.models.referrals import Referral
from casework.packages import FACTS, Package, make_package
from casework.packing import (
    MANIFEST,
    SUMS,
    BrokenPackage,
    Item,
    build_manifest,
    check_package,
    lock_package,
    pack_items,
)
from casework.receiverkeys import set_body_key
from casework.referral_rules import choose_methods
from casework.referrals import cancel_referral, draft_referral, issue_referral
from casework.store import Store
from casework.types import DeliveryMethod
from tests.casework.handovers import (
    CLUE_TEXT,
    LATER,
    a_sealed_case,
    a_second_clue_officer,
    give_body_key,
    opened_by,
    the_desk,
    the_house,
)
from tests.casework.people import a_clue_officer, a_dispatcher

BODY_KEY = pyrage.x25519.Identity.generate()
OTHER_KEY = pyrage.x25519.Identity.generate()
ITEMS = (Item("1-letter.pdf", "函", b"%PDF one"), Item("2-receipt.pdf", "回执", b"%PDF two"))
HEAD = {"office": "望桐县民政局", "number": "望民线函〔2026〕12号"}


def a_tar(items: tuple[Item, ...] = ITEMS) -> bytes:
    return pack_items(items, build_manifest(HEAD, items, []))


def changed(tar: bytes, **files: bytes | None) -> bytes:
    """The same tar with files put in, changed, or (None) taken out."""
    found = unpack(tar) | {name.replace("__", "-").replace("_", "."): content for name, content in files.items()}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as made:
        for name, content in found.items():
            if content is not None:
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                made.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def read_out(package: Package) -> bytes:
    with package.file as file:
        return file.read()


def unpack(tar: bytes) -> dict[str, Any]:
    with tarfile.open(fileobj=io.BytesIO(tar)) as opened:
        return {entry.name: opened.extractfile(entry).read() for entry in opened}  # type: ignore[union-attr]


def drafted(session: Session) -> tuple[Referral, Officer, Officer, Any]:
    the_house(session)
    discipline = session.get_one(Body, "discipline")
    first, second = a_clue_officer(session), a_second_clue_officer(session)
    give_body_key(session, discipline, str(BODY_KEY.to_public()))
    case = a_sealed_case(session)
    opened = opened_by(session, first, case)
    referral = draft_referral(session, case, discipline, by=first, desk=the_desk(), now=LATER, opened=opened)
    return referral, first, second, case


def issued(session: Session, way: DeliveryMethod = DeliveryMethod.PACKAGE) -> tuple[Referral, Officer, Any]:
    referral, first, second, case = drafted(session)
    opened = opened_by(session, second, case)
    issue_referral(
        session,
        referral,
        number="〔2026〕12号",
        by=second,
        desk=the_desk(),
        now=LATER,
        methods=[way],
        opened=opened,
    )
    return referral, first, opened_by(session, first, case)


def make(session: Session) -> tuple[Any, Referral]:
    referral, first, opened = issued(session)
    return make_package(session, referral, by=first, desk=the_desk(), now=LATER, opened=opened), referral


def test_the_bodys_key_opens_it_and_every_item_is_what_the_manifest_says(store: Store) -> None:
    with store.write() as session:
        package, _ = make(session)
    tar = pyrage.decrypt(read_out(package), [BODY_KEY])
    manifest = check_package(tar, fingerprint=package.fingerprint)
    assert manifest["number"] == "望民线函〔2026〕12号"
    assert manifest["addressee"] == "望桐县纪委监委"
    names = [item["name"] for item in manifest["items"]]
    assert [name for name in names if name.endswith(".pdf")] == [
        "1-letter.pdf",
        "2-clue_list.pdf",
        "3-evidence_list.pdf",
        "4-receipt.pdf",
        "5-cover.pdf",
    ]
    assert FACTS in names
    held = unpack(tar)
    assert held["1-letter.pdf"].startswith(b"%PDF")
    sums = dict(reversed(line.split("  ")) for line in held[SUMS].decode().splitlines())
    assert sums == {name: hashlib.sha256(content).hexdigest() for name, content in held.items() if name != SUMS}


def test_nobody_elses_key_opens_it(store: Store) -> None:
    with store.write() as session:
        package, _ = make(session)
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(read_out(package), [OTHER_KEY])


@pytest.mark.skipif(shutil.which("age") is None, reason="the age tool is not installed")
def test_the_standard_tool_opens_it(store: Store, tmp_path: Path) -> None:
    with store.write() as session:
        package, _ = make(session)
    locked, key = tmp_path / package.name, tmp_path / "key.txt"
    locked.write_bytes(read_out(package))
    key.write_text(f"{BODY_KEY}\n")
    opened = subprocess.run(["age", "--decrypt", "-i", str(key), str(locked)], capture_output=True, check=True)
    assert check_package(opened.stdout)["number"] == "望民线函〔2026〕12号"


def test_it_holds_no_word_of_the_reporters_and_no_officer_in_its_custody(store: Store) -> None:
    with store.write() as session:
        package, _ = make(session)
        ids = set(session.scalars(select(Officer.id)))
    held = unpack(pyrage.decrypt(read_out(package), [BODY_KEY]))
    told = held[MANIFEST].decode() + held[FACTS].decode()
    for words in (CLUE_TEXT, "收了三千元购物卡", "就不去检查了", *ids):
        assert words not in told
    assert json.loads(held[FACTS])["accused"][0]["name"] == "鲁守田"
    assert "contact" not in json.loads(held[FACTS])


def test_its_custody_is_the_ledgers_own(store: Store) -> None:
    with store.write() as session:
        referral, first, _ = issued(session)
        case_id, referral_id, first_id = referral.case_id, referral.id, first.id
    sequence_entries(store, now=LATER)
    with store.write() as session:
        kept, by = session.get_one(Referral, referral_id), session.get_one(Officer, first_id)
        opened = opened_by(session, by, session.get_one(Case, case_id))
        package = make_package(session, kept, by=by, desk=the_desk(), now=LATER, opened=opened)
        rows = session.scalars(select(LedgerEntry).where(LedgerEntry.case_id == case_id).order_by(LedgerEntry.id)).all()
    custody = check_package(pyrage.decrypt(read_out(package), [BODY_KEY]))["custody"]
    told = {line["entry"]: line for line in custody}
    assert [line["verb"] for line in custody][:1] == ["opened"]
    assert {"drafted", "issued", "read"} <= {line["verb"] for line in custody}
    for row in rows:
        if row.id in told:
            assert told[row.id]["sha256"] == row.content_hash.hex()
    assert len(custody[0]["block_sha256"]) == 64
    assert rows[-1].details["manifest_sha256"] == package.fingerprint


@pytest.mark.parametrize(
    ("files", "item"),
    [
        ({"1__letter_pdf": b"%PDF other"}, "1-letter.pdf"),
        ({"2__receipt_pdf": None}, "2-receipt.pdf"),
        ({"3__more_pdf": b"%PDF new"}, "3-more.pdf"),
        ({"manifest_json": None}, MANIFEST),
        ({"manifest_json": b"{}"}, MANIFEST),
        ({"SHA256SUMS": None}, SUMS),
    ],
)
def test_a_tampered_package_is_found_out(files: dict[str, bytes | None], item: str) -> None:
    assert check_package(a_tar())["number"] == HEAD["number"]
    with pytest.raises(BrokenPackage) as broken:
        check_package(changed(a_tar(), **files))
    assert broken.value.item == item


def test_a_manifest_written_anew_is_found_out_by_the_fingerprint() -> None:
    fingerprint = hashlib.sha256(build_manifest(HEAD, ITEMS, [])).hexdigest()
    other = (Item("1-letter.pdf", "函", b"%PDF other"), ITEMS[1])
    assert check_package(a_tar(), fingerprint=fingerprint)
    with pytest.raises(BrokenPackage):
        check_package(a_tar(other), fingerprint=fingerprint)


def test_a_changed_byte_of_the_locked_file_opens_to_nothing() -> None:
    locked = bytearray(lock_package(a_tar(), str(BODY_KEY.to_public())))
    locked[-5] ^= 1
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(bytes(locked), [BODY_KEY])


@pytest.mark.parametrize("cut", [0, 100, 600])
def test_what_is_no_whole_tar_is_refused(cut: int) -> None:
    with pytest.raises(BrokenPackage):
        check_package(a_tar()[:cut])


@pytest.mark.parametrize("key", ["", "age1", "AGE-SECRET-KEY-1QQ", "age1" + "q" * 58, "ssh-ed25519 AAAA"])
def test_it_keeps_no_key_that_is_none(store: Store, key: str) -> None:
    with store.write() as session:
        the_house(session)
        body = session.get_one(Body, "discipline")
        with pytest.raises(InvalidField, match="not_an_age_key"):
            set_body_key(session, body, key, by=SYSTEM, now=LATER)
        assert body.age_public_key is None


def test_a_body_without_a_key_gets_no_package(store: Store) -> None:
    with store.write() as session:
        the_house(session)
        body = session.get_one(Body, "discipline")
        with pytest.raises(InvalidField, match="methods"):
            choose_methods(body, [DeliveryMethod.PACKAGE], secret=True)


def test_a_draft_and_a_cancelled_one_give_no_package(store: Store) -> None:
    with store.write() as session:
        referral, first, _, case = drafted(session)
        opened = opened_by(session, first, case)
        with pytest.raises(IllegalMove):
            make_package(session, referral, by=first, desk=the_desk(), now=LATER, opened=opened)
        cancel_referral(session, referral, by=first, reason="", now=LATER, opened=opened)
        with pytest.raises(IllegalMove):
            make_package(session, referral, by=first, desk=the_desk(), now=LATER, opened=opened)


def test_what_leaves_by_another_way_is_no_package(store: Store) -> None:
    with store.write() as session:
        referral, first, opened = issued(session, DeliveryMethod.SEALED_PRINT)
        with pytest.raises(NotFound):
            make_package(session, referral, by=first, desk=the_desk(), now=LATER, opened=opened)


def test_nobody_but_a_clue_officer_takes_one(store: Store) -> None:
    with store.write() as session:
        referral, _, opened = issued(session)
        with pytest.raises(NotAllowed):
            make_package(session, referral, by=a_dispatcher(session), desk=the_desk(), now=LATER, opened=opened)
