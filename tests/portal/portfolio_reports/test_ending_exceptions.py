"""The exceptions that end soon, as a portfolio report lists them."""

from __future__ import annotations

import pytest

from portal.portfolio_reports.gather import _ending
from tenants.scope import organization_scope
from tests.portal.treatment.exception_cases import DAY, NOW, CustomerWithApprovers

pytestmark = pytest.mark.django_db


def test_only_failures_with_the_approved_value_are_counted_as_covered() -> None:
    place = CustomerWithApprovers()
    covered, changed, fixed, gone = (place.finding() for _ in range(4))
    place.approved([covered, changed, fixed, gone], ends_at=NOW + 20 * DAY)
    place.change(changed, "b")
    place.set(fixed, outcome="pass", failing_since=None)
    place.set(gone, gone_at=NOW)
    with organization_scope(place.tenant.organization):
        [row] = _ending([place.tenant], NOW + DAY)
    assert (row.covers, row.about.partition(" ")[0]) == (1, "4")
