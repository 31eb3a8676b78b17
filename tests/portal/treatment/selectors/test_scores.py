"""Figures that are computed from the counts per verdict are the same as those from counting each finding."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from assessments.models import Assessment, Finding
from portal.treatment.actions.figures.snapshots import take_snapshot
from portal.treatment.due_dates import due_before
from portal.treatment.models import Snapshot, Treatment
from portal.treatment.scores import summarize_treated
from portal.treatment.selectors.scores import count_unassigned, standings
from portal.treatment.states import WITH_DUE_DATE, ShownState, shown_state
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import person_scope
from tests import factories
from tests.portal.treatment.findings import DAY, NOW, make
from tests.portal.treatment.state_cases import CASES

SEVERITIES = ("critical", "high", "medium", "low")


def scatter(dice: random.Random, tenant: Tenant, person: Any) -> None:
    for number in range(dice.randrange(25, 60)):
        finding, treatment, _ = dice.choice(list(CASES.values()))
        fields: dict[str, Any] = {**finding, "severity": dice.choice(SEVERITIES)}
        section, control = dice.choice([("storage", "a"), ("storage", "b"), ("sql", "c")])
        fields |= {"section": section, "control": control}
        row = make(tenant, fields, number)
        if treatment is None and dice.random() < 0.5:
            continue
        values = dict(treatment or {})
        if "acknowledged_failing_since" in values:
            values |= {"acknowledged_by": person, "acknowledged_at": NOW}
        if dice.random() < 0.5:
            values |= {"owner": person, "owner_source": "hand", "owned_at": NOW}
        Treatment.objects.create(tenant=tenant, finding=row, **values)


def assessed(tenant: Tenant, number: int) -> Assessment:
    return Assessment.objects.create(
        tenant=tenant,
        number=number,
        catalogue_hash="0" * 64,
        product_version="1",
        state="finished",
        ended_at=NOW - DAY,
    )


@pytest.mark.slow(seconds=5)
@pytest.mark.parametrize("seed", range(12))
def test_the_counts_equal_those_of_single_findings(db: None, seed: int) -> None:
    dice = random.Random(seed)
    owner = factories.organization()
    person = factories.member(Role.ORGANIZATION_ENGINEER, owner)
    tenants = [factories.tenant(owner) for _ in range(3)]
    now = NOW + timedelta(hours=dice.choice([-30 * 24, -1, 0, 1, 24, 60 * 24]))
    for place, tenant in enumerate(tenants):
        with factories.in_tenant(tenant):
            tenant.due_days = {severity: dice.randrange(1, 40) for severity in SEVERITIES}
            tenant.save()
            assessed(tenant, 1)
            scatter(dice, tenant, person)
            # The first tenant has a current snapshot, the second an outdated one, and the third none.
            if place < 2:
                take_snapshot(tenant=tenant, now=NOW - DAY)
            if place == 1:
                assessed(tenant, 2)
                Snapshot.objects.filter(tenant=tenant).update(verdicts=[["sql", "low", "fail", "open", 99]])
    with person_scope(person):
        found = standings(tenants, now)
        for tenant in tenants:
            rows: Counter[tuple[str, str, str, str]] = Counter()
            overdue: Counter[str] = Counter()
            free = 0
            seen = Finding.objects.filter(tenant=tenant, gone_at__isnull=True).annotate(
                shown=shown_state(now)
            )
            late = set(
                seen.filter(due_before(tenant, now), shown__in=WITH_DUE_DATE).values_list("pk", flat=True)
            )
            for row in seen.select_related("treatment"):
                rows[row.section, row.severity, row.outcome, row.shown] += 1
                overdue[row.severity] += row.pk in late
                treatment = getattr(row, "treatment", None)
                free += row.shown == ShownState.OPEN and (treatment is None or treatment.owner_id is None)
            one = found[tenant.pk]
            expected = summarize_treated([(*key, number) for key, number in rows.items()])
            assert {name: getattr(one, name) for name in expected} == expected
            assert one.overdue == dict(+overdue)
            assert count_unassigned(tenant, now) == free
