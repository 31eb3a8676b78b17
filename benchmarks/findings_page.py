"""Measure the findings page, its exports and bulk actions with very many findings.

`python -m benchmarks.findings_page [--findings N] [--rounds N]` writes a tenant's findings. Six of ten findings have an
owner. An exception covers an eighth of the failing findings that have an owner. Then a signed-in engineer requests
pages, and the counts that a page loads after it is shown, through all of Django's middleware. Two figures are
printed for each request: the shortest wall time of the rounds, and the shortest processor time of the web process and
its database connection. Processor time depends less on other programs.
"""

from __future__ import annotations

import argparse
import html
import os
import re
import time
from typing import TYPE_CHECKING

from benchmarks.shared.installation import installation
from benchmarks.shared.page_times import asking, time_download

if TYPE_CHECKING:
    from tenants.models import Person, Tenant

PAGES = {
    "all, by control": "",
    "open, by control": "state=open",
    "open, critical": "state=open&severity=critical",
    "overdue": "due=overdue",
    "of one owner, open": "owner={owner}&state=open",
    "of five owners": "owner={owners}",
    "unassigned, open": "owner=nobody&state=open",
    "tag of every third": "tag=env%3Dprod",
    "tag, open, as a list": "tag=env%3Dprod&state=open&layout=list",
    "tag of few": "tag=team%3Dteam+7",
    "of one subscription": "subscription=/subscriptions/00000001-1111-4111-8111-111111111111",
    "one control expanded": "state=open&open=storage-secure-transfer",
    "list, most severe first": "state=open&layout=list",
    "list, by due date": "state=open&layout=list&sort=due",
    "list, page 200": "state=open&layout=list&page=200",
    "list of all, page 1990": "layout=list&page=1990",
    "list of all, by due date": "layout=list&sort=due",
    "list of all, oldest": "layout=list&sort=age",
    "list of all, by subject": "layout=list&sort=subject",
    "search": "q=account777",
    "search, open": "q=account777&state=open",
    "search, half match": "q=account1",
    "search, half match, open": "q=account1&state=open",
    "search, half match, list": "q=account1&layout=list",
}
FRAGMENT = re.compile(r'hx-get="([^"]*/findings/(?:facets|groups)/[^"]*)"')


def pages(tenant: Tenant, people: list[Person], rounds: int) -> None:
    print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    ask = asking(people[0], rounds)
    for name, query in PAGES.items():
        given = {"owner": people[1].pk, "owners": "&owner=".join(str(one.pk) for one in people[2:7])}
        page = ask(name, f"/t/{tenant.slug}/findings/?{query.format(**given)}")
        for fragment in FRAGMENT.findall(page):
            address = html.unescape(fragment)
            names = ", ".join(re.findall(r"of=(\w+)", address)) or "bars, owners, due dates of groups"
            ask(f"  counts: {names}"[:34], address)
    for name, url in (
        ("tenant", f"/t/{tenant.slug}/"),
        ("portfolio", "/"),
        ("my findings", "/my/"),
        ("tags", f"/t/{tenant.slug}/findings/tags/?state=open"),
        ("changes, one for each finding", f"/t/{tenant.slug}/changes/"),
        ("changes, page 1990", f"/t/{tenant.slug}/changes/?page=1990"),
        ("attestations", f"/t/{tenant.slug}/attestations/"),
        ("attestations, search", f"/t/{tenant.slug}/attestations/?q=account1"),
        ("controls", "/controls/"),
        ("a control", "/controls/storage-secure-transfer/"),
    ):
        ask(name, url)
    print(f"load average {os.getloadavg()[0]:.1f}")
    for kind in ("csv", "xlsx"):
        time_download(people[0], f"export {kind}", f"/t/{tenant.slug}/findings/export.{kind}")


def bulk(tenant: Tenant, people: list[Person], count: int) -> None:
    from assessments.models import Finding
    from portal.treatment.actions.owners.assign import assign
    from tenants.scope import tenant_scope

    with tenant_scope(tenant.pk):
        chosen = Finding.objects.filter(
            pk__in=list(Finding.objects.order_by("pk").values_list("pk", flat=True)[:count])
        )
        began = time.perf_counter()
        batch = assign(tenant=tenant, findings=chosen, owner=people[0], by=people[0])
        print(f"assign {batch.count:17} {time.perf_counter() - began:7.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--findings", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with installation():
        from benchmarks.shared import many_findings as many

        people = many.people(many.OWNERS)
        tenant = many.tenant_of("Benchmark", people[0])
        many.write(tenant, people, options.findings)
        many.assessed(tenant)
        many.vacuum()
        pages(tenant, people, options.rounds)
        bulk(tenant, people, 10_000)


if __name__ == "__main__":
    main()
