"""Background work: queued in the transaction that causes it, done by any process that runs an engine.

Business code needs `enqueue`, `JobName` and, for what leaves the house, `deliver_once`; the wiring needs the rest.
"""

from casework.jobs.outbox import enqueue
from casework.jobs.tables import ENGINE_TABLES, create_tables
from casework.jobs.types import Exhausted, Handler, JobFailure, JobName, JobOutcome, Lane, Policy, Schedule, Step

__all__ = [
    "ENGINE_TABLES",
    "Exhausted",
    "Handler",
    "JobFailure",
    "JobName",
    "JobOutcome",
    "Lane",
    "Policy",
    "Schedule",
    "Step",
    "create_tables",
    "enqueue",
]
