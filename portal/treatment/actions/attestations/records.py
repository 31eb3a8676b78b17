"""Record events of attestations in the journal, and publish notifications about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from portal import links
from portal.notify.publish import Event, publish
from portal.treatment import timeline
from portal.treatment.models import Attestation, Treatment
from tenants import journal
from tenants.actors import Actor, System
from tenants.models import Tenant

ATTESTATIONS: Final = System("attestations")


def notify_end(
    tenant: Tenant, row: Attestation, *, kind: str, title: str, line: str, reason: str = ""
) -> None:
    """Notify the person who attested and the owner of the finding.

    An event is published only once for each combination of attestation, `kind` and `reason`. An event with a reason is
    a standing event (`portal.notify.publish.Event`): its deduplication key is kept, because only this key shows that
    the event was already published.
    """
    treatment = Treatment.objects.select_related("owner").filter(finding=row.finding_id).first()
    owner = treatment.owner if treatment else None
    publish(
        tenant=tenant,
        event=Event(
            kind=kind,
            key=f"attestation:{row.pk}:{reason or kind}",
            title=title,
            lines=(f"{describe_answer(row)}, attested by {timeline.actor_label(row.attested_by)}.", line),
            path=links.attestation(tenant.slug, row.finding_id),
            finding=row.finding,
            data={
                "control": row.finding.control,
                "finding": str(row.finding_id),
                "valid_until": row.valid_until.isoformat(),
            },
            standing=bool(reason),
        ),
        subscribers=[row.attested_by, *([owner] if owner else [])],
        by=ATTESTATIONS,
    )


def describe_answer(row: Attestation | None) -> str:
    """Describe an answer and the day of its end: "Met, valid until 2027-03-01"; "Not attested" for None."""
    if row is None:
        return "Not attested"
    return f"{'Met' if row.met else 'Not met'}, valid until {timeline.format_day(row.valid_until)}"


def record_journal(
    action: str, row: Attestation, by: Actor, other: Attestation | None, files: Sequence[str] = ()
) -> None:
    """Write a journal entry about an attestation.

    `other` is the attestation that was in effect before. If `row` was withdrawn, `other` is the attestation that is now
    in effect again.
    """
    details = {
        "finding": row.finding_id,
        "control": row.finding.control,
        "subject": row.finding.subject,
        "met": row.met,
        "statement": row.statement,
        "observed_sha256": row.observed_sha256,
        "valid_until": row.valid_until,
        "other": other.pk if other else None,
        "files": list(files),
    }
    journal.record(tenant=row.tenant, actor=by, action=action, target=row, details=details)
