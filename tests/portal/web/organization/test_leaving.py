"""When somebody leaves, the person's findings, changes, rules and campaigns get another owner, and access ends."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import Session
from portal.changes.actions.hand_over import hand_over_changes
from portal.changes.actions.overdue import notify_overdue, overdue_changes
from portal.changes.models import ResourceChange, ReviewEvent
from portal.notify.models import Notice
from portal.notify.notice_validity import still_valid
from portal.treatment.actions.campaigns import start_campaign
from portal.treatment.actions.owners.rules import create_rule
from portal.treatment.models import Baseline, Campaign, CampaignCustomer, OwnerRule, Treatment
from tenants.actions import invite
from tenants.errors import InvalidInput
from tenants.models import (
    JournalEntry,
    Membership,
    OrganizationJournalEntry,
    Person,
    ServiceAccount,
)
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.portal.web.world import SignIn, World


def url(world: World, who: Person) -> str:
    return reverse("person-leaving", args=[world.organization.slug, who.pk])


def leave(client: Client, world: World, who: Person, **given: str) -> tuple[int, str]:
    answer = client.post(url(world, who), given, follow=True)
    return answer.status_code, unescape(answer.content.decode())


def campaign(world: World, leader: Person) -> Campaign:
    """Let the engineer start a campaign that the leader owns."""
    engineer = world.people["organization_engineer"]
    with person_scope(engineer):
        return start_campaign(
            organization=world.organization,
            by=engineer,
            control=world.of(world.home)["owned"].control,
            tenants=[world.home],
            owner=leader,
            due_on=timezone.now().date(),
        )


def owners(world: World) -> set[str]:
    with factories.in_tenant(world.home):
        rows = Treatment.objects.filter(owner__isnull=False).values_list("owner__email", flat=True)
        return {*rows, *OwnerRule.objects.filter(name="All of Ann").values_list("owner__email", flat=True)}


def active(world: World, who: Person) -> bool:
    return Person.objects.get(pk=who.pk).is_active


@pytest.mark.slow(seconds=1)
def test_everything_is_handed_over_and_ended(world: World, administrator: Client, sign_in: SignIn) -> None:
    owner, engineer = world.people["owner"], world.people["organization_engineer"]
    with factories.in_tenant(world.home):
        create_rule(tenant=world.home, by=factories.BY, name="All of Ann", owner=owner)
    theirs = sign_in(owner)
    assert theirs.get(reverse("my")).status_code == 200
    page = unescape(administrator.get(url(world, owner)).content.decode())
    assert f"{owner.get_full_name()} leaves" in page
    assert f"({engineer.email})" in page
    # The link leads to a list that contains only the findings that are handed over.
    assert f"?owner={owner.pk}&verdict=fail&verdict=manual" in page
    assert f"({world.people['auditor'].email})" not in page  # The page does not offer an auditor.
    status, html = leave(administrator, world, owner, to=str(engineer.pk), end_access="on", disable="on")
    assert status == 200
    assert f"{engineer} now owns 1 finding, 1 owner rule that {owner} owned." in html
    assert f"The access of {owner} has ended." in html
    assert "Owns nothing" in html
    assert owner.email not in owners(world)
    assert engineer.email in owners(world)
    assert not active(world, owner)
    assert not Session.objects.filter(person=owner).exists()
    assert theirs.get(reverse("my")).status_code == 302
    with organization_scope(world.organization):
        assert not [row for row in Membership.objects.filter(person=owner) if row.valid_until is None]
        actions = OrganizationJournalEntry.objects.values_list("action", flat=True)
        assert "account.disabled" in actions
    # After the access has ended and the account is disabled, the form can still enable the account.
    status, html = leave(administrator, world, owner, enable="1")
    assert (status, "is enabled" in html, active(world, owner)) == (200, True, True)


def test_campaigns_get_the_new_owner(world: World, administrator: Client) -> None:
    leader = factories.member(Role.ORGANIZATION_ENGINEER, world.organization)
    engineer = world.people["organization_engineer"]
    started = campaign(world, leader)
    with person_scope(engineer):
        CampaignCustomer.objects.filter(campaign=started).update(due_on="2020-01-01")  # Overdue.
    status, _ = leave(administrator, world, leader, to=str(engineer.pk))
    assert status == 200
    with factories.in_tenant(world.home):
        assert CampaignCustomer.objects.get(campaign=started).owner_id == engineer.pk


def test_unexpected_changes_get_the_new_owner(world: World, administrator: Client) -> None:
    leader = factories.member(Role.ORGANIZATION_ENGINEER, world.organization)
    engineer = world.people["organization_engineer"]
    change = world.of(world.home)["change"]
    due = timezone.now() - timedelta(days=1)
    with factories.in_tenant(world.home):
        rows = ResourceChange.objects.filter(pk=change.pk)
        rows.update(state="unexpected", owner=leader, due_at=due, overdue_notified_for=due)
        assert overdue_changes(world.home, timezone.now()).count() == 0
    page = unescape(administrator.get(url(world, leader)).content.decode())
    assert "Owns nothing" not in page
    assert "Request pseudonymisation" not in page
    status, html = leave(administrator, world, leader, to=str(engineer.pk))
    assert status == 200
    assert f"{engineer} now owns 1 unexpected change that {leader} owned." in html
    assert "Owns nothing" in html
    with factories.in_tenant(world.home):
        row = ResourceChange.objects.get(pk=change.pk)
        assert (row.state, row.owner_id, row.due_at) == ("unexpected", engineer.pk, due)
        event = ReviewEvent.objects.filter(change=row).last()
        assert event is not None
        assert (event.kind, str(leader) in event.text) == ("assigned", True)
        notice = Notice.objects.get(person=engineer, kind="change_assigned")
        assert change.name in notice.title
        entry = JournalEntry.objects.get(tenant=world.home, action="change.handed_over")
        assert (entry.details["from"], entry.details["to"]) == (leader.email, engineer.email)
        # The new owner is reminded too.
        assert overdue_changes(world.home, timezone.now()).get().owner_id == engineer.pk


def test_people_who_assign_are_notified_of_overdue_changes_of_former_owners(world: World) -> None:
    leader, engineer = (
        factories.member(Role.ORGANIZATION_ENGINEER, world.organization),
        world.people["organization_engineer"],
    )
    with factories.in_tenant(world.home):
        rows = ResourceChange.objects.filter(pk=world.of(world.home)["change"].pk)
        rows.update(state="unexpected", owner=leader, due_at=timezone.now() - timedelta(days=2))
        notify_overdue(tenant=world.home, now=timezone.now())
        notices = Notice.objects.filter(kind="change_overdue")
        assert [notice.person_id for notice in notices] == [leader.pk]
    with organization_scope(world.organization):
        Membership.objects.filter(person=leader).update(valid_until=timezone.now())
    with factories.in_tenant(world.home):
        rows.update(due_at=timezone.now() - timedelta(days=1))
        notify_overdue(tenant=world.home, now=timezone.now())
        told = set(notices.exclude(person=leader).values_list("person_id", flat=True))
        assert engineer.pk in told
        assert world.people["auditor"].pk not in told


def test_a_notice_of_an_overdue_change_is_not_mailed_after_the_change_was_handled(world: World) -> None:
    leader = factories.member(Role.ORGANIZATION_ENGINEER, world.organization)
    engineer, due = world.people["organization_engineer"], timezone.now() - timedelta(days=1)
    overdue: dict[str, Any] = {"state": "unexpected", "owner": leader, "due_at": due}
    with factories.in_tenant(world.home):
        rows = ResourceChange.objects.filter(pk=world.of(world.home)["change"].pk)
        rows.update(**overdue)
        notify_overdue(tenant=world.home, now=timezone.now())
        notices = list(Notice.objects.filter(kind="change_overdue", person=leader))
        assert still_valid(notices, world.home) == notices != []
        for handled in (
            {"state": "expected", "owner": None, "due_at": None},
            {"owner": engineer},
            {"due_at": timezone.now() + timedelta(days=9)},
        ):
            rows.update(**{**overdue, **handled})
            assert still_valid(notices, world.home) == [], handled
    # The new owner loses access too. So the change still has a former owner, and the notices remain valid.
    with organization_scope(world.organization):
        Membership.objects.filter(person=engineer).update(valid_until=timezone.now())
    with factories.in_tenant(world.home):
        rows.update(**{**overdue, "owner": engineer})
        assert still_valid(notices, world.home) == notices


def test_unexpected_changes_are_not_handed_over_to_people_without_the_role(
    world: World, administrator: Client
) -> None:
    leader, approver = (
        factories.member(Role.ORGANIZATION_ENGINEER, world.organization),
        world.people["approver"],
    )
    with factories.in_tenant(world.home):
        rows = ResourceChange.objects.filter(pk=world.of(world.home)["change"].pk)
        rows.update(state="unexpected", owner=leader, due_at=timezone.now())
    assert f"({approver.email})" not in administrator.get(url(world, leader)).content.decode()
    with factories.in_tenant(world.home), pytest.raises(InvalidInput):
        hand_over_changes(
            by=world.people["organization_administrator"], person=leader, to=approver, tenants=[world.home]
        )
    with factories.in_tenant(world.home):
        assert rows.get().owner_id == leader.pk


def test_owner_rules_of_baselines_are_listed(world: World, administrator: Client) -> None:
    leader = factories.member(Role.ORGANIZATION_ENGINEER, world.organization)
    page = unescape(administrator.get(url(world, leader)).content.decode())
    assert "Owns nothing" in page
    rules = [{"name": "Storage", "owner": str(leader.pk), "enabled": True, "section": "storage"}]
    with organization_scope(world.organization):
        by = world.people["organization_administrator"]
        baseline = Baseline.objects.create(
            organization=world.organization,
            name="Gold",
            owner_rules=rules,
            changed_by=by,
            changed_at=timezone.now(),
        )
    page = unescape(administrator.get(url(world, leader)).content.decode())
    assert "Gold: Storage" in page
    assert reverse("baseline-rule", args=[world.organization.slug, baseline.pk, 0]) in page
    assert "Owns nothing" not in page
    engineer = world.people["organization_engineer"]
    assert "Gold: Storage" not in administrator.get(url(world, engineer)).content.decode()


def test_service_accounts_of_the_person_are_listed(world: World, administrator: Client) -> None:
    leader = factories.member(Role.ORGANIZATION_ENGINEER, world.organization)
    account = world.of(world.home)["service_account"]
    address = reverse("service-account", args=[world.organization.slug, account.pk])
    assert address not in administrator.get(url(world, leader)).content.decode()
    with organization_scope(world.organization):
        ServiceAccount.objects.filter(pk=account.pk).update(responsible=leader)
    page = unescape(administrator.get(url(world, leader)).content.decode())
    assert address in page
    assert "is responsible for these service accounts, which are not handed over here" in page


@pytest.mark.slow(seconds=1)
def test_nothing_is_done_if_a_part_is_refused(world: World, administrator: Client) -> None:
    owner, auditor = (world.people[role] for role in ("owner", "auditor"))
    before = owners(world)
    # The form does not offer an auditor, because auditors may not own anything.
    status, html = leave(administrator, world, owner, to=str(auditor.pk), end_access="on")
    assert (status, "Select a valid choice" in html) == (400, True)
    status, html = leave(administrator, world, owner)
    assert (status, "Choose a successor, or select at least one other action." in html) == (400, True)
    me = world.people["organization_administrator"]
    status, html = leave(administrator, world, me, end_access="on")
    assert (status, "This is your own account." in html) == (400, True)
    # The successor may own findings, but no campaigns.
    leader = factories.member(Role.ORGANIZATION_ENGINEER, world.organization)
    with factories.in_tenant(world.home):
        rule = create_rule(tenant=world.home, by=factories.BY, name="All of Ann", owner=leader)
    campaign(world, leader)
    status, html = leave(administrator, world, leader, to=str(owner.pk), end_access="on", disable="on")
    assert (status, "needs the right to assign findings in every customer" in html) == (400, True)
    with factories.in_tenant(world.home):
        assert OwnerRule.objects.get(pk=rule.pk).owner_id == leader.pk
    assert active(world, leader)
    assert owners(world) == {*before, leader.email}


def test_customer_administrators_end_access_to_their_customers_only(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.people["tenant_administrator"])
    owner = world.people["owner"]
    assert client.get(url(world, world.people["organization_engineer"])).status_code == 404
    assert client.get(url(world, factories.person())).status_code == 404
    elsewhere = factories.tenant(world.organization, "Elsewhere")
    factories.member(Role.OWNER, elsewhere, owner)
    page = unescape(client.get(url(world, owner)).content.decode())
    assert "Elsewhere" not in page
    assert "Disable the account" not in page  # The person needs the account for another customer.
    status, _ = leave(client, world, owner, end_access="on", disable="on")
    assert status == 200
    assert active(world, owner)
    with organization_scope(world.organization):
        left = Membership.objects.filter(person=owner, valid_until__isnull=True)
        assert [row.tenant_id for row in left] == [elsewhere.pk]


def test_customer_administrators_disable_accounts_of_their_customers(world: World, sign_in: SignIn) -> None:
    client, owner = sign_in(world.people["tenant_administrator"]), world.people["owner"]
    assert "Disable the account" in client.get(url(world, owner)).content.decode()
    status, html = leave(client, world, owner, disable="on")
    assert (status, active(world, owner)) == (200, False)
    assert f"The account of {owner} is disabled." in html
    client.post(url(world, owner), {"enable": "on"})
    assert active(world, owner)
    with organization_scope(world.organization):
        found = OrganizationJournalEntry.objects.filter(action__in=("account.disabled", "account.enabled"))
        assert list(found.order_by("sequence").values_list("action", flat=True)) == [
            "account.disabled",
            "account.enabled",
        ]


@pytest.mark.slow(seconds=1)
def test_fields_that_would_change_nothing_are_left_out(world: World, administrator: Client) -> None:
    auditor = world.people["auditor"]
    with organization_scope(world.organization):
        Membership.objects.filter(person=auditor).update(valid_until=timezone.now())
    page = unescape(administrator.get(url(world, auditor)).content.decode())
    assert "Disable the account" in page
    assert "Hand over to" not in page
    assert "End all access" not in page
    with organization_scope(world.organization):
        invite(
            by=factories.BY,
            organization=world.organization,
            tenant=world.home,
            email=auditor.email,
            role=Role.AUDITOR,
            access_until=timezone.now() + timedelta(days=9),
        )
    page = unescape(administrator.get(url(world, auditor)).content.decode())
    assert "Withdraw open invitations" in page
    assert "End all access" not in page
    _, html = leave(administrator, world, auditor, end_access="on", disable="on")
    assert f"The account of {auditor} is disabled." in html
    assert "Withdraw open invitations" not in html
    _, html = leave(administrator, world, auditor)
    assert "Apply changes" not in html
