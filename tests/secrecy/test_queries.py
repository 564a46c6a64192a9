"""Every question to the table of cases goes through the one condition, or stands here with the reason why not."""

import pytest

from tests.secrecy.queries import find_askers, list_askers

GIVEN = "its caller got the case through the door and hands it over"
NO_OFFICER = "no officer asks: the house works for all of them and tells none"
OWN_CODE = "the reporter himself, by his code or in his own talk"
REVIEWED = {
    "casework/acknowledgements.py:record_acknowledgement": "the receiving body, for a referral issued to itself",
    "casework/acknowledgements.py:record_result": "the receiving body, for a referral issued to itself",
    "casework/caseletters.py:issue_paper": GIVEN,
    "casework/caseletters.py:_refuse_traces": GIVEN,
    "casework/cluelooks.py:count_unseen": "a bare number for leaders: how many cases nobody can open",
    "casework/consents.py:decide_keeping_out": "who was asked decides about a proposal; of the case he is told nothing",
    "casework/duplicate_index.py:index_case": NO_OFFICER,
    "casework/duplicate_index.py:list_candidates": NO_OFFICER,
    "casework/duplicates.py:_read_telling": NO_OFFICER,
    "casework/duplicates.py:_keep": NO_OFFICER,
    "casework/exclusionchecks.py:find_exclusion_faults": NO_OFFICER,
    "casework/exclusions.py:screen_open_cases": NO_OFFICER,
    "casework/screenings.py:screen_for": NO_OFFICER,
    "casework/screenings.py:_screen_batch": NO_OFFICER,
    "casework/extensions.py:approve_extension": GIVEN,
    "casework/extensions.py:request_extension": GIVEN,
    "casework/holds.py:place_hold": GIVEN,
    "casework/messages.py:add_message": GIVEN,
    "casework/annexes.py:require_annex": GIVEN,
    "casework/packages.py:make_package": GIVEN,
    "casework/referrals.py:update_draft": GIVEN,
    "casework/pickups.py:prepare_pickup": GIVEN,
    "casework/principals.py:put_to_principal": GIVEN,
    "casework/principals.py:decide_transfer": GIVEN,
    "casework/principals.py:take_back_clocks": GIVEN,
    "casework/referrals.py:issue_referral": GIVEN,
    "casework/referrals.py:switch_referral": GIVEN,
    "casework/referrals.py:cancel_referral": GIVEN,
    "casework/referrals.py:preview_referral": GIVEN,
    "casework/retention.py:shrink_referred": NO_OFFICER,
    "casework/retention.py:_list_kept_from": NO_OFFICER,
    "casework/retriage.py:count_stale": NO_OFFICER,
    "casework/retriage.py:_find_stale": NO_OFFICER,
    "casework/retriage.py:_keep": NO_OFFICER,
    "casework/resealing.py:_is_kept_out": GIVEN,
    "casework/sealing.py:add_sealed_item": GIVEN,
    "casework/sealing.py:read_sealed_case": "behind `open_case_key`, which needs the officer's own key",
    "casework/sealing.py:share_case": "behind `open_case_key`, which needs the officer's own key",
    "casework/waiting.py:end_waits": NO_OFFICER,
    "intake/addedfiles.py:add_held_file": NO_OFFICER,
    "intake/addedwords.py:add_held_words": NO_OFFICER,
    "intake/addedwords.py:find_standing_part": "the open part, named inside the sealed case that a clue officer opened",
    "intake/addresses.py:drop_ended_addresses": NO_OFFICER,
    "intake/reports.py:amend_report": OWN_CODE,
    "intake/links.py:list_open_first": OWN_CODE,
    "intake/links.py:_is_there": OWN_CODE,
    "intake/transfers.py:_list_tellable": "which of his own rows' codes he may tell: neither sealed nor kept from him",
    "intake/transfers.py:take_row": "the case that this row has just opened; its bringer is told nothing of it",
    "intake/parts.py:find_open_part": OWN_CODE,
    "intake/parts.py:_tell": NO_OFFICER,
    "intake/partsealing.py:_seal_whole": "asks of each clue officer whether he is kept out of the case; tells none",
    "api/track_matters.py:list_others": OWN_CODE,
    "intake/scans.py:keep_scans": "the case that the officer's own letter has just opened; he learns nothing of it",
    "bot/doing.py:_call_back": OWN_CODE,
    "api/track.py:keep": OWN_CODE,
    "api/track.py:call_back": OWN_CODE,
    "bot/doing.py:_withdraw": OWN_CODE,
    "bot/media.py:settle_media": OWN_CODE,
    "bot/media.py:take_fetched": OWN_CODE,
    "bot/media.py:give_up_medium": OWN_CODE,
    "bot/doing.py:_look_up": OWN_CODE,
    "api/track_matters.py:route_words": OWN_CODE,
    "bot/media.py:take_heard": OWN_CODE,
    "api/console/call_desk.py:correct_category": "the case of the call that this operator has just filed",
    "api/demo/story.py:play": "the demo plays all its people itself",
    "api/track.py:_keep_said": OWN_CODE,
    "api/track.py:_pin": OWN_CODE,
    "api/track_view.py:draw_progress": OWN_CODE,
    "api/v1.py:_tell_status": OWN_CODE,
}


def test_every_query_for_cases_is_under_the_condition_or_reviewed() -> None:
    bare = {name for name, guarded in list_askers() if not guarded}
    assert bare - set(REVIEWED) == set(), "put `visible_cases(officer)` into the query, or have it reviewed here"


def test_nothing_stands_in_the_list_that_is_no_longer_there() -> None:
    assert set(REVIEWED) - {name for name, guarded in list_askers() if not guarded} == set()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("session.scalars(select(Case))", [("x.py:f", False)]),
        ("session.scalar(select(func.count()).select_from(Case))", [("x.py:f", False)]),
        ("session.execute(select(Note, Case.number).join(Case, Case.id == Note.case_id))", [("x.py:f", False)]),
        ("session.get(Case, ident)", [("x.py:f", False)]),
        ("session.scalars(select(Case).where(visible_cases(officer)))", [("x.py:f", True)]),
        ("session.scalars(select(Note))", []),
    ],
)
def test_the_scan_sees_the_ways_in_which_a_query_is_written(line: str, found: list[tuple[str, bool]]) -> None:
    assert list(find_askers("x.py", f"def f(session, officer):\n    return {line}\n")) == found
