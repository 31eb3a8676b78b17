"""A report states the verdicts of its assessment, even if another assessment ends while the report is built."""

from __future__ import annotations

from typing import Any

import pytest

from portal.reports.facts.units import read_times
from portal.reports.parts import identity, results
from tenants.models import Organization
from tenants.roles import Role
from tests import factories
from tests.portal.reports.unusual_customers.assessed import Read, assess, customer, facts_of


@pytest.mark.slow(seconds=1)
def test_an_assessment_that_ends_meanwhile_does_not_change_the_report(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider: Organization = factories.organization("Northlight")
    one = customer(provider, factories.member(Role.ORGANIZATION_ENGINEER, provider))
    place = one.subscriptions[0]
    assess(one, [Read(place, (True,))])
    name = "portal.reports.facts.source.read_times"

    def interrupted(assessment: Any) -> Any:
        monkeypatch.setattr(name, read_times)
        assess(one, [Read(place, (False,))], only=True)
        return read_times(assessment)

    monkeypatch.setattr(name, interrupted)
    with factories.in_tenant(one.tenant):
        found = facts_of(one.tenant, kind="executive")
    control = next(row for row in found.of(results.PART).controls if row.slug == "storage-secure-transfer")
    assert control.counts == {"pass": 1}
    assert found.of(identity.PART).historic
