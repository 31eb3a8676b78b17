"""Steps for tests of schedules: set a schedule, run the tick, record refused sign-ins, read the journal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from assessments.actions.schedules import set_schedule, start_due
from assessments.models import Assessment, Schedule
from tenants.actions import record_credential_check
from tenants.azure.credentials import CredentialResult
from tenants.models import (
    JournalEntry,
    ServicePrincipal,
    Tenant,
)
from tenants.scope import tenant_scope
from tests import factories
from tests.assessments.sandboxed_customer import Customer
from tests.factories import BY


def set_daily_schedule(
    customer: Customer, wanted: str = "daily 02:00 within 120", *, due: timedelta | None = None
) -> None:
    """Set the schedule. `due`: how long the next start is overdue."""
    with tenant_scope(customer.tenant.pk):
        set_schedule(tenant=customer.tenant, by=BY, wanted=wanted)
        if due is not None:
            Schedule.objects.update(next_at=timezone.now() - due)


def run_tick(customer: Customer) -> Assessment | None:
    with tenant_scope(customer.tenant.pk):
        return start_due(tenant=Tenant.objects.get(pk=customer.tenant.pk))


def stored_schedule(customer: Customer) -> Any:
    with tenant_scope(customer.tenant.pk):
        return Schedule.objects.get()


def refuse_sign_in(customer: Customer, code: str = "AADSTS7000222") -> None:
    with tenant_scope(customer.tenant.pk):
        for principal in ServicePrincipal.objects.all():
            record_check(principal, code)


def record_check(principal: ServicePrincipal, code: str = "") -> None:
    result = CredentialResult(error_code=code, error="No sign-in." if code else "")
    record_credential_check(by=factories.BY, service_principal=principal, result=result)


def journaled(customer: Customer) -> list[tuple[str, Any]]:
    with tenant_scope(customer.tenant.pk):
        rows = JournalEntry.objects.filter(action__startswith="schedule.").order_by("sequence")
        return list(rows.values_list("action", "details"))
