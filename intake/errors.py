"""What can go wrong on the way in; facts, not sentences.

HotlineError
├── MistypedCode    the digits of a receipt code do not fit together
├── WeakPassphrase  the reporter's own passphrase is too easily guessed
└── EmptyReport     there are no words to take in
"""

from casework.errors import HotlineError


class MistypedCode(HotlineError):
    """A receipt code has the wrong length (`digits` of them) or its check digit does not fit."""

    def __init__(self, digits: int) -> None:
        super().__init__(digits)
        self.digits = digits


class WeakPassphrase(HotlineError):
    """The passphrase a reporter chose would be guessed; `problem` is a key of the wording table."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class EmptyReport(HotlineError):
    """A report without a word."""
