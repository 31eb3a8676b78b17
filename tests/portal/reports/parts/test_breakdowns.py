"""Results by subscription and by owner: every verdict is in exactly one row."""

from __future__ import annotations

from collections import Counter

import pytest

from assessments.models import Finding
from portal.reports.actions import request_report
from portal.reports.gather import gather_facts
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.parts import results
from portal.reports.parts.by_owner import owner_results
from portal.reports.parts.by_subscription import unit_results
from portal.treatment.actions.owners.assign import assign
from tests import factories
from tests.portal.web.world import World

pytestmark = pytest.mark.slow


def test_the_rows_add_up_to_the_verdicts_of_the_report(world: World) -> None:
    person = world.people["organization_engineer"]
    with factories.in_tenant(world.home):
        mine = Finding.objects.filter(tenant=world.home, outcome="fail", gone_at=None).first()
        assert mine is not None
        own = Finding.objects.filter(pk=mine.pk)
        assign(tenant=world.home, findings=own, owner=person, by=person)
        facts = gather_facts(request_report(tenant=world.home, by=factories.BY), ensure_signing_identity())
        units = Counter(
            Finding.objects.filter(tenant=world.home, gone_at=None).values_list("unit", "outcome")
        )
    verdicts = facts.of(results.PART)
    rows = unit_results(facts)
    total: Counter[str] = Counter()
    for row in rows:
        total.update(row.counts)
    assert total == Counter(fact.outcome for fact in verdicts.findings)
    assert sorted(number for row in rows for number in row.counts.values()) == sorted(units.values())
    owners = owner_results(facts)
    assert sum(row.total for row in owners) == verdicts.states["open"] + verdicts.states.get(
        "acknowledged", 0
    )
    assert all(sum(row.counts) == row.total for row in owners)
    assert owners[-1].owner == ""
    named = [row for row in owners if row.owner]
    assert [row.total for row in named if person.email in row.owner] == [1]
