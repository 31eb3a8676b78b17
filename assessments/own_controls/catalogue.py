"""Read the own controls of organizations from the database, for pages and for the parameters of an assessment."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet

from assessments.controls.declare import OWN_CONTROL, SWITCHED_OFF, Control
from assessments.models import OwnControl
from assessments.own.control import own_control
from tenants.isolation.active_scope import Scope, current_or_none
from tenants.models import Organization, Tenant

# The own controls that were read last, and the scope of the transaction that read them.
_read: ContextVar[tuple[Scope, Mapping[str, Control]] | None] = ContextVar(
    "surety_own_controls", default=None
)


def own_controls_in_scope() -> Mapping[str, Control]:
    """Return {slug: control} for all own controls with a published version that the current transaction may see.

    The database is read once per scope (`tenants.scope`). Outside of any scope, the result is empty.
    """
    scope = current_or_none()
    if scope is None:
        return {}
    known = _read.get()
    if known is None or known[0] is not scope:
        known = (scope, {row.slug: _shown(row) for row in published()})
        _read.set(known)
    return known[1]


def _shown(row: OwnControl) -> Control:
    control = own_control(row.definition)
    if row.state == OwnControl.State.RETIRED:
        return replace(control, title=f"{control.title} (retired)")
    return control


def forget_own_controls() -> None:
    """Discard the own controls that were read, so that the next use reads them again. Call this after changing an own
    control.
    """
    _read.set(None)


def published() -> QuerySet[OwnControl]:
    """Return the own controls with a published version that the current transaction may see, ordered by name."""
    return OwnControl.objects.exclude(state=OwnControl.State.DRAFT).order_by("slug")


def own_controls_of(organization: Organization) -> QuerySet[OwnControl]:
    """Return all own controls of an organization, ordered by name."""
    return OwnControl.objects.filter(organization=organization).select_related("changed_by").order_by("slug")


def own_overrides(tenant: Tenant) -> dict[str, dict[str, Any]]:
    """Return {slug: version and definition} of the own controls that the tenant's organization has published. An
    assessment stores these values among its parameters.

    Controls that are off or retired are included, with the reason why they were switched off or retired. The
    assessment writes this reason to the findings of these controls.
    """
    found: dict[str, dict[str, Any]] = {}
    for row in published().filter(organization_id=tenant.organization_id):
        values = {OWN_CONTROL: {"version": row.version, "definition": row.definition}}
        if row.state != OwnControl.State.ACTIVE:
            values[SWITCHED_OFF] = {
                "reason": row.reason,
                "by": str(row.changed_by_id) if row.changed_by_id else "",
                "at": row.changed_at.isoformat(timespec="seconds"),
            }
        found[row.slug] = values
    return found
