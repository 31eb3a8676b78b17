"""Keep archived customers from getting credentials or assessments."""

from tenants.errors import Conflict
from tenants.models import Tenant


def refuse_archived(tenant: Tenant) -> None:
    """Lock the tenant until the transaction ends, and raise Conflict if the tenant is archived.

    Call this before taking another lock. If another transaction archives the tenant at the same time, one of the two
    transactions waits for the other. So the archiving either has ended before this check, or begins after this
    transaction.
    """
    rows = Tenant.objects.select_for_update(no_key=True).filter(pk=tenant.pk)
    if rows.values_list("archived_at", flat=True).first() is not None:
        raise Conflict(
            f"{tenant.name} is archived, so Surety does not read its resources in Azure. An organization administrator"
            " can restore the customer under Settings › Leaving.",
            code="customer_archived",
        )
