"""Check identities of the host, with which service principals may sign in instead of a secret or certificate.

Every worker can use such an identity. If administrators of customers chose freely, one customer could read another's
directory, or get the host's tokens. So only the operator can allow an identity, in the file that
`SURETY_HOST_IDENTITIES` names (docs/operations/service-principals.md). An entry of the file allows the identity only
for one organization, directory, application and cloud with its endpoints. Before each use of an identity, Surety checks
that the sign-in has all these values.
"""

from __future__ import annotations

import base64
import json
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import UUID

from django.conf import settings

from tenants.clouds import Cloud, cloud_from
from tenants.errors import Refusal
from tenants.ids import parse_uuid
from tenants.models import ManagingPrincipal, ServicePrincipal

Kind = ServicePrincipal.Kind
KINDS: Final = (Kind.FEDERATED, Kind.MANAGED_IDENTITY)
_KEYS: Final = {
    "name", "kind", "organization", "directory_id", "client_id", "token_file", "assigned", "cloud", "endpoints", "use",
}  # fmt: skip
_MAX_TOKEN_BYTES: Final = 64 * 1024
# {national cloud: the audience that the token of a federated identity must have}. In all other clouds, the audience is
# `api://AzureADTokenExchange`.
# https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust (national clouds)
_AUDIENCES: Final = {
    "AzureUSGovernment": "api://AzureADTokenExchangeUSGov",
    "AzureUSGovernmentDoD": "api://AzureADTokenExchangeUSGov",
    "AzureChinaCloud": "api://AzureADTokenExchangeChina",
}


class SignInDirectory(Protocol):
    """A directory to which a principal signs in. It is a `Directory` of a customer, or a `ManagingPrincipal`, which has
    the fields of its own directory.
    """

    directory_id: str

    @property
    def cloud(self) -> Cloud:
        """The cloud's endpoints."""

    @property
    def organization_id(self) -> UUID:
        """The organization that the directory belongs to."""


@dataclass(frozen=True, slots=True)
class HostIdentity:
    """An entry of the file that `SURETY_HOST_IDENTITIES` names. GUIDs are in lower case.

    - `token_file`: the file with the token (assertion) of a federated identity; empty for a managed identity
    - `is_user_assigned`: True for a managed identity that is selected by its client id, False for the system-assigned
      identity
    - `for_organization`: True if the entry is for the organization's own service principal, which reads delegated
      subscriptions
    """

    name: str
    kind: str
    organization_id: UUID
    directory_id: str
    client_id: str
    cloud: Cloud
    token_file: str = ""
    is_user_assigned: bool = False
    for_organization: bool = False

    @property
    def audience(self) -> str:
        """The audience that the assertion must have."""
        return _AUDIENCES.get(self.cloud.name, "api://AzureADTokenExchange")

    @property
    def label(self) -> str:
        """Return the text that pages show for the identity: name, kind and client id."""
        return f"{self.name} ({Kind(self.kind).label}, client ID {self.client_id})"


class HostIdentityRefused(Refusal):
    """An error: the operator does not allow this use of a host identity."""


def allowed(directory: SignInDirectory) -> list[HostIdentity]:
    """Return the identities that the operator allows for the directory. Raise Refusal if the file is invalid."""
    return [identity for identity in _configured() if _fits(identity, directory)]


def of_organization(organization_id: UUID) -> list[HostIdentity]:
    """Return the identities that the operator allows for the organization's own service principals. Raise Refusal if
    the file is invalid."""
    return [identity for identity in _of(organization_id) if identity.for_organization]


def of_customers(organization_id: UUID) -> list[HostIdentity]:
    """Return the identities that the operator allows for directories of the organization's customers. Raise Refusal if
    the file is invalid."""
    return [identity for identity in _of(organization_id) if not identity.for_organization]


def _of(organization_id: UUID) -> list[HostIdentity]:
    return [identity for identity in _configured() if identity.organization_id == organization_id]


def problem() -> str:
    """Return what is wrong with the file of host identities. Return an empty string if the file is valid."""
    try:
        _configured()
    except Refusal as error:
        return error.message
    return ""


def require(name: str, *, kind: str, directory: SignInDirectory, client_id: str) -> HostIdentity:
    """Return the host identity if the operator allows it for exactly this use. Raise HostIdentityRefused if the
    operator does not allow it.
    """
    found = [
        identity
        for identity in allowed(directory)
        if (identity.name, identity.kind, identity.client_id) == (name, kind, client_id)
    ]
    if not found:
        raise HostIdentityRefused(
            "The operator of this installation does not allow this host identity for the directory and client ID."
            " Ask the operator for an entry in the file SURETY_HOST_IDENTITIES, or use a secret or certificate.",
            code="host_identity_not_allowed",
        )
    return found[0]


def token_claims(identity: HostIdentity) -> tuple[str, str]:
    """Return (issuer, subject) of a federated identity's token. The application must trust both.

    Only workers need the token file. In a process that cannot read the file, both texts are empty.
    """
    try:
        with Path(identity.token_file).open("rb") as file:
            payload = file.read(_MAX_TOKEN_BYTES).split(b".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
        issuer, subject = claims["iss"], claims["sub"]
    except (OSError, ValueError, LookupError, TypeError):
        return "", ""
    is_text = isinstance(issuer, str) and isinstance(subject, str) and f"{issuer}{subject}".isprintable()
    return (issuer, subject) if is_text else ("", "")


def _fits(identity: HostIdentity, directory: SignInDirectory) -> bool:
    # Compare the endpoints, because people choose the endpoints of a customer's custom cloud, and a token of the host
    # must be sent only to the endpoints that the operator entered. Compare `for_organization` too. Without this
    # comparison, people who may register customers, but not change the organization, could register the organization's
    # own directory as the directory of a customer, and read this directory.
    cloud = directory.cloud
    return (
        identity.for_organization is isinstance(directory, ManagingPrincipal)
        and identity.organization_id == directory.organization_id
        and identity.directory_id == directory.directory_id
        and (identity.cloud.name, *_endpoints(identity.cloud)) == (cloud.name, *_endpoints(cloud))
    )


def _endpoints(cloud: Cloud) -> tuple[str, ...]:
    return cloud.authority, cloud.arm, cloud.arm_scope, cloud.graph


def _configured() -> list[HostIdentity]:
    """Return the entries of the file. Each call reads it, so that removing an entry ends the permission immediately."""
    name = settings.SURETY_HOST_IDENTITIES
    if not name:
        return []
    path = Path(name)
    try:
        if path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise _invalid("users other than its owner can write to it. Run: chmod go-w")
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("identity", [])
    except (OSError, ValueError) as error:
        raise _invalid(f"it cannot be read ({getattr(error, 'strerror', None) or error})") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise _invalid("it must contain [[identity]] tables")
    return [_entry(number, entry) for number, entry in enumerate(entries, start=1)]


def _entry(number: int, entry: Mapping[str, Any]) -> HostIdentity:
    where = f"entry {number}"
    if unknown := sorted(set(entry) - _KEYS):
        raise _invalid(f"{where} has the unknown key {unknown[0]}")
    texts = {key: str(entry.get(key, "")).strip() for key in _KEYS - {"endpoints"}}
    if not texts["name"]:
        raise _invalid(f"{where} has no name")
    if texts["kind"] not in KINDS:
        raise _invalid(f"{where}: kind must be federated or managed_identity")
    ids = {key: parse_uuid(texts[key]) for key in ("organization", "directory_id", "client_id")}
    if missing := next((key for key, value in ids.items() if value is None), ""):
        raise _invalid(f"{where}: {missing} must be a GUID")
    is_federated = texts["kind"] == Kind.FEDERATED
    if is_federated != bool(texts["token_file"]) or (
        is_federated and not Path(texts["token_file"]).is_absolute()
    ):
        raise _invalid(
            f"{where}: token_file must be an absolute path for a federated identity, and must be absent for other kinds"
        )
    if is_federated == bool(texts["assigned"]) or texts["assigned"] not in {"", "system", "user"}:
        raise _invalid(
            f"{where}: assigned must be system or user for a managed identity, and must be absent for other kinds"
        )
    if texts["use"] not in {"", "customer", "organization"}:
        raise _invalid(f"{where}: use must be customer or organization")
    endpoints = entry.get("endpoints", {})
    if not isinstance(endpoints, dict):
        raise _invalid(f"{where}: endpoints must be a table")
    try:
        cloud = cloud_from(texts["cloud"] or "AzureCloud", endpoints)
    except Refusal as error:
        raise _invalid(f"{where}: {error.message}") from None
    return HostIdentity(
        name=texts["name"],
        kind=texts["kind"],
        organization_id=UUID(str(ids["organization"])),
        directory_id=str(ids["directory_id"]),
        client_id=str(ids["client_id"]),
        cloud=cloud,
        token_file=texts["token_file"],
        is_user_assigned=texts["assigned"] == "user",
        for_organization=texts["use"] == "organization",
    )


def _invalid(problem: str) -> Refusal:
    return Refusal(
        f"The file SURETY_HOST_IDENTITIES is invalid: {problem}. Ask the operator of this installation to correct it.",
        code="host_identities_invalid",
    )
