"""The state that is shown of a finding: derived from its verdict and its treatment, at one moment.

    rows.annotate(shown=shown_state(now))

Nothing is stored that could go stale. A cover (`excepted_*`) counts only while the observed value has the
hash that was approved and the period runs; an acknowledgement only for the failure it was given to; an
attestation until its end, and where it is bound to what was observed, while that is observed. So a changed
value or a passed date shows at once, before anything derives.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import Case, CharField, Expression, F, Q, TextChoices, Value, When

from assessments.models import Finding


class ShownState(TextChoices):
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
ACTIONABLE: Final = (
    ShownState.OPEN,
    ShownState.ACKNOWLEDGED,
    ShownState.MANUAL,
    ShownState.NOT_MET,
    ShownState.LAPSED,
)
# What counts as a failure after treatment.
FAILURES: Final = (
    ShownState.OPEN,
    ShownState.ACKNOWLEDGED,
    ShownState.MANUAL,
    ShownState.NOT_MET,
    ShownState.LAPSED,
)
# Failing and not excepted: these have a due date that runs.
WITH_DUE_DATE: Final = (ShownState.OPEN, ShownState.ACKNOWLEDGED)
# The states of verdicts that a treatment can show otherwise, and what it must say for that.
TREATABLE: Final = (Finding.State.OPEN, Finding.State.MANUAL)
CHANGES_SHOWN_STATE: Final = (
    Q(treatment__acknowledged_failing_since__isnull=False)
    | Q(treatment__excepted_until__isnull=False)
    | Q(treatment__attested_until__isnull=False)
)


def is_covered(now: datetime, treatment: str = "treatment__", finding: str = "") -> Q:
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


def is_acknowledged(treatment: str = "treatment__", finding: str = "") -> Q:
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
        When(is_covered(now, treatment, finding), then=Value(ShownState.EXCEPTED)),
        When(is_acknowledged(treatment, finding), then=Value(ShownState.ACKNOWLEDGED)),
        When(holds & Q(**{met: True}), then=Value(ShownState.ATTESTED)),
        When(holds & Q(**{met: False}), then=Value(ShownState.NOT_MET)),
        When(manual & Q(**{f"{ends}__lte": now}), then=Value(ShownState.LAPSED)),
        default=F(f"{finding}state"),
        output_field=CharField(),
    )
