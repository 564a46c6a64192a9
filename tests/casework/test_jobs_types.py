"""How patient the house is with each job."""

from datetime import timedelta

import pytest

from casework.jobs import POLICIES, JobName, Lane, Policy

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("attempt", "pause"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 10), (500, 10)])
def test_the_pause_doubles_up_to_its_cap(attempt: int, pause: int):
    policy = Policy(Lane.OUTSIDE, 9, MINUTE, 10 * MINUTE)
    assert policy.pause_after(attempt) == pause * MINUTE


def test_every_job_has_a_policy_and_every_lane_a_job():
    assert set(POLICIES) == set(JobName)
    assert {policy.lane for policy in POLICIES.values()} == set(Lane)


def test_a_call_for_help_never_waits_behind_the_mail():
    assert POLICIES[JobName.PAGE_OFFICER].lane is not POLICIES[JobName.SEND_DELIVERY].lane
    assert POLICIES[JobName.PAGE_OFFICER].cap <= 2 * MINUTE
