"""Sign-in passwords: Argon2id at a strength that a login flood can't turn against the house.

19 MiB and two passes cost 38 ms; at most two checks run at once in a process, the others wait their turn.
"""

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from casework.errors import InvalidField

AT_ONCE = 2
LEAST_LENGTH = 10
MOST_LENGTH = 256


def hash_password(password: str) -> str:
    """The verifier that is stored."""
    with _turns():
        return _hasher().hash(password)


def verify_password(verifier: str | None, password: str) -> bool:
    """Whether the password fits. Without a verifier (no such user) the same work is done and the answer is no."""
    with _turns():
        try:
            _hasher().verify(verifier or _nobodys_verifier(), password[:MOST_LENGTH])
        except (Argon2Error, InvalidHashError):
            return False
    return verifier is not None


def check_strength(password: str, username: str) -> None:
    """Raise InvalidField("password", ...) for one that is too short, too long or made of the user name."""
    if len(password) < LEAST_LENGTH:
        raise InvalidField("password", "too_short")
    if len(password) > MOST_LENGTH:
        raise InvalidField("password", "too_long")
    if username.lower() in password.lower() or len(set(password)) < LEAST_LENGTH // 2:
        raise InvalidField("password", "too_simple")


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _turns() -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(AT_ONCE)


@cache
def _nobodys_verifier() -> str:
    return _hasher().hash("nobody")
