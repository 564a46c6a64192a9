"""A PostgreSQL cluster for one test run: made from nothing, on loopback, gone afterwards.

As root the server runs under an unprivileged account, because it refuses to run as root. The cluster has a UTF-8
LC_CTYPE: with plain C, pg_trgm finds no Chinese trigram.
"""

import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

LOCALE = "C.UTF-8"
SUPERUSER = "hotline"
ACCOUNTS = ("postgres", "nobody")
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "128MB",
    "autovacuum": "off",
    "jit": "off",
}


class PostgresMissingError(RuntimeError):
    """No server programs on this machine."""


@dataclass(frozen=True)
class Cluster:
    """Where a running cluster is reached."""

    port: int
    password: str

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql+psycopg://{SUPERUSER}:{self.password}@127.0.0.1:{self.port}/{database}"


def find_programs() -> Path:
    """The folder of initdb and pg_ctl, the newest version first.

    Raises PostgresMissingError where there is none.
    """
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True)
    found = shutil.which("initdb")
    for folder in [*debian, *([Path(found).resolve().parent] if found else [])]:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise PostgresMissingError


def start(run_dir: Path) -> Cluster:
    """Make and start the cluster of this run, or find the one that another worker started (hold the run's lock).

    Raises PostgresMissingError; CalledProcessError where the server does not start, with its own words in the output.
    """
    state = run_dir / "cluster.json"
    if state.exists():
        return Cluster(**json.loads(state.read_text()))
    programs = find_programs()
    home = run_dir / "postgres"
    home.mkdir(mode=0o700)
    if os.getuid() == 0:
        shutil.chown(home, choose_account())
    cluster = Cluster(port=find_free_port(), password=secrets.token_urlsafe(16))
    make_cluster(programs, home, cluster)
    run(programs / "pg_ctl", "-D", home / "data", "-l", home / "log", "-w", "-t", "120", "start", home=home)
    state.touch(mode=0o600)
    state.write_text(json.dumps(asdict(cluster)))
    return cluster


def make_cluster(programs: Path, home: Path, cluster: Cluster) -> None:
    """Run initdb with our locale, password and settings."""
    secret = home / "password"
    secret.write_text(cluster.password)
    if os.getuid() == 0:
        shutil.chown(secret, choose_account())
    run(
        *(programs / "initdb", "-D", home / "data", "-U", SUPERUSER, "--pwfile", secret, "--auth=password"),
        *("--encoding=UTF8", f"--locale={LOCALE}", "--no-sync"),
        home=home,
    )
    lines = [f"{name} = '{value}'" for name, value in {**SETTINGS, "port": str(cluster.port)}.items()]
    with (home / "data" / "postgresql.conf").open("a") as conf:
        conf.write("\n".join(lines) + "\n")


def stop(run_dir: Path) -> None:
    """Stop the cluster of this run, if there is one; nothing of it is worth a clean end."""
    home = run_dir / "postgres"
    if (home / "data" / "postmaster.pid").exists():
        run(find_programs() / "pg_ctl", "-D", home / "data", "-m", "immediate", "-w", "stop", home=home, check=False)


def run(*command: str | Path, home: Path, check: bool = True) -> None:
    """Run a server program under the account that owns the cluster, its output kept out of the tests' own."""
    account: dict[str, Any] = {}
    if os.getuid() == 0:
        entry = pwd.getpwnam(choose_account())
        account = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    environment = {"PATH": os.defpath, "LC_ALL": LOCALE, "HOME": str(home), "TZ": "UTC"}
    with (home / "setup.log").open("a") as log:
        done = subprocess.run(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=home,
            env=environment,
            check=False,
            **account,
        )
    if check and done.returncode:
        words = "\n".join(
            path.read_text(errors="replace") for path in (home / "setup.log", home / "log") if path.exists()
        )
        raise RuntimeError(f"{command[0]} failed with {done.returncode}:\n{words[-4000:]}")


def choose_account() -> str:
    """The unprivileged account under which root runs the server."""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ACCOUNTS if name in names)


def find_free_port() -> int:
    """A port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
