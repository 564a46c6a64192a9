"""The integration API against what it says of itself: whatever fits its description is answered as described.

The requests are made up by schemathesis out of the published document; `make fuzz` makes far more of them.
"""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import sampled_from
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from casework.apikeys import Scope
from tests.api.doors import a_key
from tests.api.visitors import Doors

FEW, MOST = 15, 2000
"""Requests of each kind in `make test` and in `make fuzz`."""
UNHURRIED: dict[str, Any] = {"deadline": None, "suppress_health_check": list(HealthCheck)}
AS_DESCRIBED = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


@pytest.fixture
def keys(one_doors: Doors) -> tuple[str, ...]:
    """A sender's key, a receiver's, and none."""
    store = one_doors.home.house.store
    sender = a_key(store, Scope.REPORTS_WRITE, Scope.REPORTS_READ)
    receiver = a_key(store, Scope.REFERRALS_READ, Scope.REFERRALS_WRITE, body="fire", label="消防")
    return sender, receiver, ""


@pytest.mark.hypothesis
def test_whatever_fits_the_description_is_answered_as_described(one_doors: Doors, keys: tuple[str, ...]) -> None:
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", one_doors.app)
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) > 5
    for operation in operations:
        ask(operation, keys)


def ask(operation: Any, keys: tuple[str, ...]) -> None:
    """Made-up requests of one kind, each with one of the keys."""

    @given(case=operation.as_strategy(), key=sampled_from(keys))
    @settings(max_examples=MOST if is_fuzzing() else FEW, **UNHURRIED)
    def check(case: Any, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        case.call_and_validate(headers=headers, checks=list(AS_DESCRIBED))

    check()


def is_fuzzing() -> bool:
    """Whether `make fuzz` asks."""
    return settings.get_current_profile_name() == "fuzz"
