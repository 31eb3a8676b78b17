"""Record failed sign-ins without letting an attacker fill the journals.

The first failure of an account is recorded immediately, with its details. All failures of the next ten minutes become
one entry, which states their number. Surety's log contains every failure.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from tenants.actors import System
from tenants.journal.accounts import record_for
from tenants.models import FailedSignIns, Person

SIGN_IN: Final = System("sign-in")
WINDOW: Final = timedelta(minutes=10)


@transaction.atomic
def record_failure(person: Person, details: Mapping[str, Any]) -> None:
    """Record or count a failed sign-in of an existing account. No scope needs to be open."""
    now = timezone.now()
    _, created = FailedSignIns.objects.get_or_create(person=person, defaults={"started_at": now})
    row = FailedSignIns.objects.select_for_update().get(person=person)
    if not created and row.started_at > now - WINDOW:
        row.counted += 1
        row.save(update_fields=["counted"])
        return
    _record_counted(row)
    row.started_at = now
    row.save(update_fields=["started_at", "counted"])
    record_for(person, actor=SIGN_IN, action="account.sign_in_failed", details=details)


def record_counted_failures() -> int:
    """Record the counted failures of each account whose first failure was at least ten minutes ago.

    Return the number of accounts whose failures were recorded. A task calls this once a minute.
    """
    over = FailedSignIns.objects.filter(counted__gt=0, started_at__lte=timezone.now() - WINDOW)
    done = 0
    for person_id in list(over.values_list("person_id", flat=True)):
        with transaction.atomic():
            row = over.select_for_update(skip_locked=True, of=("self",)).filter(person_id=person_id).first()
            if row is not None:
                _record_counted(row)
                row.save(update_fields=["counted"])
                done += 1
    return done


def _record_counted(row: FailedSignIns) -> None:
    if row.counted:
        details = {"count": row.counted, "since": row.started_at}
        record_for(row.person, actor=SIGN_IN, action="account.sign_in_failures", details=details)
        row.counted = 0
