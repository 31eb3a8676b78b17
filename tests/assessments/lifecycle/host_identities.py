"""A host with identities, and an estate in which service principals sign in with these identities."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.assessments.collect.azure import DIRECTORY, guid, subscription
from tests.assessments.sandboxed_customer import Customer

ISSUER, SUBJECT = "https://oidc.example.com/cluster", "system:serviceaccount:surety:worker"
AUDIENCE = "api://AzureADTokenExchange"
FEDERATED = "c0000000-0000-0000-0000-00000000fed0"
SYSTEM, USER = "c0000000-0000-0000-0000-00000000a1d0", "c0000000-0000-0000-0000-00000000a1d1"
KEY, STRANGE = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
READS = {"subscriptions": ["*"], "graph": ["*"]}


def estate() -> list[Any]:
    """A directory with two subscriptions, an application that trusts the host's issuer, and two managed identities."""
    form, kind = serialization.PublicFormat.SubjectPublicKeyInfo, serialization.Encoding.PEM
    pem = KEY.public_key().public_bytes(kind, form).decode()
    federated = [{"issuer": ISSUER, "subject": SUBJECT, "publicKey": pem}]
    clients = [
        {"clientId": FEDERATED, "federated": federated, **READS},
        {"clientId": SYSTEM, "managedIdentity": "system", **READS},
        {"clientId": USER, "managedIdentity": "user", **READS},
    ]
    return [
        {"directory": {"tenantId": DIRECTORY, "clients": clients}},
        *subscription(guid(1)),
        *subscription(guid(2)),
    ]


class Host:
    """The host on which workers run, and the file in which the operator permits its identities."""

    def __init__(self, folder: Path, customer: Customer, settings: Any) -> None:
        self.folder, self.customer = folder, customer
        self.token = folder / "token"
        self.file = folder / "identities.toml"
        settings.SURETY_HOST_IDENTITIES = str(self.file)
        self.issue()
        self.allow(self.entry(FEDERATED), self.entry(SYSTEM), self.entry(USER))

    def issue(self, key: Any = KEY, **claims: Any) -> None:
        now = int(time.time())
        given = {"iss": ISSUER, "sub": SUBJECT, "aud": [AUDIENCE], "iat": now, "exp": now + 3600, **claims}
        self.token.write_text(jwt.encode(given, key, algorithm="RS256") + "\n", encoding="ascii")

    def entry(self, identity: str, **more: str) -> dict[str, Any]:
        cloud = self.customer.azure.cloud()
        kinds = {
            FEDERATED: {"kind": "federated", "token_file": str(self.token)},
            SYSTEM: {"kind": "managed_identity", "assigned": "system"},
            USER: {"kind": "managed_identity", "assigned": "user"},
        }
        return {
            "name": f"host-{identity[-4:]}",
            "organization": str(self.customer.tenant.organization_id),
            "directory_id": DIRECTORY,
            "client_id": identity,
            "cloud": "custom",
            "endpoints": {name: cloud[name] for name in ("authority", "arm", "graph", "ca")},
            **kinds[identity],
            **more,
        }

    def allow(self, *entries: dict[str, Any]) -> None:
        lines: list[str] = []
        for entry in entries:
            endpoints = entry.pop("endpoints", {})
            lines += ["[[identity]]", *(f"{name} = '''{value}'''" for name, value in entry.items())]
            lines += [
                "[identity.endpoints]",
                *(f"{name} = '''{value}'''" for name, value in endpoints.items()),
            ]
        self.file.write_text("\n".join(lines), encoding="utf-8")
        self.file.chmod(0o600)
