"""The engine of one process: it takes jobs from the lanes, beats, takes up what the dead left, and runs the schedules.

The library underneath keeps one engine a process; so do we. Its handlers come from the wiring, none is known here.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread

from dbos import DBOS, DBOSConfig

from casework.jobs.outbox import APPLICATION, APPLICATION_VERSION, WORKFLOW, PlainSerializer, quiet_library
from casework.jobs.runner import Attempt, Work, run_attempt
from casework.jobs.schedules import Timetable, run_schedules
from casework.jobs.slots import beat, drop_stale_slots, leave, list_live, take_lease
from casework.jobs.tables import is_in_memory
from casework.jobs.types import Exhausted, Handler, JobName, Lane, Schedule
from casework.jobs.upkeep import bury_crashed, list_begun, purge_finished, resume_unclaimed, take_up_orphans
from casework.store import Store

logger = logging.getLogger("hotline.jobs")

CRASHES_ALLOWED = 3
POOL = 10


@dataclass(frozen=True)
class LaneRhythm:
    """How many jobs of a lane one process does at a time, and how often it looks for more.

    Hands divided by pause is the most it can begin in a second; looking costs about 5 ms of CPU each time.
    """

    hands: int
    pause: timedelta


LANES: Mapping[Lane, LaneRhythm] = {
    Lane.INSIDE: LaneRhythm(16, timedelta(seconds=0.25)),
    Lane.OUTSIDE: LaneRhythm(6, timedelta(seconds=0.5)),
    Lane.URGENT: LaneRhythm(2, timedelta(seconds=0.5)),
    Lane.LISTENING: LaneRhythm(1, timedelta(seconds=1)),
}


@dataclass(frozen=True)
class Rhythm:
    """How often the engine beats and clears away. `stale` is how long the dead are waited for.

    Finished jobs are kept for a day and no longer: their rows tell to the second when a reporter wrote.
    """

    beat: timedelta = timedelta(seconds=2)
    stale: timedelta = timedelta(seconds=12)
    finish: timedelta = timedelta(seconds=3)
    bury: timedelta = timedelta(seconds=30)
    purge: timedelta = timedelta(hours=1)
    keep: timedelta = timedelta(days=1)


class JobEngine:
    """A running engine, from `start` to `stop`; at most one at a time in a process, and a stopped one stays stopped."""

    def __init__(
        self,
        work: Work,
        schedules: Mapping[str, Schedule],
        *,
        slot: str,
        lanes: Mapping[Lane, LaneRhythm],
        rhythm: Rhythm,
        clock: Callable[[], datetime],
    ) -> None:
        self.executor_id = f"{slot}-{secrets.token_hex(6)}"
        self._work = work
        self._lanes = lanes
        self._rhythm = rhythm
        self._clock = clock
        self._timetable = Timetable({**schedules, **self._own_schedules()}, clock)
        self._stopping = Event()
        self._silent = Event()
        self._threads: list[Thread] = []
        self._leads_until: datetime | None = None
        self._unclaimed: dict[str, datetime] = {}

    @property
    def is_running(self) -> bool:
        """Whether jobs are being taken."""
        return bool(self._threads) and not self._stopping.is_set()

    def leads(self) -> bool:
        """Whether this process runs the schedules at present."""
        return self._leads_until is not None and self._clock() < self._leads_until

    def start(self) -> None:
        """Begin to take jobs.

        Raises if the tables are missing (`hotline migrate` makes them) or the database is away.
        """
        if is_in_memory(self._work.store):
            raise ValueError("no engine can run on a database in memory")
        self._beat()
        quiet_library()
        try:
            DBOS(config=self._config())
            self._register()
            DBOS.launch()
            for lane, rhythm in self._lanes.items():
                DBOS.register_queue(
                    lane, worker_concurrency=rhythm.hands, polling_interval_sec=rhythm.pause.total_seconds()
                )
        except Exception:
            DBOS.destroy(destroy_registry=True)
            raise
        self._threads = [
            Thread(target=self._repeat, args=(self._beat, self._silent), name="hotline-beat", daemon=True),
            Thread(target=self._repeat, args=(self._sweep, self._stopping), name="hotline-sweep", daemon=True),
            Thread(
                target=run_schedules,
                args=(self._timetable, self.leads, self._stopping),
                name="hotline-schedules",
                daemon=True,
            ),
        ]
        for thread in self._threads:
            thread.start()
        logger.info("engine_started", extra={"executor": self.executor_id})

    def stop(self) -> bool:
        """Take no more, finish what is in hand for a few seconds, sign off. Tells whether everything was finished.

        What was not finished keeps this process's name until its heartbeat is stale, and is then taken up by others;
        the caller should end the process without waiting for it.
        """
        if not self._threads:
            return True
        self._stopping.set()
        patience = self._rhythm.finish.total_seconds()
        busy = bool(self._work.in_hand.ids())
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=int(patience) if busy else 0)
        for thread in self._threads[1:]:
            thread.join(patience)
        self._silent.set()
        self._threads[0].join(patience)
        finished = not self._work.in_hand.ids() and not any(thread.is_alive() for thread in self._threads)
        if finished:
            self._sign_off()
        self._threads = []
        logger.info("engine_stopped", extra={"executor": self.executor_id, "finished": finished})
        return finished

    def _config(self) -> DBOSConfig:
        return {
            "name": APPLICATION,
            "system_database_url": self._work.store.engine.url.render_as_string(hide_password=False),
            "db_engine_kwargs": {"hide_parameters": True},
            "sys_db_pool_size": POOL,
            "serializer": PlainSerializer(),
            "application_version": APPLICATION_VERSION,
            "executor_id": self.executor_id,
            "log_level": "WARNING",
            "run_migrations": False,
        }

    def _register(self) -> None:
        work = self._work

        def run_job(name: str, subject_id: str, job_id: str, number: int) -> str:
            return run_attempt(work, Attempt(JobName(name), subject_id, job_id, number)).value

        DBOS.workflow(name=WORKFLOW, max_recovery_attempts=CRASHES_ALLOWED)(run_job)

    def _repeat(self, act: Callable[[], None], stop: Event) -> None:
        while not stop.wait(self._rhythm.beat.total_seconds()):
            try:
                act()
            except Exception as error:  # the database may be away; the next round tries again
                if not stop.is_set():
                    logger.warning("engine_hiccup", extra={"error_code": type(error).__name__})

    def _beat(self) -> None:
        now, stale = self._clock(), self._rhythm.stale
        with self._work.store.write() as session:
            beat(session, self.executor_id, now=now)
            drop_stale_slots(session, now=now, stale=stale)
            leads = take_lease(session, self.executor_id, now=now, length=stale)
        self._leads_until = now + stale if leads else None

    def _sign_off(self) -> None:
        try:
            with self._work.store.write() as session:
                leave(session, self.executor_id)
        except Exception as error:  # nothing is lost: the heartbeat grows stale by itself
            logger.warning("engine_hiccup", extra={"error_code": type(error).__name__})

    def _sweep(self) -> None:
        """Give back to the lanes what a dead process held, and what this one took but never began."""
        begun = list_begun()
        with self._work.store.read() as session:  # after the list: who took a job is alive by then
            live = list_live(session) | {self.executor_id}
        take_up_orphans(begun, live)
        self._unclaimed = resume_unclaimed(
            [job for job in begun if job.executor_id == self.executor_id],
            self._work.in_hand.ids(),
            self._unclaimed,
            now=self._clock(),
            patience=self._rhythm.stale,
        )

    def _own_schedules(self) -> Mapping[str, Schedule]:
        return {
            "bury_crashed_jobs": Schedule(self._rhythm.bury, lambda _now: bury_crashed(self._work)),
            "purge_finished_jobs": Schedule(self._rhythm.purge, lambda now: purge_finished(now - self._rhythm.keep)),
        }


def build_engine(
    store: Store,
    handlers: Mapping[JobName, Handler],
    schedules: Mapping[str, Schedule],
    *,
    slot: str,
    clock: Callable[[], datetime],
    exhausted: Mapping[JobName, Exhausted] | None = None,
    lanes: Mapping[Lane, LaneRhythm] = LANES,
    rhythm: Rhythm | None = None,
) -> JobEngine:
    """Put an engine together; nothing runs yet. `slot` is a word for people ("serve", "worker").

    Raises ValueError if a job has no handler, or a lane no rhythm.
    """
    homeless = [name.value for name in JobName if name not in handlers] + [lane for lane in Lane if lane not in lanes]
    if homeless:
        raise ValueError(f"nobody does {', '.join(homeless)}")
    work = Work(store, handlers, exhausted or {})
    return JobEngine(work, schedules, slot=slot, lanes=lanes, rhythm=rhythm or Rhythm(), clock=clock)
