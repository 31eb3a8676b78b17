"""Signing in as a service principal. Every failure ends as a SignInError that says what to do."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from typing import Any

from azure.core.credentials import AccessToken
from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import CertificateCredential, ClientSecretCredential, CredentialUnavailableError

from assessments.collect.clouds import Endpoints
from assessments.collect.errors import ForeignHost
from assessments.collect.policies import Patience, login_policies
from assessments.collect.refusals import (
    INVALID_CERTIFICATE,
    INVALID_DIRECTORY,
    KNOWN,
    OTHER,
    UNAVAILABLE,
    AuthorityUnavailable,
    CertificateRefused,
    SignInError,
    UnknownDirectory,
)

# It would log Entra's own text with every refusal; a SignInError says what matters.
logging.getLogger("azure.identity").setLevel(logging.CRITICAL)

_CODE = re.compile(r"AADSTS(\d+)")


def translate(error: BaseException) -> SignInError:
    """Any error of azure-identity as a SignInError."""
    if match := _CODE.search(str(error)):
        kind, message = KNOWN.get(int(match.group(1)), (SignInError, OTHER))
        return kind(match.group(0), message)
    cause = error.__cause__ or error
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(cause, ForeignHost):
        code = "foreign_host"
    elif "CERTIFICATE_VERIFY_FAILED" in str(cause):
        code = "tls"
    elif status is not None:
        return AuthorityUnavailable(
            f"http_{status}", f"The authority answered with status {status}. Try later."
        )
    else:
        code = "connection" if isinstance(cause, AzureError) else "unusable_answer"
    return AuthorityUnavailable(code, UNAVAILABLE[code])


class Credential:
    """A service principal's credential for azure-core, with an in-memory token cache.

    A definite refusal is remembered, so that a run does not knock again for every collection. Errors are
    SignInError. `secret` is the client secret; `certificate` PEM bytes with the RSA private key.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        directory_id: str,
        client_id: str,
        *,
        secret: str = "",
        certificate: bytes = b"",
        transport: RequestsTransport,
        patience: Patience,
    ) -> None:
        if bool(secret) == bool(certificate):
            raise ValueError("give either a secret or a certificate")
        options: dict[str, Any] = {
            "authority": endpoints.authority,
            "disable_instance_discovery": not endpoints.discovery,
        }

        def make() -> ClientSecretCredential | CertificateCredential:
            policies = login_policies(endpoints.authority, patience)
            more = {**options, "transport": transport, "policies": policies}
            if secret:
                return ClientSecretCredential(directory_id, client_id, secret, **more)
            return CertificateCredential(directory_id, client_id, certificate_data=certificate, **more)

        self._make: Callable[[], ClientSecretCredential | CertificateCredential] = make
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
        """A token; SignInError."""
        if self._refused is not None:
            raise self._refused
        inner = self._inner
        try:
            # One at a time: MSAL would otherwise fetch one token for each of the threads that start together.
            with self._lock:
                token = inner.get_token(*scopes, **options)
        except (ClientAuthenticationError, CredentialUnavailableError, AzureError, ForeignHost) as error:
            # `from None`: the original holds Entra's text and, through its request, what was posted.
            problem = translate(error)
            if problem.definite:
                self._refused = problem
            raise problem from None
        self._last[scopes] = token.token
        return token

    def forget(self, token: str) -> None:
        """Drop a token that was refused, unless another thread already has a newer one."""
        with self._lock:
            if token in self._last.values():
                self._last.clear()
                self._inner = self._make()


def _unusable(error: ValueError) -> SignInError:
    if "tenant" in str(error).casefold():
        return UnknownDirectory("invalid_directory", INVALID_DIRECTORY)
    return CertificateRefused("invalid_certificate", INVALID_CERTIFICATE)
