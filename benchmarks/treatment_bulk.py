"""How fast many findings get an owner, an acknowledgement, an undo, and the owners that rules give them.

`python -m benchmarks.treatment_bulk [--findings N] [--rounds N]` makes a tenant with N failing findings (half of
them high, half low) in an installation of its own and times the actions as pages call them, each in its
transaction with its journal entry, timeline lines and notice, on the embedded PostgreSQL of the same machine.
The aim of issue 4: 10,000 findings assigned in under 5 s.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.installation import installation

if TYPE_CHECKING:
    from tenants.models import Person, Tenant

BATCH = 5000


def fill(tenant: Tenant, count: int) -> None:
    """Failing findings of one control, as the engine would have written them."""
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


def place() -> tuple[Tenant, Person, Person]:
    """A tenant, its engineer, and an owner."""
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


def measure(tenant: Tenant, engineer: Person, owner: Person, rounds: int) -> dict[str, list[float]]:
    """What was done -> the seconds it took in each round."""
    from assessments.models import Finding
    from portal.treatment.actions.acknowledge import acknowledge
    from portal.treatment.actions.owners import assign
    from portal.treatment.actions.rules import apply_rules, create_rule, delete_rule
    from portal.treatment.actions.undo import undo
    from tenants.scope import tenant_scope

    taken: dict[str, list[float]] = defaultdict(list)

    def timed[T](name: str, action: Callable[[], T]) -> T:
        # The scope is the transaction, so its commit is part of what is timed.
        began = time.perf_counter()
        with tenant_scope(tenant.pk):
            result = action()
        taken[name].append(time.perf_counter() - began)
        return result

    everything = Finding.objects.none
    with tenant_scope(tenant.pk):
        everything = Finding.objects.filter(tenant=tenant, state="open").all
    for _ in range(rounds):
        assigned = timed(
            "assign", lambda: assign(tenant=tenant, findings=everything(), owner=owner, by=engineer)
        )
        timed("undo of assign", partial(undo, batch=assigned, by=engineer))
        taken_on = timed(
            "acknowledge",
            lambda: acknowledge(tenant=tenant, findings=everything(), by=engineer, plan="Soon"),
        )
        timed("undo of acknowledge", partial(undo, batch=taken_on, by=engineer))
        with tenant_scope(tenant.pk):
            rule = create_rule(tenant=tenant, by=engineer, name="Rule", owner=owner, resource_group="rg-*")
        timed("apply owner rules", lambda: apply_rules(tenant=tenant, by=engineer))
        timed("apply again, nothing to do", lambda: apply_rules(tenant=tenant, by=engineer))
        with tenant_scope(tenant.pk):
            delete_rule(rule=rule, by=engineer)
        timed(
            "assign from a rule's owner to nobody",
            lambda: assign(tenant=tenant, findings=everything(), owner=None, by=engineer),
        )
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--findings", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with installation():
        from tenants.scope import tenant_scope

        tenant, engineer, owner = place()
        with tenant_scope(tenant.pk):
            fill(tenant, given.findings)
        for name, seconds in measure(tenant, engineer, owner, given.rounds).items():
            middle = statistics.median(seconds)
            print(
                f"{name:40} {middle:6.2f} s (from {min(seconds):.2f} to {max(seconds):.2f}), "
                f"{given.findings / middle:,.0f} findings/s"
            )


if __name__ == "__main__":
    main()
