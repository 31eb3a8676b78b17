"""Decrypt credentials of service principals, and define the interface for checking them.

This app does not import Azure's packages. The engine (`assessments.collect`) registers a check when it is loaded:

    credentials.register(check)         # in AppConfig.ready()
    credentials.check(principal)        # returns a CredentialResult, also for failures
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Protocol
from uuid import UUID

from tenants import secrets
from tenants.azure import host_identities
from tenants.azure.host_identities import HostIdentity, SignInDirectory
from tenants.clouds import Cloud
from tenants.errors import SuretyError
from tenants.models import ManagingPrincipal, ServicePrincipal
from tenants.secrets import Secret

# Error codes of sign-ins that Azure's library or Surety refused. The codes of sign-ins that Entra refused begin with
# AADSTS.
_REFUSAL_CODES: Final = (
    "invalid_directory",
    "invalid_certificate",
    "host_identity_not_allowed",
    "other_identity",
)


@dataclass(frozen=True, slots=True)
class Delegated:
    """The limit of an organization's credential: the only subscription that may be read with it.

    The ids are lower-case GUIDs. `home_directory_id` is the subscription's directory, and `principal_id` is the
    organization's principal.
    """

    subscription_id: str
    home_directory_id: str
    principal_id: UUID


@dataclass(frozen=True, slots=True)
class Credential:
    """All values that a sign-in needs.

    - `kind`: the service principal's kind of credential
    - `secret`: the client secret, PEM with certificate and private key, or the name of a host identity
    - `identity`: only for a host identity: the operator's permission to use the identity for this directory,
      application and cloud
    - `delegated`: limits the credential to one subscription
    - `asks_roles`: whether a check also asks, for each subscription of another directory, if the principal has a role
      on the whole subscription
    """

    directory_id: str
    client_id: str
    kind: str
    secret: Secret
    cloud: Cloud
    identity: HostIdentity | None = None
    delegated: Delegated | None = None
    asks_roles: bool = False


@dataclass(frozen=True, slots=True)
class DiscoveredSubscription:
    """A subscription from ARM's `GET /subscriptions`: id, displayName, state, tenantId, subscriptionPolicies.quotaId.

    - `home_directory_id`, `quota_id`: empty if ARM does not state them
    - `managed_by`: the directories to which the subscription is delegated, from ARM's `managedByTenants`
    - `management_groups`: (name, display name) of each management group above the subscription, or None if the
      management groups could not be read
    - `has_role`: whether the principal has a role on the whole subscription; None if the check did not ask for roles or
      got no answer
    """

    subscription_id: str
    display_name: str
    state: str
    home_directory_id: str = ""
    quota_id: str = ""
    managed_by: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    management_groups: tuple[tuple[str, str], ...] | None = None
    has_role: bool | None = None


@dataclass(frozen=True, slots=True)
class CredentialResult:
    """The result of a check. `error_code` is empty after a successful sign-in. After a failed sign-in, it is a code of
    Entra (such as AADSTS7000215) or of Surety.

    After a failure, `error` says what happened and what to do. After a success, `error` says which listed subscriptions
    are skipped and why. `subscriptions` are the subscriptions that the principal can see, or None if the subscriptions
    could not be listed.
    """

    error_code: str = ""
    error: str = ""
    subscriptions: tuple[DiscoveredSubscription, ...] | None = None

    @property
    def ok(self) -> bool:
        return not self.error_code

    @property
    def details(self) -> Mapping[str, str]:
        """What a journal entry records about the result."""
        if self.error_code:
            return {"error_code": self.error_code[:80]}
        return {"problem": self.error} if self.error else {}

    @property
    def is_refusal(self) -> bool:
        """Return whether the sign-in can succeed only after somebody has changed the credential or the directory. A
        temporary error is no refusal.
        """
        return self.error_code.startswith("AADSTS") or self.error_code in _REFUSAL_CODES


class CredentialCheck(Protocol):
    """A function that signs in and lists subscriptions. It returns expected failures as results, and must not use the
    database.
    """

    def __call__(self, credential: Credential) -> CredentialResult: ...


_registered: list[CredentialCheck] = []


def register(check: CredentialCheck) -> Callable[[], None]:
    """Use `check` in place of the check registered before. Return a function that removes `check` again."""
    _registered.append(check)
    return lambda: _registered.remove(check)


def credential_of(service_principal: ServicePrincipal | ManagingPrincipal) -> Credential:
    """Return the principal's decrypted credential.

    Raise SecretsUnusable if the credential cannot be decrypted, and HostIdentityRefused if the operator does not allow
    the host identity.
    """
    return _credential(
        service_principal.directory,
        service_principal.client_id,
        service_principal.kind,
        secrets.unseal(service_principal, "credential"),
    )


def usable_credential(service_principal: ServicePrincipal | None) -> Credential | SuretyError:
    """Return the decrypted credential of a customer's principal. `service_principal` is None if the principal was
    removed.

    If the credential must not or cannot be used, return an error in its place. Assessments, the watch and checks of
    single findings get a customer's credentials only from this function, so a disabled principal is never used.
    """
    if service_principal is None:
        return SuretyError(
            "The service principal was removed. Register another one, then repeat the assessment.",
            code="service_principal_removed",
        )
    if service_principal.disabled_at is not None:
        return SuretyError(
            "The service principal is disabled. Enable it or register another one, then repeat the assessment.",
            code="service_principal_disabled",
        )
    try:
        return credential_of(service_principal)
    except SuretyError as error:
        return error


def _credential(directory: SignInDirectory, client_id: str, kind: str, secret: Secret) -> Credential:
    plain = Credential(directory.directory_id, client_id, kind, secret, directory.cloud)
    if kind not in host_identities.KINDS:
        return plain
    identity = host_identities.require(secret.reveal(), kind=kind, directory=directory, client_id=client_id)
    return replace(plain, cloud=identity.cloud, identity=identity)


def check_new(
    directory: SignInDirectory, *, client_id: str, kind: str, plain: str, asks_roles: bool = False
) -> CredentialResult:
    """Sign in to the directory with a credential that is not stored, and list the subscriptions that are visible with
    this credential.

    The function makes network requests, so do not call it in a transaction. `kind` and `plain` come from a validated
    `NewCredential`. If `asks_roles` is True, also ask, for each subscription of another directory, if the principal has
    a role on the whole subscription.
    """
    if not _registered:
        raise RuntimeError("No credential check is registered. Add assessments to INSTALLED_APPS.")
    try:
        credential = _credential(directory, client_id, kind, Secret(plain))
    except SuretyError as error:
        return CredentialResult(error_code=error.code, error=error.message)
    return _registered[-1](replace(credential, asks_roles=asks_roles))


def check(
    service_principal: ServicePrincipal | ManagingPrincipal, *, asks_roles: bool = False
) -> CredentialResult:
    """Sign in with the principal's credential, and list the subscriptions that the principal can see. `asks_roles` has
    the same meaning as in `check_new`.

    The function makes network requests, so do not call it in a transaction. If the stored credential or the cloud
    cannot be used, the result says so. Raise RuntimeError if no check is registered.
    """
    if not _registered:
        raise RuntimeError("No credential check is registered. Add assessments to INSTALLED_APPS.")
    try:
        credential = credential_of(service_principal)
    except SuretyError as error:
        return CredentialResult(error_code=error.code, error=error.message)
    return _registered[-1](replace(credential, asks_roles=asks_roles))
