"""The shown state follows from verdict and treatment."""

from __future__ import annotations

import pytest

from assessments.models import Finding
from portal.treatment.due_dates import due_at, due_before
from portal.treatment.models import Treatment
from portal.treatment.states import shown_state
from tests import factories
from tests.portal.treatment.findings import DAY, FAILING, NOW, make
from tests.portal.treatment.state_cases import CASES


@pytest.mark.parametrize("name", list(CASES))
def test_the_shown_state_follows_from_verdict_and_treatment(db: None, name: str) -> None:
    finding, treatment, expected = CASES[name]
    tenant = factories.tenant()
    person = factories.person()
    with factories.in_tenant(tenant):
        row = make(tenant, finding)
        if treatment is not None:
            values = dict(treatment)
            if "acknowledged_failing_since" in values:
                values |= {"acknowledged_by": person, "acknowledged_at": NOW}
            Treatment.objects.create(tenant=tenant, finding=row, **values)
        found = Finding.objects.annotate(shown=shown_state(NOW)).get(pk=row.pk)
    assert found.shown == expected


@pytest.mark.parametrize(
    ("severity", "days", "late"),
    [
        ("high", 29, False),
        ("high", 30, False),
        ("high", 31, True),
        ("critical", 8, True),
        ("low", 179, False),
    ],
)
def test_due_dates_in_python_and_sql_agree(db: None, severity: str, days: int, late: bool) -> None:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        row = make(tenant, {**FAILING, "severity": severity, "failing_since": NOW - days * DAY})
        found = Finding.objects.filter(due_before(tenant, NOW)).exists()
    due = due_at(tenant, row)
    assert found == late
    assert due is not None
    assert (due < NOW) == late
