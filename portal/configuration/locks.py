"""Lock everything that a configuration file changes, and try again after a deadlock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final
from uuid import UUID

from django.db import OperationalError, transaction
from django.db.models import Model

from assessments.actions.schedules import lock_schedules
from portal.changes.models import WatchRule
from portal.configuration.steps import Step
from portal.distribution.models import OrganizationReportSchedule, ReportSchedule
from portal.notify.models import Channel
from portal.tickets.models import TicketRule, TicketSystem
from portal.treatment.locks import lock_treatments
from tenants import journal
from tenants.actions.members import lock_administrators
from tenants.actions.organizations import lock_settings
from tenants.actions.subscriptions import lock_subscriptions
from tenants.errors import Conflict
from tenants.locks import Lock, lock
from tenants.models import Invitation, Membership, Organization, Tenant
from tenants.roles import Role

ATTEMPTS: Final = 3
_ROWS: Final[tuple[type[Model], ...]] = (
    Membership,
    Invitation,
    Channel,
    OrganizationReportSchedule,
    ReportSchedule,
    WatchRule,
    TicketSystem,
    TicketRule,
)
_DEADLOCKS: Final = ("40P01", "40001")  # the SQLSTATEs of a deadlock and of a serialization failure


def lock_for(steps: Iterable[Step], organization: Organization) -> Organization:
    """Lock all rows that the steps change, in the order of `tenants.locks`. The rows stay locked until the transaction
    ends.

    Return the organization as it is now.
    """
    steps = list(steps)
    for tenant_id in sorted({step.refresh for step in steps if step.refresh is not None}):
        lock_treatments(tenant_id)
    organization = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    lock_schedules(lock_settings(Tenant.objects.filter(organization=organization)))
    rows = [row for step in steps for row in step.rows]
    # The rows of a step contain a customer only if the step changes an exclusion rule. Such a step also changes
    # subscriptions of the customer.
    if customers := [row.pk for row in rows if isinstance(row, Tenant)]:
        lock_subscriptions(customers)
    if any(isinstance(row, Membership) and row.role == Role.ORGANIZATION_ADMINISTRATOR for row in rows):
        lock_administrators(organization)
    for model in _ROWS:
        if keys := [row.pk for row in rows if isinstance(row, model)]:
            found = model._default_manager.filter(pk__in=keys).order_by("pk")
            # Lock with `no_key`, because other rows refer to these rows: a stronger lock would block new tickets, and
            # new messages to channels.
            list(found.select_for_update(no_key=True, of=("self",)).values_list("pk"))
    if steps:
        # Lock the journal of the organization now. It must be locked before the journals of customers, but the first
        # step of a file can write to the journal of a customer.
        lock(Lock.JOURNAL, journal.chain_of(organization))
    return organization


def locked_by(steps: Iterable[Step]) -> set[UUID]:
    """Return the ids of the rows that these steps change, and the ids of the customers whose treatments they refresh.

    The result does not include what `lock_for` locks for every file: the organization and the settings of its
    customers.
    """
    steps = list(steps)
    rows = {row.pk for step in steps for row in step.rows}
    return rows | {step.refresh for step in steps if step.refresh is not None}


def attempted[Result](function: Callable[[], Result]) -> Result:
    """Call a function in a transaction. If a deadlock undoes the transaction, try again.

    After three failed attempts, raise Conflict (busy).
    """
    for _ in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return function()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") not in _DEADLOCKS:
                raise
    raise busy()


def busy() -> Conflict:
    return Conflict(
        "Somebody else is changing settings at this moment. Nothing was changed. Try again.", code="busy"
    )
