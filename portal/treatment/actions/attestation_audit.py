"""What is said of attestations: to the journal, to the finding's timeline, and to people."""

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


def notify_end(tenant: Tenant, row: Attestation, *, kind: str, title: str, line: str, what: str = "") -> None:
    """Who gave it and who owns the finding hear of its end; each kind once, or each `what`, which nothing but
    the notice itself remembers.
    """
    treatment = Treatment.objects.select_related("owner").filter(finding=row.finding_id).first()
    owner = treatment.owner if treatment else None
    publish(
        tenant=tenant,
        event=Event(
            kind=kind,
            key=f"attestation:{row.pk}:{what or kind}",
            title=title,
            lines=(f"{describe_answer(row)}, answered by {timeline.actor_label(row.attested_by)}.", line),
            path=links.attestation(tenant.slug, row.finding_id),
            finding=row.finding,
            data={
                "control": row.finding.control,
                "finding": str(row.finding_id),
                "valid_until": row.valid_until.isoformat(),
            },
            standing=bool(what),
        ),
        subscribers=[row.attested_by, *([owner] if owner else [])],
        by=ATTESTATIONS,
    )


def describe_answer(row: Attestation | None) -> str:
    """An answer in a few words, with the day of its end; "Unanswered" for none."""
    if row is None:
        return "Unanswered"
    return f"{'Met' if row.met else 'Not met'}, until {timeline.format_day(row.valid_until)}"


def record_journal(
    action: str, row: Attestation, by: Actor, other: Attestation | None, files: Sequence[str] = ()
) -> None:
    """One journal entry. `other` is the answer before (when given) or the one that counts now (when withdrawn)."""
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
