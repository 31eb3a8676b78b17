"""The exceptions that end soon, as a portfolio report lists them."""

from __future__ import annotations

import pytest

from portal.portfolio_reports.gather import _ending
from tenants.scope import organization_scope
from tests.portal.treatment.exception_cases import DAY, NOW, CustomerWithApprovers

pytestmark = pytest.mark.django_db


def test_only_failures_with_the_approved_value_are_counted_as_covered() -> None:
    customer = CustomerWithApprovers()
    covered, changed, fixed, gone = (customer.finding() for _ in range(4))
    customer.approved([covered, changed, fixed, gone], ends_at=NOW + 20 * DAY)
    customer.change(changed, "b")
    customer.set(fixed, outcome="pass", failing_since=None)
    customer.set(gone, gone_at=NOW)
    with organization_scope(customer.tenant.organization):
        [row] = _ending([customer.tenant], NOW + DAY)
    assert (row.covers, row.about.partition(" ")[0]) == (1, "4")
