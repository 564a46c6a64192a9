"""Making sure that what was taken away is gone from the disk: freed pages, dead rows, the write-ahead log.

Deleting a row leaves its bytes where they were: in SQLite's log until it is folded away, in PostgreSQL's tables until
they are written anew. Backups that were made before keep them; so do snapshots of the disk and PostgreSQL's own log.
"""

import logging
from datetime import timedelta

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from casework.ledger import Verb
from casework.models.cases import Counter
from casework.models.ledger import LedgerEntry
from casework.store import Store

logger = logging.getLogger("hotline.wiping")

SHORT_LIVED = (
    *("talk_key", "conversation", "seen_message", "reply_address"),
    *("idempotency_key", "vendor_token", "officer_session", "loose_medium", "late_message"),
    *("import_batch", "held_scan", "held_part"),
)
"""Small tables whose rows are meant to vanish; written anew at each run."""
SEALED_OUT_OF = (
    *("case_file", "report", "reporter", "message", "note", "case_assessment", "assignment", "case_return"),
    *("deadline", "extension", "exclusion", "disposition", "duplicate_hint", "referral", "notice_file", "delivery"),
    *("acknowledgement", "sealed_item", "case_key", "attachment", "transfer_serial"),
    *("receipt", "body", "officer", "server_key"),
)
"""What a case is sealed out of or shrunk in, what lies under the server's secret; only when it has been emptied."""
EMPTYING = (Verb.SEALED, Verb.SHRUNK, Verb.DESTROYED, Verb.KEYS_ROTATED)
DONE_THROUGH = "wiped_through"
LOCK_WAIT = "5s"
PATIENCE, PAUSE = timedelta(seconds=5), timedelta(seconds=0.2)
NEXT_TRANSACTION = text("SELECT pg_current_xact_id()::xid::text")
OLDER_READERS = text(
    """
    SELECT EXISTS (
        SELECT FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND (datname = current_database() OR datname IS NULL)
            AND greatest(age(backend_xmin), age(backend_xid)) > age(CAST(:since AS xid))
        UNION ALL
        SELECT FROM pg_replication_slots WHERE age(xmin) > age(CAST(:since AS xid))
        UNION ALL
        SELECT FROM pg_prepared_xacts
        WHERE database = current_database() AND age(transaction) > age(CAST(:since AS xid))
    )
    """
)
"""Whoever keeps dead rows of this database alive (PostgreSQL, Routine Vacuuming): sessions, standbys, prepared ones."""
CHECKPOINT_WAIT_MS = 500


def wipe_freed(store: Store, *, patience: timedelta = PATIENCE) -> bool:
    """A schedule's step: overwrite what was deleted since the last run; False where somebody was in the way.

    Then nothing is lost: the next run does it. Harmless when run twice, or in two processes. `patience` is how long it
    waits for readers who began before it.
    """
    return _fold_log(store) if store.is_sqlite else _write_anew(store, patience)


def _fold_log(store: Store) -> bool:
    """SQLite: deleted bytes are overwritten in the file (secure_delete); the log beside it is emptied here."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        waited = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
        connection.exec_driver_sql(f"PRAGMA busy_timeout={CHECKPOINT_WAIT_MS}")
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
        connection.exec_driver_sql(f"PRAGMA busy_timeout={waited}")
    return not busy


def _write_anew(store: Store, patience: timedelta) -> bool:
    """PostgreSQL: a table written anew leaves its dead rows behind in a file that is thrown away.

    But not those that somebody's older snapshot could still see (a dump, ANALYZE, a forgotten session): such rows are
    carried over without a word, so it begins only when no such snapshot is left.
    """
    newest = _find_newest(store)
    tables = SHORT_LIVED if newest is None else SHORT_LIVED + SEALED_OUT_OF
    try:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not _outwait_readers(connection, patience):
                logger.warning("not_wiped", extra={"error_code": "old_snapshot"})
                return False
            connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_WAIT}'")
            for table in tables:
                connection.exec_driver_sql(f"VACUUM FULL {table}")
            connection.exec_driver_sql("RESET lock_timeout")
    except DBAPIError as error:
        logger.warning("not_wiped", extra={"error_code": type(error.orig).__name__})
        return False
    if newest is not None:
        _keep_newest(store, newest)
    return True


def _outwait_readers(connection: Connection, patience: timedelta) -> bool:
    """Wait until nobody can see what was deleted before now; once true it stays true. False after `patience`."""
    since = connection.execute(NEXT_TRANSACTION).scalar()
    for _ in range(int(patience / PAUSE) + 1):
        if not connection.execute(OLDER_READERS, {"since": since}).scalar():
            return True
        connection.exec_driver_sql(f"SELECT pg_sleep({PAUSE.total_seconds()})")
    return False


def _find_newest(store: Store) -> int | None:
    """The newest entry that emptied something, if it is newer than the last run."""
    with store.read() as session:
        done = session.scalar(select(Counter.value).where(Counter.series == DONE_THROUGH)) or 0
        query = select(func.max(LedgerEntry.id)).where(LedgerEntry.verb.in_(EMPTYING), LedgerEntry.id > done)
        return session.scalar(query)


def _keep_newest(store: Store, newest: int) -> None:
    with store.write() as session:
        row = session.get(Counter, DONE_THROUGH, with_for_update=True)
        if row is None:
            session.add(Counter(series=DONE_THROUGH, value=newest))
        else:
            row.value = max(row.value, newest)
