"""Verification of client assertions: JWTs signed with the key of a client's certificate (RFC 7523).

Header and claims follow https://learn.microsoft.com/entra/identity-platform/certificate-credentials: PS256 with
`x5t#S256`, or the older RS256 with `x5t`.
"""

import base64
import binascii
import hmac
import json
import time
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sandbox.estate import Client

_CLOCK_SKEW = 300


class RefusedAssertionError(Exception):
    """Entra would refuse the assertion. `code` is the number in Entra's error code, such as 50027 in AADSTS50027."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


def check_assertion(assertion: str, client: Client, token_url: str) -> None:
    """Verify the key, signature, dates, issuer and audience of an assertion. Raise `RefusedAssertionError` if one of
    them is wrong.

    If an external issuer signed the assertion, the client's federated credentials must match the assertion.
    """
    try:
        header_text, claims_text, signature_text = assertion.split(".")
        header, claims = json.loads(_decode(header_text)), json.loads(_decode(claims_text))
        signature = _decode(signature_text)
    except (ValueError, binascii.Error) as error:
        raise RefusedAssertionError(50027, "JWT token is invalid or malformed.") from error
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise RefusedAssertionError(50027, "JWT token is invalid or malformed.")
    if client.federated and str(claims.get("iss")).lower() != client.client_id:
        _check_federated(header, claims, f"{header_text}.{claims_text}".encode(), signature, client)
        return
    certificate = client.certificate
    if certificate is None or not _thumbprint_matches(header, certificate):
        raise _invalid("The key was not found", header)
    if certificate.not_valid_after_utc <= datetime.now(UTC):
        raise _invalid("The key used is expired", header)
    _verify(certificate, header, f"{header_text}.{claims_text}".encode(), signature)
    _check_claims(claims, client, token_url)


def _check_federated(
    header: dict[str, Any], claims: dict[str, Any], signed: bytes, signature: bytes, client: Client
) -> None:
    """Verify a token of an external issuer. Compare issuer, subject and audience case-sensitively, as Entra does, and
    then verify the signature.

    https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
    """
    found = [one for one in client.federated if one.issuer == claims.get("iss")]
    if not found:
        raise _no_record(700211, "issuer", claims.get("iss"))
    found = [one for one in found if one.subject == claims.get("sub")]
    if not found:
        raise _no_record(700213, "subject", claims.get("sub"))
    audiences = claims.get("aud")
    found = [
        one for one in found if one.audience in (audiences if isinstance(audiences, list) else [audiences])
    ]
    if not found:
        raise _no_record(700212, "audience", audiences)
    if header.get("alg") != "RS256":
        raise RefusedAssertionError(50027, "JWT token is invalid or malformed.")
    try:
        found[0].key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise RefusedAssertionError(50013, "Assertion failed signature validation.") from error
    expires = claims.get("exp")
    if not isinstance(expires, int | float) or expires < time.time() - _CLOCK_SKEW:
        raise RefusedAssertionError(700024, "Client assertion is not within its valid time range.")


def _no_record(code: int, claim: str, value: object) -> RefusedAssertionError:
    return RefusedAssertionError(
        code, f"No matching federated identity record found for presented assertion {claim} '{value}'."
    )


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _invalid(reason: str, header: dict[str, Any]) -> RefusedAssertionError:
    thumbprint = header.get("x5t#S256") or header.get("x5t") or header.get("kid")
    return RefusedAssertionError(
        700027,
        f"The certificate with identifier used to sign the client assertion is not usable. "
        f"Client assertion contains an invalid signature. [Reason - {reason}., Thumbprint of key used "
        f"by client: '{thumbprint}'].",
    )


def _thumbprint_matches(header: dict[str, Any], certificate: x509.Certificate) -> bool:
    for name, algorithm in (("x5t#S256", hashes.SHA256()), ("x5t", hashes.SHA1())):  # noqa: S303 - x5t is SHA-1
        thumbprint = header.get(name)
        if isinstance(thumbprint, str):
            try:
                return hmac.compare_digest(_decode(thumbprint), certificate.fingerprint(algorithm))
            except binascii.Error:
                return False
    return False


def _verify(certificate: x509.Certificate, header: dict[str, Any], signed: bytes, signature: bytes) -> None:
    paddings: dict[Any, padding.AsymmetricPadding] = {
        "PS256": padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH),
        "RS256": padding.PKCS1v15(),
    }
    key, chosen = certificate.public_key(), paddings.get(header.get("alg"))
    if chosen is None or not isinstance(key, rsa.RSAPublicKey):
        raise _invalid("The algorithm is not supported", header)
    try:
        key.verify(signature, signed, chosen, hashes.SHA256())
    except InvalidSignature as error:
        raise _invalid(
            "The provided signature value did not match the expected signature value", header
        ) from error


def _check_claims(claims: dict[str, Any], client: Client, token_url: str) -> None:
    now = time.time()
    expires, begins = claims.get("exp"), claims.get("nbf", 0)
    if not isinstance(expires, int | float) or not isinstance(begins, int | float):
        raise RefusedAssertionError(50027, "JWT token is invalid or malformed.")
    if expires < now - _CLOCK_SKEW or begins > now + _CLOCK_SKEW:
        raise RefusedAssertionError(700024, "Client assertion is not within its valid time range.")
    if (
        str(claims.get("iss")).lower() != client.client_id
        or str(claims.get("sub")).lower() != client.client_id
    ):
        raise RefusedAssertionError(
            700021, "Client assertion application identifier doesn't match 'client_id' parameter."
        )
    wanted = {token_url.lower(), token_url.lower().removesuffix("/oauth2/v2.0/token") + "/v2.0"}
    if str(claims.get("aud")).lower() not in wanted:
        raise RefusedAssertionError(700023, "Client assertion audience claim does not match Realm issuer.")
