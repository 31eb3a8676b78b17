"""An OpenID Connect issuer that answers as Entra does: real HTTP, RS256, `tid` and `oid`, no `email_verified`.

issuer = Issuer()                  # serves on a free port
issuer.user = EntraUser(oid=...)   # who signs in there next
issuer.lie = {"nonce": "other"}    # claims that replace the correct ones; None removes a claim
issuer.sign_with = "none"          # or "HS256"; "stranger" signs with a key that the issuer does not publish
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

DIRECTORY = "11111111-2222-4333-8444-555555555555"
CLIENT_ID, CLIENT_SECRET = "surety-client", "a~secret.of-the-application"


@dataclass
class EntraUser:
    oid: str = field(default_factory=lambda: str(uuid4()))
    sub: str = field(default_factory=lambda: uuid4().hex)
    name: str = "Otto Owner"
    user_name: str = "otto@northlight.example"
    email: str = "otto@northlight.example"


@cache
def _keys() -> tuple[rsa.RSAPrivateKey, rsa.RSAPrivateKey]:
    """Return the issuer's key, and a key that the issuer does not publish.

    Making the keys takes longer than most tests, so they are made once per process.
    """
    own, other = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    return own, other


class Issuer:
    def __init__(self) -> None:
        self.key, self.stranger = _keys()
        self.user = EntraUser()
        self.lie: dict[str, Any] = {}
        self.configuration: dict[str, Any] = {}
        # Bodies that replace the usual answers, by the last part of the path: openid-configuration, keys, token.
        self.documents: dict[str, bytes] = {}
        self.sign_with = "RS256"
        self.asked: list[dict[str, str]] = []  # The parameters of each authorization request.
        self.codes: dict[str, dict[str, str]] = {}
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer._get(self)

            def do_POST(self) -> None:
                issuer._post(self)

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        self.url = f"{self.base}/{DIRECTORY}/v2.0"
        threading.Thread(target=self.server.serve_forever, args=[0.02], daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def providers(self) -> dict[str, Any]:
        """Return the setting SOCIALACCOUNT_PROVIDERS as `portal.settings.security` would build it for this issuer."""
        app = {
            "provider_id": "sso",
            "name": "Entra",
            "client_id": CLIENT_ID,
            "secret": CLIENT_SECRET,
            "settings": {"server_url": self.url, "fetch_userinfo": False},
        }
        return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}

    def authorize(self, address: str) -> str:
        """Sign the user in at the authorization endpoint, as a browser would; return the address to go back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.asked.append(asked)
        code = uuid4().hex
        self.codes[code] = {**asked, "signed_in_at": str(int(time.time()))}
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def _get(self, handler: BaseHTTPRequestHandler) -> None:
        if handler.path.endswith("/.well-known/openid-configuration"):
            document = {
                "issuer": self.url,
                "authorization_endpoint": f"{self.base}/authorize",
                "token_endpoint": f"{self.base}/token",
                "jwks_uri": f"{self.base}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
                **self.configuration,
            }
            return self._answer(handler, document)
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return self._answer(handler, {"keys": [{**public, "kid": "k1", "use": "sig"}]})

    def _post(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"])).decode()
        given = {name: values[0] for name, values in parse_qs(body).items()}
        asked = self.codes.pop(given["code"], None)
        verifier = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        right = (
            asked is not None
            and given["client_secret"] == CLIENT_SECRET
            and given["redirect_uri"] == asked["redirect_uri"]
            and challenge == asked["code_challenge"]
        )
        if not right or asked is None:
            return self._answer(handler, {"error": "invalid_grant"}, status=400)
        token = {"access_token": "opaque", "token_type": "Bearer", "id_token": self.id_token(asked)}
        return self._answer(handler, token)

    def id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
            "sub": self.user.sub,
            "oid": self.user.oid,
            "tid": DIRECTORY,
            "name": self.user.name,
            "preferred_username": self.user.user_name,
            "email": self.user.email,
            "nonce": asked.get("nonce"),
            "ver": "2.0",
        }
        if "max_age" in asked:
            # With `max_age`, Entra's ID token expires `max_age` seconds after the sign-in, and claims to be issued five
            # minutes before the sign-in (https://github.com/keycloak/keycloak/issues/46078).
            at = int(asked["signed_in_at"])
            claims |= {"auth_time": at, "exp": at + int(asked["max_age"]), "iat": at - 300, "nbf": at - 300}
        claims |= self.lie
        claims = {name: value for name, value in claims.items() if value is not None}
        headers = {"kid": "k1"}
        if self.sign_with == "none":
            return jwt.encode(claims, None, algorithm="none", headers=headers)
        if self.sign_with == "HS256":
            return jwt.encode(claims, "0123456789abcdef0123456789abcdef", algorithm="HS256", headers=headers)
        key = self.stranger if self.sign_with == "stranger" else self.key
        return jwt.encode(claims, key, algorithm="RS256", headers=headers)

    def _answer(self, handler: BaseHTTPRequestHandler, document: dict[str, Any], status: int = 200) -> None:
        body = self.documents.get(handler.path.rpartition("/")[2], json.dumps(document).encode())
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
