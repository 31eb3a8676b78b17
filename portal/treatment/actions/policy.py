"""Changing a tenant's policy, and what follows for its figures."""

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
    name: str,
    timezone: str,
    labels: Iterable[str],
    exception_cap_days: int,
    due_days: Mapping[str, int],
    expected: Mapping[str, Any],
) -> Tenant:
    """`tenants.actions.change_tenant`, after which the day's figures and what is told as overdue follow.

    Exceptions that run are not cut short by another cap: it binds who asks and who approves from now on.
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
