"""Measure the page of all customers' resources.

`python -m benchmarks.all_resources [--tenants N] [--resources N] [--rounds N]` writes tenants with resources of 60
types in 4 regions and 3 subscriptions, and requests the page through all of Django's middleware. It prints wall time
and processor time, as `benchmarks.findings_page` describes.
"""

from __future__ import annotations

import argparse
import os
from typing import Any

from benchmarks.shared.installation import installation
from benchmarks.shared.many_resources import COUNTS, RESOURCES


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tenants", type=int, default=50)
    parser.add_argument("--resources", type=int, default=5000, help="resources of each tenant")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with installation():
        from django.db import connection

        from benchmarks.shared import many_findings as many
        from benchmarks.shared.page_times import asking
        from tenants.actions import register_tenant
        from tenants.actors import System
        from tenants.scope import organization_scope, tenant_scope

        people = many.people(1)
        tenants: list[Any] = [many.tenant_of("Benchmark", people[0])]
        organization = tenants[0].organization
        with organization_scope(organization.pk):
            for number in range(1, options.tenants):
                name = f"Customer {number}"
                tenants.append(register_tenant(by=System("benchmark"), organization=organization, name=name))
        for tenant in tenants:
            with tenant_scope(tenant.pk), connection.cursor() as cursor:
                for statement in (RESOURCES, COUNTS):
                    cursor.execute(statement, {"tenant": tenant.pk, "resources": options.resources})
        many.vacuum()
        print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
        ask = asking(people[0], options.rounds)
        ask(f"resources of {options.tenants} customers", "/resources/")
        ask("an open type", "/resources/?open=microsoft.type7%2Fthings")
        ask("one type", "/resources/?type=microsoft.type7%2Fthings")
        ask("one region", "/resources/?location=westeurope")
        ask("one customer", f"/resources/?customer={tenants[1].slug}")
        ask("search in one customer", f"/resources/?customer={tenants[1].slug}&q=resource77")
        ask("search in all customers", "/resources/?q=resource77")


if __name__ == "__main__":
    main()
