"""Pictures, papers and recordings in a package: the officer's choice, fingerprints, and the hands they went through."""

import hashlib
import io
import tarfile
import tracemalloc
from collections.abc import Iterator

import pyrage
import pytest
from sqlalchemy import select

from casework.models.attachments import Attachment
from casework.models.cases import Case
from casework.models.ledger import LedgerEntry
from casework.packing import Enclosure, PulledTar, check_package, lock_stream
from casework.types import AttachmentKind
from intake.attachments import keep_attachment
from tests.api.houses import CLUE, OTHER_CLUE
from tests.api.test_console_annexes import send
from tests.api.test_console_packages import KEY, SEALED, give_key
from tests.api.test_console_pickups import LIST, ORGAN, hire, open_room
from tests.api.visitors import Clerk, Doors
from tests.intake.files import a_document, a_marked_picture, a_marked_voice

EXIF = "held by the sender 118.2W"
PICTURE, VOICE, PAPER = a_marked_picture(EXIF), a_marked_voice("THE-VOICE"), a_document()


def issue(doors: Doors, way: str = "package") -> tuple[Clerk, str]:
    """A sealed referral with a picture, a recording and a paper in its case; gives the drafter and its address."""
    give_key(doors)
    filed = doors.report(SEALED)
    house = doors.home.house
    with house.store.write() as session:
        case = session.get_one(Case, filed.case_id)
        for data in (PICTURE, VOICE, PAPER):
            keep_attachment(session, case, data=data, secrets=house.secrets, now=house.now())
    drafter, signer = doors.sign_in(CLUE), doors.sign_in(OTHER_CLUE)
    drafter.unlock()
    signer.unlock()
    path = drafter.act(f"/console/sealed/{filed.case_id}/refer", {"body": "discipline"}).path
    assert "签发了" in signer.act(f"{path}/issue", {"number": "〔2026〕1号", "methods": way}).text
    return drafter, path


def take(clerk: Clerk, path: str, **typed: str) -> dict[str, bytes]:
    form = clerk.get(path).form(f"{path}/package")
    answer = clerk.client.post(f"{path}/package", data=form | typed)
    assert answer.status_code == 200, answer.text
    tar = pyrage.decrypt(answer.content, [KEY])
    with tarfile.open(fileobj=io.BytesIO(tar)) as opened:
        held = {entry.name: opened.extractfile(entry).read() for entry in opened}  # type: ignore[union-attr]
    return held | {"": tar}


def choices(clerk: Clerk, path: str) -> dict[AttachmentKind, str]:
    """The name of the field of each file, by what its first offered choice and label say."""
    labels = clerk.get(path).tree.xpath("//label[starts-with(@for, 'evidence-')]")
    kinds = {"照片": AttachmentKind.PICTURE, "录音": AttachmentKind.RECORDING, "文件": AttachmentKind.PAPER}
    return {kinds[each.text_content()[:2]]: str(each.get("for")) for each in labels}


def test_originals_of_pictures_and_papers_go_along_unless_the_officer_says_otherwise(doors: Doors) -> None:
    clerk, path = issue(doors)
    held = take(clerk, path)
    files = {name: content for name, content in held.items() if name.startswith("evidence-")}
    assert set(files.values()) == {PICTURE, PAPER}
    assert all(name.isascii() and "/" not in name for name in held)


def test_a_picture_may_go_as_the_copy_without_its_metadata(one_doors: Doors) -> None:
    clerk, path = issue(one_doors)
    held = take(clerk, path, **{choices(clerk, path)[AttachmentKind.PICTURE]: "copy"})
    (copy,) = [content for name, content in held.items() if "picture-copy" in name]
    assert EXIF.encode() in PICTURE
    assert EXIF.encode() not in copy
    assert EXIF.encode() not in held[""]


def test_each_has_its_fingerprint_its_proof_and_the_hands_it_went_through(doors: Doors) -> None:
    clerk, path = issue(doors)
    manifest = check_package(take(clerk, path)[""])
    (picture,) = [item for item in manifest["items"] if "picture" in item["name"]]
    assert picture["sha256"] == hashlib.sha256(PICTURE).hexdigest()
    assert picture["commitment"] == hashlib.sha256(bytes.fromhex(picture["salt"]) + PICTURE).hexdigest()
    assert [line["verb"] for line in picture["custody"]] == ["attached", "packed"]
    with doors.home.house.store.read() as session:
        rows = session.scalars(select(LedgerEntry).where(LedgerEntry.verb == "attached")).all()
    kept = {row.content_hash.hex(): row.details["commitment"] for row in rows}
    assert kept[picture["custody"][0]["sha256"]] == picture["commitment"]
    assert picture["custody"][1]["hand"] >= 1


def test_who_opened_it_before_stands_in_its_custody_by_a_number(one_doors: Doors) -> None:
    clerk, path = issue(one_doors)
    for row in _rows(one_doors):
        if row.copy is not None:
            clerk.client.get(f"/console/attachments/{row.id}/copy")
    manifest = check_package(take(clerk, path)[""])
    (picture,) = [item for item in manifest["items"] if "picture" in item["name"]]
    assert [line["verb"] for line in picture["custody"]] == ["attached", "read", "packed"]
    assert {line.get("hand") for line in picture["custody"][1:]} == {picture["custody"][1]["hand"]}


def test_a_recording_goes_only_on_the_receivers_written_request(one_doors: Doors) -> None:
    clerk, path = issue(one_doors)
    field = choices(clerk, path)[AttachmentKind.RECORDING]
    form = clerk.get(path).form(f"{path}/package") | {field: "original"}
    page = clerk.act(f"{path}/package", form)
    assert page.status == 422
    assert page.error_at("request")
    held = take(clerk, path, **{field: "original", "request": "望纪函〔2026〕5号"})
    assert VOICE in held.values()
    assert check_package(held[""])["recordings_on_request"] == "望纪函〔2026〕5号"
    with one_doors.home.house.store.read() as session:
        told = session.scalars(select(LedgerEntry.details)).all()
    assert not [each for each in told if "望纪函" in str(each)]


def test_a_file_of_another_case_is_not_offered_and_not_taken(one_doors: Doors) -> None:
    clerk, path = issue(one_doors)
    field = choices(clerk, path)[AttachmentKind.PAPER]
    assert clerk.act(f"{path}/package", {field: "copy"}).status == 422
    held = clerk.client.post(f"{path}/package", data={"csrf": clerk.csrf, "evidence-0123": "original"})
    assert not [
        name
        for name in check_package(pyrage.decrypt(held.content, [KEY]))["items"]
        if name["name"].startswith("evidence-")
    ]


def test_a_pick_up_holds_what_was_chosen_when_it_was_made_ready_again(one_doors: Doors) -> None:
    words = hire(one_doors, ORGAN)
    ours, path = issue(one_doors, "pickup")
    form = ours.get(path).form(f"{path}/pickup")
    assert "备好了" in ours.act(f"{path}/pickup", form).text
    clerk = one_doors.sign_in(ORGAN)
    (here,) = [link for link in clerk.get(LIST).links if link.startswith(f"{LIST}/")]
    page = open_room(clerk, here, words)
    contents = [clerk.client.get(link).content for link in page.links if "/sealed/" in link]
    assert PICTURE in contents
    assert VOICE not in contents


def test_an_original_needs_an_open_vault(one_doors: Doors) -> None:
    clerk, path = issue(one_doors)
    form = clerk.get(path).form(f"{path}/package")
    clerk.act("/console/sealed/lock")
    assert send(clerk, f"{path}/package", **form).headers["location"] == "/console/sealed"


def _rows(doors: Doors) -> list[Attachment]:
    with doors.home.house.store.read() as session:
        rows = list(session.scalars(select(Attachment)))
        for row in rows:
            assert row.copy is None or row.copy
        session.expunge_all()
    return rows


def test_a_large_package_never_lies_in_memory_as_a_whole() -> None:
    size, many = 4 * 1024 * 1024, 12

    class Sink(io.RawIOBase):
        length = 0

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.length += len(data)  # type: ignore[arg-type]
            return len(data)  # type: ignore[arg-type]

    def enclosures() -> Iterator[Enclosure]:
        for number in range(many):
            yield Enclosure(f"evidence-{number:02d}.bin", "照片", lambda: bytes(size))

    sink = Sink()
    tracemalloc.start()
    lock_stream(PulledTar(enclosures(), {}, []), str(KEY.to_public()), sink)  # type: ignore[arg-type]
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sink.length > size * many
    assert peak < 4 * size


@pytest.mark.parametrize("name", ["../a", "a/b", ".hidden", "名字.jpg", "a\nb", ""])
def test_a_name_that_could_leave_its_folder_is_never_written(name: str) -> None:
    with pytest.raises(ValueError, match="unsafe"):
        PulledTar([Enclosure(name, "", lambda: b"")], {}, []).read()
