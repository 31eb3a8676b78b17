"""Measure the first page of each list operation of the API, with a customer that has very many findings.

`python -m benchmarks.api_lists [--findings N] [--limit N] [--rounds N]` writes the findings of a customer, starts the
web server and one bulk job for these findings (no worker runs, so the job waits), and reads the first page of each list
of the API's contract. It also reads findings with some filters and in each order. For each list, the program prints the
number of items, the median and the slowest wall time of a request, the processor time of the web server for a request,
and the number of queries. The processor time does not include that of the database. Some lists are empty or short,
because the program does not write the objects that they contain. The last line names the lists whose median is above
`--goal`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from benchmarks.shared.api_server import ApiServer, api_server
from benchmarks.shared.processes import descendants_of

WARM_UP: Final = 3
"""The number of requests for each list that are sent before the measurement."""
MAX_JOB: Final = 100_000
"""The maximum number of findings in a bulk job."""
FILTERS: Final = (
    "verdict=fail&severity=critical",
    "state=open",
    "q=account7",
    "due=overdue",
    "tag=env%3Dprod",
    "sort=severity",
    "sort=due",
    "sort=age",
    "sort=new",
    "sort=subject",
    "sort=due&state=open&severity=critical",
    "fields=id&fields=severity&fields=title",
)
TICKS: Final = os.sysconf("SC_CLK_TCK")


def processor_seconds(server: ApiServer) -> float:
    """Return the processor time that the web server's processes have used so far."""
    total = 0
    for pid in [server.pid, *descendants_of(server.pid)]:
        try:
            # Skip the process id and the name of the program, which is in brackets and may contain blanks. The values
            # utime and stime are the fields 14 and 15 of the line, so their indexes in the rest are 11 and 12.
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # the process has ended
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def addresses(server: ApiServer, job: str) -> dict[str, str]:
    """Return {name: URL} for the lists in the contract of the API. `job` is the id of the bulk job whose results are
    listed. Lists whose URLs contain the id of another object are left out.
    """
    from assessments.frameworks.framework import NAMES
    from portal.api.contract_file import FILE
    from tenants.models import Organization
    from tenants.scope import organization_scope

    with organization_scope(server.organization_id):
        organization = Organization.objects.get(pk=server.organization_id)
    values = {"customer": server.slug, "organization": organization.slug, "framework": next(iter(NAMES))}
    found = {}
    for path, methods in json.loads(FILE.read_text(encoding="utf-8"))["paths"].items():
        operation = methods.get("get", {}).get("operationId", "")
        if not operation.startswith("list_"):
            continue
        address = path.format(**values, id=job) if operation == "list_bulk_job_results" else path
        for name, value in values.items():
            address = address.replace(f"{{{name}}}", value)
        if "{" in address:
            print(f"{operation}: not measured, because its address contains the id of another object")
            continue
        found[operation.removeprefix("list_")] = address
    for query in FILTERS:
        found[f"findings?{query}"] = f"{found['findings']}?{query}"
    return found


def administrator_token(organization_id: UUID) -> str:
    """Create an administrator of the organization, who may read all lists. Return a token of this administrator."""
    from portal.accounts.actions.api_tokens import create_token, grantable
    from tenants.actions import grant_membership
    from tenants.actors import System
    from tenants.models import Organization, Person
    from tenants.roles import Role
    from tenants.scope import organization_scope, person_scope

    person = Person.objects.create_user("administrator@example.com", name="Administrator")
    with organization_scope(organization_id):
        organization = Organization.objects.get(pk=organization_id)
        grant_membership(
            by=System("benchmark"),
            person=person,
            organization=organization,
            role=Role.ORGANIZATION_ADMINISTRATOR,
            tenant=None,
        )
    with person_scope(person):
        rights = grantable(organization)
        _, text = create_token(
            by=person, organization=organization, name="Lists", capabilities=rights, days=1
        )
    return text


def start_job(server: ApiServer, findings: int) -> str:
    """Start a bulk job for all findings. If there are more than MAX_JOB findings, start the job for the critical
    findings only. Return the id of the job.
    """
    filters = {} if findings <= MAX_JOB else {"severity": ["critical"], "verdict": ["fail"]}
    body = {"action": "claim", "filters": filters}
    status, job = server.send("POST", "bulk-jobs", body)
    assert status == 202, (status, job)
    return str(job["id"])


def get(server: ApiServer, address: str) -> dict[str, Any]:
    server.connection.request("GET", address, headers={"Authorization": f"Bearer {server.token}"})
    response = server.connection.getresponse()
    content = response.read()
    assert response.status == 200, (address, response.status, content)
    found: dict[str, Any] = json.loads(content)
    return found


def queries(server: ApiServer, address: str) -> int:
    """Return the number of database queries for a request. The queries are counted in this process, without the web
    server.
    """
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"Authorization": f"Bearer {server.token}"})
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--findings", type=int, default=100_000)
    parser.add_argument("--limit", type=int, default=100, help="items in a page (1 to 500)")
    parser.add_argument("--rounds", type=int, default=20, help="measured requests of each list")
    parser.add_argument("--goal", type=float, default=100.0, help="milliseconds")
    options = parser.parse_args()
    with api_server(options.findings) as server:
        from django.conf import settings

        settings.ALLOWED_HOSTS = ["testserver"]
        server.token = administrator_token(server.organization_id)
        job = start_job(server, options.findings)
        print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores", flush=True)
        print(f"{'list':44} {'items':>5} {'median':>9} {'slowest':>9} {'processor':>9} {'queries':>7}")
        slow = []
        for name, path in addresses(server, job).items():
            address = f"{path}{'&' if '?' in path else '?'}limit={options.limit}"
            for _ in range(WARM_UP):
                page = get(server, address)
            used, seconds = processor_seconds(server), []
            for _ in range(options.rounds):
                began = time.perf_counter()
                get(server, address)
                seconds.append(time.perf_counter() - began)
            processor = 1000 * (processor_seconds(server) - used) / options.rounds
            median, slowest = 1000 * statistics.median(seconds), 1000 * max(seconds)
            print(
                f"{name:44} {len(page['items']):5} {median:6.0f} ms {slowest:6.0f} ms {processor:6.0f} ms"
                f" {queries(server, address):7}",
                flush=True,
            )
            if median > options.goal:
                slow.append(name)
        print(f"median above {options.goal:.0f} ms: {', '.join(slow) or 'none'}")
        print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
