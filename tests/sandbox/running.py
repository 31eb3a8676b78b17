"""Run the sandbox in a subprocess, as its users do, and send requests to it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import CertificateCredential, ClientSecretCredential

PROJECT = Path(__file__).resolve().parents[2]
VERSION = {"api-version": "2024-01-01"}


@dataclass
class Running:
    """A running sandbox. `ready` is the JSON line that it prints when it is ready."""

    url: str
    ca: str
    ready: dict[str, Any]

    @classmethod
    def of(cls, ready: dict[str, Any]) -> Running:
        """Return the sandbox that wrote this line."""
        return cls(ready["url"], ready["ca"], ready)

    def __post_init__(self) -> None:
        self.http = requests.Session()
        self.http.trust_env = False  # A CA bundle in the environment would override `verify`.
        self.http.verify = self.ca
        self._tokens: dict[tuple[str, str], str] = {}

    def client(self, tenant: str, number: int = 0) -> dict[str, Any]:
        found = next(item for item in self.ready["directories"] if item["tenantId"] == tenant)
        return found["clients"][number]

    def sign_in(
        self, tenant: str, client_id: str, scope: str | None = None, **form: str
    ) -> requests.Response:
        return self.http.post(
            f"{self.url}/{tenant}/oauth2/v2.0/token",
            data={
                "grant_type": "client_credentials",
                "client_id": client_id,
                "scope": scope or f"{self.url}/.default",
                **form,
            },
        )

    def token(self, tenant: str, number: int = 0) -> str:
        client = self.client(tenant, number)
        key = (tenant, client["clientId"])
        if key not in self._tokens:
            answer = self.sign_in(tenant, client["clientId"], client_secret=client["secret"])
            assert answer.status_code == 200, answer.text
            self._tokens[key] = answer.json()["access_token"]
        return self._tokens[key]

    def get(self, path: str, tenant: str, number: int = 0, **params: str) -> requests.Response:
        """Send a GET request with the client's token and, for all paths except those of Graph, with an api-version."""
        query = params if path.startswith("/v1.0/") else {**VERSION, **params}
        headers = {"Authorization": f"Bearer {self.token(tenant, number)}"}
        return self.http.get(self.url + path, params=query, headers=headers)

    def pages(self, path: str, tenant: str, number: int = 0, **params: str) -> list[list[dict[str, Any]]]:
        """Return all pages of a list by following the next links."""
        answer = self.get(path, tenant, number, **params)
        found = []
        while True:
            assert answer.status_code == 200, answer.text
            body = answer.json()
            found.append(body["value"])
            link = body.get("nextLink") or body.get("@odata.nextLink")
            if not link:
                return found
            headers = {"Authorization": f"Bearer {self.token(tenant, number)}"}
            answer = self.http.get(link, headers=headers)

    def request_counts(self) -> dict[tuple[str, str, int], int]:
        rows = self.http.get(f"{self.url}/_sandbox/requests").json()
        return {(row["method"], row["path"], row["status"]): row["count"] for row in rows}

    def reset_counts(self) -> None:
        assert self.http.post(f"{self.url}/_sandbox/requests/reset").status_code == 204

    def set_faults(self, **faults: float) -> None:
        answer = self.http.post(f"{self.url}/_sandbox/faults", json=faults)
        assert answer.status_code == 200, answer.text

    def credential(self, tenant: str, number: int = 0) -> ClientSecretCredential:
        client = self.client(tenant, number)
        return ClientSecretCredential(
            tenant,
            client["clientId"],
            client["secret"],
            authority=self.url,
            disable_instance_discovery=True,
            connection_verify=self.ca,
        )

    def certificate_credential(self, tenant: str, client_id: str, pem: bytes) -> CertificateCredential:
        return CertificateCredential(
            tenant,
            client_id,
            certificate_data=pem,
            authority=self.url,
            disable_instance_discovery=True,
            connection_verify=self.ca,
        )

    def sdk(self) -> dict[str, Any]:
        """Return the arguments for the constructors of the SDK's management clients."""
        return {
            "base_url": self.url,
            "credential_scopes": [f"{self.url}/.default"],
            "transport": RequestsTransport(connection_verify=self.ca),
            "retry_total": 0,
        }


def write_estate(path: Path, lines: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "sandbox", *map(str, arguments)]


@contextmanager
def running(state: Path, *arguments: str | Path) -> Iterator[Running]:
    """Serve estates during the block. Then close the standard input of the process, which must make it exit."""
    process = subprocess.Popen(
        command("serve", *arguments, "--port", "0", "--until-eof", "--state", state),
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"the sandbox exited with status {process.wait(10)} before it was ready"
        yield Running.of(json.loads(line))
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            assert process.wait(10) == 0
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
