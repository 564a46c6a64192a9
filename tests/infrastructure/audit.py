"""Asks the public lists whether a locked package has a known vulnerability.

The tool behind it says "none found" of packages it could not look up; here such a package is a failure.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Findings:
    """What an audit came to, as lines to print."""

    asked: int
    vulnerable: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def is_unanswered(self) -> bool:
        """Whether nobody answered: then nothing is known of any package."""
        return self.asked == len(self.unknown)

    @property
    def is_clean(self) -> bool:
        """Whether every package was looked up and none is known to be vulnerable."""
        return self.asked > 0 and not self.vulnerable and not self.unknown


def read_report(report: str) -> Findings:
    """Read pip-audit's JSON."""
    packages = json.loads(report)["dependencies"]
    return Findings(
        asked=len(packages),
        vulnerable=tuple(f"{p['name']} {p['version']}: {v['id']}" for p in packages for v in p.get("vulns", [])),
        unknown=tuple(f"{p['name']}: {p['skip_reason']}" for p in packages if "skip_reason" in p),
    )


def audit(locks: Sequence[str]) -> Findings:
    """Ask about every package of the lock files."""
    chosen = [word for lock in locks for word in ("-r", lock)]
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--format=json",
        "--progress-spinner=off",
        "--disable-pip",
        "--no-deps",
    ]
    done = subprocess.run([*command, *chosen], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if not done.stdout.strip():
        sys.exit(f"pip-audit said nothing:\n{done.stderr[-2000:]}")
    return read_report(done.stdout)


def tell(found: Findings) -> list[str]:
    """What to print: one line alone where no list of vulnerabilities could be reached."""
    if found.is_unanswered:
        return [
            f"没有查成:这台机器连不到漏洞库,{found.asked}个包一个也没查到。"
            f"No advisory source answered from here: none of {found.asked} packages was looked up, nothing is known."
        ]
    counts = f"{found.asked} packages, {len(found.vulnerable)} vulnerable, {len(found.unknown)} not looked up"
    return [*found.vulnerable, *(f"not looked up: {line}" for line in found.unknown), counts]


def main() -> None:
    """Print what was found; exit 1 unless everything was looked up and nothing is known."""
    found = audit(sys.argv[1:])
    print(*tell(found), sep="\n")
    sys.exit(0 if found.is_clean else 1)


if __name__ == "__main__":
    main()
