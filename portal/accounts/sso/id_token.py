"""Verify ID tokens as section 3.1.3.7 of OpenID Connect Core 1.0 requires. Also verify the Entra directory that issued
the tokens.

The signature is always checked, even if the token came from the token endpoint over TLS. Otherwise a proxy that
decrypts TLS, or a wrong URL of the issuer, could sign anybody in.
"""

from __future__ import annotations

import hmac
import math
import time
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

import jwt

from portal.accounts.sso.errors import IdentityRefused
from tenants.ids import parse_uuid

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
LEEWAY_SECONDS = 60
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
# Hosts of issuers of Microsoft Entra ID: worldwide, US government, and China (21Vianet). Source:
# https://learn.microsoft.com/en-us/entra/identity-platform/authentication-national-cloud
ENTRA_HOSTS: frozenset[str] = frozenset(
    {"login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"}
)
# Claims that are compared, stored or shown.
_TEXTS = ("iss", "sub", "tid", "oid", "preferred_username", "email", "name", "nonce", "azp")
# The placeholder for the directory's id in the discovery documents of issuers that serve several directories.
TENANT_PLACE = "{tenantid}"


def check_configuration(config: Mapping[str, Any], server_url: str) -> None:
    """Raise IdentityRefused if the discovery document belongs to an issuer other than the configured one, or names an
    endpoint without https. An endpoint on this machine may use http.
    """
    issuer = str(config.get("issuer", ""))
    base = server_url.partition("/.well-known/")[0].rstrip("/")
    same_host = _host(issuer) == _host(base)
    shared = TENANT_PLACE in issuer and same_host and is_entra(issuer)
    if issuer.rstrip("/") != base and not shared:
        raise IdentityRefused(
            f"The discovery document names the issuer {issuer}, not {base}. Check SURETY_OIDC_ISSUER.",
            code="issuer_differs",
        )
    for name in _ENDPOINTS:
        address = str(config.get(name, ""))
        scheme, host = address.partition(":")[0].lower(), _host(address)
        safe = bool(host) and (scheme == "https" or (scheme == "http" and host in _LOOPBACK))
        if not safe:
            raise IdentityRefused(
                f"The discovery document has no https address for {name}. Check SURETY_OIDC_ISSUER.",
                code="endpoint_not_https",
            )


def _host(address: str) -> str:
    """Return the host of a URL, or an empty text if the URL has no host or is malformed."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def verify(
    token: str,
    *,
    keys: Mapping[str, Any],
    issuer: str,
    client_id: str,
    nonce: str,
    directories: Collection[str] = (),
    signed_in_after: float | None = None,
) -> dict[str, Any]:
    """Return the claims of an ID token. Raise IdentityRefused if a claim or the signature is invalid.

    `keys` is the issuer's JWK set. `directories` are the ids (`tid`) of the permitted Entra directories. If `issuer`
    contains the placeholder `TENANT_PLACE`, it serves several directories, and `directories` must not be empty. If
    `signed_in_after`, a time in seconds, is given, the person must have signed in at the issuer after this time
    (`auth_time`).
    """
    claims = _decode(token, keys, client_id)
    for name in _TEXTS:
        if name in claims and not _is_text(claims[name]):
            raise IdentityRefused(
                f"The claim {name} in the answer of the identity provider is not text, or contains control characters.",
                code="claim_invalid",
            )
    _check_issuer(claims, issuer, directories)
    if not nonce or not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise IdentityRefused(
            "The ID token belongs to another sign-in. Start the sign-in again.", code="nonce_differs"
        )
    if "azp" in claims and claims["azp"] != client_id:
        raise IdentityRefused(
            "The ID token is issued for another application. Check SURETY_OIDC_CLIENT_ID.",
            code="audience_differs",
        )
    if isinstance(claims["aud"], list) and set(claims["aud"]) != {client_id}:
        raise IdentityRefused(
            "The ID token is issued for several applications. Register an application for Surety alone.",
            code="audience_differs",
        )
    if not claims["sub"]:
        raise IdentityRefused(
            "The answer of the identity provider contains no subject (claim “sub”).", code="subject_missing"
        )
    if signed_in_after is not None:
        _check_fresh(claims, signed_in_after)
    return claims


def _decode(token: str, keys: Mapping[str, Any], client_id: str) -> dict[str, Any]:
    try:
        header = jwt.get_unverified_header(token)
        if header.get("alg") not in ALGORITHMS:
            raise IdentityRefused(
                "The ID token is not signed with a permitted algorithm. Let the identity provider sign with RS256, for"
                " example.",
                code="algorithm",
            )
        key = _key(keys, header)
        return dict(
            jwt.decode(
                token,
                key=key,
                algorithms=[header["alg"]],
                audience=client_id,
                leeway=LEEWAY_SECONDS,
                options={"require": ["iss", "aud", "exp", "iat", "sub"]},
            )
        )
    except (jwt.PyJWTError, TypeError, ValueError, OverflowError, RecursionError) as error:
        # Besides PyJWTError, PyJWT raises the other errors of this list for claims of a wrong type, infinite times and
        # deeply nested documents.
        raise IdentityRefused(
            f"The ID token of the identity provider is invalid: {error}.", code="token_invalid"
        ) from error


def _key(keys: Mapping[str, Any], header: Mapping[str, Any]) -> jwt.PyJWK:
    listed = keys.get("keys")
    for entry in listed if isinstance(listed, list) else []:
        if not isinstance(entry, dict):
            continue
        if entry.get("kid") == header.get("kid") and entry.get("use", "sig") == "sig":
            # Refuse a symmetric key: with a published one, everybody could sign tokens.
            if entry.get("kty") not in ("RSA", "EC"):
                break
            return jwt.PyJWK(entry, algorithm=str(header["alg"]))
    raise IdentityRefused(
        "The ID token is signed with a key that the issuer does not publish. Check SURETY_OIDC_ISSUER.",
        code="key_unknown",
    )


def _check_issuer(claims: Mapping[str, Any], issuer: str, directories: Collection[str]) -> None:
    directory = str(claims.get("tid", ""))
    expected = issuer
    if TENANT_PLACE in issuer:
        if not directories:
            raise IdentityRefused(
                "SURETY_OIDC_ISSUER accepts users of every directory. Set SURETY_OIDC_DIRECTORIES to"
                " the permitted directory IDs.",
                code="directories_missing",
            )
        expected = issuer.replace(TENANT_PLACE, directory)
    if claims["iss"] != expected:
        raise IdentityRefused(
            "The ID token comes from another issuer. Check SURETY_OIDC_ISSUER.", code="issuer_differs"
        )
    foreign = directories and directory.lower() not in {one.lower() for one in directories}
    own = directory_of(expected)
    if foreign or (own is not None and own != str(parse_uuid(directory))):
        raise IdentityRefused(
            "Your directory is not permitted. Sign in with an account of a permitted directory.",
            code="directory_foreign",
        )


def _is_text(value: object) -> bool:
    """Return whether a claim is text without control characters, and without halves of surrogate pairs."""
    return isinstance(value, str) and not any(
        unicodedata.category(letter) in ("Cc", "Cs") for letter in value
    )


def _check_fresh(claims: Mapping[str, Any], after: float) -> None:
    at = claims.get("auth_time", 0)
    known = isinstance(at, int) or (isinstance(at, float) and math.isfinite(at))
    if not known or at < after - LEEWAY_SECONDS or at > time.time() + LEEWAY_SECONDS:
        raise IdentityRefused(
            "The identity provider did not ask you to sign in again. Sign out at the identity provider, then retry.",
            code="not_fresh",
        )


def is_entra(issuer: str) -> bool:
    """Return whether the issuer is Microsoft Entra ID: `https://<host of ENTRA_HOSTS>/<directory id>/v2.0`."""
    return directory_of(issuer) is not None


def directory_of(issuer: str) -> str | None:
    """Return the directory ID in the URL of an Entra issuer. Return an empty text if the issuer serves several
    directories, and None if the issuer is not Entra.
    """
    address = urlsplit(issuer)
    parts = address.path.strip("/").split("/")
    if address.hostname not in ENTRA_HOSTS or len(parts) != 2 or parts[1] != "v2.0":
        return None
    if parts[0] in ("common", "organizations", TENANT_PLACE):
        return ""
    identifier = parse_uuid(parts[0])
    return str(identifier) if identifier else None
