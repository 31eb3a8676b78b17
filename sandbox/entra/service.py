"""Microsoft Entra sign-in: the v2.0 token endpoint, OpenID configuration and instance discovery.

Errors have the AADSTS codes of https://learn.microsoft.com/entra/identity-platform/reference-error-codes. Tokens look
like JWTs, but their signatures are random bytes. `Tokens.check` recognizes exactly the tokens that the sandbox has
issued.
"""

import base64
import hmac
import json
import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from sandbox.entra.assertion import RefusedAssertionError, check_assertion
from sandbox.stores.registry import Registration, Registry

ARM_HOSTS = frozenset(
    {
        "management.azure.com",
        "management.core.windows.net",
        "management.usgovcloudapi.net",
        "management.core.usgovcloudapi.net",
        "management.chinacloudapi.cn",
        "management.core.chinacloudapi.cn",
    }
)
GRAPH_HOSTS = frozenset(
    {"graph.microsoft.com", "graph.microsoft.us", "dod-graph.microsoft.us", "microsoftgraph.chinacloudapi.cn"}
)
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class EntraError(Exception):
    """An error reply. `code` is the number in Entra's error code, such as 70003 in AADSTS70003."""

    def __init__(self, status: int, error: str, code: int, text: str) -> None:
        super().__init__(text)
        self.status, self.error, self.code = status, error, code

    def body(self) -> dict[str, Any]:
        """Return the body of the error reply, in Entra's format."""
        trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        return {
            "error": self.error,
            "error_description": f"AADSTS{self.code}: {self} Trace ID: {trace} Correlation ID: {correlation} "
            f"Timestamp: {now}",
            "error_codes": [self.code],
            "timestamp": now,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.code}",
        }


@dataclass(slots=True)
class Token:
    """An issued token. `expires` is a Unix time in seconds. `host` is the host name in the token's audience."""

    registration: Registration
    host: str
    expires: float
    uses: int = 0


class Tokens:
    """Issue access tokens and check them. `lifetime` is in seconds."""

    def __init__(self, registry: Registry, lifetime: int) -> None:
        self.registry, self._lifetime = registry, lifetime
        self._issued: dict[str, Token] = {}

    def check(self, token: str) -> Token | None:
        """Return the token with this text, or None if the sandbox has not issued such a token."""
        return self._issued.get(token)

    def issue(self, tenant: str, form: Mapping[str, str], token_url: str) -> dict[str, Any]:
        """Answer a token request. Raise `EntraError` if Entra would refuse the request."""
        clients = self.registry.registrations.get(tenant.lower())
        if clients is None:
            raise EntraError(
                400,
                "invalid_request",
                90002,
                f"Tenant '{tenant}' not found. Check to make sure you have "
                "the correct tenant ID and are signing into the correct cloud.",
            )
        if (grant := form.get("grant_type", "")) != "client_credentials":
            raise EntraError(
                400,
                "unsupported_grant_type",
                70003,
                f"The app requested an unsupported grant type '{grant}'.",
            )
        client_id = form.get("client_id", "").lower()
        registration = clients.get(client_id)
        if registration is None:
            raise EntraError(
                400,
                "unauthorized_client",
                700016,
                f"Application with identifier '{client_id}' was not found "
                f"in the directory '{tenant}'. This can happen if the application has not been installed by "
                "the administrator of the tenant or consented to by any user in the tenant.",
            )
        _authenticate(registration, form, token_url)
        host = _audience(form.get("scope") or form.get("resource", ""))
        return self._token(registration, host)

    def managed(self, resource: str, client_id: str) -> dict[str, Any] | None:
        """Return a token of a managed identity, as the metadata service of an Azure machine does. Return None if the
        estate files declare no such identity.

        https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
        """
        kind = "user" if client_id else "system"
        found = next(
            (
                registration
                for clients in self.registry.registrations.values()
                for registration in clients.values()
                if registration.client.managed_identity == kind
                and (not client_id or registration.client.client_id == client_id.lower())
            ),
            None,
        )
        if found is None:
            return None
        issued = self._token(found, _audience(f"{resource.rstrip('/')}/.default"))
        expires = int(issued["expires_in"])
        return {
            "access_token": issued["access_token"],
            "client_id": found.client.client_id,
            "expires_in": str(expires),
            "expires_on": str(int(time.time()) + expires),
            "not_before": str(int(time.time())),
            "resource": resource,
            "token_type": "Bearer",
        }

    def _token(self, registration: Registration, host: str) -> dict[str, Any]:
        now = int(time.time())
        self._drop_expired(now)
        claims = {
            "aud": f"https://{host}",
            "iss": f"https://sts.windows.net/{registration.tenant_id}/",
            "iat": now,
            "nbf": now,
            "exp": now + self._lifetime,
            "appid": registration.client.client_id,
            "idtyp": "app",
            "oid": registration.object_id,
            "tid": registration.tenant_id,
            "ver": "1.0",
            "roles": sorted(registration.client.graph) if host not in ARM_HOSTS else [],
        }
        parts = [_b64(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "RS256"}, claims)]
        text = ".".join([*parts, _b64(secrets.token_bytes(32))])
        self._issued[text] = Token(registration, host, now + self._lifetime)
        return {
            "token_type": "Bearer",
            "expires_in": self._lifetime,
            "ext_expires_in": self._lifetime,
            "access_token": text,
        }

    def _drop_expired(self, now: int) -> None:
        if len(self._issued) > 10_000:
            self._issued = {text: token for text, token in self._issued.items() if token.expires > now - 3600}


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _authenticate(registration: Registration, form: Mapping[str, str], token_url: str) -> None:
    client = registration.client
    if assertion := form.get("client_assertion"):
        try:
            check_assertion(assertion, client, token_url)
        except RefusedAssertionError as error:
            raise EntraError(401, "invalid_client", error.code, str(error)) from error
        return
    secret = form.get("client_secret")
    if not secret:
        raise EntraError(
            401,
            "invalid_client",
            7000218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        )
    if client.secret is None or not hmac.compare_digest(secret.encode(), client.secret.encode()):
        raise EntraError(
            401,
            "invalid_client",
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in "
            "the request is the client secret value, not the client secret ID, for a secret added to app "
            f"'{client.client_id}'.",
        )
    if client.secret_expires is not None and client.secret_expires <= datetime.now(UTC):
        raise EntraError(
            401,
            "invalid_client",
            7000222,
            f"The provided client secret keys for app '{client.client_id}' "
            "are expired. Visit the Azure portal to create new keys for your app, or consider using "
            "certificate credentials for added security.",
        )


def _audience(scope: str) -> str:
    address = scope.removesuffix("/.default")
    host = urlsplit(address).hostname or ""
    if not scope.endswith("/.default") and not address.startswith("https://"):
        raise EntraError(
            400,
            "invalid_scope",
            1002012,
            f"The provided value for scope {scope} is not valid. Client "
            "credential flows must have a scope value with /.default suffixed to the resource identifier.",
        )
    if host not in ARM_HOSTS | GRAPH_HOSTS | LOCAL_HOSTS:
        raise EntraError(
            400,
            "invalid_resource",
            500011,
            f"The resource principal named {address} was not found in the "
            "tenant. This can happen if the application has not been installed by the administrator of the "
            "tenant or consented to by any user in the tenant.",
        )
    return host


def openid_configuration(origin: str, tenant: str) -> dict[str, Any]:
    """Return the document at `/{tenant}/v2.0/.well-known/openid-configuration`."""
    return {
        "token_endpoint": f"{origin}/{tenant}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "jwks_uri": f"{origin}/{tenant}/discovery/v2.0/keys",
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{origin}/{tenant}/v2.0",
        "authorization_endpoint": f"{origin}/{tenant}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{origin}/{tenant}/oauth2/v2.0/devicecode",
        "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com",
        "msgraph_host": "graph.microsoft.com",
    }


def instance_discovery(origin: str, host: str) -> dict[str, Any]:
    """Return the document at `/common/discovery/instance`, from which clients learn the host names of a cloud."""
    return {
        "tenant_discovery_endpoint": f"{origin}/common/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
    }
