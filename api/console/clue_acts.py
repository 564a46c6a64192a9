"""What the clue desk checks before it says that a clue is one: both keys, each by a person's own tick."""

from api.dependencies import Form
from casework.errors import InvalidField

KEYS = ("who", "what")


def check_keys(form: Form) -> None:
    """Raise InvalidField for the first key that nobody has ticked."""
    for key in KEYS:
        if form.text(key) != "yes":
            raise InvalidField(key, "not_checked")
