"""Sign in as a service principal. Every failure raises a SignInError that says what to do."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from azure.core.credentials import AccessToken
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import (
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
    CredentialUnavailableError,
    ManagedIdentityCredential,
)

from assessments.collect.errors import BadAnswer, ForeignHost
from assessments.collect.http.clouds import Endpoints
from assessments.collect.http.policies import Patience, login_policies
from assessments.collect.sign_in.host_credentials import (
    HostCredential,
    managed_identity,
    managed_identity_problem,
    read_assertion,
    require_identity,
)
from assessments.collect.sign_in.refusals import (
    INVALID_CERTIFICATE,
    INVALID_DIRECTORY,
    KNOWN,
    OTHER,
    TEMPORARY,
    TEMPORARY_CODES,
    UNAVAILABLE,
    AuthorityUnavailable,
    CertificateRefused,
    SignInError,
    UnknownDirectory,
)

# Do not let the library log Entra's text for every failure, because a SignInError already explains the failure.
logging.getLogger("azure.identity").setLevel(logging.CRITICAL)

_CODE = re.compile(r"AADSTS(\d+)")
type Inner = (
    ClientSecretCredential | CertificateCredential | ClientAssertionCredential | ManagedIdentityCredential
)


def translate(error: BaseException) -> SignInError:
    """Translate any error of azure-identity into a SignInError."""
    chain = list(_chain(error))
    responses = [response for one in chain if (response := getattr(one, "response", None)) is not None]
    is_temporary = any(one.status_code == 429 or (one.status_code or 0) >= 500 for one in responses)
    # If Entra refused the request for the directory's OpenID configuration, only `error.__cause__.__cause__` has the
    # error code of Entra, so search the whole chain.
    match = next((found for one in chain if (found := _CODE.search(str(one)))), None)
    if match and int(match.group(1)) in TEMPORARY_CODES:
        return AuthorityUnavailable(TEMPORARY, UNAVAILABLE[TEMPORARY])
    # `is_temporary` errors say nothing about the credential, although Entra adds a code to them too.
    if match and not is_temporary:
        kind, message = KNOWN.get(int(match.group(1)), (SignInError, OTHER))
        return kind(match.group(0), message)
    if any(isinstance(one, ForeignHost) for one in chain):
        code = "foreign_host"
    elif any("CERTIFICATE_VERIFY_FAILED" in str(one) for one in chain):
        code = "tls"
    elif responses:
        status = responses[0].status_code
        return AuthorityUnavailable(
            f"http_{status}", f"The sign-in endpoint answered with HTTP status {status}. Try again later."
        )
    else:
        network = any(isinstance(one, ServiceRequestError | ServiceResponseError) for one in chain)
        code = "connection" if network else "unusable_answer"
    return AuthorityUnavailable(code, UNAVAILABLE[code])


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


class Credential:
    """A service principal's credential for azure-core, with an in-memory token cache. All errors are SignInError.

    A refusal is remembered, so that a run does not sign in again for every collection. Callers pass exactly one of
    `secret` (the client secret), `certificate` (PEM bytes with the RSA key) and `identity` (of the host).
    """

    def __init__(
        self,
        endpoints: Endpoints,
        directory_id: str,
        client_id: str,
        *,
        secret: str = "",
        certificate: bytes = b"",
        identity: HostCredential | None = None,
        transport: RequestsTransport,
        patience: Patience,
    ) -> None:
        if sum(map(bool, (secret, certificate, identity))) != 1:
            raise ValueError("Pass exactly one of these: a secret, a certificate or an identity of the host.")
        options: dict[str, Any] = {
            "authority": endpoints.authority,
            "disable_instance_discovery": not endpoints.discovery,
        }

        def make() -> Inner:
            if identity is not None and not identity.token_file:
                return managed_identity(client_id, identity, transport=transport)
            policies = login_policies(endpoints.authority, patience)
            more = {**options, "transport": transport, "policies": policies}
            if identity is not None:
                read = partial(read_assertion, identity.token_file, identity.audience)
                return ClientAssertionCredential(directory_id, client_id, read, **more)
            if secret:
                return ClientSecretCredential(directory_id, client_id, secret, **more)
            return CertificateCredential(directory_id, client_id, certificate_data=certificate, **more)

        self._make: Callable[[], Inner] = make
        # The managed identity that a token must belong to: (directory id, client id).
        self._managed = (
            (directory_id, client_id) if identity is not None and not identity.token_file else None
        )
        self._is_user_assigned = identity is not None and identity.is_user_assigned
        self._lock = threading.Lock()
        self._last: dict[tuple[str, ...], str] = {}
        self._refused: SignInError | None = None
        try:
            self._inner = make()
        except ValueError as error:
            raise _unusable(error) from None

    def __repr__(self) -> str:
        return "<Credential>"

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """Return a token. Raise SignInError if the sign-in fails now, or was refused before."""
        if self._refused is not None:
            raise self._refused
        inner = self._inner
        try:
            # Let only one thread at a time request a token. If several threads start at the same time, MSAL would fetch
            # a token for each of them.
            with self._lock:
                token = inner.get_token(*scopes, **options)
            if self._managed is not None:
                require_identity(token.token, *self._managed)
        except SignInError as refused:
            if refused.definite:
                self._refused = refused
            raise refused from None
        except (
            ClientAuthenticationError,
            CredentialUnavailableError,
            AzureError,
            BadAnswer,
            ForeignHost,
        ) as error:
            problem = (
                translate(error)
                if self._managed is None
                else managed_identity_problem(error, is_user_assigned=self._is_user_assigned)
            )
            if problem.definite:
                self._refused = problem
            # Use `from None`: the original error contains Entra's text and the request with the client secret.
            raise problem from None
        self._last[scopes] = token.token
        return token

    def forget(self, token: str) -> None:
        """Drop a rejected token, unless another thread has already stored a newer token."""
        with self._lock:
            if token in self._last.values():
                self._last.clear()
                self._inner = self._make()


def _unusable(error: ValueError) -> SignInError:
    if "tenant" in str(error).casefold():
        return UnknownDirectory("invalid_directory", INVALID_DIRECTORY)
    return CertificateRefused("invalid_certificate", INVALID_CERTIFICATE)
