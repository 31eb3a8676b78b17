"""Leave out the changes that a person may not see. In the remaining changes, hide the verdicts that the person may not
see.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.changes.models import ResourceChange
from portal.treatment.models import Treatment
from portal.treatment.selectors.findings import visible_findings
from tenants import scope
from tenants.models import Person, Tenant
from tenants.roles import Capability


def visible_changes(tenant: Tenant, person: Person, *, sees_all: bool) -> QuerySet[ResourceChange]:
    """Return the changes of the customer that the person may see.

    If `sees_all` is false, these are the changes that the person owns, and the changes that a rule caught on resources
    whose findings the person owns.
    """
    rows = ResourceChange.objects.filter(tenant=tenant)
    if sees_all:
        return rows
    owned = Treatment.objects.filter(
        tenant=tenant, owner=person, finding__subject_ref=OuterRef("resource__ref")
    )
    return rows.filter(Q(owner=person) | (~Q(state="") & Exists(owned)))


def hide_verdicts(tenant: Tenant, changes: Iterable[ResourceChange]) -> None:
    """Remove from `changes` the verdicts of findings that the person for whom the scope was opened may not see.

    The verdicts are removed only in memory, so do not save these rows.
    """
    if scope.current().may(Capability.VIEW_ALL, tenant.pk):
        return
    rows = list(changes)
    wanted = {one["finding"] for row in rows for one in row.verdicts}
    visible = visible_findings(tenant).filter(pk__in=wanted).values_list("pk", flat=True)
    shown = {str(pk) for pk in visible} if wanted else set()
    for row in rows:
        kept: list[Any] = [one for one in row.verdicts if one["finding"] in shown]
        row.verdicts = kept
