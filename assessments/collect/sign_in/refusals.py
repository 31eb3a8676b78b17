"""Entra's sign-in errors as data. Each code has a meaning, and a sentence that says what to do.

Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes. No sentence contains the secret or
Entra's error text.
"""

from __future__ import annotations


class SignInError(Exception):
    """The service principal could not sign in. `code` is an error code of Entra (`AADSTS7000215`) or of Surety.

    If `definite` is true, every attempt will fail until someone changes the configuration.
    """

    definite = True

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class UnknownDirectory(SignInError):
    """The directory does not exist in this cloud."""


class UnknownApplication(SignInError):
    """The application is unknown or disabled in the directory."""


class SecretRefused(SignInError):
    """The secret is wrong or has expired."""


class CertificateRefused(SignInError):
    """The certificate is not registered, has expired or cannot be used."""


class FederationRefused(SignInError):
    """The application does not trust the federated identity."""


class HostIdentityUnusable(SignInError):
    """The host has no usable identity now. The operator can correct this on the host, without a change in Surety."""

    definite = False


class OtherIdentity(SignInError):
    """The host's identity has another client ID or directory ID than the registered service principal."""


class AccessBlocked(SignInError):
    """A policy of the directory blocks the application."""


class AuthorityUnavailable(SignInError):
    """The sign-in endpoint sent no usable answer because of network, TLS or server errors."""

    definite = False


_CHECK_DIRECTORY = "Check the directory (tenant) id and the cloud."
_UPLOAD = "Upload its public part under Certificates & secrets."
_NEW_SECRET = "create a new one under Certificates & secrets"  # noqa: S105 - advice
_CHECK_CLOUD = "Check the cloud's endpoints."
_OTHER_CLOUD = "This directory belongs to another cloud. Correct the cloud of the directory."
_TENANT_RESTRICTIONS = (
    "The network of this installation allows sign-ins only to other directories (tenant restrictions). Allow this"
    " directory at the proxy of the network."
)

_FEDERATION = (
    "Compare issuer, subject and audience under App registrations › Certificates & secrets › Federated credentials."
    " A new federated credential works after some minutes."
)

KNOWN: dict[int, tuple[type[SignInError], str]] = {
    90002: (UnknownDirectory, f"This directory does not exist in this cloud. {_CHECK_DIRECTORY}"),
    900021: (UnknownDirectory, f"The directory id is not valid. {_CHECK_DIRECTORY}"),
    900023: (UnknownDirectory, f"The directory id is not valid. {_CHECK_DIRECTORY}"),
    # The sign-in service of the public cloud also finds directories of Azure Government, but refuses their applications
    # with these codes.
    90038: (UnknownDirectory, _OTHER_CLOUD),
    900382: (UnknownDirectory, _OTHER_CLOUD),
    900432: (UnknownDirectory, _OTHER_CLOUD),
    # https://learn.microsoft.com/entra/fundamentals/inaccessible-tenant
    5000225: (
        AccessBlocked,
        (
            "Microsoft blocked this directory because nobody used it. An administrator must soon ask Microsoft's"
            " support to reactivate it."
        ),
    ),
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
    7000222: (
        SecretRefused,
        "The secret has expired. Create a new secret under Certificates & secrets, and enter it here.",
    ),
    7000218: (SecretRefused, "Entra received neither a secret nor a certificate. Enter one of them."),
    700027: (
        CertificateRefused,
        f"This certificate is not registered for the application or has expired. {_UPLOAD}",
    ),
    1000502: (
        CertificateRefused,
        f"The certificate is expired or not yet valid. Create a new one. {_UPLOAD}",
    ),
    700024: (
        CertificateRefused,
        "The signed assertion is expired or not yet valid. Check this server's clock and the certificate's dates.",
    ),
    700023: (CertificateRefused, f"The signed assertion is for another cloud. {_CHECK_CLOUD}"),
    50027: (CertificateRefused, "Entra could not read the signed assertion. The key must be RSA."),
    # https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
    70021: (FederationRefused, f"No federated credential of the application fits the token. {_FEDERATION}"),
    700211: (
        FederationRefused,
        f"No federated credential of the application has the issuer of the token. {_FEDERATION}",
    ),
    700212: (
        FederationRefused,
        f"No federated credential of the application has the audience of the token. {_FEDERATION}",
    ),
    700213: (
        FederationRefused,
        f"No federated credential of the application has the subject of the token. {_FEDERATION}",
    ),
    7002121: (
        FederationRefused,
        f"No federated credential of the application has the audience of the token. {_FEDERATION}",
    ),
    7002131: (
        FederationRefused,
        f"No federated credential of the application has the subject of the token. {_FEDERATION}",
    ),
    7002137: (
        FederationRefused,
        f"No federated credential of the application has the subject of the token. {_FEDERATION}",
    ),
    # https://learn.microsoft.com/entra/identity-platform/reference-breaking-changes#august-2024
    7002138: (
        FederationRefused,
        (
            "The federated credential and the token spell the subject differently in upper and lower case. Enter the"
            " subject in the federated credential exactly as the token has it."
        ),
    ),
    7000226: (FederationRefused, "The application has no federated credential. Add one that fits the token."),
    50013: (
        FederationRefused,
        (
            "Entra could not verify the token of the federated identity. The issuer of the token must publish its keys"
            " on the Internet."
        ),
    ),
    700222: (
        FederationRefused,
        "A token that Entra itself issued cannot be a federated identity. Use the token of another issuer.",
    ),
    53003: (
        AccessBlocked,
        "A Conditional Access policy for workload identities blocks this application. Exclude it from the policy.",
    ),
    500021: (AccessBlocked, _TENANT_RESTRICTIONS),
    500022: (AccessBlocked, _TENANT_RESTRICTIONS),
    7000114: (
        AccessBlocked,
        (
            "Entra does not permit this application to request tokens in this way. Register another application for"
            " Surety."
        ),
    ),
    500011: (AccessBlocked, f"The requested API is unknown in this directory. {_CHECK_CLOUD}"),
    1002012: (AccessBlocked, f"Entra rejected the requested scope. {_CHECK_CLOUD}"),
}
# Codes of temporary errors: of an unavailable or slow service (50033, 90006, 90012, 90033, 90090, 90091), and of too
# many requests (50196, 90024, 90055).
TEMPORARY_CODES = frozenset({50033, 50196, 90006, 90012, 90024, 90033, 90055, 90090, 90091})
OTHER = "Entra rejected the sign-in. Look up the code at https://login.microsoftonline.com/error."

TEMPORARY = "temporarily_unavailable"
UNAVAILABLE = {
    TEMPORARY: "Microsoft Entra was temporarily unable to sign the application in. Try again later.",
    "foreign_host": (
        "The sign-in endpoint redirected to another host, so Surety did not sign in. Check the endpoint’s address."
    ),
    "tls": "The sign-in endpoint's certificate is not trusted. Configure the cloud's CA and check for a TLS proxy.",
    "connection": "The sign-in endpoint could not be reached. Check its address, the network and the proxy.",
    "unusable_answer": "The sign-in endpoint sent a malformed answer. Check its address.",
}
INVALID_DIRECTORY = f"The directory id is not valid. {_CHECK_DIRECTORY}"
INVALID_CERTIFICATE = (
    "The certificate is invalid. Enter the certificate and its unencrypted RSA private key as PEM text."
)


def is_outage(code: str) -> bool:
    """Return whether the code of a sign-in error says that the sign-in endpoint was unavailable
    (`AuthorityUnavailable`).
    """
    return code in UNAVAILABLE or code.startswith("http_")


def needs_new_credential(code: str) -> bool:
    """Return whether an error with this code is about the secret or certificate, so that a new one may be
    needed.
    """
    if code == "invalid_certificate":
        return True
    if not code.startswith("AADSTS"):
        return False
    kind, _ = KNOWN.get(int(code.removeprefix("AADSTS")), (SignInError, ""))
    return issubclass(kind, SecretRefused | CertificateRefused)
