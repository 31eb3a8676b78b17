"""Advisory locks: declared in one module, with distinct keys, and exclusive between transactions."""

from __future__ import annotations

import re
import time
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import transaction

from tenants.locks import Lock, lock, release_session_lock, try_session_lock
from tests.concurrency import run_concurrently

ROOT = Path(__file__).parents[2]
# The keys must not change: during an update, two versions run side by side and must use the same locks.
KEYS = {
    Lock.UNIT_SLOT: (11, "surety.units:name"),
    Lock.TICKET_RUN: (53, "surety.tickets:name"),
    Lock.BULK_JOB_RUN: (59, "surety.bulk_jobs:name"),
    Lock.VERIFICATION_SLOT: (31, "surety.verifications:name"),
    Lock.DRAWING_SLOT: (43, "surety.drawings:name"),
    Lock.OWN_TRIAL: (73, "surety.own_trials:name"),
    Lock.PAST_EXPORT: (79, "surety.past_exports:name"),
    Lock.EVENT_POSITIONS: (47, "surety.event_positionsname"),
    Lock.FIRST_ORGANIZATION: (29, "surety.first_organizationname"),
    Lock.REGISTRATIONS: (37, "surety.registrations:name"),
    Lock.PSEUDONYMISATION: (41, "surety.pseudonymisation:name"),
    Lock.IDEMPOTENCY_KEY: (47, "surety.idempotency:name"),
    Lock.BULK_JOB_START: (61, "surety.bulk_job_starts:name"),
    Lock.SCAN_SLOT: (71, "surety.scan_slots:name"),
    Lock.SCAN_IMPORTS: (67, "surety.scan_imports:name"),
    Lock.VERDICTS: (7, "name"),
    Lock.TREATMENTS: (13, "name"),
    Lock.SNAPSHOTS: (19, "name"),
    Lock.REPORT_NUMBERS: (11, "name"),
    Lock.DELIVERIES: (17, "name"),
    Lock.DEDUP_KEYS: (23, "name"),
    Lock.JOURNAL: (0, "surety.journal:name"),
}


def test_seeds_and_keys_never_change() -> None:
    assert {which: (which.seed, which.key("name")) for which in Lock} == KEYS


def test_no_two_locks_share_a_seed_and_a_key() -> None:
    assert len({(which.seed, which.key("name")) for which in Lock}) == len(Lock)


def test_only_the_locks_module_calls_advisory_functions() -> None:
    """There are two exceptions. Functions of the database take `Lock.VERDICTS` and `Lock.PSEUDONYMISATION`, and the
    check whether two connections lead to the same database takes a random lock.
    """
    calling = {
        str(path.relative_to(ROOT))
        for package in ("tenants", "assessments", "portal")
        for path in (ROOT / package).rglob("*.py")
        if "advisory" in path.read_text() and "pg_" in path.read_text()
    }
    retention = ROOT / "portal/retention/migrations"
    names = (
        "0002_functions.py",
        "0006_activity_deleted_by_function.py",
        "0007_changes.py",
        "0008_change_texts.py",
    )
    functions = [retention / name for name in names]
    trigger = ROOT / "portal/offboarding/migrations/0013_whole_pseudonymisations.py"
    others = (*functions, trigger, ROOT / "portal/owner_db/same_database.py")
    assert calling == {"tenants/locks.py", *(str(path.relative_to(ROOT)) for path in others)}
    which = Lock.PSEUDONYMISATION
    assert f"hashtextextended('{which.key('')}' || NEW.person_id, {which.seed})" in trigger.read_text()
    for function in functions:
        assert re.findall(r"pg_\w*advisory\w*\((.*)\);", function.read_text()) == [
            f"hashtextextended(p_tenant::text, {Lock.VERDICTS.seed})"
        ]


@pytest.mark.django_db(transaction=True)
def test_transaction_waits_for_the_lock() -> None:
    name = uuid4()
    events: list[str] = []

    def enter_and_leave() -> None:
        with transaction.atomic():
            lock(Lock.VERDICTS, name)
            events.append("enter")
            time.sleep(0.02)
            events.append("leave")

    run_concurrently(*[enter_and_leave] * 4)
    assert events == ["enter", "leave"] * 4


@pytest.mark.django_db(transaction=True)
def test_released_session_lock_is_free() -> None:
    assert try_session_lock(Lock.UNIT_SLOT, "organization:0")
    (other,) = run_concurrently(lambda: try_session_lock(Lock.UNIT_SLOT, "organization:0"))
    assert other is False
    release_session_lock(Lock.UNIT_SLOT, "organization:0")
    (other,) = run_concurrently(lambda: try_session_lock(Lock.UNIT_SLOT, "organization:0"))
    assert other is True
