"""Treatments hold copies of some columns of their findings, and the copies stay equal to the columns."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from assessments.models import Finding
from portal.queries.owners.owned_findings import SOON, owned_findings, work_parameters
from portal.queries.owners.workload import workload
from portal.treatment.actions.figures.snapshots import take_snapshot
from portal.treatment.due_dates import past_due
from portal.treatment.models import Treatment
from portal.treatment.selectors.attestations import NEEDS_ANSWER_STANDINGS, with_standing
from portal.treatment.states import ACTIONABLE, WITH_DUE_DATE, shown_state
from tenants.models import Person, Tenant
from tests import factories
from tests.portal.treatment.assessments import store_ended_assessment
from tests.portal.web.random_findings import populate


def differing(tenant: Tenant) -> int:
    """Return how many treatments have copied values that differ from those of their finding."""
    same_time = Q(finding_failing_since=F("finding__failing_since")) | Q(
        finding_failing_since=None, finding__failing_since=None
    )
    equal = Treatment.objects.filter(
        same_time,
        finding_state=F("finding__state"),
        finding_rank=F("finding__severity_rank"),
        finding_sha256=F("finding__observed_sha256"),
    )
    return Treatment.objects.filter(tenant=tenant).exclude(pk__in=equal).count()


def let_pass(rows: QuerySet[Finding]) -> None:
    ids = list(rows.values_list("pk", flat=True))
    Finding.objects.filter(pk__in=ids).update(outcome="pass", state="resolved", failing_since=None)


def assert_equals_counting(tenant: Tenant, owner: Person, now: datetime) -> None:
    """Compare the numbers of `owned_findings` and `workload` with the counted findings of the owner."""
    found = owned_findings(owner, [tenant], now, limit=5)
    mine = Finding.objects.filter(tenant=tenant, treatment__owner=owner, gone_at=None)
    mine = mine.annotate(shown=shown_state(now))
    assert found.needing_work[tenant.pk] == mine.filter(shown__in=ACTIONABLE).count() > 0
    due = mine.filter(shown__in=WITH_DUE_DATE)
    late = due.filter(past_due(tenant.due_days, now))
    assert found.count("overdue") == late.count() > 0
    assert found.overdue_critical == late.filter(severity="critical").count()
    assert found.count("soon") == due.filter(past_due(tenant.due_days, now + SOON)).count() - late.count()
    manual = with_standing(mine.filter(state="manual"), now).filter(standing__in=NEEDS_ANSWER_STANDINGS)
    assert found.count("answer") == manual.count()
    assert set(found.first["answer"]) <= set(manual.values_list("pk", flat=True))
    assert all(len(ids) <= 5 for ids in found.first.values())
    load = next(row.total for row in workload([tenant], now).rows if row.person == owner)
    assert load.open == mine.filter(shown="open").count()
    assert load.critical == mine.filter(shown="open", severity="critical").count()
    assert load.acknowledged == mine.filter(shown="acknowledged").count()
    assert load.overdue == late.count()


def test_writing_a_treatment_copies_the_columns_of_its_finding(db: None) -> None:
    tenant, owner, now = factories.tenant(), factories.person(), timezone.now()
    with factories.in_tenant(tenant):
        populate(tenant, [owner], now, seed=5)
        assert Treatment.objects.filter(tenant=tenant, finding_state="open").count() > 10
        assert differing(tenant) == 0
        # Even if an outdated instance is saved, the copied columns stay up to date.
        stale = Treatment.objects.filter(tenant=tenant, finding_state="open").first()
        assert stale is not None
        let_pass(Finding.objects.filter(pk=stale.finding_id))
        stale.plan = "Later"
        stale.save()
        assert differing(tenant) == 0
        Treatment.objects.filter(tenant=tenant).update(finding_state="open", finding_rank=0)
        assert differing(tenant) == 0


@pytest.mark.slow(seconds=1)
def test_a_snapshot_copies_what_an_assessment_has_changed(db: None) -> None:
    """Until a snapshot is taken, the numbers come from the findings themselves, not from the copies."""
    tenant, owner, now = factories.tenant(), factories.person(), timezone.now()
    with factories.in_tenant(tenant):
        populate(tenant, [owner], now - timedelta(minutes=5), seed=6)
        store_ended_assessment(tenant, 1)
        take_snapshot(tenant=tenant)
        assert work_parameters([tenant])["copied"] == [tenant.pk]
        before = owned_findings(owner, [tenant], now, limit=5).needing_work
        store_ended_assessment(tenant, 2)
        let_pass(Finding.objects.filter(tenant=tenant, state="open", treatment__owner=owner))
        assert differing(tenant) > 5
        assert work_parameters([tenant])["others"] == [tenant.pk]
        after = owned_findings(owner, [tenant], now, limit=5)
        assert (after.needing_work < before, after.count("overdue")) == (True, 0)
        take_snapshot(tenant=tenant)
        assert differing(tenant) == 0
        assert work_parameters([tenant])["copied"] == [tenant.pk]
        assert owned_findings(owner, [tenant], now, limit=5).needing_work == after.needing_work


@pytest.mark.slow(seconds=2)
@pytest.mark.parametrize("seed", range(4))
def test_the_work_of_an_owner_equals_counting_their_findings(db: None, seed: int) -> None:
    tenant, owner, now = factories.tenant(), factories.person(), timezone.now()
    with factories.in_tenant(tenant):
        populate(tenant, [owner, factories.person()], now - timedelta(minutes=5), seed)
        attested = Treatment.objects.filter(tenant=tenant, attested_until__isnull=False)
        attested.filter(finding__subject_name__endswith="3").update(attested_sha256="aa")
        store_ended_assessment(tenant, 1)
        assert work_parameters([tenant])["others"] == [tenant.pk]
        assert_equals_counting(tenant, owner, now)
        take_snapshot(tenant=tenant, now=now)
        assert work_parameters([tenant])["copied"] == [tenant.pk]
        assert_equals_counting(tenant, owner, now)
