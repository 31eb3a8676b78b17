"""The page and the command that switch the watch of a customer, and the organization's default for the watch."""

from __future__ import annotations

from html import unescape
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Schedule, Watch
from assessments.timing.watching import hour_of, watch_setting
from tenants.models import Directory, JournalEntry, Organization, Subscription
from tenants.scope import organization_scope
from tests import factories
from tests.portal.web.world import SignIn, World


def url(world: World) -> str:
    return reverse("watch", args=[world.home.slug])


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_the_watch_is_switched_and_its_cost_and_gaps_are_shown(world: World, engineer: Client) -> None:
    html = text(engineer, url(world))
    assert "The watch is off." in html
    assert "Not watched yet" not in html
    refused = engineer.post(url(world), {"choice": "sometimes"})
    assert refused.status_code == 400
    assert "Select a valid choice. sometimes is not one of the available choices." in unescape(
        refused.content.decode()
    )
    assert engineer.post(url(world), {"choice": "on"}).status_code == 302
    with factories.in_tenant(world.home):
        assert Schedule.objects.get(tenant=world.home).watch is True
        entry = JournalEntry.objects.filter(tenant=world.home, action="watch.changed").get()
        assert entry.details == {"from": "default", "to": "on"}
    assert "Not watched yet. The watch needs a finished assessment" in text(engineer, url(world))
    with factories.in_tenant(world.home):
        first, *_ = Subscription.objects.filter(Subscription.assessed(), tenant=world.home)
        row = Watch.objects.create(
            tenant=world.home,
            unit=f"/subscriptions/{first.subscription_id}",
            next_at=timezone.now(),
            read_at=timezone.now(),
            tried_at=timezone.now(),
            requests=7,
            hours={hour_of(timezone.now()): 31, "2020-01-01T00": 5000},
        )
    html = text(engineer, url(world))
    assert "The watch is off." not in html
    assert ">31<" in html
    assert "5000" not in html
    with factories.in_tenant(world.home):
        Watch.objects.filter(pk=row.pk).update(
            code="AuthorizationFailed",
            message="The client has no permission",
            permission="Microsoft.Insights/eventtypes/values/read",
        )
    html = text(engineer, url(world))
    assert "The activity log could not be read: The client has no permission" in html
    assert "Missing permission: Microsoft.Insights/eventtypes/values/read" in html
    with factories.in_tenant(world.home):
        message = "Changed resources could not be read: Azure throttled the requests for too long."
        Watch.objects.filter(pk=row.pk).update(code="resources_unread", message=message, permission="")
    html = text(engineer, url(world))
    assert message in html
    assert "log could not be read" not in html
    with factories.in_tenant(world.home):
        Watch.objects.filter(pk=row.pk).update(wants_full=True)
        directory = Directory.objects.filter(tenant=world.home)[0]
        Watch.objects.create(
            tenant=world.home,
            unit=f"directory:{directory.directory_id}",
            next_at=timezone.now(),
            tried_at=timezone.now(),
            code="Authorization_RequestDenied",
            message="The client may not read it",
            permission="AuditLog.Read.All",
        )
    html = text(engineer, url(world))
    assert "starts an assessment of this subscription, at most once an hour" in html
    assert "The audit log could not be read: The client may not read it" in html
    assert "Missing permission: AuditLog.Read.All" in html
    with factories.in_tenant(world.home):
        Watch.objects.filter(permission="AuditLog.Read.All").update(message="It needs AuditLog.Read.All.")
    html = text(engineer, url(world))
    assert "could not be read: It needs AuditLog.Read.All." in html
    assert "Missing permission: AuditLog.Read.All" not in html, "the message names it already"


def test_customers_follow_the_default_of_the_organization(world: World, sign_in: SignIn) -> None:
    administrator = sign_in(world.people["organization_administrator"])
    address = reverse("organization-schedule", args=[world.organization.slug])
    said = " ".join(text(administrator, address).split())
    assert "The watch is off for customers" in said
    assert (
        "reads the activity log of each subscription every 5 minutes, and judges changed resources again."
        in said
    )
    assert administrator.post(address, {"watch": "on"}).status_code == 302
    with factories.in_tenant(world.home):
        assert watch_setting(world.home).is_on
    assert "Organization default (on)" in text(administrator, url(world))
    assert administrator.post(url(world), {"choice": "off"}).status_code == 302
    with factories.in_tenant(world.home):
        assert not watch_setting(world.home).is_on


@pytest.mark.django_db
def test_command(world: World) -> None:
    def run(*arguments: str) -> str:
        out = StringIO()
        call_command("watch", *arguments, stdout=out)
        return out.getvalue()

    assert f"{world.home.slug}  default: not watched" in run()
    assert "on: watched" in run(world.home.slug, "on")
    assert "never watched; 0 requests in 24 hours" in run(world.home.slug)
    run(world.organization.slug, "on", "--organization")
    with organization_scope(world.organization):
        assert Organization.objects.get(pk=world.organization.pk).watch_by_default
    assert f"{world.organization.slug}  default of" in run("--organization")
    with pytest.raises(CommandError, match="There is no customer"):
        run("nobody", "on")
    with pytest.raises(CommandError, match="“on” or “off”"):
        run(world.organization.slug, "default", "--organization")
