"""The previous and next finding of a list in every order, and the facts about the findings of each control."""

from __future__ import annotations

from collections import Counter

import pytest

from assessments.models import Finding
from portal.queries.findings.facet_counts import FacetCounts
from portal.queries.findings.filters import FindingFilter
from portal.queries.findings.groups import bar_counts, group_facts
from portal.queries.findings.neighbours import neighbours
from portal.queries.findings.ordering import ORDERS, ordered
from portal.queries.parameters import parse_query_string
from portal.treatment.due_dates import due_at
from portal.treatment.states import WITH_DUE_DATE, shown_state
from tenants.models import Tenant
from tests import factories
from tests.portal.queries.findings.by_hand import NOW
from tests.portal.web.random_findings import populate


@pytest.fixture
def tenant(db: None) -> Tenant:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        populate(tenant, [factories.person(), factories.person()], NOW, 2)
        Tenant.objects.filter(pk=tenant.pk).update(due_days={"critical": 7, "high": 30, "medium": 90})
        tenant.refresh_from_db()
    return tenant


@pytest.mark.slow(seconds=1)
def test_neighbours_follow_the_list_in_every_order(tenant: Tenant) -> None:
    for order in ORDERS:
        with factories.in_tenant(tenant):
            rows = Finding.objects.filter(tenant=tenant)
            chosen = FindingFilter.parse(parse_query_string("state=open&state=unknown"), tenant, NOW)
            ids = list(ordered(chosen.apply(rows), order, tenant, NOW).values_list("pk", flat=True))
            assert len(ids) > 3
            for at in (0, 1, len(ids) // 2, len(ids) - 1):
                found = neighbours(rows, chosen, order, ids[at])
                assert found is not None
                assert found.previous == (ids[at - 1] if at else None), (order, at)
                assert found.next == (ids[at + 1] if at + 1 < len(ids) else None), (order, at)
                assert (found.number, found.count, found.listed) == (at + 1, len(ids), True)


def test_a_finding_that_left_the_list_keeps_its_neighbours(tenant: Tenant) -> None:
    with factories.in_tenant(tenant):
        rows = Finding.objects.filter(tenant=tenant)
        chosen = FindingFilter.parse(parse_query_string("state=open"), tenant, NOW)
        passing = rows.filter(state="passing").order_by("severity_rank").first()
        assert passing is not None
        found = neighbours(rows, chosen, "severity", passing.pk)
        assert found is not None
        assert not found.listed
        assert found.count == chosen.apply(rows).count()


@pytest.mark.parametrize("query", ["", "state=open", "severity=high&verdict=fail", "due=overdue"])
def test_facts_of_groups_agree_with_their_findings(tenant: Tenant, query: str) -> None:
    with factories.in_tenant(tenant):
        rows = Finding.objects.filter(tenant=tenant)
        chosen = FindingFilter.parse(parse_query_string(query), tenant, NOW)
        groups = FacetCounts.of(rows, chosen, complete=True).groups
        facts = group_facts(rows, chosen, groups, complete=True)
        matching = list(
            chosen.apply(rows).select_related("treatment__owner").annotate(shown=shown_state(NOW))
        )
        # The counts of a group include all findings of its control, even if the list is filtered by state, severity,
        # verdict or due date.
        every = list(FindingFilter.parse({}, tenant, NOW).apply(rows).annotate(shown=shown_state(NOW)))
    assert {group.control for group in groups} == {finding.control for finding in matching}
    for control, fact in facts.items():
        mine = [finding for finding in matching if finding.control == control]
        states = Counter(finding.shown for finding in every if finding.control == control)
        assert fact.counts == bar_counts(states), control
        owners = {f.treatment.owner for f in mine if hasattr(f, "treatment") and f.treatment.owner}
        assert {owner.pk for owner in fact.owners} == {owner.pk for owner in owners}
        dates = [due for f in mine if f.shown in WITH_DUE_DATE and (due := due_at(tenant, f))]
        assert fact.due == min(dates, default=None)
        assert fact.overdue == sum(due < NOW for due in dates)
