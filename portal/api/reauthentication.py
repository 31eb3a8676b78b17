"""Check the rights of a token for changes that need a re-authentication on pages. A token cannot re-authenticate, so it
needs the additional right `administer`.
"""

from __future__ import annotations

from tenants import access
from tenants.models import Tenant
from tenants.roles import Capability


def proven(customer: str, needs: Capability) -> Tenant:
    """Return the customer. Raise an error unless the token has both the right `needs` and the right `administer` for
    this customer.

    A program cannot re-authenticate. But tokens and client secrets with `administer` are valid for at most 30 days, and
    people re-authenticate before they create one.
    """
    access.tenant(customer, needs=needs)
    return access.tenant(customer, needs=Capability.ADMINISTER)
