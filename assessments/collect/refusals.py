"""Entra's refusals, as data: what each code means and what to do about it.

Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes. A message says what to
do and holds neither the secret nor Entra's own text, whose trace ids help nobody.
"""

from __future__ import annotations


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


_CHECK_DIRECTORY = "Check the directory (tenant) id and the cloud."
_UPLOAD = "Upload its public part under Certificates & secrets."
_NEW_SECRET = "make a new one under Certificates & secrets"  # noqa: S105 - advice
_CHECK_CLOUD = "Check the cloud's endpoints."

KNOWN: dict[int, tuple[type[SignInError], str]] = {
    90002: (UnknownDirectory, f"There is no such directory in this cloud. {_CHECK_DIRECTORY}"),
    900021: (UnknownDirectory, f"The directory id is not valid. {_CHECK_DIRECTORY}"),
    900023: (UnknownDirectory, f"The directory id is not valid. {_CHECK_DIRECTORY}"),
    700016: (
        UnknownApplication,
        "The directory does not know this application. Check the application (client) id and the directory.",
    ),
    7000229: (
        UnknownApplication,
        "The application has no service principal here. Create it: az ad sp create --id <client id>.",
    ),
    7000112: (UnknownApplication, "The application is disabled. Enable it under Enterprise applications."),
    7000215: (
        SecretRefused,
        f"The secret is wrong. Enter the secret's value, not its id, or {_NEW_SECRET}.",
    ),
    7000222: (SecretRefused, f"The secret has expired: {_NEW_SECRET} and enter it here."),
    7000218: (SecretRefused, "Entra got no secret and no certificate. Enter one of them."),
    700027: (CertificateRefused, f"The application does not have this certificate, or it expired. {_UPLOAD}"),
    1000502: (CertificateRefused, f"The certificate is outside its validity. Make a new one. {_UPLOAD}"),
    700024: (
        CertificateRefused,
        "The signed assertion was outside its time. Check this machine's clock and the certificate's dates.",
    ),
    700023: (CertificateRefused, f"The signed assertion was made for another authority. {_CHECK_CLOUD}"),
    50027: (CertificateRefused, "Entra could not read the signed assertion. The key must be RSA."),
    53003: (
        AccessBlocked,
        "A Conditional Access policy for workload identities bars this application. Exclude it there.",
    ),
    7000114: (AccessBlocked, "The application may not sign in with a credential of its own."),
    500011: (AccessBlocked, f"The directory does not know the API that was asked for. {_CHECK_CLOUD}"),
    1002012: (AccessBlocked, f"Entra refuses the scope that was asked for. {_CHECK_CLOUD}"),
}
OTHER = "Entra refused the sign-in. Look the code up at https://login.microsoftonline.com/error."

UNAVAILABLE = {
    "foreign_host": "The authority pointed to another host, which was not followed. Check its address.",
    "tls": "The authority's certificate is not trusted. Give the cloud's CA; check a proxy that opens TLS.",
    "connection": "The authority could not be reached. Check the network, the proxy and its address.",
    "unusable_answer": "The authority's answer could not be used. Check its address.",
}
INVALID_DIRECTORY = f"The directory id is not valid. {_CHECK_DIRECTORY}"
INVALID_CERTIFICATE = "The certificate cannot be used. Give PEM with its unencrypted RSA private key."
