"""Stored identities of an issuer's users. An identity never changes, and is never given to another user.

In Entra, `sub` differs by application, and email addresses can be changed and reused. `tid` and `oid` together
identify a user permanently:
https://learn.microsoft.com/en-us/entra/identity-platform/id-token-claims-reference#use-claims-to-reliably-identify-a-user
For other issuers, issuer and subject are permanent (OpenID Connect Core 1.0, section 5.7). Any issuer can send a claim
`tid`. So only the URL of an issuer decides whether the issuer is treated as Entra.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from portal.accounts.sso import id_token
from portal.accounts.sso.errors import IdentityRefused
from tenants.ids import parse_uuid

MAX_LENGTH = 191


def of_claims(claims: Mapping[str, Any]) -> str:
    """Return the stored identity of the user with these verified claims. For an Entra issuer, raise IdentityRefused if
    `tid` is not the issuer's directory, or if `oid` is missing.
    """
    directory = id_token.directory_of(str(claims["iss"]))
    if directory is None:
        return of_subject(str(claims["iss"]), str(claims["sub"]))
    if not directory or directory != str(parse_uuid(claims.get("tid"))):
        raise IdentityRefused(
            "The directory ID in the ID token (claim “tid”) differs from the directory in the address of the issuer."
            " Check SURETY_OIDC_ISSUER.",
            code="directory_foreign",
        )
    user = parse_uuid(claims.get("oid"))
    if user is None:
        raise IdentityRefused(
            "Entra did not send your object ID. Grant the application the permission “profile”.",
            code="object_id_missing",
        )
    return of_entra(directory, str(user))


def of_entra(directory_id: str, object_id: str) -> str:
    """Return the stored identity of a user of an Entra directory."""
    return f"tid={directory_id};oid={object_id}"


def of_subject(issuer: str, subject: str) -> str:
    """Return the stored identity of a user of an issuer other than Entra."""
    text = f"iss={issuer};sub={subject}"
    return text if len(text) <= MAX_LENGTH else f"sha256={hashlib.sha256(text.encode()).hexdigest()}"


def verified_address(claims: Mapping[str, Any]) -> str:
    """Return the email address that the issuer has verified, in lower case, or an empty text if there is none.

    Entra sends no `email_verified`, and its `email` is unverified text. But the directory verifies the domain of
    `preferred_username` (the user principal name).
    """
    if id_token.is_entra(str(claims["iss"])):
        return str(claims.get("preferred_username", "")).strip().lower()
    return str(claims.get("email", "")).strip().lower() if claims.get("email_verified") is True else ""
