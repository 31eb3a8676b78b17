"""An emulated key vault that signs over HTTPS as in Azure's REST specification, and a host's emulated managed identity.

https://learn.microsoft.com/rest/api/keyvault/keys/sign/sign and
https://learn.microsoft.com/azure/app-service/overview-managed-identity (the endpoint of the host's identity).
"""

from __future__ import annotations

import base64
import json
import secrets
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature

from tests.local_server import QuietHandler, local_server

HOST = "surety-test.vault.azure.net"
VERSION = "9885aa558e8d448789683188f8c194b0"
RESOURCE = "https://vault.azure.net"


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class Vault:
    """A vault with one key. It requires the access token `token`. Its next answers are those in `answers`, if any."""

    def __init__(self, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, name: str = "reports") -> None:
        self.key, self.name, self.token = key, name, secrets.token_hex(16)
        self.answers: list[tuple[int, bytes]] = []
        self.requests: list[dict[str, Any]] = []
        # `raw`: bytes that are sent instead of an answer. `drip`: the pause before each byte, in seconds.
        self.raw, self.drip = b"", 0.0

    def sign(self, body: dict[str, str]) -> tuple[int, dict[str, Any]]:
        digest = base64.urlsafe_b64decode(body["value"] + "==")
        if isinstance(self.key, rsa.RSAPrivateKey) and body["alg"] == "RS256" and len(digest) == 32:
            signature = self.key.sign(digest, padding.PKCS1v15(), Prehashed(hashes.SHA256()))
        elif (
            isinstance(self.key, ec.EllipticCurvePrivateKey) and body["alg"] == "ES256" and len(digest) == 32
        ):
            r, s = decode_dss_signature(self.key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256()))))
            signature = r.to_bytes(32) + s.to_bytes(32)
        else:
            return 400, {
                "error": {"code": "BadParameter", "message": "Key and signing algorithm are incompatible"}
            }
        return 200, {"kid": f"https://{HOST}/keys/{self.name}/{VERSION}", "value": encoded(signature)}

    def judge(self, path: str, authorization: str, body: dict[str, str]) -> tuple[int, dict[str, Any]]:
        parts = urlsplit(path)
        if parse_qs(parts.query) != {"api-version": ["7.4"]}:
            return 400, {"error": {"code": "BadParameter", "message": "api-version was not specified"}}
        if authorization != f"Bearer {self.token}":
            return 401, {
                "error": {"code": "Unauthorized", "message": "AKV10000: Request is missing a token."}
            }
        if parts.path != f"/keys/{self.name}/{VERSION}/sign":
            return 404, {"error": {"code": "KeyNotFound", "message": "A key with this name was not found."}}
        return self.sign(body)


@contextmanager
def serving(vault: Vault, folder: Path, patch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve the vault and the host's identity; yield the identifier of the key.

    The vault's name resolves to this machine. The vault's certificate is from an authority that the test trusts.
    """

    class Handler(QuietHandler):
        def do_POST(self) -> None:
            body = json.loads(self.read_body())
            vault.requests.append({"path": self.path, "body": body})
            if vault.raw:
                self.close_connection = True
                for number in range(len(vault.raw)):
                    time.sleep(vault.drip)
                    with suppress(OSError):
                        self.wfile.write(vault.raw[number : number + 1])
                return
            status, content = vault.judge(self.path, self.headers["Authorization"] or "", body)
            raw = json.dumps(content).encode()
            if vault.answers:
                status, raw = vault.answers.pop(0)
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(raw)))
            if status == 302:
                self.send_header("Location", "https://elsewhere.example/")
            self.end_headers()
            self.wfile.write(raw)

    class Identity(QuietHandler):
        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            if self.headers["X-IDENTITY-HEADER"] != "secret" or asked["resource"] != [RESOURCE]:
                self.send_response(400)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(b'{"statusCode": 400, "message": "Identity not found"}')
                return
            answer = {
                "access_token": vault.token, "expires_on": str(int(time.time()) + 3600), "resource": RESOURCE,
                "token_type": "Bearer",
            }  # fmt: skip
            self.answer(json.dumps(answer).encode(), "application/json")

    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "vault-ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    resolve = socket.getaddrinfo
    patch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *more, **given: resolve("127.0.0.1" if host == HOST else host, *more, **given),
    )
    patch.setenv("REQUESTS_CA_BUNDLE", str(folder / "vault-ca.pem"))
    patch.setenv("NO_PROXY", "*")
    try:
        with local_server(Identity) as identity:
            patch.setenv("IDENTITY_ENDPOINT", identity)
            patch.setenv("IDENTITY_HEADER", "secret")
            yield f"https://{HOST}:{server.server_port}/keys/{vault.name}/{VERSION}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
