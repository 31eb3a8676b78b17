"""The orders in which lists of findings can be sorted."""

from __future__ import annotations

from assessments.models import Finding
from portal.queries.findings.ordering import ordered
from portal.treatment.due_dates import due_at
from portal.treatment.states import shown_state
from tests import factories
from tests.portal.queries.findings.by_hand import NOW
from tests.portal.web.random_findings import populate


def test_the_order_by_due_date_follows_due_dates(db: None) -> None:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        populate(tenant, [factories.person()], NOW, 2)
        rows = ordered(Finding.objects.filter(tenant=tenant), "due", tenant, NOW).annotate(
            shown=shown_state(NOW)
        )
        dues = [
            due_at(tenant, row) if row.shown in ("open", "acknowledged") and row.gone_at is None else None
            for row in rows
        ]
    known = [due for due in dues if due is not None]
    assert len(known) > 10
    assert dues == sorted(known) + [None] * (len(dues) - len(known))
