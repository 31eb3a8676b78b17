"""Acknowledgements apply to the failure that was acknowledged."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.actions.acknowledge import acknowledge, withdraw_acknowledgement
from portal.treatment.errors import NotFailing, WrongState
from portal.treatment.models import Batch, Treatment, TreatmentEvent
from portal.treatment.states import shown_state
from tenants.errors import InvalidInput
from tenants.models import JournalEntry
from tests import factories
from tests.portal.treatment.owner_cases import CustomerWithOwners, customer_with_owners

LATER = date(2099, 1, 31)


@pytest.fixture
def customer(db: None) -> CustomerWithOwners:
    return customer_with_owners()


def take(
    customer: CustomerWithOwners,
    *findings: Finding,
    plan: str = "",
    planned_for: date | None = None,
    replace: bool = False,
) -> Batch:
    rows = Finding.objects.filter(pk__in=[row.pk for row in findings])
    return acknowledge(
        tenant=customer.tenant,
        findings=rows,
        by=customer.owner,
        plan=plan,
        planned_for=planned_for,
        replace=replace,
    )


def shown(finding: Finding) -> str:
    return str(Finding.objects.annotate(shown=shown_state(timezone.now())).get(pk=finding.pk).shown)


def test_failing_findings_are_acknowledged_and_others_skipped(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        failing, manual = customer.failing(number=1), customer.manual(number=2)
        gone = customer.failing(number=3, state="gone", gone_at=timezone.now())
        batch = take(customer, failing, manual, gone, plan="Switch it off", planned_for=LATER)
        assert batch.count == 1
        assert shown(failing) == "acknowledged"
        assert shown(manual) == "manual"
        held = Treatment.objects.get()
        assert (held.finding, held.plan, held.planned_for) == (failing, "Switch it off", LATER)
        event = TreatmentEvent.objects.get()
        assert (event.before, event.after) == ("Open", "Acknowledged, planned for 2099-01-31")
        assert JournalEntry.objects.get(action="finding.acknowledged").details["count"] == 1


def test_a_later_failure_is_open_again(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        take(customer, row)
        row.failing_since = timezone.now()
        row.save()
        assert shown(row) == "open"
        with pytest.raises(WrongState):
            withdraw_acknowledgement(finding=row, by=customer.owner)
        take(customer, row)
        assert shown(row) == "acknowledged"


def test_findings_that_do_not_fail_cannot_be_acknowledged(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        with pytest.raises(NotFailing):
            take(customer, customer.manual())
        assert not Batch.objects.exists()


def test_covered_findings_are_skipped(customer: CustomerWithOwners) -> None:
    now = timezone.now()
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        Treatment.objects.create(
            tenant=customer.tenant,
            finding=row,
            excepted_sha256=row.observed_sha256,
            excepted_from=now - timedelta(days=1),
            excepted_until=now + timedelta(days=1),
        )
        with pytest.raises(NotFailing):
            take(customer, row)


def test_acknowledging_again_changes_the_plan_only(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        take(customer, row, plan="First")
        assert take(customer, row).count == 0
        assert Treatment.objects.get().plan == "First"
        assert take(customer, row, plan="Second").count == 1
        assert Treatment.objects.get().plan == "Second"
        assert JournalEntry.objects.filter(action="finding.acknowledged").count() == 2


def test_an_empty_field_keeps_the_plan_and_the_day(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        planned, new = customer.failing(), customer.failing(1)
        take(customer, planned, plan="Switch it off")
        assert take(customer, planned, new, planned_for=LATER).count == 2
        plans = dict(Treatment.objects.values_list("finding", "plan"))
        assert plans == {planned.pk: "Switch it off", new.pk: ""}
        event = TreatmentEvent.objects.filter(finding=planned).order_by("at", "id").last()
        assert event is not None
        # Reports read the plan and the day from the last event of the finding.
        assert (event.after, event.note) == ("Acknowledged, planned for 2099-01-31", "Switch it off")
        take(customer, planned, plan="Replace it")
        held = Treatment.objects.get(finding=planned)
        assert (held.plan, held.planned_for) == ("Replace it", LATER)


def test_a_plan_and_a_day_can_be_removed(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        take(customer, row, plan="Switch it off", planned_for=LATER)
        take(customer, row, planned_for=LATER, replace=True)
        held = Treatment.objects.get()
        assert (held.plan, held.planned_for) == ("", LATER)
        assert take(customer, row, replace=True).count == 1
        assert Treatment.objects.get().planned_for is None
        assert shown(row) == "acknowledged"
        assert take(customer, row, replace=True).count == 0


@pytest.mark.parametrize(
    ("field", "given"), [("plan", {"plan": "x" * 4001}), ("planned_for", {"planned_for": date(2020, 1, 1)})]
)
def test_bad_input_names_its_field(
    customer: CustomerWithOwners, field: str, given: dict[str, object]
) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        with pytest.raises(InvalidInput) as caught:
            take(customer, row, **given)
        assert list(caught.value.fields) == [field]


def test_an_acknowledgement_can_be_withdrawn(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        with pytest.raises(WrongState):
            withdraw_acknowledgement(finding=row, by=customer.owner)
        take(customer, row, plan="Soon", planned_for=LATER)
        withdraw_acknowledgement(finding=row, by=customer.engineer)
        assert shown(row) == "open"
        held = Treatment.objects.get()
        assert (held.plan, held.planned_for, held.acknowledged_by) == ("", None, None)
        event = TreatmentEvent.objects.filter(kind="unacknowledged").get()
        assert (event.by, event.note) == (customer.engineer, "Previous plan: Soon")
        assert JournalEntry.objects.filter(action="finding.acknowledgement_withdrawn").count() == 1
