"""The web server of a temporary installation, with a customer that has very many findings, and an API token."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from benchmarks.shared.installation import MANAGE, installation

if TYPE_CHECKING:
    from portal.workers.child_processes import ChildProcesses


@dataclass
class ApiServer:
    """A running web server with a customer, an HTTP connection to the server, and an API token."""

    processes: ChildProcesses
    pid: int
    slug: str
    organization_id: UUID
    home: Path
    connection: HTTPConnection
    token: str

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send a request to `/api/v1/customers/<customer>/<path>`. Return the status and the JSON of the answer."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body)
        self.connection.request(method, f"/api/v1/customers/{self.slug}/{path}", content, headers)
        response = self.connection.getresponse()
        return response.status, json.loads(response.read())


@contextmanager
def api_server(findings: int) -> Iterator[ApiServer]:
    """Store approximately `findings` findings in the database, and start the web server without a limit of requests per
    minute.
    """
    os.environ |= {"SURETY_API_REQUESTS_PER_MINUTE": "0", "SURETY_CHANGES_PER_MINUTE": "0"}
    with installation() as home:
        from benchmarks.shared import many_findings as many
        from portal.accounts.actions.api_tokens import create_token, grantable
        from portal.management.commands.serve import web_server
        from portal.workers.child_processes import child_processes
        from tenants.scope import person_scope

        people = many.people(many.OWNERS)
        tenant = many.tenant_of("Benchmark", people[0])
        many.write(tenant, people, findings)
        many.vacuum()
        with person_scope(people[0]):
            _, text = create_token(
                by=people[0],
                organization=tenant.organization,
                name="Benchmark",
                capabilities=grantable(tenant.organization),
                days=1,
            )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with child_processes() as processes, (home / "web.log").open("ab") as log:
            server = processes.start("web server", web_server(f"127.0.0.1:{port}"), log=log)
            connection = HTTPConnection("127.0.0.1", port, timeout=120)
            made = ApiServer(
                processes, server.pid, tenant.slug, tenant.organization_id, home, connection, text
            )
            _wait(made)
            yield made


def start_worker(server: ApiServer) -> int:
    """Start `manage.py worker` with two processes and the periodic tasks. Return its process id."""
    with (server.home / "worker.log").open("ab") as log:
        command = [sys.executable, str(MANAGE), "worker", "--concurrency=2"]
        return server.processes.start("worker", command, log=log).pid


def _wait(server: ApiServer) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            status, _ = server.send("GET", "findings?limit=1")
        except OSError:
            server.connection.close()
            if time.monotonic() > deadline:
                raise SystemExit(
                    f"The web server did not start:\n{(server.home / 'web.log').read_text()}"
                ) from None
            time.sleep(0.5)
        else:
            assert status == 200, status
            return
