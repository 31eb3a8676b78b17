"""Campaigns: who can start one, who is notified, and how the owner is reminded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from assessments.models import Finding
from portal.notify.models import Notice, PublishedEvent
from portal.notify.notice_validity import still_valid
from portal.queries.campaigns import progress_of
from portal.treatment.actions.campaign_notices import announce_campaign, remind
from portal.treatment.actions.campaigns import change_campaign, end_campaign, start_campaign
from portal.treatment.actions.owners.assign import assign
from portal.treatment.errors import WrongState
from portal.treatment.models import Campaign, CampaignCustomer
from portal.treatment.task_names import ANNOUNCE_CAMPAIGN
from portal.treatment.tasks import tick
from tenants.actions import archive_tenant
from tenants.errors import InvalidInput
from tenants.models import Organization, Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.assessments.sandboxed_customer import sent
from tests.portal.treatment.findings import DAY, FAILING, make

pytestmark = pytest.mark.django_db
CONTROL = "storage-secure-transfer"
TODAY = timezone.now().date()


@dataclass
class CampaignCustomers:
    """`first` has two open findings, one of them owned by `owner`; `second` has no open finding."""

    organization: Organization
    first: Tenant
    second: Tenant
    leader: Person
    starter: Person
    owner: Person

    def start(self, **changed: Any) -> Campaign:
        values: dict[str, Any] = {
            "organization": self.organization,
            "by": self.starter,
            "control": CONTROL,
            "tenants": [self.first, self.second],
            "owner": self.leader,
            "due_on": TODAY + 30 * DAY,
            **changed,
        }
        with organization_scope(self.organization):
            return start_campaign(**values)


@pytest.fixture
def case() -> CampaignCustomers:
    organization = factories.organization()
    first, second = factories.tenant(organization), factories.tenant(organization)
    owner = factories.member(Role.OWNER, first)
    with factories.in_tenant(first):
        owned = make(first, FAILING, 1)
        make(first, FAILING, 2)
        assign(tenant=first, findings=Finding.objects.filter(pk=owned.pk), owner=owner, by=owner)
    with factories.in_tenant(second):
        make(second, {"outcome": "pass", "state": "passing"}, 3)
    return CampaignCustomers(
        organization,
        first,
        second,
        leader=factories.member(Role.ORGANIZATION_ENGINEER, organization),
        starter=factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization),
        owner=owner,
    )


def notified(tenant: Tenant, kind: str) -> set[Person]:
    with factories.in_tenant(tenant):
        return {row.person for row in Notice.objects.filter(kind=kind).select_related("person")}


def test_customers_with_open_findings_take_part(case: CampaignCustomers) -> None:
    campaign = case.start()
    with organization_scope(case.organization):
        rows = CampaignCustomer.objects.filter(campaign=campaign)
        assert [(row.tenant, row.open_at_start) for row in rows] == [(case.first, 2)]
        (progress,) = progress_of([campaign], timezone.now())
        assert (progress.done, progress.open, progress.customers_done) == (0, 2, 0)
        Finding.objects.filter(subject="/subscriptions/x/1").update(
            outcome="pass", state="resolved", failing_since=None
        )
        (progress,) = progress_of([campaign], timezone.now())
        assert (progress.done, progress.open, progress.customers_done) == (1, 1, 0)


def announce(case: CampaignCustomers, campaign: Campaign, **given: Any) -> int:
    return announce_campaign(organization_id=case.organization.pk, campaign_id=campaign.pk, **given)


def test_owners_of_the_campaign_and_of_its_findings_are_notified_once(case: CampaignCustomers) -> None:
    campaign = case.start(note="The firewall change closes these.")
    assert notified(case.first, "campaign_started") == set()
    assert announce(case, campaign) == 1
    assert notified(case.first, "campaign_started") == {case.leader, case.owner}
    assert notified(case.second, "campaign_started") == set()
    with factories.in_tenant(case.first):
        (event,) = PublishedEvent.objects.filter(kind="campaign_started")
        assert event.payload["data"]["open"] == 2
        Notice.objects.all().delete()
    assert announce(case, campaign) == 0
    assert notified(case.first, "campaign_started") == set()


def test_the_event_feed_names_campaigns_without_another_person_to_notify(case: CampaignCustomers) -> None:
    with factories.in_tenant(case.first):
        assign(tenant=case.first, findings=Finding.objects.all(), owner=None, by=case.starter)
    announce(case, case.start(by=case.leader))
    assert notified(case.first, "campaign_started") == set()
    with factories.in_tenant(case.first):
        assert PublishedEvent.objects.filter(kind="campaign_started").count() == 1


def test_ended_campaigns_and_archived_customers_are_not_announced(case: CampaignCustomers) -> None:
    campaign = case.start()
    with organization_scope(case.organization):
        end_campaign(campaign=campaign, by=case.starter)
    assert announce(case, campaign) == 0
    second = case.start()
    with factories.in_tenant(case.first):
        archive_tenant(by=case.starter, tenant=case.first, reason="Contract ended")
    announce(case, second)
    assert notified(case.first, "campaign_started") == set()


def test_the_tick_repeats_a_lost_message(
    case: CampaignCustomers, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        campaign = case.start()
    message = (ANNOUNCE_CAMPAIGN, [str(case.organization.pk), str(campaign.pk)])
    assert message in sent()
    for minutes, expected in ((1, False), (3, True)):
        with (
            time_machine.travel(timezone.now() + timedelta(minutes=minutes)),
            django_capture_on_commit_callbacks(execute=True),
        ):
            tick()
        assert (message in sent()) is expected, minutes
    # A task stops at its time limit, and sends a message for another task, which does the rest.
    with django_capture_on_commit_callbacks(execute=True):
        assert announce(case, campaign, seconds=0) == 0
    assert message in sent()
    assert announce(case, campaign) == 1
    with (
        time_machine.travel(timezone.now() + timedelta(minutes=3)),
        django_capture_on_commit_callbacks(execute=True),
    ):
        tick()
    assert message not in sent()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"control": "no-such-control"}, "control"),
        ({"due_on": TODAY - timedelta(days=1)}, "due_on"),
        ({"tenants": []}, "customers"),
        ({"note": "x" * 2001}, "note"),
    ],
)
def test_invalid_input_names_its_field(case: CampaignCustomers, changed: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        case.start(**changed)
    assert list(refused.value.fields) == [field]


def test_an_owner_needs_a_role_for_all_customers(case: CampaignCustomers) -> None:
    auditor = factories.member(Role.TENANT_ADMINISTRATOR, case.first)
    for who in (case.owner, auditor, factories.person()):
        with pytest.raises(InvalidInput) as refused:
            case.start(owner=who)
        assert list(refused.value.fields) == ["owner"]


def test_customers_of_another_organization_cannot_take_part(case: CampaignCustomers) -> None:
    foreign = factories.tenant()
    with pytest.raises(InvalidInput):
        case.start(tenants=[case.first, foreign])
    campaign = case.start()
    with factories.in_tenant(foreign):
        CampaignCustomer.objects.create(
            tenant=foreign, organization=case.organization, campaign_id=campaign.pk, control=CONTROL,
            owner=case.leader, due_on=TODAY, open_at_start=1,
        )  # fmt: skip
        with pytest.raises(IntegrityError):
            connection.check_constraints()
        transaction.set_rollback(True)


def test_owners_are_reminded_once_before_and_once_after_the_date(case: CampaignCustomers) -> None:
    case.start()
    counts = []
    for days in (0, 22, 24, 25, 31, 32):
        with factories.in_tenant(case.first):
            counts.append(remind(tenant=case.first, now=timezone.now() + days * DAY))
    assert counts == [0, 0, 2, 0, 2, 0]
    assert notified(case.first, "campaign_due") == {case.leader, case.owner}


def test_nobody_is_reminded_of_a_finished_or_ended_campaign(case: CampaignCustomers) -> None:
    campaign = case.start()
    with factories.in_tenant(case.first):
        Finding.objects.update(outcome="pass", state="resolved", failing_since=None)
        assert remind(tenant=case.first, now=timezone.now() + 31 * DAY) == 0
        Finding.objects.update(**FAILING)
    with organization_scope(case.organization):
        end_campaign(campaign=campaign, by=case.starter)
    with factories.in_tenant(case.first):
        assert remind(tenant=case.first, now=timezone.now() + 31 * DAY) == 0


def test_a_new_date_is_reminded_of_again(case: CampaignCustomers) -> None:
    campaign = case.start()
    with factories.in_tenant(case.first):
        assert remind(tenant=case.first, now=timezone.now() + 31 * DAY) == 2
    with organization_scope(case.organization):
        change_campaign(campaign=campaign, by=case.starter, owner=case.starter, due_on=TODAY + 60 * DAY)
    with factories.in_tenant(case.first):
        assert remind(tenant=case.first, now=timezone.now() + 31 * DAY) == 0
        assert remind(tenant=case.first, now=timezone.now() + 55 * DAY) == 2


def test_a_reminder_is_not_mailed_after_the_campaign_has_ended_or_got_another_date(
    case: CampaignCustomers,
) -> None:
    campaign = case.start()
    with factories.in_tenant(case.first):
        assert remind(tenant=case.first, now=timezone.now() + 25 * DAY) == 2
    assert reminders_to_mail(case) == 1
    with organization_scope(case.organization):
        change_campaign(campaign=campaign, by=case.starter, owner=case.leader, due_on=TODAY + 60 * DAY)
    assert reminders_to_mail(case) == 0
    with factories.in_tenant(case.first):
        assert remind(tenant=case.first, now=timezone.now() + 55 * DAY) == 2
    assert reminders_to_mail(case) == 1
    with organization_scope(case.organization):
        end_campaign(campaign=campaign, by=case.starter)
    assert reminders_to_mail(case) == 0


def reminders_to_mail(case: CampaignCustomers) -> int:
    """Return how many reminders to the leader still apply."""
    with factories.in_tenant(case.first):
        rows = Notice.objects.filter(kind="campaign_due", person=case.leader)
        return len(still_valid(list(rows), case.first))


def test_a_late_campaign_gets_another_owner_who_is_reminded(case: CampaignCustomers) -> None:
    campaign, due_on = case.start(), TODAY + 30 * DAY
    with time_machine.travel(timezone.now() + 31 * DAY), factories.in_tenant(case.first):
        assert remind(tenant=case.first, now=timezone.now()) == 2
    with time_machine.travel(timezone.now() + 32 * DAY):
        with organization_scope(case.organization):
            with pytest.raises(InvalidInput):
                change_campaign(campaign=campaign, by=case.starter, owner=case.starter, due_on=due_on + DAY)
            change_campaign(campaign=campaign, by=case.starter, owner=case.starter, due_on=due_on)
        with factories.in_tenant(case.first):
            assert remind(tenant=case.first, now=timezone.now()) == 1
            assert remind(tenant=case.first, now=timezone.now()) == 0
    assert notified(case.first, "campaign_due") == {case.leader, case.owner, case.starter}


def test_an_ended_campaign_does_not_change(case: CampaignCustomers) -> None:
    campaign = case.start()
    with organization_scope(case.organization):
        end_campaign(campaign=campaign, by=case.starter)
        with pytest.raises(WrongState):
            end_campaign(campaign=campaign, by=case.starter)
        with pytest.raises(WrongState):
            change_campaign(campaign=campaign, by=case.starter, owner=case.leader, due_on=TODAY)
