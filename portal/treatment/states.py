"""Compute the shown state of a finding from its verdict and its treatment, for a given time.

    rows.annotate(shown=shown_state(now))

The shown state is not stored, so it is never out of date. An exception (columns `excepted_*`) counts during its period,
while the observed value has the approved hash. An acknowledgement counts until the failure ends; if the control fails
again later, nobody has acknowledged the new failure. An attestation counts until its end. If an attestation is bound to
an observed value, it counts only while this value is observed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import Case, CharField, Expression, F, Q, TextChoices, Value, When

from assessments.models import Finding


class ShownState(TextChoices):
    """The states that pages and reports show; the last four are states of manual findings."""

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


# States that need work by a person.
ACTIONABLE: Final = (
    ShownState.OPEN,
    ShownState.ACKNOWLEDGED,
    ShownState.MANUAL,
    ShownState.NOT_MET,
    ShownState.LAPSED,
)
# States that count as failures in the adjusted score.
FAILURES: Final = (
    ShownState.OPEN,
    ShownState.ACKNOWLEDGED,
    ShownState.MANUAL,
    ShownState.NOT_MET,
    ShownState.LAPSED,
)
# Failing states in which the due date applies, because no exception covers the finding.
WITH_DUE_DATE: Final = (ShownState.OPEN, ShownState.ACKNOWLEDGED)
# States in which there is no verdict to treat: the control does not apply to the subject, or the subject is gone.
NOT_JUDGED: Final = (ShownState.NOT_APPLICABLE, ShownState.GONE)
# A treatment can change the shown state only if the stored state of the finding is in TREATABLE, and if the treatment
# meets CHANGES_SHOWN_STATE. The condition on `tenant_id` is always true, but without it, the database would read the
# treatments of all customers in scope.
TREATABLE: Final = (Finding.State.OPEN, Finding.State.MANUAL)
CHANGES_SHOWN_STATE: Final = Q(treatment__tenant_id=F("tenant_id")) & (
    Q(treatment__acknowledged_failing_since__isnull=False)
    | Q(treatment__excepted_until__isnull=False)
    | Q(treatment__attested_until__isnull=False)
)


def is_covered(now: datetime, treatment: str = "treatment__", finding: str = "") -> Q:
    """Return the query condition for failing findings that an exception covers at `now`.

    `treatment` and `finding` are the lookup prefixes from the queried model to the treatment and to the finding.
    """
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
    """Return the query condition for failing findings whose current failure is acknowledged."""
    return Q(
        **{
            f"{finding}outcome": Finding.Outcome.FAIL,
            f"{finding}gone_at__isnull": True,
            f"{treatment}acknowledged_failing_since": F(f"{finding}failing_since"),
        }
    )


def shown_state(now: datetime, treatment: str = "treatment__", finding: str = "") -> Expression:
    """Return the SQL expression for the shown state of findings that are left-joined with their treatments."""
    manual = Q(**{f"{finding}outcome": Finding.Outcome.MANUAL, f"{finding}gone_at__isnull": True})
    ends, met, bound = (f"{treatment}attested_{name}" for name in ("until", "met", "sha256"))
    valid = (
        manual & Q(**{f"{ends}__gt": now}) & (Q(**{bound: ""}) | Q(**{bound: F(f"{finding}observed_sha256")}))
    )
    return Case(
        When(is_covered(now, treatment, finding), then=Value(ShownState.EXCEPTED)),
        When(is_acknowledged(treatment, finding), then=Value(ShownState.ACKNOWLEDGED)),
        When(valid & Q(**{met: True}), then=Value(ShownState.ATTESTED)),
        When(valid & Q(**{met: False}), then=Value(ShownState.NOT_MET)),
        When(manual & Q(**{f"{ends}__lte": now}), then=Value(ShownState.LAPSED)),
        default=F(f"{finding}state"),
        output_field=CharField(),
    )
