"""The state that is shown of a finding: derived from its verdict and its treatment, at one moment.

    rows.annotate(shown=shown_state(now))

Nothing is stored that could go stale. A cover (`excepted_*`) counts only while the observed value has the
hash that was approved and the period runs; an acknowledgement only for the failure it was given to; an
attestation until its end, and where it is bound to what was observed, while that is observed. So a changed
value or a passed date shows at once, before anything derives.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Case, CharField, Expression, F, Q, TextChoices, Value, When

from assessments.models import Finding
from tenants.models import Tenant


class Shown(TextChoices):
    """Source: product.md, "Findings"; the last three are those of manual controls that were answered."""

    OPEN = "open", "Open"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    EXCEPTED = "excepted", "Excepted"
    RESOLVED = "resolved", "Resolved"
    PASSING = "passing", "Passing"
    UNKNOWN = "unknown", "Unknown"
    NOT_APPLICABLE = "not_applicable", "Not applicable"
    GONE = "gone", "Gone"
    MANUAL = "manual", "Manual"
    ATTESTED = "attested", "Attested"
    NOT_MET = "not_met", "Attested as not met"
    LAPSED = "lapsed", "Attestation expired"


# What asks somebody to do something.
TODO: Final = (Shown.OPEN, Shown.ACKNOWLEDGED, Shown.MANUAL, Shown.NOT_MET, Shown.LAPSED)
# What counts as a failure after treatment.
FAILURES: Final = (Shown.OPEN, Shown.ACKNOWLEDGED, Shown.MANUAL, Shown.NOT_MET, Shown.LAPSED)
# Failing and not excepted: these have a due date that runs.
DUE: Final = (Shown.OPEN, Shown.ACKNOWLEDGED)
# The states of verdicts that a treatment can show otherwise, and what it must say for that.
TREATABLE: Final = (Finding.State.OPEN, Finding.State.MANUAL)
SAYS: Final = (
    Q(treatment__acknowledged_failing_since__isnull=False)
    | Q(treatment__excepted_until__isnull=False)
    | Q(treatment__attested_until__isnull=False)
)


def covered(now: datetime, treatment: str = "treatment__", finding: str = "") -> Q:
    """The failing findings that an exception covers at that moment. Prefixes lead to the two tables."""
    return Q(
        **{
            f"{finding}outcome": Finding.Outcome.FAIL,
            f"{finding}gone_at__isnull": True,
            f"{treatment}excepted_sha256": F(f"{finding}observed_sha256"),
            f"{treatment}excepted_from__lte": now,
            f"{treatment}excepted_until__gt": now,
        }
    )


def acknowledged(treatment: str = "treatment__", finding: str = "") -> Q:
    """The failing findings whose present failure somebody has acknowledged."""
    return Q(
        **{
            f"{finding}outcome": Finding.Outcome.FAIL,
            f"{finding}gone_at__isnull": True,
            f"{treatment}acknowledged_failing_since": F(f"{finding}failing_since"),
        }
    )


def shown_state(now: datetime, treatment: str = "treatment__", finding: str = "") -> Expression:
    """The shown state as an expression over findings (left-joined with their treatment)."""
    manual = Q(**{f"{finding}outcome": Finding.Outcome.MANUAL, f"{finding}gone_at__isnull": True})
    ends, met, bound = (f"{treatment}attested_{name}" for name in ("until", "met", "sha256"))
    holds = (
        manual & Q(**{f"{ends}__gt": now}) & (Q(**{bound: ""}) | Q(**{bound: F(f"{finding}observed_sha256")}))
    )
    return Case(
        When(covered(now, treatment, finding), then=Value(Shown.EXCEPTED)),
        When(acknowledged(treatment, finding), then=Value(Shown.ACKNOWLEDGED)),
        When(holds & Q(**{met: True}), then=Value(Shown.ATTESTED)),
        When(holds & Q(**{met: False}), then=Value(Shown.NOT_MET)),
        When(manual & Q(**{f"{ends}__lte": now}), then=Value(Shown.LAPSED)),
        default=F(f"{finding}state"),
        output_field=CharField(),
    )


def due_before(tenant: Tenant, moment: datetime, finding: str = "") -> Q:
    """The failing findings that are due before `moment` by the tenant's policy (days by severity)."""
    found = Q(pk__in=())
    for severity, days in tenant.due_days.items():
        found |= Q(
            **{
                f"{finding}outcome": Finding.Outcome.FAIL,
                f"{finding}gone_at__isnull": True,
                f"{finding}severity": severity,
                f"{finding}failing_since__lt": moment - timedelta(days=int(days)),
            }
        )
    return found


def due_at(tenant: Tenant, finding: Finding) -> datetime | None:
    """When the finding is due; None for one that does not fail or whose severity has no policy."""
    days = tenant.due_days.get(finding.severity)
    if finding.outcome != Finding.Outcome.FAIL or finding.failing_since is None or days is None:
        return None
    return finding.failing_since + timedelta(days=int(days))
