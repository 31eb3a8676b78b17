"""Decide just before mailing whether notices of overdue changes still apply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from portal.changes.actions.overdue import overdue_key
from portal.changes.models import ResourceChange
from portal.notify.models import Notice
from portal.notify.notice_validity import CurrentText
from portal.treatment.selectors.owners import eligible_owner_query
from tenants.ids import parse_uuid
from tenants.models import Tenant


def still_overdue(
    tenant: Tenant, notices: Sequence[Notice], now: datetime
) -> Mapping[UUID, CurrentText | None]:
    """Validate one person's notices of overdue changes. A notice applies while its change is unexpected and has the due
    date of the notice. The notice no longer applies if the change now belongs to another eligible owner.
    """
    changes = [parse_uuid(notice.key.removeprefix("change:").partition(":")[0]) for notice in notices]
    rows = ResourceChange.objects.filter(
        tenant=tenant, pk__in=list(filter(None, changes)), state=ResourceChange.State.UNEXPECTED
    ).only("owner", "due_at")
    others = set(eligible_owner_query(tenant).order_by().values_list("pk", flat=True))
    others.discard(notices[0].person_id)
    current = {overdue_key(row) for row in rows if row.owner_id not in others}
    return {
        notice.pk: None
        for notice, change in zip(notices, changes, strict=True)
        if change is not None and notice.key not in current
    }
