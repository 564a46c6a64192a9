"""Runs every target for a while and tells what came of it: `python -m tests.fuzz.run [--seconds N] [TARGET ...]`.

What makes a target fall lies then in `.fuzz/TARGET/`; mended, it goes as base64 into `found/TARGET/`, which every test
run feeds.
"""

import argparse
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]
TARGETS = tuple(sorted(path.stem for path in (Path(__file__).parent / "targets").glob("[a-z]*.py")))
FINDINGS = ROOT / ".fuzz"
SLOW_INPUT_SECONDS, MEMORY_MB = 20, 3000
LONGEST = 20_000


@dataclass(frozen=True)
class Outcome:
    """What a run came to."""

    target: str
    executions: int
    findings: tuple[str, ...]

    def tell(self) -> str:
        """One line."""
        found = f"{len(self.findings)} found: {', '.join(self.findings)}" if self.findings else "nothing found"
        return f"{self.target:<16} {self.executions:>10,} executions  {found}"


def run_target(target: str, seconds: int) -> Outcome:
    """One target in a process of its own, begun with its seeds and whatever earlier runs found worth keeping."""
    folder, corpus = FINDINGS / target, FINDINGS / target / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    known = set(folder.iterdir())
    for number, seed in enumerate(import_module(f"tests.fuzz.targets.{target}").SEEDS):
        (corpus / f"seed-{number}").write_bytes(seed)
    options = [
        *(f"-max_total_time={seconds}", f"-timeout={SLOW_INPUT_SECONDS}", f"-rss_limit_mb={MEMORY_MB}"),
        *(f"-max_len={LONGEST}", f"-artifact_prefix={folder}/", "-print_final_stats=1", str(corpus)),
    ]
    command = [sys.executable, "-m", "tests.fuzz.engine", target, *options]
    with (folder / "log").open("wb") as log:
        ended = subprocess.run(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, check=False)
    said = (folder / "log").read_text(encoding="utf-8", errors="replace")
    counted = re.search(r"stat::number_of_executed_units:\s*(\d+)", said)
    findings = sorted(path.name for path in set(folder.iterdir()) - known if path.name.partition("-")[0] in KINDS)
    if ended.returncode and not findings:
        findings = [f"ended with {ended.returncode}, see {folder.relative_to(ROOT)}/log"]
    return Outcome(target, int(counted[1]) if counted else 0, tuple(findings))


KINDS = ("crash", "timeout", "oom", "leak", "slow")


def main() -> int:
    """Exit 1 where something was found, 2 where the engine isn't there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []], default=[])
    asked = parser.parse_args()
    if find_spec("atheris") is None:
        print("atheris is not installed here (no wheel for this Python or machine): its targets did not run.")
        return 2
    os.nice(19)
    outcomes = []
    for target in asked.targets or TARGETS:
        outcomes.append(run_target(target, asked.seconds))
        print(outcomes[-1].tell(), flush=True)
    return 1 if any(outcome.findings for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
