"""Who owns findings: given by a person, to one finding or ten thousand, or claimed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from assessments.models import Finding
from portal.treatment import timeline
from portal.treatment.actions._text import clean_filters, display_name, names_by_id, owner_name
from portal.treatment.actions._treatment_rows import OWNER_FIELDS, id_or_none, plain_query, upsert_treatments
from portal.treatment.actions.owner_messages import MAX_LISTED, notify_owner
from portal.treatment.errors import WrongState
from portal.treatment.locks import lock_treatments
from portal.treatment.models import Batch, Treatment, TreatmentEvent
from portal.treatment.selectors.owners import is_eligible_owner
from tenants import journal
from tenants.actors import Actor
from tenants.errors import invalid
from tenants.models import Person, Tenant


@transaction.atomic
def assign(
    *, tenant: Tenant, findings: QuerySet[Finding], owner: Person | None, by: Person, filters: str = ""
) -> Batch:
    """Make `owner` the owner of these findings (None: of nobody's). The batch counts those that change.

    What a rule gave to the same person is theirs by hand from now on: it stays when the rules change.
    InvalidInput if the owner has no access to the tenant.
    """
    if owner is not None and not is_eligible_owner(tenant, owner):
        message = f"{owner.email} has no access to {tenant.name}: give them a role here first."
        raise invalid("owner", message, code="no_member")
    return _assign(tenant, findings, owner, by, Treatment.Source.HAND, filters)


@transaction.atomic
def claim(*, finding: Finding, by: Person) -> Batch:
    """Make oneself the owner of a finding that nobody owns; WrongState if somebody else does."""
    tenant = finding.tenant
    lock_treatments(tenant.pk)
    held = Treatment.objects.filter(finding=finding, owner__isnull=False).select_related("owner").first()
    if held is not None and held.owner is not None and held.owner != by:
        raise WrongState(
            f"{display_name(held.owner)} owns this finding already. Ask for it to be assigned to you."
        )
    if not is_eligible_owner(tenant, by):
        raise invalid("owner", f"{by.email} has no access to {tenant.name}.", code="no_member")
    return _assign(tenant, Finding.objects.filter(pk=finding.pk), by, by, Treatment.Source.CLAIM, "")


def _assign(
    tenant: Tenant,
    findings: QuerySet[Finding],
    owner: Person | None,
    by: Person,
    source: Treatment.Source,
    filters: str,
) -> Batch:
    filters = clean_filters(filters)
    lock_treatments(tenant.pk)
    now, theirs = timezone.now(), owner.pk if owner else None
    rows = [
        row
        for row in plain_query(tenant, findings).values_list(
            "pk", *(f"treatment__{name}" for name in OWNER_FIELDS)
        )
        if row[1] != theirs or row[2] == Treatment.Source.RULE
    ]
    new = [row[0] for row in rows if row[1] != theirs]
    batch = Batch.objects.create(
        tenant=tenant,
        kind=Batch.Kind.ASSIGN,
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
    after = display_name(owner) if owner else "nobody"
    note = "Claimed" if source == Treatment.Source.CLAIM else ""
    kept = note or "By hand from now on, not by a rule"
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
                kept if before == theirs else note,
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
    if owner is not None and new:
        notify_assigned(tenant=tenant, owner=owner, findings=new, key=f"batch:{batch.pk}", by=by)
    return batch


def _undo_values(owner: Any, source: str | None, rule: Any, since: datetime | None) -> dict[str, Any]:
    return {
        "owner": str(owner) if owner else None,
        "owner_source": source or "",
        "owner_rule": str(rule) if rule else None,
        "owned_at": since.isoformat() if since else None,
    }


def _ids(rows: list[Any]) -> list[str]:
    """The first of many; the batch's events name them all."""
    return [str(row[0]) for row in rows[:MAX_LISTED]]


def notify_assigned(*, tenant: Tenant, owner: Person, findings: list[Any], key: str, by: Actor) -> None:
    """One notice to the owner, however many findings it is."""
    rows = Finding.objects.filter(pk__in=findings[:MAX_LISTED]).order_by("severity_rank", "control", "id")
    notify_owner(
        tenant=tenant, owner=owner, rows=list(rows), findings=findings, kind="assigned", key=key, by=by
    )
