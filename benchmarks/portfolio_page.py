"""Measure pages about many tenants: portfolio, findings, owners, controls, a framework and an owner's home page.

`python -m benchmarks.portfolio_page [--tenants N] [--findings N] [--owned N] [--rounds N]` writes tenants, each with an
ended assessment and a snapshot, and assigns failing findings to one person. Then it requests these pages, and pages of
a single tenant, through all of Django's middleware. It prints wall time and processor time, as
`benchmarks.findings_page` describes.
"""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from benchmarks.shared.installation import installation

if TYPE_CHECKING:
    from tenants.models import Person, Tenant


def assign_findings(tenants: list[Tenant], who: Person, count: int) -> None:
    """Assign about `count` failing findings to the person, the same number of each tenant."""
    from assessments.models import Finding
    from portal.treatment.actions.owners.assign import assign
    from tenants.scope import tenant_scope

    each = -(-count // len(tenants))
    for tenant in tenants:
        with tenant_scope(tenant.pk):
            failing = Finding.objects.filter(outcome="fail").order_by("pk").values_list("pk", flat=True)
            chosen = Finding.objects.filter(pk__in=list(failing[:each]))
            assign(tenant=tenant, findings=chosen, owner=who, by=who)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tenants", type=int, default=50)
    parser.add_argument("--findings", type=int, default=4000, help="findings of each tenant")
    parser.add_argument("--owned", type=int, default=4000, help="findings of the owner, over all tenants")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with installation():
        from benchmarks.shared import many_findings as many
        from benchmarks.shared.page_times import asking
        from portal.treatment.actions.figures.snapshots import take_snapshot
        from tenants.actions import register_tenant
        from tenants.actors import System
        from tenants.scope import organization_scope, tenant_scope

        people = many.people(many.OWNERS)
        tenants = [many.tenant_of("Benchmark", people[0])]
        organization = tenants[0].organization
        with organization_scope(organization.pk):
            for number in range(1, options.tenants):
                row: Any = register_tenant(
                    by=System("benchmark"), organization=organization, name=f"Customer {number}"
                )
                tenants.append(row)
        for tenant in tenants:
            many.write(tenant, people, options.findings)
            many.assessed(tenant)
        assign_findings(tenants, people[0], options.owned)
        # Take the snapshots that the periodic task would take within a minute.
        for tenant in tenants:
            with tenant_scope(tenant.pk):
                take_snapshot(tenant=tenant)
        many.vacuum()
        print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
        ask = asking(people[0], options.rounds)
        ask(f"portfolio of {options.tenants}", "/")
        ask("findings of all", "/findings/?state=open")
        ask("an open control", "/findings/?state=open&severity=critical&open=network-ssh-from-internet")
        ask("one's home", "/my/")
        ask("who does what", "/workload/")
        ask("who does what, one owner open", f"/workload/?person={people[1].pk}")
        ask("controls", "/controls/")
        ask("one control", "/controls/storage-secure-transfer/")
        ask("a framework", "/frameworks/cis-6.0.0/")
        ask("all unassigned", "/findings/?state=open&owner=nobody")
        ask("all overdue", "/findings/?due=overdue")
        for name, value in (
            ("owner", str(people[1].pk)),
            ("due", "7"),
            ("due", "none"),
            ("age", "7"),
            ("age", "older"),
            ("tag", "env=prod"),
            ("tag", "team=team 7"),
            ("subscription", "/subscriptions/00000001-1111-4111-8111-111111111111"),
            ("customer", tenants[1].slug),
        ):
            ask(f"all of one {name}", f"/findings/?{urlencode({name: value})}")
        ask("one customer", f"/t/{tenants[1].slug}/")
        ask("open findings of one customer", f"/t/{tenants[1].slug}/findings/?state=open")


if __name__ == "__main__":
    main()
