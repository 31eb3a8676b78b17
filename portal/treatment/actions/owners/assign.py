"""Assign owners to findings, one or thousands at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from assessments.models import Finding
from portal.treatment import timeline
from portal.treatment.actions._text import clean_filters, display_name, names_by_id, owner_name
from portal.treatment.actions._treatment_rows import (
    OWNER_FIELDS,
    counted_batch,
    id_or_none,
    plain_query,
    upsert_treatments,
)
from portal.treatment.actions.owners.messages import MAX_LISTED, notify_owner
from portal.treatment.errors import WrongState
from portal.treatment.locks import lock_treatments
from portal.treatment.models import Batch, Treatment, TreatmentEvent
from portal.treatment.selectors.owners import eligible_owner_query, is_eligible_owner
from tenants import journal
from tenants.actors import Actor
from tenants.errors import invalid
from tenants.models import Person, Tenant
from tenants.roles import Role
from tenants.selectors import members


def require_eligible(tenant: Tenant, owner: Person) -> None:
    """Raise InvalidInput if the person may not own findings of the tenant. The message names a role to grant."""
    if is_eligible_owner(tenant, owner):
        return
    if members(tenant).filter(person=owner).exists() and owner.is_active:
        message = (
            f"{owner.email} may view {tenant.name}, but may not work on its findings. Choose another person, or grant"
            f" this person the role {Role.OWNER.label}."
        )
        raise invalid("owner", message, code="cannot_act")
    message = (
        f"{owner.email} has no access to {tenant.name}. Grant this person the role {Role.OWNER.label} first."
    )
    raise invalid("owner", message, code="no_member")


def owner_with_address(tenant: Tenant, email: str) -> Person:
    """Return the person with this email address who may own findings of the tenant.

    Raise InvalidInput if no such person exists. The error does not reveal whether the address is known.
    """
    found = eligible_owner_query(tenant).filter(email=email.strip().lower()).first()
    if found is None:
        raise invalid(
            "email",
            f"No person with this address may own findings of {tenant.name}. Grant the person the role Owner first.",
        )
    return found


@transaction.atomic
def assign(
    *,
    tenant: Tenant,
    findings: QuerySet[Finding],
    owner: Person | None,
    by: Person,
    filters: str = "",
    kind: str = "assign",
    batch: Batch | None = None,
    notify: bool = True,
) -> Batch:
    """Assign the findings to `owner`, or unassign them if `owner` is None. The batch counts the changed findings.

    Owner rules do not replace an owner whom a person has chosen. But if a person unassigns a finding, a matching rule
    assigns it again. Raises InvalidInput if the owner may not treat findings of the tenant.

    `batch` is the batch that an earlier call with the same owner has returned. The findings are added to this batch. If
    `notify` is false, the owner gets no notice until the caller runs `notify_of_batch`.
    """
    if owner is not None:
        require_eligible(tenant, owner)
    return _assign(tenant, findings, owner, by, Treatment.Source.HAND, filters, kind, batch, notify=notify)


@transaction.atomic
def claim(*, finding: Finding, by: Person) -> Batch:
    """Assign an unassigned finding to the person who claims it; raise WrongState if another person owns it."""
    tenant = finding.tenant
    lock_treatments(tenant.pk)
    treatment = Treatment.objects.filter(finding=finding, owner__isnull=False).select_related("owner").first()
    if treatment is not None and treatment.owner is not None and treatment.owner != by:
        raise WrongState(
            f"{display_name(treatment.owner)} owns this finding. Ask an engineer to assign it to you."
        )
    require_eligible(tenant, by)
    return _assign(tenant, Finding.objects.filter(pk=finding.pk), by, by, Treatment.Source.CLAIM, "", "claim")


def _assign(
    tenant: Tenant,
    findings: QuerySet[Finding],
    owner: Person | None,
    by: Person,
    source: Treatment.Source,
    filters: str,
    kind: str,
    batch: Batch | None = None,
    *,
    notify: bool = True,
) -> Batch:
    filters = clean_filters(filters)
    lock_treatments(tenant.pk)
    now, owner_id = timezone.now(), owner.pk if owner else None
    rows = [
        row
        for row in plain_query(tenant, findings).values_list(
            "pk", *(f"treatment__{name}" for name in OWNER_FIELDS)
        )
        if row[1] != owner_id or row[2] == Treatment.Source.RULE
    ]
    new = [row[0] for row in rows if row[1] != owner_id]
    batch = counted_batch(
        batch,
        tenant=tenant,
        kind=kind,
        by=by,
        at=now,
        count=len(rows),
        filters=filters,
        values={"owner": id_or_none(owner), "owner_email": owner.email if owner else ""},
    )
    if not rows:
        return batch
    owned = (owner.pk, str(source), None, now) if owner else (None, "", None, None)
    upsert_treatments(tenant, [(pk, *owned) for pk, *_ in rows], OWNER_FIELDS)
    names = names_by_id(row[1] for row in rows)
    after = display_name(owner) if owner else "Unassigned"
    note = "Self-assigned" if source == Treatment.Source.CLAIM else ""
    note_if_unchanged = note or "Assigned by hand, so owner rules no longer apply to this finding"
    timeline.write_bulk_events(
        tenant=tenant,
        by=by,
        at=now,
        kind=TreatmentEvent.Kind.OWNER,
        batch=batch,
        lines=[
            timeline.Line(
                pk,
                owner_name(names, before),
                after,
                note_if_unchanged if before == owner_id else note,
                _undo_values(before, was, rule, since),
            )
            for pk, before, was, rule, since in rows
        ],
    )
    journal.record(
        tenant=tenant,
        actor=by,
        action="finding.claimed" if source == Treatment.Source.CLAIM else "finding.assigned",
        target=journal.target_of(owner) if owner else "nobody",
        details={"batch": batch.pk, "count": len(rows), "findings": _ids(rows), "filters": filters},
    )
    if owner is not None and new and notify:
        notify_assigned(tenant=tenant, owner=owner, findings=new, key=f"batch:{batch.pk}", by=by)
    return batch


def notify_of_batch(*, batch: Batch, by: Actor) -> None:
    """Notify the person to whom a batch assigned findings. One notice covers all of these findings that the person
    still owns.
    """
    owner = batch.values["owner"]
    if owner is None:
        return
    changed = batch.events.exclude(undo__owner=owner).filter(finding__treatment__owner=owner)
    findings = list(changed.order_by("finding_id").values_list("finding_id", flat=True))
    if findings:
        person = Person.objects.get(pk=owner)
        notify_assigned(tenant=batch.tenant, owner=person, findings=findings, key=f"batch:{batch.pk}", by=by)


def _undo_values(owner: Any, source: str | None, rule: Any, since: datetime | None) -> dict[str, Any]:
    return {
        "owner": str(owner) if owner else None,
        "owner_source": source or "",
        "owner_rule": str(rule) if rule else None,
        "owned_at": since.isoformat() if since else None,
    }


def _ids(rows: list[Any]) -> list[str]:
    """Return the ids of the first findings.

    With the ids of all findings, the journal entry would be too long. The batch has an event for each finding, so no
    information is lost.
    """
    return [str(row[0]) for row in rows[:MAX_LISTED]]


def notify_assigned(*, tenant: Tenant, owner: Person, findings: list[Any], key: str, by: Actor) -> None:
    """Send the owner one notice about the findings that were assigned to them. The notice names the most severe
    findings.
    """
    rows = Finding.objects.filter(pk__any_of=findings).order_by("severity_rank", "control", "id")
    notify_owner(
        tenant=tenant,
        owner=owner,
        rows=list(rows[:MAX_LISTED]),
        findings=findings,
        kind="assigned",
        key=key,
        by=by,
    )
