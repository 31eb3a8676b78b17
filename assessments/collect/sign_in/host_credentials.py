"""Sign in with an identity of the host, which is either a federated identity (with an assertion) or a managed identity.

The assertion is a JWT in a file, which Kubernetes or another issuer renews. The audience of the JWT is checked before
the JWT is sent, because a token for another audience, such as the Kubernetes API, must not leave the host.
https://learn.microsoft.com/entra/workload-id/workload-identity-federation
https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
"""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from azure.core.exceptions import HttpResponseError
from azure.identity import ManagedIdentityCredential

from assessments.collect.sign_in.refusals import HostIdentityUnusable, OtherIdentity

MAX_TOKEN_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class HostCredential:
    """The host's identity with which Surety signs in.

    A federated identity has `token_file` and `audience`. If both are empty, the identity is a managed identity. If
    `is_user_assigned` is True, the client id selects the managed identity.
    """

    token_file: str = ""
    audience: str = ""
    is_user_assigned: bool = False


def read_assertion(path: str, audience: str) -> str:
    """Return the JWT in the file. Raise HostIdentityUnusable if the content is not a valid assertion for this
    audience.
    """
    try:
        with Path(path).open("rb") as file:
            raw = file.read(MAX_TOKEN_BYTES + 1)
    except OSError as error:
        raise HostIdentityUnusable(
            "token_file_unreadable",
            f"The token file of the federated identity cannot be read ({error.strerror}). The operator must mount the"
            " file where the workers can read it.",
        ) from None
    claims = _claims(raw.decode("ascii", "replace").strip()) if len(raw) <= MAX_TOKEN_BYTES else None
    if claims is None:
        raise HostIdentityUnusable(
            "token_file_invalid",
            "The token file of the federated identity does not contain a JWT. The operator must set `token_file` in the"
            " list of host identities to the file that the issuer writes.",
        )
    audiences = claims.get("aud")
    if audience not in (audiences if isinstance(audiences, list) else [audiences]):
        raise HostIdentityUnusable(
            "token_audience",
            f"The token of the federated identity is not for the audience {audience}, so Surety did not send it. The"
            " issuer must issue the token for this audience.",
        )
    expires = claims.get("exp")
    if not isinstance(expires, int | float) or expires <= time.time():
        raise HostIdentityUnusable(
            "token_expired",
            "The token of the federated identity has expired. The operator must check that its issuer renews the file.",
        )
    return raw.decode("ascii").strip()


def require_identity(token: str, directory_id: str, client_id: str) -> None:
    """Raise OtherIdentity unless the access token is for this application in this directory.

    The host decides which managed identity signs in. If the wrong managed identity signed in, data of another directory
    would be stored for this directory.
    """
    claims = _claims(token) or {}
    if (_folded(claims.get("tid")), _folded(claims.get("appid") or claims.get("azp"))) != (
        directory_id.casefold(),
        client_id.casefold(),
    ):
        raise OtherIdentity(
            "other_identity",
            "The client ID or directory ID of the server’s managed identity differs from the one that was entered, so"
            " the identity was not used. Compare the entered IDs with the managed identity in the Azure portal.",
        )


def managed_identity(client_id: str, identity: HostCredential, **options: Any) -> ManagedIdentityCredential:
    """Return the credential of a managed identity. `options` apply to its requests."""
    # By default, azure-identity retries for more than a minute if the host has no identity.
    return ManagedIdentityCredential(
        client_id=client_id if identity.is_user_assigned else None,
        retry_total=1,
        retry_status=1,
        retry_backoff_max=2,
        **options,
    )


def managed_identity_problem(error: BaseException, *, is_user_assigned: bool) -> HostIdentityUnusable:
    """Translate an error of azure-identity about a managed identity."""
    chain: list[BaseException] = []
    found: BaseException | None = error
    while found is not None and found not in chain:
        chain.append(found)
        found = found.__cause__ or found.__context__
    answered = any(isinstance(one, HttpResponseError) and one.status_code for one in chain)
    if answered or "Token request error" in str(error):
        which = "with this client ID " if is_user_assigned else ""
        return HostIdentityUnusable(
            "managed_identity_missing",
            f"No managed identity {which}is assigned to this server. Assign one to the virtual machine or container on"
            " which the workers run, and wait some minutes.",
        )
    return HostIdentityUnusable(
        "imds_unreachable",
        "The managed identity endpoint (169.254.169.254) does not answer. Run the workers on an Azure resource with a"
        " managed identity, without a proxy or firewall before this address.",
    )


def _claims(token: str) -> dict[str, Any] | None:
    """Return the claims of a JWT, or None for another text. The signature is not checked: only the receiver of
    the token can check it.
    """
    parts = token.split(".")
    if len(parts) != 3 or not token.isascii():
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None


def _folded(value: object) -> str:
    return value.casefold() if isinstance(value, str) else ""
