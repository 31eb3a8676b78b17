"""Measure how fast Surety handles an exception whose rule matches many findings.

`python -m benchmarks.treatment [--findings N] [--rounds N]` creates a tenant with N failing findings in a temporary
installation. It measures the preview, request, approval and revocation of an exception whose rule matches these
findings, and refreshes before and after the findings have changed. Each action includes its transaction with journal
entry, timeline lines and notices, on the embedded PostgreSQL of the same machine.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from benchmarks.shared.bulk import Timings, run

if TYPE_CHECKING:
    from tenants.models import Person


def run_round(timings: Timings, engineer: Person, approver: Person) -> None:
    """Measure two exceptions whose scope is a rule. The findings of the first exception exist when it is requested.
    The findings of the second exception are added later.
    """
    from django.utils import timezone

    from assessments.models import Finding
    from portal.treatment.actions.exceptions import approve, request_exception, revoke
    from portal.treatment.actions.transitions import TransitionCounts, apply_transitions
    from portal.treatment.models import FindingException
    from portal.treatment.selectors.exceptions import preview
    from tenants.scope import tenant_scope

    tenant, timed = timings.tenant, timings.timed

    def ask() -> FindingException:
        return request_exception(
            tenant=tenant,
            by=engineer,
            scope=FindingException.Scope.RULE,
            rule=rule,
            maximum=count,
            reason="Measured in a benchmark.",
            ends_at=timezone.now() + timedelta(days=30),
        )

    def derived() -> TransitionCounts:
        return apply_transitions(tenant=tenant)

    rule = {"resource_group": "rg-*"}
    rows = Finding.objects.none
    with tenant_scope(tenant.pk):
        rows = Finding.objects.filter(tenant=tenant).all
        count = rows().count()
    timed("preview", lambda: preview(tenant, rule))
    exception = timed("request", ask)
    timed("approve", lambda: approve(exception=exception, by=approver))
    assert timed("refresh, nothing changed", derived) == TransitionCounts()
    with tenant_scope(tenant.pk):
        rows().update(observed_sha256="f" * 64)
    assert timed("refresh, all values changed", derived).returned == 1
    timed("approve again", lambda: approve(exception=exception, by=approver))
    timed("revoke", lambda: revoke(exception=exception, by=engineer, note="End of the benchmark."))
    with tenant_scope(tenant.pk):
        rows().update(outcome="pass", state="passing", failing_since=None)
        growing = ask()
        approve(exception=growing, by=approver)
        rows().update(outcome="fail", state="open", failing_since=timezone.now())
    assert timed("refresh, adds all findings", derived).extended == count
    with tenant_scope(tenant.pk):
        rows().update(resource_group="other")
    assert timed("refresh, removes all findings", derived).left == count
    with tenant_scope(tenant.pk):
        rows().update(resource_group="rg-1", observed_sha256="e" * 64)
        revoke(exception=growing, by=engineer, note="End of the benchmark.")


if __name__ == "__main__":
    run(__doc__, run_round)
