"""What can go wrong in casework; facts, not sentences.

HotlineError
├── NotFound            no such thing, or none that this officer may know of
├── NotAllowed          the role does not hold the right
├── NeedsColleague      a sealed case lies with one alone, who may neither end it nor hand it on
├── IllegalMove         the transition table does not have it
├── StaleVersion        somebody else wrote first
├── InvalidField        one named field of a form is wrong (`field`, `problem`)
├── ConflictOfInterest  the receiver or handler is the one complained of
├── VaultLocked         the ring is not open in this sign-in
├── WrongPassphrase     the passphrase does not open the key
├── BrokenSeal          a ciphertext was changed, moved to another row, or made for another key
├── VaultNotSetUp       no ring or recovery key exists yet
├── WrongSecretFile     the server's secret file is missing a version or has a bad line
├── LastMember          the ring would be left without a member
├── WrongSignIn         name, password or code is wrong, or it is too early for another try
├── InitialPasswordOver the first password was right, but its days are over
├── BackupRefused       a backup can't be made or read, or the place to restore it isn't empty (`problem`)
├── DataError           one of the office's data files is wrong
└── CalendarGap         no working-day data for a year
The HTTP status and the Chinese wording stand in `api/errors.py`.
"""

from datetime import datetime
from enum import StrEnum


class HotlineError(Exception):
    """The root of what we raise on purpose."""


class NotFound(HotlineError):
    """There is no such thing for this officer."""

    def __init__(self, kind: str, ident: str) -> None:
        super().__init__(kind, ident)
        self.kind = kind
        self.ident = ident


class NotAllowed(HotlineError):
    """The officer's roles do not allow this act."""

    def __init__(self, act: str) -> None:
        super().__init__(act)
        self.act = act


class AwaitsClueOfficer(HotlineError):
    """An open discipline case that no clue officer has looked at yet."""

    def __init__(self, case_id: str) -> None:
        super().__init__(case_id)
        self.case_id = case_id


class NeedsColleague(HotlineError):
    """A sealed case that one clue officer alone can open: what takes four eyes waits for a second."""

    def __init__(self, case_id: str) -> None:
        super().__init__(case_id)
        self.case_id = case_id


class IllegalMove(HotlineError):
    """The table of moves has no way from `here` to `there`."""

    def __init__(self, here: str, there: str) -> None:
        super().__init__(here, there)
        self.here = here
        self.there = there


class StaleVersion(HotlineError):
    """The row was changed since the officer read it."""

    def __init__(self, ident: str) -> None:
        super().__init__(ident)
        self.ident = ident


class InvalidField(HotlineError):
    """One field of a form is wrong; `problem` is a key of the wording table."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field, problem)
        self.field = field
        self.problem = problem


class ConflictOfInterest(HotlineError):
    """The body or officer chosen is hit by the conflict test."""

    def __init__(self, who: str, reason: str) -> None:
        super().__init__(who, reason)
        self.who = who
        self.reason = reason


class VaultLocked(HotlineError):
    """No ring is open in this sign-in."""


class WrongPassphrase(HotlineError):
    """The passphrase does not open the key."""


class BrokenSeal(HotlineError):
    """A ciphertext does not open under its key as the row it stands in; `kind` says what it was to be."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class VaultNotSetUp(HotlineError):
    """Nothing can be taken in before the ring and the recovery key exist; `missing` names which is not there."""

    def __init__(self, missing: str) -> None:
        super().__init__(missing)
        self.missing = missing


class WrongSecretFile(HotlineError):
    """The server's secret file cannot be read at `line` (0: it holds no version)."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class LastMember(HotlineError):
    """Removing this member would leave the ring closed for good."""


class WrongSignIn(HotlineError):
    """Which part was wrong is not said; the next try is looked at from `next_try_at` on."""

    def __init__(self, next_try_at: datetime) -> None:
        super().__init__(next_try_at)
        self.next_try_at = next_try_at


class InitialPasswordOver(HotlineError):
    """The initial password is right and too old; the administrator gives another."""


class BackupProblem(StrEnum):
    """Why a backup is refused."""

    EXISTS = "exists"
    CUT = "cut"
    CHANGED = "changed"
    OTHER_VERSION = "other_version"
    NOT_EMPTY = "not_empty"
    UNEQUAL = "unequal"
    SAME_PLACE = "same_place"


class BackupRefused(HotlineError):
    """Nothing was written; `detail` names the file's part or the table."""

    def __init__(self, problem: BackupProblem, detail: str = "") -> None:
        super().__init__(problem, detail)
        self.problem = problem
        self.detail = detail


class DataError(HotlineError):
    """The data file `file` can not be used; `problem` is for the one who edits it."""

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(file, problem)
        self.file = file
        self.problem = problem


class CalendarGap(HotlineError):
    """No working-day data exist for `year`."""

    def __init__(self, year: int) -> None:
        super().__init__(year)
        self.year = year
