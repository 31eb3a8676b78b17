"""Request tokens of the host's managed identity for the operator's own Azure resources, such as the vault of the
signing key.

azure-identity supports the identities of virtual machines, App Service and Azure Arc, and the workload identities of
Kubernetes. `AZURE_CLIENT_ID` selects a user-assigned identity.
https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview
"""

from __future__ import annotations

import os

from azure.core.exceptions import AzureError
from azure.identity import CredentialUnavailableError

from assessments.collect.http.transport import host_transport
from assessments.collect.sign_in.host_credentials import (
    HostCredential,
    managed_identity,
    managed_identity_problem,
)

CLIENT_ID = "AZURE_CLIENT_ID"


def operator_token(scope: str) -> str:
    """Return an access token of the host's identity. `scope` ends in `/.default`.

    Raises SignInError if the host has no identity, or if the identity gets no token.
    """
    client_id = os.environ.get(CLIENT_ID, "").strip()
    identity = HostCredential(is_user_assigned=bool(client_id))
    try:
        with managed_identity(client_id, identity, transport=host_transport()) as credential:
            return str(credential.get_token(scope).token)
    except (AzureError, CredentialUnavailableError, ValueError) as error:
        raise managed_identity_problem(error, is_user_assigned=identity.is_user_assigned) from None
