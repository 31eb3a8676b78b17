"""Signing in as a service principal: what is needed for it, and the interface of the check that does it.

This app does not know Azure. The engine (`assessments.collect`) registers a check when it is loaded:

    credentials.register(check)         # in an AppConfig.ready()
    credentials.check(principal)        # a CredentialResult, whatever happened
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tenants import secrets
from tenants.clouds import Cloud
from tenants.errors import SuretyError
from tenants.models import ServicePrincipal
from tenants.secrets import Secret


@dataclass(frozen=True, slots=True)
class Credential:
    """Everything a sign-in needs. `kind`: secret or certificate; `secret`: the secret, or PEM with key."""

    directory_id: str
    client_id: str
    kind: str
    secret: Secret
    cloud: Cloud


@dataclass(frozen=True, slots=True)
class DiscoveredSubscription:
    """One line of ARM's `GET /subscriptions`: id, displayName, state."""

    subscription_id: str
    display_name: str
    state: str


@dataclass(frozen=True, slots=True)
class CredentialResult:
    """What a check found. `error_code` is empty when it signed in, else Entra's (AADSTS7000215) or ours.

    `error` says what happened and what to do. `subscriptions` is what the principal can see, None when the
    check could not ask.
    """

    error_code: str = ""
    error: str = ""
    subscriptions: tuple[DiscoveredSubscription, ...] | None = None

    @property
    def ok(self) -> bool:
        return not self.error_code


class CredentialCheck(Protocol):
    """Signs in and lists subscriptions. Expected failures are results. Touches no database."""

    def __call__(self, credential: Credential) -> CredentialResult: ...


_registered: list[CredentialCheck] = []


def register(check: CredentialCheck) -> Callable[[], None]:
    """Make `check` the one that is used; the last registered wins. Returns a function that takes it back."""
    _registered.append(check)
    return lambda: _registered.remove(check)


def credential_of(service_principal: ServicePrincipal) -> Credential:
    """The principal's credential, opened. SecretsUnusable when it does not open."""
    return Credential(
        directory_id=service_principal.directory.directory_id,
        client_id=service_principal.client_id,
        kind=service_principal.kind,
        secret=secrets.unseal(service_principal, "credential"),
        cloud=service_principal.directory.cloud,
    )


def check(service_principal: ServicePrincipal) -> CredentialResult:
    """Sign in with the principal's credential and see what it can reach.

    Takes as long as the network does. A credential that does not open, or a cloud that is unusable, is a
    result like any other. RuntimeError when no check is registered.
    """
    if not _registered:
        raise RuntimeError("No credential check is registered: is assessments in INSTALLED_APPS?")
    try:
        credential = credential_of(service_principal)
    except SuretyError as error:
        return CredentialResult(error_code=error.code, error=error.message)
    return _registered[-1](credential)
