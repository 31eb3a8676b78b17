"""Changes for which a person must re-authenticate on pages. In the API, a token needs a second right for such a
change.
"""

from __future__ import annotations

from typing import Final

from tenants import access
from tenants.models import Tenant
from tenants.roles import Capability

PROVEN: Final = "The token also needs the right `administer`."


def proven(customer: str, needs: Capability) -> Tenant:
    """Return the customer. Raise an error unless the token has both the right `needs` and the right `administer` for
    this customer.

    A program cannot re-authenticate. But a token with `administer` was created after a re-authentication, at most 30
    days ago.
    """
    access.tenant(customer, needs=needs)
    return access.tenant(customer, needs=Capability.ADMINISTER)
