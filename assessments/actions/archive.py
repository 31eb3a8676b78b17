"""Archive a customer: cancel its assessment and delete its credentials, so that Surety can no longer read the
customer's Azure resources.
"""

from django.db import transaction

from assessments.actions.cancel import cancel
from assessments.models import Assessment
from tenants.actions import archive_tenant
from tenants.actors import Actor
from tenants.locks import Lock, lock
from tenants.models import Tenant


@transaction.atomic
def archive_customer(*, tenant: Tenant, by: Actor, reason: str) -> Tenant:
    """Archive the customer. The evidence, findings and reports of the customer stay readable.

    A running unit of an assessment stops at its next heartbeat. Raise InvalidInput if the reason is missing, and
    Conflict if the customer is already archived.
    """
    lock(Lock.VERDICTS, tenant.pk)
    archived = archive_tenant(by=by, tenant=tenant, reason=reason)
    active = (Assessment.State.QUEUED, Assessment.State.RUNNING)
    for assessment in Assessment.objects.filter(tenant=tenant, state__in=active, cancel_requested_at=None):
        cancel(assessment=assessment, by=by)
    return archived
