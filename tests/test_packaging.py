"""The project as others install it: one wheel with everything it needs, in an environment that knows no checkout."""

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STREET = ("api", "bot", "casework", "intake", "triage")
CODE = {".py", ".pyc"}
pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    """Run a program far from the checkout and give what it printed."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(cwd), "LC_ALL": "C.UTF-8"},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


FOR_DEVELOPERS = "triage/data/training/"
"""What the weights are remade from stays out of the wheel."""


def data_files() -> set[str]:
    """Everything in the five folders that is not code: tables of words, templates, styles, migrations."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *STREET],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = (name for name in listed.stdout.splitlines() if not name.startswith(FOR_DEVELOPERS))
    return {name for name in names if Path(name).suffix not in CODE and (ROOT / name).is_file()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(folder),
        str(ROOT),
    ]
    subprocess.run([sys.executable, *command], cwd=folder, stdin=subprocess.DEVNULL, check=True)
    return next(folder.glob("qingfeng_hotline-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program folder of a clean environment with the wheel and the locked packages, and nothing else."""
    home = tmp_path_factory.mktemp("elsewhere")
    venv.create(home / "env", with_pip=False)
    programs = home / "env" / "bin"
    uv = Path(sys.executable).parent / "uv"
    installer = (
        [uv, "pip", "install", "--quiet", "--python"] if uv.exists() else [sys.executable, "-m", "pip", "--python"]
    )
    options = [] if uv.exists() else ["install", "--quiet"]
    for what in (["--require-hashes", "-r", ROOT / "requirements.lock"], [wheel]):
        command = [*installer, programs / "python", *options, "--no-deps", *what]
        subprocess.run([str(word) for word in command], cwd=home, stdin=subprocess.DEVNULL, check=True)
    return programs


def test_the_wheel_carries_every_data_file(wheel):
    with zipfile.ZipFile(wheel) as archive:
        assert data_files() - set(archive.namelist()) == set()


def test_the_wheel_carries_the_five_folders_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        top = {name.partition("/")[0] for name in archive.namelist()}
    assert {name for name in top if not name.endswith(".dist-info")} == set(STREET)


def test_the_command_answers_from_any_folder(installed, tmp_path):
    assert "triage" in run(installed / "hotline", "--help", cwd=tmp_path)


def test_triage_finds_its_words_without_the_checkout(installed, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"id": 1, "text": "敬老院不退押金"}\n', encoding="utf-8")
    assert '"categories"' in run(installed / "hotline", "triage", "in.jsonl", cwd=tmp_path)


def test_a_database_is_made_without_the_checkout(installed, tmp_path):
    words = "from api.migrate import upgrade; upgrade('sqlite:///made.db')"
    run(installed / "python", "-c", words, cwd=tmp_path)
    assert (tmp_path / "made.db").stat().st_size > 0
