"""Who does which background job, and what becomes of one that is given up.

A handler gets the id of one row; the house it needs is in its closure.
"""

from collections.abc import Callable, Mapping
from functools import partial

from api.schedules import list_schedules
from api.wiring import House
from bot.courier import give_up_message, send_message, tell_reporter_news
from bot.fetching import MEDIUM_PREFIX, fetch_medium, lose_medium, tell_medium_lost
from bot.hearing import give_up_hearing, hear_voice
from bot.late import LATE_PREFIX, answer_late
from bot.officerwords import give_up_word
from bot.waiting import WORD_PREFIX
from casework.deliveries import deliver, give_up_delivery
from casework.duplicates import look_for_duplicates
from casework.jobs import Handler, JobName, build_engine
from casework.jobs.engine import JobEngine
from casework.lexicon_figures import count_phrases
from casework.lexicon_trials import try_proposal
from casework.paging import page_next
from casework.types import AttachmentProblem
from intake.receipts import harden_receipt
from intake.transfers import run_batch


def build_job_engine(house: House, *, slot: str) -> JobEngine:
    """The engine of background work around the house; nothing runs yet."""
    return build_engine(
        house.store,
        list_handlers(house),
        list_schedules(house),
        slot=slot,
        clock=house.now,
        exhausted={
            JobName.SEND_DELIVERY: partial(give_up_delivery, house.store, clock=house.now),
            JobName.SEND_MESSAGE: partial(_give_up_message, house),
            JobName.FETCH_MEDIUM: partial(_give_up_medium, house),
            JobName.HEAR_VOICE: partial(_give_up_hearing, house),
        },
    )


def list_handlers(house: House) -> Mapping[JobName, Handler]:
    """Who does which job."""
    return {
        JobName.FIND_DUPLICATES: _quiet(partial(_find_duplicates, house)),
        JobName.HARDEN_RECEIPT: _quiet(partial(_harden_receipt, house)),
        JobName.SEND_DELIVERY: _quiet(lambda subject: deliver(house.store, subject, desk=house.delivery_desk)),
        JobName.TELL_REPORTER: _quiet(lambda subject: tell_reporter_news(house.store, subject, now=house.now())),
        JobName.SEND_MESSAGE: partial(_send_message, house),
        JobName.TRY_LEXICON: _quiet(partial(_try_lexicon, house)),
        JobName.COUNT_LEXICON: _quiet(partial(_count_lexicon, house)),
        JobName.FETCH_MEDIUM: _quiet(partial(_fetch_medium, house)),
        JobName.HEAR_VOICE: _quiet(partial(_hear_voice, house)),
        JobName.IMPORT_ROWS: lambda batch_id: run_batch(house.store, batch_id, desk=house.intake_desk, clock=house.now),
        JobName.PAGE_OFFICER: _quiet(lambda subject: page_next(house.store, subject, desk=house.paging_desk)),
    }


def _quiet(step: Callable[[str], object]) -> Handler:
    """A handler that returns nothing: whatever the step counted stays out of the engine's tables."""

    def handle(subject: str) -> None:
        step(subject)

    return handle


def _find_duplicates(house: House, case_id: str) -> int:
    return look_for_duplicates(house.store, case_id, secrets=house.secrets, now=house.now())


def _harden_receipt(house: House, receipt_id: str) -> object:
    desk = house.receipts
    return harden_receipt(
        house.store, receipt_id, keys=house.keys, secrets=house.secrets, strength=desk.strength, sieve=desk.sieve
    )


def _try_lexicon(house: House, proposal_id: str) -> object:
    return try_proposal(house.store, proposal_id, base=house.lexicon.base, now=house.now())


def _count_lexicon(house: House, officer_id: str) -> None:
    known = {(entry.topic, word) for entry in house.context.lexicon.entries for word in entry.words}
    count_phrases(house.store, officer_id, known=known, now=house.now())


def _fetch_medium(house: House, subject: str) -> object:
    return fetch_medium(house.store, subject, desk=house.front_desk, sources=house.media_sources, clock=house.now)


def _hear_voice(house: House, subject: str) -> object:
    return hear_voice(
        house.store, subject, desk=house.front_desk, engine=house.ears, adapters=house.adapters, clock=house.now
    )


def _give_up_hearing(house: House, subject: str, _code: str) -> None:
    give_up_hearing(house.store, subject, desk=house.front_desk, clock=house.now)


def _send_message(house: House, subject: str) -> None:
    if subject.startswith(LATE_PREFIX):
        answer_late(house.store, subject, desk=house.front_desk, adapters=house.adapters, clock=house.now)
    elif subject.startswith(MEDIUM_PREFIX):
        tell_medium_lost(house.store, subject, desk=house.front_desk, adapters=house.adapters, clock=house.now)
    else:
        send_message(house.store, subject, desk=house.front_desk, adapters=house.adapters, clock=house.now)


def _give_up_medium(house: House, subject: str, _code: str) -> None:
    lose_medium(house.store, subject, AttachmentProblem.UNREACHED, desk=house.front_desk, clock=house.now)


def _give_up_message(house: House, subject: str, code: str) -> None:
    if subject.startswith(WORD_PREFIX):
        give_up_word(house.store, subject, desk=house.front_desk, now=house.now())
    else:
        give_up_message(house.store, subject, code)
