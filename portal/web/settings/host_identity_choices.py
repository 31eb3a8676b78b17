"""Find the identities of the host that a person may choose for a customer's service principal."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from assessments.permissions.registration import KnownIdentity
from tenants import access
from tenants.azure import host_identities
from tenants.azure.host_identities import HostIdentity
from tenants.errors import PermissionDenied, Refusal
from tenants.models import Directory, Tenant
from tenants.roles import Capability

log = structlog.get_logger(__name__)


def choosable(tenant: Tenant, directory: Directory | None = None) -> list[HostIdentity]:
    """Return the host identities that may be used for the directory. If `directory` is None, return all host identities
    that may be used for directories of the organization's customers.

    The operator allows a host identity for the whole organization. So only people who may register customers in the
    whole organization can choose it. For other people, the list is empty.
    """
    try:
        access.require_in_organization(Capability.REGISTER, organization_id=tenant.organization_id)
        if directory is not None:
            return host_identities.allowed(directory)
        return host_identities.of_customers(tenant.organization_id)
    except PermissionDenied:
        return []
    except Refusal as error:
        # The person cannot correct the file of host identities, so offer none and only log the error. The operator can
        # correct the file, and also gets the error from `manage.py check`.
        log.warning("host identities unusable", code=error.code, problem=error.message)
        return []


def known_identity(identities: Sequence[HostIdentity], name: str) -> KnownIdentity | None:
    """Return the host identity with this name, as the Azure CLI commands of a registration need it.

    Return None if the name is not in `identities`.
    """
    for identity in identities:
        if identity.name == name:
            issuer, subject = host_identities.token_claims(identity) if identity.token_file else ("", "")
            return KnownIdentity(identity.kind, identity.client_id, identity.audience, issuer, subject)
    return None
