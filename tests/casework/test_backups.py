"""A backup is the whole database at one moment, nothing more; it comes back whole into either kind, or not at all."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError

from api.migrate import find_revision
from casework.backups import copy_database, read_manifest, restore_backup, write_backup
from casework.chain import sequence_entries, verify_ledger
from casework.errors import BackupProblem, BackupRefused
from casework.ledger import SYSTEM, Verb, record
from casework.models import Body, Case, Institution, LedgerEntry, OfficerSession, SecurityEvent
from casework.rowcopies import LEFT_OUT, digest_table, list_tables
from casework.secrets import generate_secret_file, load_secrets
from casework.store import Base, Store
from tests.casework.handovers import an_issued_referral, the_house
from tests.casework.people import NOW, a_clue_officer, an_open_case
from tests.infrastructure.databases import KINDS, Databases, check_kind
from tests.intake.desk import sign_in

SECRETS = load_secrets(generate_secret_file())


@pytest.fixture
def full(store: Store) -> Store:
    """A house with cases, a referral, a sign-in and a chained ledger."""
    with store.write() as session:
        the_house(session)
        an_open_case(session)
        an_issued_referral(session)
        sign_in(session, a_clue_officer(session))
        session.add(SecurityEvent(at=NOW, kind="signed_in"))
    sequence_entries(store, now=NOW)
    return store


@pytest.fixture(params=KINDS)
def other(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Store]:
    """An empty migrated database of each kind."""
    check_kind(request.param)
    with databases.fresh(request.param) as url:
        opened = Store(url)
        yield opened
        opened.close()


def back_up(store: Store, folder: Path, name: str = "b.hotline") -> Path:
    write_backup(store, folder / name, revision=find_revision(store), secrets=SECRETS, now=NOW)
    return folder / name


def restore(store: Store, file: Path) -> None:
    restore_backup(store, file, revision=find_revision(store), secrets=SECRETS)


def contents(store: Store) -> dict[str, tuple[int, str]]:
    with store.engine.connect() as connection:
        digests = {table.name: digest_table(connection, table) for table in list_tables()}
    return {name: (digest.rows, digest.hex) for name, digest in digests.items()}


def refused(store: Store, file: Path) -> BackupProblem:
    with pytest.raises(BackupRefused) as caught:
        restore(store, file)
    assert all(rows == 0 for rows, _ in contents(store).values())
    return caught.value.problem


def rewrite(source: Path, target: Path, changes: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, changes.get(name, old.read(name)))
    return target


def test_a_backup_comes_back_whole_into_either_kind(full: Store, other: Store, tmp_path: Path) -> None:
    restore(other, back_up(full, tmp_path))
    assert contents(other) == contents(full)
    with other.read() as session:
        assert verify_ledger(session).is_whole
        assert session.get_one(Body, "civil_affairs").part_of_code == "bureau"


def test_a_move_copies_everything_from_one_kind_to_the_other(full: Store, other: Store) -> None:
    assert copy_database(full, other) == sum(rows for rows, _ in contents(full).values())
    assert contents(other) == contents(full)


def test_after_a_restore_the_house_goes_on_counting(full: Store, other: Store, tmp_path: Path) -> None:
    restore(other, back_up(full, tmp_path))
    with other.write() as session:
        before = session.scalar(select(func.max(LedgerEntry.id)))
        record(session, actor=SYSTEM, verb=Verb.NOTED, subject="case", subject_id="x", now=NOW)
        assert before is not None
        assert session.scalar(select(func.max(LedgerEntry.id))) == before + 1
        an_open_case(session)
    sequence_entries(other, now=NOW)
    with other.read() as session:
        assert verify_ledger(session).is_whole


def test_the_restored_ledger_is_as_append_only_as_before(full: Store, other: Store, tmp_path: Path) -> None:
    restore(other, back_up(full, tmp_path))
    with pytest.raises(DBAPIError), other.write() as session:
        session.connection().exec_driver_sql("DELETE FROM ledger_entry")


def test_short_lived_things_and_sign_ins_stay_out(full: Store, tmp_path: Path) -> None:
    with full.read() as session:
        assert session.scalar(select(func.count()).select_from(OfficerSession)) == 1
    with zipfile.ZipFile(back_up(full, tmp_path)) as archive:
        kept = {name.removeprefix("tables/").removesuffix(".jsonl") for name in archive.namelist()}
    assert LEFT_OUT & kept == set()
    assert set(Base.metadata.tables) - LEFT_OUT <= kept


def test_a_backup_sees_one_moment_while_others_go_on_writing(full: Store, tmp_path: Path) -> None:
    added = []

    def write_meanwhile(table: str, done: int, _total: int) -> None:
        if table == "town" and done == 1:
            with full.write() as session:
                added.append(an_open_case(session).id)

    made = write_backup(full, tmp_path / "b", revision="r", secrets=SECRETS, now=NOW, progress=write_meanwhile)
    with full.read() as session:
        cases = session.scalar(select(func.count()).select_from(Case))
    assert len(added) == 1
    assert cases is not None
    assert next(part.rows for part in made.tables if part.name == "case_file") == cases - 1


def test_the_file_is_for_its_owner_alone_and_never_written_over(full: Store, tmp_path: Path) -> None:
    file = back_up(full, tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(BackupRefused) as caught:
        back_up(full, tmp_path)
    assert caught.value.problem is BackupProblem.EXISTS
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_the_secret_is_not_in_it(full: Store, tmp_path: Path) -> None:
    key = SECRETS.versions[SECRETS.newest]
    with zipfile.ZipFile(back_up(full, tmp_path)) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist())
    assert key not in whole
    assert key.hex().encode() not in whole


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_a_cut_file_is_refused(full: Store, other: Store, tmp_path: Path, part: float) -> None:
    file = back_up(full, tmp_path)
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * part)])
    assert refused(other, file) is BackupProblem.CUT


def test_an_archive_of_a_kind_that_nobody_reads_is_refused(full: Store, other: Store, tmp_path: Path) -> None:
    file = back_up(full, tmp_path)
    content = bytearray(file.read_bytes())
    content[content.rindex(b"PK\x01\x02") + 6] = 0xFF  # the version of zip that it takes to read a member
    file.write_bytes(content)
    assert refused(other, file) is BackupProblem.CUT


def test_a_changed_row_is_refused(full: Store, other: Store, tmp_path: Path) -> None:
    file = back_up(full, tmp_path)
    with zipfile.ZipFile(file) as archive:
        rows = archive.read("tables/institution.jsonl")
    changed = rewrite(
        file, tmp_path / "c", {"tables/institution.jsonl": rows.replace("芦渚".encode(), "麦陇".encode())}
    )
    assert refused(other, changed) is BackupProblem.CHANGED


def test_a_removed_row_is_refused(full: Store, other: Store, tmp_path: Path) -> None:
    file = back_up(full, tmp_path)
    with zipfile.ZipFile(file) as archive:
        rows = archive.read("tables/ledger_link.jsonl").splitlines(keepends=True)
    changed = rewrite(file, tmp_path / "c", {"tables/ledger_link.jsonl": b"".join(rows[:-1])})
    assert refused(other, changed) is BackupProblem.CHANGED


def test_whoever_changes_the_manifest_too_lacks_the_secret(full: Store, other: Store, tmp_path: Path) -> None:
    file = back_up(full, tmp_path)
    with zipfile.ZipFile(file) as archive:
        said = json.loads(archive.read("manifest.json"))
    said["made_at"] = "2020-01-01T00:00:00+00:00"
    changed = rewrite(file, tmp_path / "c", {"manifest.json": json.dumps(said).encode()})
    assert refused(other, changed) is BackupProblem.CHANGED


def test_a_byte_turned_over_anywhere_is_refused_or_tells_nothing(
    full: Store, tmp_path: Path, databases: Databases
) -> None:
    file, wanted = back_up(full, tmp_path), contents(full)
    whole = file.read_bytes()
    for place in range(0, len(whole), len(whole) // 24):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        with databases.fresh("sqlite") as url:
            store = Store(url)
            try:
                restore(store, file)
                assert contents(store) == wanted  # a byte of the archive's own, such as a time stamp
            except BackupRefused:
                assert all(rows == 0 for rows, _ in contents(store).values())
            store.close()


def test_another_houses_backup_is_refused(full: Store, other: Store, tmp_path: Path) -> None:
    file = back_up(full, tmp_path)
    with pytest.raises(BackupRefused) as caught:
        restore_backup(other, file, revision=find_revision(other), secrets=load_secrets(generate_secret_file()))
    assert caught.value.problem is BackupProblem.CHANGED


def test_a_backup_of_before_a_rotation_of_the_secret_still_opens(full: Store, other: Store, tmp_path: Path) -> None:
    old = generate_secret_file()
    write_backup(full, tmp_path / "b", revision=find_revision(full), secrets=load_secrets(old), now=NOW)
    rotated = load_secrets(generate_secret_file(old))
    restore_backup(other, tmp_path / "b", revision=find_revision(other), secrets=rotated)
    assert contents(other) == contents(full)


def test_another_schema_is_refused(full: Store, other: Store, tmp_path: Path) -> None:
    write_backup(full, tmp_path / "b", revision="9999", secrets=SECRETS, now=NOW)
    assert refused(other, tmp_path / "b") is BackupProblem.OTHER_VERSION


def test_a_database_with_anything_in_it_is_left_alone(full: Store, other: Store, tmp_path: Path) -> None:
    file = back_up(full, tmp_path)
    with other.write() as session:
        session.connection().execute(
            insert(Institution.__table__).values(  # type: ignore[arg-type]
                code="x", name="x", aliases=[], operator_kind="public", operator_name="", director_name="", address=""
            )
        )
    for act in (lambda: restore(other, file), lambda: copy_database(full, other)):
        with pytest.raises(BackupRefused) as caught:
            act()
        assert caught.value.problem is BackupProblem.NOT_EMPTY
    assert contents(other)["institution"][0] == 1
    assert contents(other)["town"][0] == 0


def test_a_broken_ledger_comes_back_as_broken_as_it_was_and_says_so(full: Store, other: Store, tmp_path: Path) -> None:
    with full.write() as session:
        connection = session.connection()
        if full.is_sqlite:
            connection.exec_driver_sql("DROP TRIGGER ledger_entry_no_update")
        else:
            connection.exec_driver_sql("DROP TRIGGER ledger_entry_append_only ON ledger_entry")
        connection.exec_driver_sql("UPDATE ledger_entry SET verb = 'noted' WHERE id = 2")
    made = write_backup(full, tmp_path / "b", revision=find_revision(full), secrets=SECRETS, now=NOW)
    assert made.ledger["broken"]
    restore(other, tmp_path / "b")
    with other.read() as session:
        assert not verify_ledger(session).is_whole


def test_reading_the_manifest_needs_the_secret(full: Store, tmp_path: Path) -> None:
    with zipfile.ZipFile(back_up(full, tmp_path)) as archive:
        assert read_manifest(archive, SECRETS).kind == full.engine.dialect.name
