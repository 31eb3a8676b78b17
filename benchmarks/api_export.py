"""Measure an export of all findings of a customer with the API, page by page, and the memory of the web server.

`python -m benchmarks.api_export [--findings N] [--limit N]` writes the findings of a customer, starts the web server,
and reads all pages of `GET /customers/{customer}/findings`. The request for each page has the cursor of the
previous page. The program checks that each finding comes exactly once. It prints findings per second, the time of the
first and of the last pages, the peak memory of the web server's processes, and the number of queries of a page.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from urllib.parse import urlencode

from benchmarks.shared.api_server import ApiServer, api_server
from benchmarks.shared.processes import descendants_of, note_peak

EDGE = 20
"""The times of this many pages at the beginning are compared with the times of this many pages at the end."""


def memory(server: ApiServer) -> float:
    """Return the highest resident memory that a process of the web server has had so far, in MB."""
    peaks: dict[int, float] = {}
    for pid in [server.pid, *descendants_of(server.pid)]:
        note_peak(peaks, pid, "status", "VmHWM:")
    return max(peaks.values())


def export(server: ApiServer, limit: int) -> tuple[set[str], list[float]]:
    """Read all pages. Return the ids of the findings, and the seconds that each page took."""
    seen: set[str] = set()
    count, seconds, cursor = 0, [], ""
    while True:
        query = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        began = time.perf_counter()
        status, page = server.send("GET", f"findings?{urlencode(query)}")
        seconds.append(time.perf_counter() - began)
        assert status == 200, (status, page)
        count += len(page["items"])
        seen.update(one["id"] for one in page["items"])
        assert len(seen) == count, "A finding came twice."
        cursor = page["next_cursor"]
        if not cursor:
            return seen, seconds


def queries(server: ApiServer, limit: int) -> int:
    """Return the number of database queries for one page. The queries are counted in this process, without the web
    server.
    """
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client(headers={"Authorization": f"Bearer {server.token}"})
    path = f"/api/v1/customers/{server.slug}/findings?limit={limit}"
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--findings", type=int, default=100_000)
    parser.add_argument("--limit", type=int, default=500, help="findings in a page (1 to 500)")
    options = parser.parse_args()
    with api_server(options.findings) as server:
        from assessments.models import Finding
        from tenants.scope import organization_scope

        with organization_scope(server.organization_id):
            expected = {str(pk) for pk in Finding.objects.values_list("pk", flat=True).iterator()}
        before = memory(server)
        print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores", flush=True)
        began = time.perf_counter()
        seen, seconds = export(server, options.limit)
        wall = time.perf_counter() - began
        assert seen == expected, f"{len(expected - seen)} findings are missing"
        print(
            f"{len(seen)} findings in {len(seconds)} pages: {wall:.1f} s, {len(seen) / wall:.0f} findings/s"
        )
        first, last = (1000 * statistics.median(part) for part in (seconds[:EDGE], seconds[-EDGE - 1 : -1]))
        print(f"median of the first {EDGE} pages {first:.0f} ms, of the last {last:.0f} ms")
        print(
            f"peak memory of a process of the web server: {before:.0f} MB before, {memory(server):.0f} MB after"
        )
        print(f"queries of a page: {queries(server, options.limit)}")
        print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
