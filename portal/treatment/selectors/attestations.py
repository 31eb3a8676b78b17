"""Read manual findings with their attestations, most urgent first.

For example, these are the findings that need an answer:

    rows = with_standing(manual_findings(tenant), now)
    rows.filter(standing__in=NEEDS_ANSWER_STANDINGS)

`with_standing` adds the status of each finding (`Standing`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    FilteredRelation,
    IntegerField,
    OrderBy,
    Q,
    QuerySet,
    TextChoices,
    Value,
    When,
)

from assessments.models import Finding
from portal.treatment.models import Attestation
from portal.treatment.models.exception import ENDING_SOON
from portal.treatment.selectors.findings import visible_findings
from tenants.models import Tenant


class Standing(TextChoices):
    """The status of a manual finding. A finding needs an answer unless its status is `CHANGED` or `VALID`.

    `reopened`: the attestation is bound to an observed value, such as a list of guests, and this value has changed.
    `changed`: the observed value has changed, but the attestation is not bound to it and stays valid. An example is a
    secure score, which changes daily.
    """

    LAPSED = "lapsed", "Expired"
    NEVER = "never", "Never answered"
    REOPENED = "reopened", "Outdated"
    NOT_MET = "not_met", "Not met"
    ENDING = "ending", "Ends soon"
    CHANGED = "changed", "Changed"
    VALID = "valid", "Valid"


ORDER: Final = tuple(Standing)
NEEDS_ANSWER_STANDINGS: Final = (
    Standing.LAPSED, Standing.NEVER, Standing.REOPENED, Standing.NOT_MET, Standing.ENDING
)  # fmt: skip


def manual_findings(tenant: Tenant) -> QuerySet[Finding]:
    """Return the manual findings that the person of the current scope (`tenants.scope`) can see, with treatment,
    attestation and owner.
    """
    rows = visible_findings(tenant).filter(state=Finding.State.MANUAL)
    return rows.select_related("treatment__attestation__attested_by", "treatment__owner")


def with_standing(rows: QuerySet[Finding], now: datetime) -> QuerySet[Any]:
    """Annotate findings with `standing` (a value of `Standing`), and order them by urgency, then by severity."""
    # Join only attested treatments, because they are a small fraction of all treatments.
    answered = FilteredRelation("treatment", condition=Q(treatment__attested_until__isnull=False))
    until, met, bound = (f"answered__attested_{name}" for name in ("until", "met", "sha256"))
    whens = (
        (Q(**{f"{until}__lte": now}), Standing.LAPSED),
        (Q(**{f"{until}__isnull": True}), Standing.NEVER),
        (~Q(**{bound: ""}) & ~Q(**{bound: F("observed_sha256")}), Standing.REOPENED),
        (Q(**{met: False}), Standing.NOT_MET),
        (Q(**{f"{until}__lte": now + ENDING_SOON}), Standing.ENDING),
        (~Q(answered__attestation__observed_sha256=F("observed_sha256")), Standing.CHANGED),
    )
    return (
        rows.alias(answered=answered)
        .annotate(
            standing=Case(
                *(When(condition, then=Value(standing.value)) for condition, standing in whens),
                default=Value(Standing.VALID.value),
                output_field=CharField(),
            ),
            urgency=Case(
                *(When(condition, then=Value(place)) for place, (condition, _) in enumerate(whens)),
                default=Value(len(whens)),
                output_field=IntegerField(),
            ),
        )
        .order_by("urgency", "severity_rank", OrderBy(F(until), nulls_first=True), "control", "id")
    )


def count_by_standing(rows: QuerySet[Any]) -> dict[str, int]:
    """Return {standing: number of findings}. The findings must have the annotation of `with_standing`."""
    counts = rows.order_by().values("standing").annotate(count=Count("id"))
    return {row["standing"]: row["count"] for row in counts}


def answers_of(finding: Finding) -> QuerySet[Attestation]:
    """Return all attestations of a finding, newest first, with people and files."""
    rows = Attestation.objects.filter(finding=finding).select_related("attested_by", "withdrawn_by")
    return rows.prefetch_related("files").order_by("-attested_at", "-id")
