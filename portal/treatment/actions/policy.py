"""Change a tenant's policy, and refresh the tenant's figures if its due days change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from portal.treatment.task_names import REFRESH
from tenants.actions.organizations import change_tenant
from tenants.actors import Actor
from tenants.dispatch import enqueue
from tenants.models import Tenant


@transaction.atomic
def change_policy(
    *,
    tenant: Tenant,
    by: Actor,
    name: str | None = None,
    timezone: str | None = None,
    labels: Iterable[str] | None = None,
    exception_cap_days: int | None = None,
    due_days: Mapping[str, int] | None = None,
    expected: Mapping[str, Any],
) -> Tenant:
    """Change the given fields of the tenant with `tenants.actions.organizations.change_tenant`.

    If the due days change, a task then refreshes the figures and notifies owners of overdue findings. A new maximum
    duration of exceptions applies to later requests and approvals.
    """
    changed = change_tenant(
        by=by,
        tenant=tenant,
        name=name,
        timezone=timezone,
        labels=labels,
        exception_cap_days=exception_cap_days,
        due_days=due_days,
        expected=expected,
    )
    if changed.due_days != tenant.due_days:
        enqueue(REFRESH, tenant.pk)
    return changed
