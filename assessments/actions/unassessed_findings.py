"""Update the findings of subscriptions and directories that an assessment does not assess."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from assessments.actions.inventory import BATCH
from assessments.estate.gaps import Reason
from assessments.models import Assessment, Finding, FindingChange
from tenants.models import Subscription

EXCLUDED = "The subscription was excluded from assessments."
NO_ACCESS = (
    "Not assessed: the service principal can no longer see this subscription. Assign it the Reader role there again,"
    " or exclude the subscription from assessments."
)


def mark_unassessed_findings(*, assessment: Assessment, scope_ids: Iterable[str], at: datetime) -> None:
    """Close or mark as unknown the tenant's findings outside `scope_ids`, the units to be assessed.

    Findings of an excluded subscription become gone. Findings of a subscription that can no longer be read become
    unknown, because they may still fail. Call it in a transaction that holds `Lock.VERDICTS`.
    """
    excluded = {
        f"/subscriptions/{guid}"
        for guid in Subscription.objects.filter(tenant_id=assessment.tenant_id, included=False).values_list(
            "subscription_id", flat=True
        )
    }
    rows = Finding.objects.filter(tenant_id=assessment.tenant_id, gone_at__isnull=True)
    changed: list[Finding] = []
    changes: list[FindingChange] = []
    for row in rows.exclude(unit__in=list(scope_ids)):
        before, gone = row.outcome, row.unit in excluded
        if not gone and before == Finding.Outcome.UNKNOWN:
            continue
        reason = EXCLUDED if gone else NO_ACCESS
        if gone:
            row.gone_at, row.state = at, Finding.State.GONE
        else:
            row.outcome, row.state = Finding.Outcome.UNKNOWN, Finding.State.UNKNOWN
            row.reason, row.unknown_because = reason, str(Reason.NOT_COLLECTED)
            row.remarks = []
        row.changed_at = at
        changed.append(row)
        changes.append(
            FindingChange(
                tenant_id=assessment.tenant_id,
                finding=row,
                assessment=assessment,
                at=at,
                before_outcome=before,
                after_outcome="gone" if gone else row.outcome,
                before_observed=row.observed,
                after_observed=None if gone else row.observed,
                reason=reason,
                severity_rank=row.severity_rank,
            )
        )
    fields = ["gone_at", "state", "outcome", "reason", "unknown_because", "remarks", "changed_at"]
    Finding.objects.bulk_update(changed, fields, batch_size=BATCH)
    FindingChange.objects.bulk_create(changes, batch_size=BATCH)
