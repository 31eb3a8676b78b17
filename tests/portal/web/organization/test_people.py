"""The page of people: its content, and inviting, changing, ending and confirming roles."""

from __future__ import annotations

import re
from datetime import timedelta
from html import escape
from unittest.mock import patch

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.members.invite import send_again
from portal.members.tasks import send_invitation
from tenants import journal
from tenants.actions import grant_membership, invite, revoke_membership
from tenants.errors import Conflict
from tenants.models import Invitation, Membership
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db


def url(world: World, name: str, *args: object) -> str:
    return reverse(name, args=[world.organization.slug, *args])


def test_the_page_shows_role_customer_period_and_granter(world: World, administrator: Client) -> None:
    auditor = world.people["auditor"]
    auditor.last_seen_at = timezone.now()
    auditor.save()
    html = page(administrator, "organization-people", world.organization.slug)
    for text in (
        "auditor@example.com",
        "Auditor",
        escape(world.home.name),
        "All customers",
        "Granted by: the operator",
        "No end",
    ):
        assert text in html
    assert world.foreign.name not in html
    assert "waiting@" in html[: html.index("Open invitations")]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?q=AUDITOR", {"auditor@example.com"}),
        ("?role=owner", {"owner@example.com"}),
        ("?q=nobody-is-called-so", set()),
        ("?show=ended", {"Former person 7K3QXM"}),
        ("?show=ended&q=auditor", set()),
        ("?role=nonsense&at=nonsense", {"auditor@example.com", "owner@example.com"}),
    ],
)
def test_filters(world: World, administrator: Client, query: str, shown: set[str]) -> None:
    html = page(administrator, "organization-people", world.organization.slug, query=query)
    table = html[html.index('aria-label="People"') :]
    everybody = ("auditor@example.com", "owner@example.com", "Former person 7K3QXM")
    assert {text for text in everybody if text in table} == shown
    assert ("Nobody matches" in table) == (not shown)


def test_an_invitation_is_mailed_by_a_worker_and_its_link_is_never_shown(
    world: World, administrator: Client
) -> None:
    data = {"email": "New@Example.com", "role": "owner", "place": str(world.home.pk), "until": ""}
    with patch("portal.members.invite.enqueue") as enqueue:
        answer = administrator.post(url(world, "organization-invite"), data, follow=True)
    with organization_scope(world.organization):
        invitation = Invitation.objects.get(email="new@example.com")
    task, *ids = enqueue.call_args.args
    assert (task, ids) == ("portal.members.tasks.send_invitation", [world.organization.pk, invitation.pk])
    assert "/invitations/" not in answer.content.decode().replace("/people/invitations/", "")
    assert mail.outbox == []
    send_invitation(*map(str, ids))
    (message,) = mail.outbox
    assert message.to == ["new@example.com"]
    token = str(message.body).split("/invitations/")[1].split("/")[0]
    with organization_scope(world.organization):
        stored = Invitation.objects.get(pk=invitation.pk)
    assert stored.mailed_at is not None
    assert token not in stored.token_hash
    assert Client().get(reverse("invitation", args=[token])).status_code == 200


@pytest.mark.slow(seconds=1)
def test_an_invitation_is_sent_again_once_in_five_minutes_and_recorded(
    world: World, administrator: Client
) -> None:
    invitation = world.of(world.home)["invitation"]
    address = url(world, "invitation-send", invitation.pk)

    def sent() -> bool:
        with patch("portal.members.invite.enqueue") as enqueue:
            answer = administrator.post(address, follow=True)
        assert ("A mail with a new link was sent" in answer.content.decode()) == enqueue.called
        assert ("less than 5 minutes ago" in answer.content.decode()) != enqueue.called
        return enqueue.called

    created, mailed = timezone.now() - timedelta(minutes=30), timezone.now() - timedelta(minutes=1)
    with organization_scope(world.organization):
        rows = Invitation.objects.filter(pk=invitation.pk)
        rows.update(created_at=mailed, mailed_at=None)
    assert not sent(), "the first mail was requested a minute ago"
    with organization_scope(world.organization):
        rows.update(created_at=created, mailed_at=mailed)
    assert not sent(), "a worker has mailed it a minute ago"
    with organization_scope(world.organization):
        rows.update(mailed_at=None)
    assert [sent() for _ in range(3)] == [True, False, False]
    with organization_scope(world.organization):
        found = journal.entries(world.home).filter(action="membership.invitation_sent_again")
        assert [entry.details["email"] for entry in found] == [invitation.email]


@pytest.mark.slow(seconds=1)
def test_an_address_is_invited_ten_times_in_an_hour(world: World, administrator: Client) -> None:
    address, sent = url(world, "organization-invite"), {"role": "owner", "place": str(world.home.pk)}
    codes = [administrator.post(address, sent | {"email": "x@example.com"}).status_code for _ in range(11)]
    assert codes == [302] * 10 + [400]
    answer = administrator.post(address, sent | {"email": "X@example.com"})
    assert "x@example.com can get at most 10 invitations within an hour." in answer.content.decode()
    assert administrator.post(address, sent | {"email": "y@example.com"}).status_code == 302
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        later = signed_in_client(world.people["organization_administrator"])
        assert later.post(address, sent | {"email": "x@example.com"}).status_code == 302


@pytest.mark.parametrize("who", ["organization_administrator", "tenant_administrator"])
def test_invitations_that_are_sent_again_count_as_mails_to_the_address(world: World, who: str) -> None:
    by, later, sent = world.people[who], timezone.now() + timedelta(minutes=70), 0
    codes: set[str] = set()
    with organization_scope(world.organization):
        rows = [
            invite(
                by=factories.BY,
                organization=world.organization,
                email="x@example.com",
                role=role,
                tenant=world.home,
            )[0]
            for role in (Role.OWNER, Role.APPROVER, Role.TENANT_ADMINISTRATOR)
        ]
    with person_scope(by), patch("portal.members.invite.enqueue"):
        # An invitation may be sent again after five minutes. Here, six minutes have passed each time, so the only limit
        # that refuses a mail is that of ten mails to an address.
        for minutes in range(0, 24, 6):
            for row in rows:
                with time_machine.travel(later + timedelta(minutes=minutes)):
                    try:
                        send_again(by=by, invitation=row)
                        sent += 1
                    except Conflict as error:
                        codes.add(error.code)
    assert (sent, codes) == (10, {"invited_often"})


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"role": "auditor"}, "An auditor’s access must end"),
        ({"role": "organization_engineer"}, "Choose the whole organization"),
        ({"place": "organization"}, "Choose customers for the role"),
        ({"email": "organization_administrator@example.com"}, "You cannot grant or change your own access"),
        ({"place": "00000000-0000-0000-0000-000000000000"}, "Select a valid choice"),
    ],
)
def test_an_invalid_invitation_is_explained(
    world: World, administrator: Client, data: dict[str, str], text: str
) -> None:
    given = {"email": "x@example.com", "role": "owner", "place": str(world.home.pk), "until": "", **data}
    answer = administrator.post(url(world, "organization-invite"), given)
    assert answer.status_code == 400
    assert text in answer.content.decode()


def test_a_customer_of_another_organization_cannot_be_chosen(world: World, administrator: Client) -> None:
    data = {"email": "x@example.com", "role": "owner", "place": str(world.foreign.pk)}
    assert administrator.post(url(world, "organization-invite"), data).status_code == 400


def test_ending_access_needs_a_confirmation(world: World, administrator: Client) -> None:
    membership = world.of(world.home)["membership"]
    address = url(world, "membership-end", membership.pk)
    assert "End the access of" in administrator.get(address).content.decode()
    with person_scope(world.people["auditor"]) as scope:
        assert scope.tenant_ids
    administrator.post(address)
    with person_scope(world.people["auditor"]) as scope:
        assert not scope.tenant_ids
    html = page(administrator, "organization-people", world.organization.slug, query="?show=ended")
    assert "auditor@example.com" in html[html.index('aria-label="People"') :]


def test_another_role_replaces_the_present_one(world: World, administrator: Client) -> None:
    membership = world.of(world.home)["membership"]
    answer = administrator.post(
        url(world, "membership-change", membership.pk), {"role": "owner", "until": ""}
    )
    assert answer.status_code == 302
    with person_scope(world.people["auditor"]) as scope:
        assert scope.roles(world.home.pk) == {Role.OWNER}


def test_the_second_administrator_confirms_on_the_page(world: World, sign_in: SignIn) -> None:
    waiting = world.of(world.home)["waiting"]
    client = sign_in(world.people["organization_administrator"])
    html = page(client, "organization-people", world.organization.slug)
    assert 'name="decision" value="confirm"' in html
    client.post(url(world, "membership-decide", waiting.pk), {"decision": "confirm"})
    with person_scope(waiting.person) as scope:
        assert Role.APPROVER in scope.roles(world.home.pk)


def test_the_second_administrator_sees_which_role_ends(
    world: World, administrator: Client, sign_in: SignIn
) -> None:
    membership = world.of(world.home)["membership"]
    administrator.post(url(world, "membership-change", membership.pk), {"role": "approver", "until": ""})
    second = sign_in(world.people["tenant_administrator"])
    html = second.get(reverse("tenant-people", args=[world.home.slug])).content.decode()
    assert html.count("Replaces the role Auditor, which then ends") == 1


def test_a_single_administrator_is_told_what_to_do(world: World, sign_in: SignIn) -> None:
    only = factories.member(Role.ORGANIZATION_ADMINISTRATOR, factories.organization("Alone"))
    with person_scope(only) as scope:
        organization_id = next(iter(scope.organization_ids))
    client = sign_in(only)
    with organization_scope(organization_id):
        organization = Membership.objects.get(person=only).organization
    tenant = factories.tenant(organization)
    with person_scope(only):
        waiting = grant_membership(
            by=only, person=factories.person(), organization=organization, tenant=tenant, role=Role.APPROVER
        )
    html = page(client, "organization-people", organization.slug)
    assert f"manage.py confirm_role {waiting.pk}" in html
    assert 'name="decision"' not in html
    answer = client.post(
        reverse("membership-decide", args=[organization.slug, waiting.pk]), {"decision": "confirm"}
    )
    assert answer.status_code == 403


def test_administrators_of_a_customer_manage_its_people_and_no_others(world: World, sign_in: SignIn) -> None:
    sister = factories.tenant(world.organization, "Sister Clinics")
    stranger = factories.member(Role.OWNER, sister, factories.person("sister@example.com"))
    client = sign_in(world.people["tenant_administrator"])
    here = reverse("tenant-people", args=[world.home.slug])
    html = client.get(here).content.decode()
    assert f'href="{reverse("policy", args=[world.home.slug])}"' in html, (
        "the customer's settings stay in view"
    )
    assert 'aria-label="Customer"' not in html, "the page is about one customer, so there is no choice"
    invite = url(world, "organization-invite") + f"?at={world.home.slug}"
    assert f'href="{invite}"' in html
    form = client.get(invite).content.decode()
    assert re.search(rf'value="{world.home.pk}"[^>]*checked', form), "the customer is chosen already"
    sent = {"email": "new@example.com", "role": "owner", "place": [str(world.home.pk)]}
    assert client.post(invite, sent).headers["Location"] == here
    assert "auditor@example.com" in html
    assert "sister@example.com" not in html
    assert sister.name not in html
    # The organization's people are shown, because they have access, but cannot be changed.
    assert "engineer@example.com" in html
    with organization_scope(world.organization):
        engineer = Membership.objects.get(person=world.people["organization_engineer"])
        theirs = Membership.objects.get(person=stranger)
    assert str(engineer.pk) not in html
    assert client.post(url(world, "membership-end", engineer.pk)).status_code == 403
    assert client.post(url(world, "membership-end", theirs.pk)).status_code == 404
    form = client.get(url(world, "organization-invite")).content.decode()
    assert "Organization administrator" not in form
    data = {"email": "x@example.com", "role": "organization_administrator", "place": "organization"}
    assert client.post(url(world, "organization-invite"), data).status_code == 400
    data = {"email": "x@example.com", "role": "owner", "place": str(sister.pk)}
    assert client.post(url(world, "organization-invite"), data).status_code == 400
    data["place"] = str(world.home.pk)
    assert client.post(url(world, "organization-invite"), data).status_code == 302


def test_an_administrator_of_a_customer_is_a_second_administrator(world: World, sign_in: SignIn) -> None:
    first = world.people["organization_administrator"]
    with person_scope(first):
        waiting = grant_membership(
            by=first,
            person=factories.person(),
            organization=world.organization,
            tenant=world.home,
            role=Role.APPROVER,
        )
    client = sign_in(world.people["tenant_administrator"])
    client.post(url(world, "membership-decide", waiting.pk), {"decision": "confirm"})
    with person_scope(waiting.person) as scope:
        assert Role.APPROVER in scope.roles(world.home.pk)


@pytest.mark.parametrize("role", ["organization_engineer", "approver", "auditor", "owner"])
def test_other_roles_do_not_see_the_page(world: World, sign_in: SignIn, role: str) -> None:
    assert sign_in(world.people[role]).get(url(world, "organization-people")).status_code == 403


def test_person_without_access_is_offboarded_from_the_list_of_ended_access(
    world: World, administrator: Client, sign_in: SignIn
) -> None:
    owner = world.people["owner"]
    with person_scope(world.people["organization_administrator"]):
        for row in Membership.objects.filter(person=owner):
            revoke_membership(by=world.people["organization_administrator"], membership=row)
    address = url(world, "person-leaving", owner.pk)
    people = url(world, "organization-people")
    assert address not in administrator.get(people).content.decode()
    assert address in administrator.get(people, {"show": "ended"}).content.decode()
    assert "Hand over to" in administrator.get(address).content.decode()
    # Only people who administer the whole organization get this link.
    customers = sign_in(world.people["tenant_administrator"])
    assert address not in customers.get(people, {"show": "ended"}).content.decode()
