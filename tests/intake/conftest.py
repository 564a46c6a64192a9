"""Who stands at the desk in several tests of intake."""

import pytest

from casework.models import Officer
from casework.store import Store
from tests.casework.people import a_dispatcher
from tests.intake.desk import a_house


@pytest.fixture
def clerk(store: Store) -> Officer:
    """A dispatcher of a house with its bodies and homes."""
    with store.write() as session:
        a_house(session)
        officer = a_dispatcher(session)
        session.flush()
        return officer
