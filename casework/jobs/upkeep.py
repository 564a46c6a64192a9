"""What keeps the lanes honest: taking up what the dead held, burying what crashed, clearing away what is done.

Each may run in several processes at once and twice in a row without harm.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from dbos import DBOS, WorkflowStatus

from casework.jobs.runner import CRASHED, Attempt, Work, give_up, settle_failure
from casework.jobs.types import JobFailure, JobName

logger = logging.getLogger("hotline.jobs")
BATCH = 500


def list_begun() -> list[WorkflowStatus]:
    """The jobs that some process has taken out of a lane and not yet ended."""
    return DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)


def take_up_orphans(begun: list[WorkflowStatus], live: frozenset[str]) -> None:
    """Queue again what processes outside `live` had begun, and count it as a crash.

    The move names the dead process, so a job that somebody has taken up meanwhile stays where it is.
    """
    dead = sorted({job.executor_id for job in begun if job.executor_id and job.executor_id not in live})
    if dead:
        logger.warning("taking_up", extra={"executors": dead})
        DBOS._recover_pending_workflows(dead)


def resume_unclaimed(
    mine: list[WorkflowStatus],
    busy: frozenset[str],
    seen: Mapping[str, datetime],
    *,
    now: datetime,
    patience: timedelta,
) -> dict[str, datetime]:
    """Queue again what this process took out of a lane but never began, as when the database went away in between.

    `seen` tells since when each such job has been waiting; the answer is the next round's `seen`.
    """
    idle = {job.workflow_id: job for job in mine if job.workflow_id not in busy}
    waiting = {ident: seen.get(ident, now) for ident in idle}
    for ident, since in waiting.items():
        if now - since >= patience:
            DBOS.resume_workflow(ident, queue_name=idle[ident].queue_name)
    return waiting


def bury_crashed(work: Work) -> None:
    """Settle the jobs that ended outside our hands: one that killed its process too often, one whose end was not kept.

    The first is given up; the second is treated as any failed attempt. Both leave the engine's tables.
    """
    lost = DBOS.list_workflows(status=["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"], load_output=False, limit=BATCH)
    for job in lost:
        attempt = _read_attempt(job)
        if attempt is None:
            continue
        if job.status == "ERROR":
            settle_failure(work, attempt, JobFailure(CRASHED))
        else:
            give_up(work, attempt, CRASHED)
        DBOS.delete_workflow(job.workflow_id)


def purge_finished(before: datetime) -> None:
    """Delete the rows of jobs that ended before `before`; from then on their keys may be used again."""
    while True:
        old = DBOS.list_workflows(
            status=["SUCCESS", "CANCELLED"],
            completed_before=before.isoformat(),
            load_input=False,
            load_output=False,
            limit=BATCH,
        )
        DBOS.delete_workflows([job.workflow_id for job in old])
        if len(old) < BATCH:
            return


def _read_attempt(job: WorkflowStatus) -> Attempt | None:
    """The attempt that a row tells of; None for what this release does not know."""
    try:
        name, subject_id, job_id, number = job.input["args"] if job.input else ()
        return Attempt(JobName(name), subject_id, job_id, number)
    except (KeyError, TypeError, ValueError):
        return None
