"""What the house does again and again: each step with its rhythm.

One process at a time does them; a step opens its own unit of work and takes the moment it is asked at.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from threading import Lock

from sqlalchemy.orm import Session

from api.wiring import House
from bot.frontdesk import file_silent_talks
from bot.polling import PollingDesk, keep_polling
from casework.chain import sequence_entries
from casework.deadlines import recompute_provisional
from casework.heads import note_head
from casework.jobs import Schedule, Step
from casework.retention import keep_schedules, load_schedules
from casework.screenings import screen_waiting
from casework.signins import end_stale_sessions
from casework.waiting import end_waits
from casework.wiping import wipe_freed
from intake.addresses import drop_ended_addresses
from intake.idempotency import purge_idempotency_keys
from intake.parts import open_held_parts

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def list_schedules(house: House) -> Mapping[str, Schedule]:
    """What one process at a time does again and again."""
    return {**_list_steps(house), **_list_writing_steps(house), **_list_polling(house)}


def _list_steps(house: House) -> dict[str, Schedule]:
    """Steps that open as many units of work as they need."""
    store = house.store
    return {
        "sequence_ledger": _every(SECOND, lambda now: sequence_entries(store, now=now)),
        "sequence_whole_ledger": _every(HOUR, lambda now: sequence_entries(store, now=now, reach=None)),
        "file_silent_talks": _every(15 * SECOND, lambda now: file_silent_talks(store, house.front_desk, now)),
        "sweep_short_keys": _every(10 * MINUTE, house.keys.sweep),
        "screen_waiting": _every(5 * SECOND, lambda now: screen_waiting(store, now=now)),
        "note_ledger_head": _every(24 * HOUR, lambda now: note_head(store, now=now)),
        "wipe_freed": _every(5 * MINUTE, lambda _now: wipe_freed(store)),
    }


def _list_writing_steps(house: House) -> dict[str, Schedule]:
    """Steps of one unit of work each; they take turns, so that none waits for the write lock beside another."""
    turns = Lock()
    retention = load_schedules()

    def write(step: Callable[..., object]) -> Step:
        def run(now: datetime) -> None:
            with turns, house.store.write() as session:
                step(session, now=now)

        return run

    def keep_retention(session: Session, *, now: datetime) -> None:
        keep_schedules(session, retention, now=now)

    open_parts = partial(open_held_parts, office=house.office, secrets=house.secrets)
    return {
        "end_stale_sign_ins": Schedule(MINUTE, write(end_stale_sessions)),
        "forget_api_answers": Schedule(HOUR, write(purge_idempotency_keys)),
        "recompute_provisional": Schedule(6 * HOUR, write(partial(recompute_provisional, office=house.office))),
        "forget_ended_addresses": Schedule(HOUR, write(drop_ended_addresses)),
        "keep_retention": Schedule(6 * HOUR, write(keep_retention)),
        "open_held_parts": Schedule(MINUTE, write(open_parts)),
        "end_waits": Schedule(MINUTE, write(partial(end_waits, office=house.office))),
    }


def _list_polling(house: House) -> dict[str, Schedule]:
    if house.telegram is None or not house.telegram.polls:
        return {}
    polling = PollingDesk(house.store, house.telegram, house.front_desk, house.now)
    return {"poll_telegram": _every(SECOND, lambda _now: keep_polling(polling))}


def _every(rhythm: timedelta, step: Callable[[datetime], object]) -> Schedule:
    """A step whose count stays out of the engine's tables."""

    def run(now: datetime) -> None:
        step(now)

    return Schedule(rhythm, run)
