"""Background work: queued in the transaction that causes it, done by any process that runs an engine.

Business code needs `enqueue`, `JobName` and, for what leaves the house, `deliver_once`; the wiring needs the rest.
"""

from casework.jobs.deliveries import (
    DELIVERY_TRANSITIONS,
    DeliveryRow,
    DeliveryStep,
    NotHandedOver,
    Refused,
    decide_step,
    deliver_once,
)
from casework.jobs.engine import CRASHES_ALLOWED, LANES, JobEngine, LaneRhythm, Rhythm, build_engine
from casework.jobs.models import JobLease, JobSlot
from casework.jobs.outbox import enqueue
from casework.jobs.tables import ENGINE_TABLES, create_tables
from casework.jobs.types import (
    POLICIES,
    Exhausted,
    Handler,
    JobFailure,
    JobName,
    JobOutcome,
    Lane,
    Policy,
    Schedule,
    Step,
)

__all__ = [
    "CRASHES_ALLOWED",
    "DELIVERY_TRANSITIONS",
    "ENGINE_TABLES",
    "LANES",
    "POLICIES",
    "DeliveryRow",
    "DeliveryStep",
    "Exhausted",
    "Handler",
    "JobEngine",
    "JobFailure",
    "JobLease",
    "JobName",
    "JobOutcome",
    "JobSlot",
    "Lane",
    "LaneRhythm",
    "NotHandedOver",
    "Policy",
    "Refused",
    "Rhythm",
    "Schedule",
    "Step",
    "build_engine",
    "create_tables",
    "decide_step",
    "deliver_once",
    "enqueue",
]
