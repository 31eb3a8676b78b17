"""Place and lift legal holds."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.utils import timezone

from portal.retention.models import LegalHold
from portal.retention.task_names import ANNOUNCE
from tenants import journal
from tenants.actors import Actor
from tenants.dispatch import enqueue
from tenants.errors import Conflict, invalid
from tenants.models import Person, Tenant
from tenants.values.visible_text import is_blank

MAX_REASON: Final = 500


@transaction.atomic
def place_hold(*, tenant: Tenant, by: Actor, reason: str) -> LegalHold:
    """Put the customer on a legal hold: no run deletes its old data, and nobody can erase the customer.

    Raise Conflict if the customer is already on hold.
    """
    text = _reason(reason)
    # Each batch of a running deletion locks this row. The erasure of another customer also locks it, if the erasure
    # deletes a portfolio report on both customers. Wait for these locks, so that nothing is deleted after this function
    # returns.
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    if LegalHold.objects.filter(tenant=tenant, lifted_at__isnull=True).exists():
        raise Conflict(f"{tenant.name} is already on legal hold. Reload the page.", code="on_hold")
    hold = LegalHold.objects.create(
        tenant=tenant,
        reason=text,
        placed_by=by if isinstance(by, Person) else None,
        placed_at=timezone.now(),
    )
    hold.refresh_from_db()
    journal.record(
        tenant=tenant,
        actor=by,
        action="retention.hold_placed",
        target=f"hold:{hold.pk}",
        details={"reason": text},
    )
    return hold


@transaction.atomic
def lift_hold(*, tenant: Tenant, by: Actor, reason: str) -> LegalHold:
    """Lift the hold and notify administrators. No old data is deleted for seven more days.

    Raise Conflict if the customer is not on hold.
    """
    text = _reason(reason)
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    hold = LegalHold.objects.filter(tenant=tenant, lifted_at__isnull=True).first()
    if hold is None:
        raise Conflict(f"{tenant.name} is not on legal hold. Reload the page.", code="no_hold")
    hold.lifted_by = by if isinstance(by, Person) else None
    hold.lift_reason, hold.lifted_at = text, timezone.now()
    hold.save(update_fields=["lifted_by", "lift_reason", "lifted_at"])
    hold.refresh_from_db()
    journal.record(
        tenant=tenant,
        actor=by,
        action="retention.hold_lifted",
        target=f"hold:{hold.pk}",
        details={"reason": text},
    )
    enqueue(ANNOUNCE, tenant.pk)
    return hold


def _reason(reason: str) -> str:
    text = " ".join(reason.replace("\x00", "\ufffd").split())
    if is_blank(text) or len(text) > MAX_REASON:
        raise invalid("reason", f"Enter a reason of 1 to {MAX_REASON} characters.")
    return text
