"""The refusal to give an archived customer a credential or an assessment."""

from tenants.errors import Conflict
from tenants.models import Tenant


def refuse_archived(tenant: Tenant) -> None:
    """Raise Conflict if the tenant is archived. Reads the row again, because `tenant` may be out of date."""
    if Tenant.objects.filter(pk=tenant.pk, archived_at__isnull=False).exists():
        raise Conflict(
            f"{tenant.name} is archived, so Surety does not read its Azure. An organization administrator can restore"
            " the customer under Settings › Leaving.",
            code="customer_archived",
        )
