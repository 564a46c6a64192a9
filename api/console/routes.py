"""The console's doors, each kept by a sign-in; the order matters where one path could be read as another."""

from fastapi import APIRouter

from api.console import (
    alarm_desk,
    annex_desk,
    attachment_desk,
    call_desk,
    case_desk,
    extension_desk,
    handover_desk,
    import_desk,
    ledger_desk,
    lexicon_desk,
    package_desk,
    paper_desk,
    pickup_desk,
    poster_desk,
    queue_desk,
    receiver_desk,
    reconciliation_desk,
    referral_desk,
    retention_desk,
    scan_desk,
    sealed_acts,
    sealed_desk,
    signing,
)

router = APIRouter()
for desk in (
    signing,
    queue_desk,
    annex_desk,
    package_desk,
    paper_desk,
    reconciliation_desk,
    referral_desk,
    pickup_desk,
    poster_desk,
    receiver_desk,
    retention_desk,
    extension_desk,
    sealed_acts,
    sealed_desk,
    handover_desk,
    import_desk,
    ledger_desk,
    lexicon_desk,
    alarm_desk,
    attachment_desk,
    call_desk,
    scan_desk,
    case_desk,
):
    router.include_router(desk.router)
