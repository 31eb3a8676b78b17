"""A signing key in Azure Key Vault. The key never leaves the vault.

`SURETY_SIGNING_KEY_VAULT` is the key's identifier with its version, `https://NAME.vault.azure.net/keys/KEY/VERSION`.
The host's managed identity needs the permission keys/sign (role Key Vault Crypto User, or Managed HSM Crypto User in a
managed HSM). Only the SHA-256 of the signature's signed attributes is sent.
https://learn.microsoft.com/rest/api/keyvault/keys/sign/sign
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from urllib3.exceptions import HTTPError

from assessments.collect.sign_in.refusals import SignInError
from portal.reports.errors import SigningUnavailable

SETTING: Final = "SURETY_SIGNING_KEY_VAULT"
API_VERSION: Final = "7.4"
TIMEOUT_SECONDS: Final = 20
TOTAL_SECONDS: Final = 60
MAX_ANSWER_BYTES: Final = 64 * 1024
# Domains of Azure Key Vault. Surety sends its access token to no other host.
# https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates
DOMAINS: Final = (
    "vault.azure.net", "vault.azure.cn", "vault.usgovcloudapi.net", "managedhsm.azure.net", "managedhsm.azure.cn",
    "managedhsm.usgovcloudapi.net",
)  # fmt: skip
# Names of vaults and managed HSMs have 3 to 24 letters, digits and hyphens.
# https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftkeyvault
_NAME: Final = re.compile(r"[a-z0-9-]{3,24}")
_PATH: Final = re.compile(r"/keys/[0-9a-zA-Z-]{1,127}/[0-9a-fA-F]{32}")
_EXAMPLE: Final = "https://NAME.vault.azure.net/keys/KEY/VERSION"
_ADVICE: Final = {
    401: "The key vault refused the token. Check that the vault belongs to the directory of the host’s managed"
    " identity.",
    403: "The key vault refused access. Give the host’s managed identity the role Key Vault Crypto User (in a managed"
    " HSM: Managed HSM Crypto User), permit signing with the key (keys/sign), enable the key, and check the firewall of"
    " the vault.",
    404: f"The key vault has no such key, or no such version of the key. Check {SETTING}.",
    429: "The key vault received too many requests. Try again in a minute.",
}


@dataclass(frozen=True, slots=True)
class KeyVaultKey:
    """One version of a key in a vault. `url` is its identifier, `scope` the OAuth 2.0 scope of the access token."""

    url: str
    scope: str

    @property
    def place(self) -> str:
        """The key's identifier."""
        return self.url

    def sign(self, data: bytes, public_key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> bytes:
        """Let the vault sign the SHA-256 of `data`. Raises SigningUnavailable."""
        # Azure's packages take 0.2 s to import, and only installations with a vault need them here.
        from assessments.collect.sign_in.operator_token import operator_token

        algorithm = _algorithm(public_key)
        try:
            token = operator_token(self.scope)
        except SignInError as error:
            raise SigningUnavailable(f"Surety cannot sign in to {self.url}. {error.message}") from None
        body = {"alg": algorithm, "value": _encoded(hashlib.sha256(data).digest())}
        signature = self._signature(self._post(token, body))
        if algorithm == "RS256":
            return signature
        if len(signature) != 64:
            raise SigningUnavailable(
                f"{self.url} returned an ES256 signature of {len(signature)} bytes instead of 64."
            )
        # An ES256 signature is two numbers of 32 bytes each (RFC 7518, section 3.4). Encode the numbers as DER.
        return encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))

    def _post(self, token: str, body: dict[str, str]) -> bytes:
        request = Future[tuple[int, bytes]]()
        # `requests` limits each wait for data but not the total time, so an answer could come byte by byte for hours.
        # So send the request in a thread, and wait at most TOTAL_SECONDS for the thread.
        Thread(target=_run, args=(request, self.url, token, body), name="key-vault", daemon=True).start()
        try:
            status, content = request.result(TOTAL_SECONDS)
        except (OSError, HTTPError, ValueError) as error:
            if not request.done():
                raise SigningUnavailable(
                    f"{self.url} did not answer within {TOTAL_SECONDS} seconds. Try again later, and check the network"
                    " between Surety and the vault."
                ) from None
            raise SigningUnavailable(
                f"{self.url} cannot be reached: {type(error).__name__}. Check the network between Surety and the vault."
            ) from None
        if status == 200:
            return content
        advice = _ADVICE.get(status, f"The key vault answered with status {status}. Try again later.")
        raise SigningUnavailable(f"{self.url} did not sign. {advice}{_code(content)}")

    def _signature(self, content: bytes) -> bytes:
        try:
            return _decoded(json.loads(content)["value"])
        except (ValueError, LookupError, TypeError, AttributeError):
            raise SigningUnavailable(
                f"{self.url} returned an answer that is not a signature. Try again later."
            ) from None


def _run(request: Future[tuple[int, bytes]], url: str, token: str, body: dict[str, str]) -> None:
    try:
        request.set_result(_ask(url, token, body))
    except BaseException as error:  # noqa: BLE001 - the waiting thread raises it
        request.set_exception(error)


def _ask(url: str, token: str, body: dict[str, str]) -> tuple[int, bytes]:
    """Return the status and the content of the vault's answer. Raises OSError, HTTPError or ValueError."""
    with requests.Session() as session:
        # Ignore the environment: a .netrc file would replace the token, and proxy variables would send it to a proxy.
        session.trust_env = False
        session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
        with session.post(
            f"{url}/sign",
            params={"api-version": API_VERSION},
            json=body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
            stream=True,
        ) as answer:
            return answer.status_code, answer.raw.read(MAX_ANSWER_BYTES + 1, decode_content=True)


def key_vault_key(url: str) -> KeyVaultKey:
    """Return the key with this identifier. No request is sent. Raises SigningUnavailable if `url` is malformed."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    name, _, domain = host.partition(".")
    if not (
        _NAME.fullmatch(name)
        and domain in DOMAINS
        and parts.scheme == "https"
        and "@" not in parts.netloc
        and _PATH.fullmatch(parts.path)
        and not parts.query
        and not parts.fragment
    ):
        raise SigningUnavailable(
            f"{SETTING} is not the identifier of a key version. Copy the key identifier from the Azure portal, in "
            f"the form {_EXAMPLE}."
        )
    return KeyVaultKey(url, f"https://{domain}/.default")


def _algorithm(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> str:
    if isinstance(key, rsa.RSAPublicKey):
        return "RS256"
    if isinstance(key.curve, ec.SECP256R1):
        return "ES256"
    raise SigningUnavailable(
        "Surety can use two kinds of keys in Azure Key Vault: RSA keys, and keys on the curve P-256. The configured key"
        f" is on the curve {key.curve.name}. Create a key of one of these two kinds."
    )


def _code(content: bytes) -> str:
    """Return a sentence with the error code of the vault's answer, to append to a message. Return an empty text if the
    answer has no code.

    Answers have the form `{"error": {"code": "Forbidden", "innererror": {"code": "ForbiddenByFirewall"}}}`.
    """
    try:
        error: Any = json.loads(content)["error"]
        codes = [error["code"], (error.get("innererror") or {}).get("code")]
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""
    found = [code for code in codes if isinstance(code, str) and re.fullmatch(r"\w{1,60}", code)]
    return f" Code: {', '.join(found)}." if found else ""


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        raise ValueError("not base64url")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
