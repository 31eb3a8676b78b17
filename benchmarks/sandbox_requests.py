"""Measure how many requests per second the sandbox answers on one core.

`python -m benchmarks.sandbox_requests [--documents N] [--seconds N] [--connections N]` writes an estate of N documents,
serves it (one process, no throttling) and requests single documents, full pages, child lists and Graph. The client uses
processor time too, so a second rate is computed from the server's processor time alone: requests / (user + system
seconds). This is the rate that one core allows.
"""

import argparse
import asyncio
import json
import os
import resource
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp

SUBSCRIPTION = "10000000-0000-0000-0000-000000000001"
S = f"/subscriptions/{SUBSCRIPTION}"
SERVERS_EVERY = 50


def lines(documents: int) -> Iterator[dict[str, Any]]:
    """Yield the lines of an estate file with storage accounts in a thousand resource groups, some SQL servers with two
    firewall rules each, and users."""
    for n in range(documents):
        group = f"{S}/resourceGroups/rg-{n % 1000}"
        if n % SERVERS_EVERY < 3:
            rule = n % SERVERS_EVERY
            server = f"{S}/resourceGroups/rg-sql/providers/Microsoft.Sql/servers/sql{n // SERVERS_EVERY}"
            identifier = server if not rule else f"{server}/firewallRules/rule{rule}"
            kind = "Microsoft.Sql/servers" if not rule else "Microsoft.Sql/servers/firewallRules"
            yield {"id": identifier, "name": identifier.rpartition("/")[2], "type": kind, "properties": {}}
            continue
        yield {
            "id": f"{group}/providers/Microsoft.Storage/storageAccounts/account{n}",
            "name": f"account{n}",
            "type": "Microsoft.Storage/storageAccounts",
            "kind": "StorageV2",
            "location": "westeurope",
            "sku": {"name": "Standard_LRS", "tier": "Standard"},
            "tags": {"owner": f"team-{n % 40}@example.org"},
            "properties": {
                "supportsHttpsTrafficOnly": n % 5 > 0,
                "minimumTlsVersion": "TLS1_2",
                "creationTime": "2024-03-01T10:00:00.1234567Z",
                "networkAcls": {"defaultAction": "Allow", "bypass": "AzureServices", "ipRules": []},
            },
        }
    for n in range(2000):
        yield {"graph": "users", "value": {"id": f"u{n}", "displayName": f"User {n}", "userType": "Member"}}


def cpu_seconds(pid: int) -> float:
    """Return the user and system time of a process, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    """Return the resident memory of a process, in MB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


async def token(session: aiohttp.ClientSession, ready: dict[str, Any]) -> str:
    """Sign in with the client that the sandbox generated, and return the access token."""
    directory = ready["directories"][0]
    client = directory["clients"][0]
    form = {
        "grant_type": "client_credentials",
        "client_id": client["clientId"],
        "client_secret": client["secret"],
        "scope": f"{ready['url']}/.default",
    }
    async with session.post(f"{ready['url']}/{directory['tenantId']}/oauth2/v2.0/token", data=form) as answer:
        return str((await answer.json())["access_token"])


async def measure(ready: dict[str, Any], pid: int, options: argparse.Namespace) -> None:
    """Measure each kind of request, and print a line with its figures."""
    context = ssl.create_default_context(cafile=ready["ca"])
    connector = aiohttp.TCPConnector(ssl=context, limit=options.connections)
    accounts = [n for n in range(options.documents) if n % SERVERS_EVERY >= 3]
    version = "?api-version=2024-01-01"
    servers = options.documents // SERVERS_EVERY

    def account(n: int) -> str:
        number = accounts[n % len(accounts)]
        group = f"{S}/resourceGroups/rg-{number % 1000}"
        return f"{group}/providers/Microsoft.Storage/storageAccounts/account{number}"

    def server(n: int) -> str:
        return f"{S}/resourceGroups/rg-sql/providers/Microsoft.Sql/servers/sql{n % servers}"

    kinds: dict[str, Callable[[int], str]] = {
        "one document": lambda n: f"{account(n)}{version}",
        "child list": lambda n: f"{server(n)}/firewallRules{version}",
        "default setting": lambda n: f"{server(n)}/auditingSettings/default{version}",
        "page of 200": lambda _: f"{S}/providers/Microsoft.Storage/storageAccounts{version}",
        "resources, 1000": lambda _: f"{S}/resources{version}",
        "Graph, 100 users": lambda _: "/v1.0/users",
    }
    async with aiohttp.ClientSession(connector=connector) as session:
        headers = {"Authorization": f"Bearer {await token(session, ready)}"}
        print(f"{'request':<20}{'requests/s':>12}{'on one core':>14}{'ms each':>10}")
        for name, path in kinds.items():
            count, lasted, used = await send_requests(session, ready["url"], path, headers, pid, options)
            print(f"{name:<20}{count / lasted:>12.0f}{count / used:>14.0f}{used / count * 1000:>10.2f}")


async def send_requests(
    session: aiohttp.ClientSession,
    url: str,
    path: Callable[[int], str],
    headers: dict[str, str],
    pid: int,
    options: argparse.Namespace,
) -> tuple[int, float, float]:
    """Send requests over all connections. Return their number, the seconds that they took, and the processor seconds of
    the server."""
    begin, before = time.monotonic(), cpu_seconds(pid)
    end = begin + options.seconds
    count = 0

    async def ask() -> None:
        nonlocal count
        while time.monotonic() < end:
            count += 1
            async with session.get(url + path(count), headers=headers) as answer:
                await answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"{answer.status} for {path(count)}")

    await asyncio.gather(*(ask() for _ in range(options.connections)))
    return count, time.monotonic() - begin, cpu_seconds(pid) - before


def main() -> None:
    """Write an estate file, serve it with the sandbox, and measure requests."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--connections", type=int, default=16)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        estate = Path(folder, "estate.jsonl")
        with estate.open("w") as file:
            for line in lines(options.documents):
                file.write(json.dumps(line) + "\n")
        command = [sys.executable, "-m", "sandbox", "serve", str(estate), "--port", "0", "--until-eof"]
        begin = time.monotonic()
        server = subprocess.Popen(
            [*command, "--no-throttle", "--state", folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            ready = json.loads(server.stdout.readline())
            size, waited = estate.stat().st_size / 2**20, time.monotonic() - begin
            print(
                f"{options.documents} documents ({size:.0f} MB), ready after {waited:.1f} s, "
                f"{memory_mb(server.pid):.0f} MB resident; {options.connections} connections"
            )
            asyncio.run(measure(ready, server.pid, options))
        finally:
            server.stdin.close()
            server.wait(10)


if __name__ == "__main__":
    main()
