"""The shown state follows from verdict and treatment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from assessments.models import Finding
from portal.treatment.due_dates import due_at, due_before
from portal.treatment.models import Treatment
from portal.treatment.states import shown_state
from tests import factories
from tests.portal.treatment.findings import COVER, DAY, FAILING, MANUAL, NOW, make

CASES: dict[str, tuple[dict[str, Any], dict[str, Any] | None, str]] = {
    "fails": (FAILING, None, "open"),
    "fails, owned": (FAILING, {}, "open"),
    "acknowledged": (FAILING, {"acknowledged_failing_since": NOW - 10 * DAY}, "acknowledged"),
    "acknowledged an earlier failure": (FAILING, {"acknowledged_failing_since": NOW - 30 * DAY}, "open"),
    "covered": (FAILING, COVER, "excepted"),
    "covered and acknowledged": (
        FAILING,
        {**COVER, "acknowledged_failing_since": NOW - 10 * DAY},
        "excepted",
    ),
    "covered with another value": (FAILING, {**COVER, "excepted_sha256": "b" * 64}, "open"),
    "covered until now": (FAILING, {**COVER, "excepted_until": NOW}, "open"),
    "covered from now": (FAILING, {**COVER, "excepted_from": NOW}, "excepted"),
    "covered later": (FAILING, {**COVER, "excepted_from": NOW + timedelta(seconds=1)}, "open"),
    "passes under a cover": ({"outcome": "pass", "state": "resolved"}, COVER, "resolved"),
    "unknown under a cover": (
        {"outcome": "unknown", "state": "unknown", "unknown_because": "forbidden", "failing_since": NOW},
        {**COVER, "acknowledged_failing_since": NOW},
        "unknown",
    ),
    "gone under a cover": ({**FAILING, "state": "gone", "gone_at": NOW}, COVER, "gone"),
    "manual": (MANUAL, None, "manual"),
    "attested": (MANUAL, {"attested_met": True, "attested_until": NOW + DAY}, "attested"),
    "attested as not met": (MANUAL, {"attested_met": False, "attested_until": NOW + DAY}, "not_met"),
    "attestation ends now": (MANUAL, {"attested_met": True, "attested_until": NOW}, "lapsed"),
    "attested of what is observed": (
        MANUAL,
        {"attested_met": True, "attested_until": NOW + DAY, "attested_sha256": "a" * 64},
        "attested",
    ),
    "attested of something else": (
        MANUAL,
        {"attested_met": True, "attested_until": NOW + DAY, "attested_sha256": "b" * 64},
        "manual",
    ),
    "not met, of something else": (
        MANUAL,
        {"attested_met": False, "attested_until": NOW + DAY, "attested_sha256": "b" * 64},
        "manual",
    ),
    "ended, of something else": (
        MANUAL,
        {"attested_met": True, "attested_until": NOW, "attested_sha256": "b" * 64},
        "lapsed",
    ),
    "attested, judged since": (
        {"outcome": "pass", "state": "passing"},
        {"attested_met": False, "attested_until": NOW + DAY},
        "passing",
    ),
}


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
