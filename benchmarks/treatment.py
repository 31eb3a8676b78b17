"""How fast an exception by a rule takes in, returns and lets go of many findings.

`python -m benchmarks.treatment [--findings N] [--rounds N]` makes a tenant in an installation of its own and times
asking, approving and deriving where one rule means N failing findings, each in its transaction with its journal
entry, timeline lines and notices, on the embedded PostgreSQL of the same machine.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from benchmarks.installation import installation
from benchmarks.treatment_bulk import fill, place

if TYPE_CHECKING:
    from tenants.models import Person, Tenant


def round_of(tenant: Tenant, engineer: Person, approver: Person, taken: dict[str, list[float]]) -> None:
    """An exception's life, once with everything asked for, once with everything taken in by derivation."""
    from django.utils import timezone

    from assessments.models import Finding
    from portal.treatment.actions.derive import Derived, derive
    from portal.treatment.actions.exceptions import approve, request_exception, revoke
    from portal.treatment.models import FindingException
    from portal.treatment.selectors.exceptions import preview
    from tenants.scope import tenant_scope

    def timed[T](name: str, action: Callable[[], T]) -> T:
        # The scope is the transaction, so its commit is part of what is timed.
        began = time.perf_counter()
        with tenant_scope(tenant.pk):
            result = action()
        taken[name].append(time.perf_counter() - began)
        return result

    def ask() -> FindingException:
        return request_exception(
            tenant=tenant, by=engineer, scope=FindingException.Scope.RULE, rule=rule, maximum=count,
            reason="It is measured how long this takes.", ends_at=timezone.now() + timedelta(days=30),
        )  # fmt: skip

    def run() -> Derived:
        return derive(tenant=tenant)

    rule = {"resource_group": "rg-*"}
    rows = Finding.objects.none
    with tenant_scope(tenant.pk):
        rows = Finding.objects.filter(tenant=tenant).all
        count = rows().count()
    timed("preview", lambda: preview(tenant, rule))
    exception = timed("ask", ask)
    timed("approve", lambda: approve(exception=exception, by=approver))
    assert timed("derive, nothing to do", run) == Derived()
    with tenant_scope(tenant.pk):
        rows().update(observed_sha256="f" * 64)
    assert timed("derive, everything has changed", run).returned == 1
    timed("approve again", lambda: approve(exception=exception, by=approver))
    timed("revoke", lambda: revoke(exception=exception, by=engineer, note="It has been measured."))
    with tenant_scope(tenant.pk):
        rows().update(outcome="pass", state="passing", failing_since=None)
        growing = ask()
        approve(exception=growing, by=approver)
        rows().update(outcome="fail", state="open", failing_since=timezone.now())
    assert timed("derive, the rule takes everything in", run).extended == count
    with tenant_scope(tenant.pk):
        rows().update(resource_group="other")
    assert timed("derive, the rule lets everything go", run).left == count
    with tenant_scope(tenant.pk):
        rows().update(resource_group="rg-1", observed_sha256="e" * 64)
        revoke(exception=growing, by=engineer, note="It has been measured.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--findings", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with installation():
        from tenants.scope import tenant_scope

        tenant, engineer, approver = place()
        with tenant_scope(tenant.pk):
            fill(tenant, given.findings)
        taken: dict[str, list[float]] = defaultdict(list)
        for _ in range(given.rounds):
            round_of(tenant, engineer, approver, taken)
        for name, seconds in taken.items():
            middle = statistics.median(seconds)
            print(
                f"{name:40} {middle:6.2f} s (from {min(seconds):.2f} to {max(seconds):.2f}), "
                f"{given.findings / middle:,.0f} findings/s"
            )


if __name__ == "__main__":
    main()
