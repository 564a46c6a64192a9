"""The office's words on the command line: out to a file, in as a new version, and triage that reads by them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.office_context import read_office_context
from casework.ledger import SYSTEM
from casework.lexicons import add_version, get_active, list_versions
from casework.store import Store
from tests.casework.people import NOW, the_county
from tests.triage.reading_room import a_context
from triage.overlay import Change, ChangeAct

PHRASE = "云端星光计划"
CHANGE = Change(ChangeAct.ADD, "illegal_fundraising", (PHRASE,), weight=4.0, why="换了名头的集资")
FILE = f'[[change]]\nact = "add"\ntopic = "illegal_fundraising"\nwords = ["{PHRASE}"]\nweight = 4.0\n'


def run(url: str, *words: str, told: str = "") -> Result:
    return CliRunner().invoke(app, list(words), input=told, env={"HOTLINE_DATABASE_URL": url})


def versions(url: str) -> tuple[int, list[str]]:
    store = Store(url)
    with store.read() as session:
        found = get_active(session), [version.reason for version in list_versions(session)]
    store.close()
    return found


def put_live(url: str) -> None:
    store = Store(url)
    with store.write() as session:
        add_version(session, (CHANGE,), change=CHANGE, reason="试点", base=a_context(), by=SYSTEM, now=NOW)
    store.close()


def test_a_file_goes_in_as_a_new_version_and_comes_out_the_same(database_url: str, tmp_path: Path):
    file, out = tmp_path / "in.toml", tmp_path / "out.toml"
    file.write_text(FILE, encoding="utf-8")
    told = run(database_url, "lexicon", "import", str(file), "--reason", "县里统一")
    assert (told.exit_code, "是第1版" in told.output) == (0, True), told.output
    assert versions(database_url) == (1, ["县里统一"])
    assert "第1版" in run(database_url, "lexicon", "export", str(out)).output
    assert FILE.strip() in out.read_text(encoding="utf-8")
    assert "没有新的一版" in run(database_url, "lexicon", "import", str(out)).output
    assert versions(database_url)[0] == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (f"{FILE}\n[[change]]\nact = 'add'\ntopic = 'feees'\nwords = ['x']\n".encode(), "in.toml:7: topic："),
        (f"{FILE}{FILE}".encode(), "in.toml:6: words：这一类里已经有这个说法了。"),
        (b"[[change]\n", "in.toml:1: TOML"),
        (b"# ok\n# \xff\n", "in.toml:2: "),
    ],
)
def test_a_wrong_file_is_told_by_line_and_changes_nothing(
    sqlite_database_url: str, tmp_path: Path, content: bytes, told: str
):
    file = tmp_path / "in.toml"
    file.write_bytes(content)
    answer = run(sqlite_database_url, "lexicon", "import", str(file))
    assert answer.exit_code == 1
    assert told in answer.output
    assert versions(sqlite_database_url) == (0, [])


def test_looking_only_changes_nothing(sqlite_database_url: str, tmp_path: Path):
    file = tmp_path / "in.toml"
    file.write_text(FILE, encoding="utf-8")
    assert "1处改动" in run(sqlite_database_url, "lexicon", "import", str(file), "--check").output
    assert versions(sqlite_database_url) == (0, [])


def test_triage_reads_by_the_words_and_the_directory_of_the_office(sqlite_database_url: str):
    put_live(sqlite_database_url)
    store = Store(sqlite_database_url)
    with store.write() as session:
        the_county(session)
    store.close()
    line = json.dumps({"id": 1, "text": f"芦渚颐年院又在搞{PHRASE}了"}, ensure_ascii=False)
    own = json.loads(run(sqlite_database_url, "triage", told=line).stdout)
    base = json.loads(run(sqlite_database_url, "triage", "--base", told=line).stdout)
    assert own["categories"][0]["code"] == "illegal_fundraising"
    assert own["institution"]["code"] == "luzhu-home"
    assert base["categories"][0]["code"] != "illegal_fundraising"


def test_without_a_database_the_shipped_words_rule_and_none_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    url = f"sqlite:///{tmp_path}/none.db"
    assert read_office_context(url).lexicon.version == a_context().lexicon.version
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "none.db").touch()
    assert read_office_context(url).lexicon.version == a_context().lexicon.version
    assert "hotline migrate" in capsys.readouterr().err
