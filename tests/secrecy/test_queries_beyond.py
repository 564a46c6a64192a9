"""The ways around the guard of `test_queries.py`, each closed or reviewed: rows of a case, aliases, raw SQL, tables.

Where nobody asks (jobs, moves, the ledger's chain) a file is reviewed once; a function that is told which officer
wants to know, and everything in `api/`, stands here by its own name or asks by a door.
"""

import ast

import pytest

from tests.secrecy.askers import find_bare, find_raw, list_case_models, walk_files
from tests.secrecy.test_queries import REVIEWED

KEYS = "wraps and numbers of keys; what they open needs the officer's own"
CHAIN = "the ledger's entries: who did what kind of act when, no case is told"
HOUSE = "the house works for all and tells nobody"
INSIDE = "a piece of a query, or a step of an act, whose case came through the door"
CODE = "the reporter himself, by his code or in his own talk"
BODY = "the receiving body, for what was issued to itself"
REVIEWED_FILES = {
    "bot/courier.py": HOUSE,
    "bot/doing.py": CODE,
    "bot/media.py": CODE,
    "bot/restoring.py": HOUSE,
    "bot/waiting.py": HOUSE,
    "casework/acknowledgements.py": BODY,
    "casework/annexes.py": INSIDE,
    "casework/ceremonies.py": KEYS,
    "casework/chain.py": CHAIN,
    "casework/consents.py": "proposals of an opened case, or those that this leader was asked; counts",
    "casework/deadlines.py": HOUSE,
    "casework/deliveries.py": HOUSE,
    "casework/destructions.py": CHAIN,
    "casework/duplicate_index.py": HOUSE,
    "casework/examples.py": HOUSE,
    "casework/exclusionchecks.py": CHAIN,
    "casework/exclusions.py": INSIDE,
    "casework/extensions.py": INSIDE,
    "casework/heads.py": CHAIN,
    "casework/keepingout.py": INSIDE,
    "casework/keyholders.py": CHAIN,
    "casework/ledgerexports.py": CHAIN,
    "casework/ledger.py": CHAIN,
    "casework/lexicon_trials.py": HOUSE,
    "casework/packages.py": INSIDE,
    "casework/paging.py": HOUSE,
    "casework/pins.py": CHAIN,
    "casework/queues.py": INSIDE,
    "casework/receiverkeys.py": CHAIN,
    "casework/referrals.py": INSIDE,
    "casework/resealing.py": INSIDE,
    "casework/retention.py": HOUSE,
    "casework/signingkeys.py": CHAIN,
    "casework/statistics.py": INSIDE,
    "casework/waiting.py": HOUSE,
    "casework/wiping.py": HOUSE,
    "intake/addedwords.py": INSIDE,
    "intake/addresses.py": HOUSE,
    "intake/attachments.py": INSIDE,
    "intake/leading.py": CODE,
    "intake/links.py": CODE,
    "intake/parts.py": CODE,
    "intake/receipts.py": CODE,
    "intake/reporters.py": INSIDE,
    "intake/serials.py": INSIDE,
}
REVIEWED_ASKERS = {
    "casework/ceremonies.py:rewrap_cases": KEYS,
    "casework/ceremonies.py:restore_by_recovery": KEYS,
    "casework/ceremonies.py:count_rewrappable": KEYS,
    "casework/ceremonies.py:_waiting": KEYS,
    "casework/destructions.py:list_certificates": CHAIN,
    "casework/destructions.py:get_certificate": CHAIN,
    "casework/ledgerexports.py:export_lines": CHAIN,
    "casework/lexicon_proposals.py:set_live": "deletes the counts of a trial; `examples` of it go by the door",
    "casework/lexicon_proposals.py:drop_proposal": "deletes the counts of a trial",
    "casework/lexicon_proposals.py:try_again": "deletes the counts of a trial",
    "casework/received.py:_waits_for": "the receiving bodies' own condition",
    "casework/resealing.py:find_unsealing_consent": "behind `read_sealed_case` of the second clue officer",
    "casework/retention.py:find_standing": CHAIN,
    "casework/rings.py:remove_member": KEYS,
    "casework/rings.py:_drop_wraps": KEYS,
    "casework/rings.py:_holds_alone": KEYS,
    "casework/sealing.py:open_case_key": "the door to a sealed case itself",
    "casework/staffing.py:put_out_of_vault": KEYS,
    "casework/startingkeys.py:_put": KEYS,
    "casework/trust.py:_has_confirmed": CHAIN,
    "intake/releasing.py:open_for_cutting": "a step of `release`, behind the case's own key; nobody is shown it",
    "api/console/ledger_desk.py:show_ledger": CHAIN,
    "api/console/referral_acts.py:_decide_delivery": "a delivery of the referral that `opened_referral` gave",
    "api/orders.py:_list_serials": "by the reports of `list_cases_for`",
}
RAW = {
    "api/health.py:text": "SELECT 1",
    "api/migrate.py:tables": "the migrations",
    "bot/conversations.py:tables": "talks",
    "bot/seen.py:tables": "marks of messages",
    "casework/backups.py:tables": "every table, into the backup",
    "casework/ledger.py:tables": "an entry's own insert",
    "casework/numbers.py:text": "the counters of numbers",
    "casework/offices.py:a class that the caller gives": "bodies, towns, homes",
    "casework/retention.py:__table__": "deletes rows of what is destroyed",
    "casework/wiping.py:exec_driver_sql": "wiping",
    "casework/wiping.py:text": "wiping",
    "casework/words.py:table(report)": "the working texts, by ids that came through the door",
    "intake/receipts.py:tables": "a receipt's own insert",
    "intake/reporters.py:tables": "a reporter's own insert",
}
BARE = sorted({asker for name, tree in walk_files() for asker in find_bare(name, tree, list_case_models())}, key=str)
KNOWN = REVIEWED_ASKERS.keys() | REVIEWED.keys()


def test_every_model_that_hangs_on_a_case_is_known() -> None:
    known = set(list_case_models())
    assert {"Case", "Report", "Reporter", "Message", "Note", "Attachment", "Referral", "Delivery", "Receipt"} <= known
    assert {"Deadline", "DuplicateHint", "Exclusion", "SealedItem", "Pickup", "LedgerEntry", "Outbound"} <= known


def test_whoever_asks_for_somebody_asks_by_a_door_or_was_reviewed() -> None:
    bare = {asker.place for asker in BARE if asker.for_somebody}
    assert bare - KNOWN == set(), "begin at `get_case_for` or `visible_cases`, or have it reviewed here"


def test_whoever_asks_for_nobody_stands_in_a_reviewed_file() -> None:
    files = {asker.file for asker in BARE if not asker.for_somebody and asker.place not in KNOWN}
    assert files - set(REVIEWED_FILES) == set(), "a query for rows of a case without a door: have the file reviewed"


def test_no_raw_sql_no_relation_and_no_table_by_name_but_those_reviewed() -> None:
    found = {way for name, tree in walk_files() for way in find_raw(name, tree, list_case_models())}
    assert found - set(RAW) == set()


def test_nothing_stands_in_the_lists_that_is_no_longer_there() -> None:
    found = {way for name, tree in walk_files() for way in find_raw(name, tree, list_case_models())}
    assert set(RAW) - found == set()
    assert set(REVIEWED_ASKERS) - {asker.place for asker in BARE} == set()


PAGE = "@router.get('/x/{case_id}')\n"
FOR_ME = "def f(session, officer: Officer, case_id: str):\n    return "


@pytest.mark.parametrize(
    "source",
    [
        FOR_ME + "session.get(Message, case_id)",
        FOR_ME + "session.scalars(select(Note).where(Note.case_id == case_id))",
        FOR_ME + "session.scalar(select(func.count(Case.id)))",
        FOR_ME + "session.scalars(select(aliased(Case)))",
        FOR_ME + "session.query(Case).all()",
        FOR_ME + "session.scalars(select(Officer).join(Referral, Referral.drafted_by == Officer.id))",
        FOR_ME + "session.scalar(exists().where(Attachment.case_id == case_id).select())",
        "from casework.models import Case as Thing\n" + FOR_ME + "session.get(Thing, case_id)",
        "import casework.models as rows\n" + FOR_ME + "session.get(rows.Case, case_id)",
        "import casework.models as rows\n" + FOR_ME + "session.scalars(select(rows.LedgerEntry.case_id))",
        PAGE + "def f(case_id: str, house: House):\n    return house.store.session.get(Report, case_id)",
        PAGE + "async def f(referral_id: str):\n    return session.get_one(Delivery, referral_id)",
        "QUERY = select(Exclusion.officer_id)",
        "class Desk:\n    def f(self, session):\n        return session.scalars(select(DuplicateHint))",
        "def f(session):\n    def g():\n        return session.scalars(select(Outbound))\n    return g()",
    ],
)
def test_the_scan_sees_a_way_around(source: str) -> None:
    assert [asker.place for asker in find_bare("api/x.py", ast.parse(source), list_case_models())] != []


@pytest.mark.parametrize(
    "source",
    [
        "def f(s):\n    return s.execute(text('SELECT number FROM case_file'))",
        "def f(s):\n    return s.connection().exec_driver_sql('select * from message')",
        "REPORT = table('report', column('id'))",
        "def f(s):\n    return s.execute(Case.__table__.select())",
        "def f(s):\n    return s.execute(Base.metadata.tables['case_file'].select())",
        "def f(session, kind, ident):\n    return session.get(kind, ident)",
        "def f(session, model):\n    return session.scalars(select(model))",
        "class Case(Base):\n    notes = relationship('Note')",
    ],
)
def test_the_scan_sees_what_goes_by_no_class_at_all(source: str) -> None:
    assert [*find_raw("api/x.py", ast.parse(source), list_case_models())] != []


@pytest.mark.parametrize(
    "source",
    [
        FOR_ME + "session.scalars(select(Note).join(Case).where(visible_cases(officer)))",
        "def f(session, case: Case, by: Officer):\n    return session.scalars(select(Note.text))",
        "def f(session, case_id: str):\n    return session.scalars(select(Note).where(Note.case_id == case_id))",
        "def f(session, officer: Officer):\n    return session.scalars(select(Body))",
    ],
)
def test_the_scan_leaves_alone_what_came_through_the_door(source: str) -> None:
    assert [*find_bare("casework/x.py", ast.parse(source), list_case_models())] == []
