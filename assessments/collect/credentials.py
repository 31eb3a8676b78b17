"""Signing in as a service principal, and what Entra's refusals mean.

Codes: https://learn.microsoft.com/entra/identity-platform/reference-error-codes. A message says what to do and holds
neither the secret nor Entra's own text, whose trace ids help nobody and which may name the application.
"""

from __future__ import annotations

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


class SignInError(Exception):
    """The service principal could not sign in. `code` is Entra's (`AADSTS7000215`) or a word of ours.

    `definite`: asking again cannot help until somebody changes something.
    """

    definite = True

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class UnknownDirectory(SignInError):
    """There is no such directory in this cloud."""


class UnknownApplication(SignInError):
    """The directory does not know the application, or it is switched off there."""


class SecretRefused(SignInError):
    """The secret is wrong or has expired."""


class CertificateRefused(SignInError):
    """The certificate is not registered, has expired or cannot be used."""


class AccessBlocked(SignInError):
    """Entra knows the application but a policy of the directory bars it."""


class AuthorityUnavailable(SignInError):
    """No usable answer from the authority: network, TLS, or an error on its side."""

    definite = False


_Kind = type[SignInError]
_KNOWN: dict[int, tuple[_Kind, str]] = {
    90002: (UnknownDirectory, "There is no such directory in this cloud. Check the directory (tenant) id and the cloud."),
    900023: (UnknownDirectory, "The directory id is not valid. Check the directory (tenant) id."),
    900021: (UnknownDirectory, "The directory id is not valid. Check the directory (tenant) id."),
    700016: (
        UnknownApplication,
        "The directory does not know this application. Check the application (client) id, and that it was added to "
        "this directory.",
    ),
    7000229: (
        UnknownApplication,
        "The application has no service principal in this directory. Create it: az ad sp create --id <client id>.",
    ),
    7000112: (UnknownApplication, "The application is disabled in its directory. Enable it under Enterprise applications."),
    7000215: (
        SecretRefused,
        "The secret is wrong. Enter the secret's value, not its id, or make a new one under Certificates & secrets.",
    ),
    7000222: (SecretRefused, "The secret has expired. Make a new one under Certificates & secrets and enter it here."),
    7000218: (SecretRefused, "Entra got no secret and no certificate. Enter one of them."),
    700027: (
        CertificateRefused,
        "The certificate is not one of the application's, or has expired. Upload its public part under Certificates & "
        "secrets.",
    ),
    1000502: (CertificateRefused, "The certificate is outside its period of validity. Upload and enter a new one."),
    700024: (
        CertificateRefused,
        "Entra found the signed assertion outside its time. Check this machine's clock and the certificate's dates.",
    ),
    700023: (CertificateRefused, "The signed assertion was made for another authority. Check the cloud's authority."),
    50027: (CertificateRefused, "Entra could not read the signed assertion. Check that the certificate holds an RSA key."),
    53003: (AccessBlocked, "A Conditional Access policy for workload identities bars this application. Exclude it there."),
    7000114: (AccessBlocked, "The application may not sign in with a credential of its own."),
    500011: (AccessBlocked, "The directory does not know the API that was asked for. Check the cloud's endpoints."),
    1002012: (AccessBlocked, "Entra refuses the scope that was asked for. Check the cloud's endpoints."),
}  # fmt: skip
_CODE = re.compile(r"AADSTS(\d+)")


def translate(error: BaseException) -> SignInError:
    """Any error of azure-identity as a SignInError."""
    match = _CODE.search(str(error))
    if match:
        number = int(match.group(1))
        kind, message = _KNOWN.get(
            number, (SignInError, "Entra refused the sign-in. Look the code up at https://login.microsoftonline.com/error.")
        )
        return kind(f"AADSTS{number}", message)
    cause = error.__cause__ or error
    text = str(cause)
    if isinstance(cause, ForeignHost):
        return AuthorityUnavailable(
            "foreign_host",
            f"The authority pointed to another host ({cause.host}), which was not followed. Check the cloud's authority.",
        )
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return AuthorityUnavailable(
            "tls", "The authority's certificate is not trusted. Give the cloud's CA, or check a proxy that opens TLS."
        )
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status is not None:
        return AuthorityUnavailable(f"http_{status}", f"The authority answered with status {status}. Try again later.")
    if isinstance(cause, AzureError):
        return AuthorityUnavailable(
            "connection", "The authority could not be reached. Check the network, the proxy and the cloud's authority."
        )
    return AuthorityUnavailable("unusable_answer", "The authority's answer could not be used. Check the cloud's authority.")


class Credential:
    """A service principal's credential for azure-core, with an in-memory token cache.

    A definite refusal is remembered, so that a run does not knock again for every collection. Errors are SignInError.
    `secret` is the client secret; `certificate` PEM bytes with the RSA private key.
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
    text = str(error)
    if "tenant" in text.casefold():
        return UnknownDirectory("invalid_directory", "The directory id is not valid. Check the directory (tenant) id.")
    return CertificateRefused(
        "invalid_certificate",
        "The certificate cannot be used. Give PEM with the certificate and its unencrypted RSA private key.",
    )
