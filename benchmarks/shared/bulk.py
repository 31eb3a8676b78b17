"""Shared code of the benchmarks that measure actions on many failing findings of one tenant."""

from __future__ import annotations

import argparse
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.shared.installation import installation

if TYPE_CHECKING:
    from tenants.models import Person, Tenant

BATCH = 5000


def fill(tenant: Tenant, count: int) -> None:
    """Write failing findings of one control into the table, as if an assessment had found them."""
    from django.utils import timezone

    from assessments.models import Finding

    now = timezone.now()
    for start in range(0, count, BATCH):
        Finding.objects.bulk_create(
            Finding(
                tenant=tenant,
                control="storage-secure-transfer",
                section="storage",
                severity="high" if number % 2 else "low",
                severity_rank=1 if number % 2 else 3,
                subject=f"/subscriptions/s/resourceGroups/rg-{number % 50}/providers/x/accounts/a{number}",
                subject_key=f"{number:064x}",
                subject_name=f"a{number}",
                subject_type="storage account",
                unit="/subscriptions/s",
                resource_group=f"rg-{number % 50}",
                outcome="fail",
                state="open",
                reason="Plain HTTP is accepted.",
                expected="Only HTTPS.",
                observed_sha256=f"{number:064x}",
                first_seen_at=now,
                changed_at=now,
                failing_since=now,
            )
            for number in range(start, min(start + BATCH, count))
        )


def create_tenant() -> tuple[Tenant, Person, Person]:
    """Create and return a tenant, a person who may treat all its findings (“engineer”), and a person with the role
    Owner."""
    from tenants.actions import grant_membership, register_organization, register_tenant
    from tenants.actors import System
    from tenants.models import Person
    from tenants.roles import Role
    from tenants.scope import organization_scope

    by = System("benchmark")
    organization = register_organization(by=by, name="Benchmark")
    engineer = Person.objects.create_user("engineer@example.com", name="Engineer")
    owner = Person.objects.create_user("owner@example.com", name="Owner")
    with organization_scope(organization):
        tenant = register_tenant(by=by, organization=organization, name="Benchmark")
        for person, role in ((engineer, Role.TENANT_ADMINISTRATOR), (owner, Role.OWNER)):
            grant_membership(by=by, person=person, organization=organization, role=role, tenant=tenant)
    return tenant, engineer, owner


@dataclass
class Timings:
    """Measures actions. `seconds` is {name of the action: [seconds in each round]}."""

    tenant: Tenant
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def timed[T](self, name: str, action: Callable[[], T]) -> T:
        """Run an action in a transaction that sees the tenant's rows, and record the time, which includes the
        commit."""
        from tenants.scope import tenant_scope

        began = time.perf_counter()
        with tenant_scope(self.tenant.pk):
            result = action()
        self.seconds[name].append(time.perf_counter() - began)
        return result


def run(doc: str | None, run_round: Callable[[Timings, Person, Person], None]) -> None:
    """Run the rounds in a new installation, and print the times. The command line has options for the numbers of rounds
    and findings. `doc` is the text that `--help` prints."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--findings", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with installation():
        from tenants.scope import tenant_scope

        tenant, *people = create_tenant()
        with tenant_scope(tenant.pk):
            fill(tenant, options.findings)
        timings = Timings(tenant)
        for _ in range(options.rounds):
            run_round(timings, *people)
        for name, seconds in timings.seconds.items():
            middle = statistics.median(seconds)
            print(
                f"{name:40} {middle:6.2f} s (from {min(seconds):.2f} to {max(seconds):.2f}), "
                f"{options.findings / middle:,.0f} findings/s"
            )
