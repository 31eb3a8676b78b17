"""The right that a token needs in addition, for changes before which pages ask who the person is."""

from __future__ import annotations

from typing import Final

from tenants import access
from tenants.models import Tenant
from tenants.roles import Capability

PROVEN: Final = "The token needs the right `administer`, too."


def proven(customer: str, needs: Capability) -> Tenant:
    """Return the customer, in which the token must have the rights `needs` and `administer`.

    A program gives no proof of who uses it. But a token with the right `administer` was created with such a proof, and
    at most 30 days ago.
    """
    access.tenant(customer, needs=needs)
    return access.tenant(customer, needs=Capability.ADMINISTER)
