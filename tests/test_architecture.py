"""The house rules that a machine can read, held against every committed file."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STREET = ("api", "bot", "intake", "casework", "triage")
"""An import may point to the right, any distance, never to the left."""

LINES_IN_A_FILE = 400
LINES_IN_A_FUNCTION = 60
ENVIRONMENT_READER = "api/settings.py"
CLOCK = "casework/clock.py"

UNPURE = {
    *("asyncio", "concurrent", "logging", "multiprocessing", "os", "random", "secrets", "socket", "sqlite3", "ssl"),
    *("subprocess", "tempfile", "threading", "time", "urllib", "uuid"),
    *("alembic", "dbos", "fastapi", "httpx", "psycopg", "pydantic_settings", "requests", "sqlalchemy", "structlog"),
}
LEAVE = {"triage/segmenter.py": {"logging", "tempfile"}}
"""jieba has to be silenced, and its cache kept out of the folder that other accounts can write."""

REMAKING = "triage/data/training/"
"""Commands that remake the weights, for developers; they do not travel with the product."""

CLOCK_CALLS = {
    *(
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "date.today",
        "datetime.datetime.now",
        "datetime.date.today",
    ),
    *("time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime", "time.asctime"),
    *("func.now", "func.current_timestamp", "func.current_date", "sa.func.now", "sqlalchemy.func.now"),
}
MADE_AT_USE = {"create_engine", "sessionmaker", "Compiler", "Client", "AsyncClient", "FastAPI", "DBOS", "Store", "open"}
"""What holds a connection, a file or a thread is built by the wiring, never by an import."""

REGISTRIES = (
    "pypi|org",
    "pythonhosted|org",
    "npmjs|org",
    "debian|org/debian",
    "jsdelivr|net",
    "unpkg|com",
    "golang|org",
)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|opt/\w+|Users/\w+)/[\w.]")
HOSTS = re.compile("|".join(re.escape(name.replace("|", ".")) for name in REGISTRIES))
INDEX_OPTIONS = re.compile(r"^\s*(?:-i|-f|--(?:extra-)?index-url|--find-links)\b|\bfile:/|https?:", re.MULTILINE)


def committed_files() -> list[Path]:
    """What git keeps or is about to keep; without git every file beside the caches."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]
    return [path for path in ROOT.rglob("*") if path.is_file() and not {".venv", ".git", "var"} & set(path.parts)]


FILES = committed_files()
CODE = [path for path in FILES if path.suffix == ".py"]
PRODUCT = [path for path in CODE if path.relative_to(ROOT).parts[0] in STREET]
TREES = {path: ast.parse(path.read_text(encoding="utf-8"), str(path)) for path in CODE}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported_modules(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Each imported module with its line; `from a import b` counts as a and as a.b, because b may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def dotted(node: ast.AST) -> str:
    """The written name of an attribute chain, such as `datetime.now`; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def found_in(paths: list[Path], pattern: re.Pattern[str]) -> list[str]:
    """Every line of these text files that the pattern finds."""
    hits = []
    for path in paths:
        content = path.read_bytes()
        if b"\0" in content:
            continue
        lines = content.decode("utf-8").splitlines()
        hits += [
            f"{name_of(path)}:{number}: {line[:120]}" for number, line in enumerate(lines, 1) if pattern.search(line)
        ]
    return hits


def test_every_folder_of_the_street_is_looked_at():
    assert {path.relative_to(ROOT).parts[0] for path in PRODUCT} == set(STREET)


def test_imports_point_only_to_the_right():
    wrong = []
    for path in PRODUCT:
        here = STREET.index(path.relative_to(ROOT).parts[0])
        for line, module in imported_modules(TREES[path]):
            there = module.partition(".")[0]
            if (there in STREET and STREET.index(there) < here) or there in {"tests", ""}:
                wrong.append(f"{name_of(path)}:{line} imports {module}")
    assert wrong == []


def test_no_import_hides_in_a_function_or_behind_a_condition():
    wrong = []
    for path in CODE:
        top = {node for node in TREES[path].body if isinstance(node, ast.Import | ast.ImportFrom)}
        for node in ast.walk(TREES[path]):
            hidden = isinstance(node, ast.Import | ast.ImportFrom) and node not in top
            if hidden or dotted(node).endswith("TYPE_CHECKING"):
                wrong.append(f"{name_of(path)}:{node.lineno}")  # type: ignore[attr-defined]
    assert wrong == []


def test_files_and_functions_stay_short():
    long = []
    for path in CODE:
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > LINES_IN_A_FILE and "versions" not in path.parts:
            long.append(f"{name_of(path)}: {lines} lines")
        for function in functions(TREES[path]):
            length = (function.end_lineno or function.lineno) - function.lineno + 1
            if length > LINES_IN_A_FUNCTION and "versions" not in path.parts:
                long.append(f"{name_of(path)}:{function.lineno} {function.name}: {length} lines")
    assert long == []


def test_only_the_settings_read_the_environment():
    names = {"os.environ", "os.getenv", "os.environb", "os.putenv", "environ", "getenv"}
    wrong = []
    for path in PRODUCT:
        if name_of(path) == ENVIRONMENT_READER:
            continue
        wrong += [f"{name_of(path)}:{node.lineno}" for node in ast.walk(TREES[path]) if dotted(node) in names]  # type: ignore[attr-defined]
        modules = {module.partition(".")[0] for _, module in imported_modules(TREES[path])}
        wrong += [f"{name_of(path)} imports {module}" for module in modules & {"pydantic_settings", "dotenv"}]
    assert wrong == []


def test_only_the_clock_asks_what_time_it_is():
    wrong = []
    for path in PRODUCT:
        if name_of(path) == CLOCK:
            continue
        calls = [node for node in ast.walk(TREES[path]) if isinstance(node, ast.Call)]
        wrong += [
            f"{name_of(path)}:{call.lineno} {dotted(call.func)}" for call in calls if dotted(call.func) in CLOCK_CALLS
        ]
    assert wrong == []


def test_triage_is_pure():
    wrong = []
    for path in PRODUCT:
        if path.relative_to(ROOT).parts[0] == "triage" and not name_of(path).startswith(REMAKING):
            refused = UNPURE - LEAVE.get(name_of(path), set())
            modules = imported_modules(TREES[path])
            wrong += [
                f"{name_of(path)}:{line} {module}" for line, module in modules if module.partition(".")[0] in refused
            ]
    assert wrong == []


def test_an_import_opens_nothing():
    wrong = []
    for path in PRODUCT:
        at_import = [node for node in TREES[path].body if isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr)]
        calls = [call for node in at_import for call in ast.walk(node) if isinstance(call, ast.Call)]
        wrong += [
            f"{name_of(path)}:{call.lineno} {dotted(call.func)}"
            for call in calls
            if dotted(call.func).rpartition(".")[2] in MADE_AT_USE
        ]
    assert wrong == []


def test_no_committed_file_names_a_machine_path_or_a_registry():
    assert found_in(FILES, MACHINE_PATHS) == []
    assert found_in(FILES, HOSTS) == []


def test_the_locks_name_no_address_and_hash_every_package():
    locks = [path for path in FILES if path.suffix == ".lock"]
    assert [path.name for path in locks] == ["requirements-dev.lock", "requirements-fuzz.lock", "requirements.lock"]
    assert found_in(locks, INDEX_OPTIONS) == []
    for lock in locks:
        entries = re.split(r"\n(?=\S)", lock.read_text().strip())
        assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", ["requirements.lock"])
def test_the_lock_has_every_package_that_the_project_asks_for(lock):
    wanted = re.findall(
        r'^    "([A-Za-z0-9_.-]+)', (ROOT / "pyproject.toml").read_text().partition("[project.scripts]")[0], re.M
    )
    locked = set(re.findall(r"^([a-z0-9_.-]+)==", (ROOT / lock).read_text(), re.M))
    assert {name.lower() for name in wanted} - locked == set()
