"""The journal of a customer, for tests of actions."""

from tenants.models import JournalEntry, Tenant
from tests.factories import in_tenant


def journal_of(tenant: Tenant) -> list[str]:
    """Return the actions in the customer's journal, oldest first."""
    with in_tenant(tenant):
        return list(JournalEntry.objects.order_by("sequence").values_list("action", flat=True))
