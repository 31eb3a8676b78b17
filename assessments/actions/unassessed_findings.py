"""Update the findings of subscriptions and directories that an assessment does not cover."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from assessments.actions.units.inventory import BATCH
from assessments.estate.gaps import Reason
from assessments.models import Assessment, Finding, FindingChange
from tenants.models import ServicePrincipal, Situation, Subscription

NO_ACCESS = (
    "Not seen any more: the service principal no longer sees this subscription. Assign it the Reader role there again,"
    " or exclude the subscription from assessments."
)
NO_PRINCIPAL = (
    "Not read any more: no service principal of the directory is enabled. Add one or enable one in the customer’s"
    " settings."
)
# {state of a subscription: reason for people}. In these states, Surety does not assess the subscription for this
# customer, so the findings of the subscription become gone.
CLOSED: Mapping[Situation, str] = {
    Situation.EXCLUDED: "The subscription was excluded from assessments.",
    Situation.FOREIGN: "The subscription moved to another directory, so it is not assessed for this customer.",
    Situation.DELETED: "The subscription was deleted in Azure.",
    Situation.NO_RESOURCES: "The offer of the subscription permits no resources, so there is nothing to assess.",
}


def mark_unassessed_findings(*, assessment: Assessment, scope_ids: Iterable[str], at: datetime) -> None:
    """Update the tenant's findings in subscriptions and directories that the assessment does not cover. The caller
    holds `Lock.VERDICTS`.

    `scope_ids` are the subscriptions and directories that the assessment covers. Of all findings outside of them, those
    of a subscription whose state is in `CLOSED` become gone. The rest become unknown: their subjects cannot be read,
    but may still fail.
    """
    subscriptions = Subscription.objects.filter(tenant_id=assessment.tenant_id).select_related("directory")
    readable = ServicePrincipal.objects.filter(tenant_id=assessment.tenant_id, disabled_at=None)
    readable_ids = set(readable.values_list("directory__directory_id", flat=True))
    directory_of = {
        f"/subscriptions/{row.subscription_id}": row.directory.directory_id for row in subscriptions
    }
    closed = {
        f"/subscriptions/{row.subscription_id}": text
        for row in subscriptions
        if (text := CLOSED.get(row.situation))
    }
    excluded = {
        f"/subscriptions/{row.subscription_id}"
        for row in subscriptions
        if row.situation == Situation.EXCLUDED
    }
    rows = Finding.objects.filter(tenant_id=assessment.tenant_id, gone_at__isnull=True)
    changed: list[Finding] = []
    changes: list[FindingChange] = []
    for row in rows.exclude(unit__in=list(scope_ids)):
        before, gone = row.outcome, row.unit in closed
        row.is_gone_by_exclusion = row.unit in excluded
        if not gone and before == Finding.Outcome.UNKNOWN:
            continue
        directory_id = directory_of.get(row.unit, row.unit.removeprefix("directory:"))
        reason = closed.get(row.unit, NO_ACCESS if directory_id in readable_ids else NO_PRINCIPAL)
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
    fields.append("is_gone_by_exclusion")
    Finding.objects.bulk_update(changed, fields, batch_size=BATCH)
    FindingChange.objects.bulk_create(changes, batch_size=BATCH)
