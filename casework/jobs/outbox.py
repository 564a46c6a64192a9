"""Putting a job into the queue, in the very transaction that causes it.

Either the change and its job are both committed or neither is; no engine has to be running for it.
"""

import json
import logging
from datetime import timedelta
from typing import Any

from dbos import DBOSClient, EnqueueOptions, Serializer
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from casework.jobs.types import POLICIES, JobName
from casework.models.columns import new_id

APPLICATION = "hotline"
APPLICATION_VERSION = "1"  # fixed: a job queued by last month's release is taken by this month's
WORKFLOW = "run_job"
FIRST = 1
_CLIENT = "hotline_job_client"


class PlainSerializer(Serializer):
    """JSON in the engine's tables, never pickle; of an exception only the name of its class is kept."""

    def serialize(self, data: Any) -> str:
        if isinstance(data, BaseException):
            return json.dumps({"error": type(data).__name__})
        return json.dumps(data)

    def deserialize(self, serialized_data: str) -> Any:
        return json.loads(serialized_data)

    def name(self) -> str:
        return "hotline_json"


def enqueue(
    session: Session, name: JobName, subject_id: str, *, delay: timedelta | None = None, key: str | None = None
) -> str:
    """Queue a job about the row `subject_id`; it exists when the caller's transaction commits. Returns the job's id.

    With `key` the same job is queued once however often it is asked for, also after it has ended, until finished jobs
    are cleared away (`purge_finished`); without it every call queues one, as when a person says "again". `delay`
    counts from now.
    """
    job_id = f"{name}:{key or new_id()}"
    put_attempt(session, name, subject_id, job_id, FIRST, delay)
    return job_id


def put_attempt(
    session: Session, name: JobName, subject_id: str, job_id: str, attempt: int, delay: timedelta | None
) -> None:
    """Queue attempt number `attempt` of a job; asking twice for the same attempt queues it once."""
    options: EnqueueOptions = {
        "workflow_name": WORKFLOW,
        "queue_name": POLICIES[name].lane,
        "workflow_id": name_attempt(job_id, attempt),
        "app_version": APPLICATION_VERSION,
        "application_name": APPLICATION,
    }
    if delay is not None:
        options["delay_seconds"] = max(delay.total_seconds(), 0.0)
    connection = session.connection()
    _get_client(connection).enqueue_in_transaction(connection, options, name.value, subject_id, job_id, attempt)
    connection.execution_options(schema_translate_map=None)  # the library leaves its own behind, dear for what follows


def name_attempt(job_id: str, attempt: int) -> str:
    """The id under which the engine knows one attempt of a job; the first goes by the job's own."""
    return job_id if attempt == FIRST else f"{job_id}/{attempt}"


def quiet_library() -> None:
    """Let the library's warnings go through our logging, and nothing of lesser weight anywhere."""
    library = logging.getLogger("dbos")
    if not library.handlers:
        library.addHandler(logging.NullHandler())  # finding none, it would make one of its own that prints
    library.setLevel(logging.WARNING)


def _get_client(connection: Connection) -> DBOSClient:
    """The client that belongs to this database, kept on its engine: made once, gone with it, connects to nothing."""
    engine = connection.engine
    kept = engine.get_execution_options().get(_CLIENT)
    if isinstance(kept, DBOSClient):
        return kept
    quiet_library()
    client = DBOSClient(
        system_database_engine=engine, serializer=PlainSerializer(), application_name=APPLICATION, lazy=True
    )
    engine.update_execution_options(**{_CLIENT: client})
    return client
