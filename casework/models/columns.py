"""The column shapes that the tables share.

Closed sets are stored as short text under a CHECK, so that both databases refuse a word that the code does not know.
"""

import secrets
from enum import StrEnum

from sqlalchemy import Enum

ID_LENGTH = 24


def new_id() -> str:
    """A random row id: 96 bits, so that no id tells how many there are or which came first."""
    return secrets.token_hex(ID_LENGTH // 2)


def closed_set(kind: type[StrEnum], name: str) -> Enum:
    """A text column that takes only the values of `kind`; `name` names its constraint."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )
