"""Archiving: Surety no longer reads the customer's Azure, evidence stays readable, and restoring is possible."""

from __future__ import annotations

from html import unescape
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.actions.schedules import set_schedule, start_due
from assessments.actions.start import start
from assessments.models import Assessment, Finding, Schedule
from portal.notify.publish import Event, publish
from portal.treatment.actions.owners.assign import assign
from tenants.actions import add_service_principal
from tenants.errors import Conflict
from tenants.models import Directory, JournalEntry, ServicePrincipal, Tenant
from tests import factories
from tests.factories import BY
from tests.portal.treatment.findings import FAILING, make
from tests.portal.web.world import SignIn, World

REASON = {"archive": "1", "reason": "The contract ended"}
GUID = "77777777-1111-4222-8333-444444444444"


def url(world: World) -> str:
    return reverse("leaving", args=[world.home.slug])


def page(client: Client, name: str, *args: object) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200, name
    return unescape(answer.content.decode())


def test_archiving_deletes_credentials_and_stops_reading(world: World, administrator: Client) -> None:
    home = world.home
    with factories.in_tenant(home):
        set_schedule(tenant=home, by=BY, wanted="Mon-Sun 02:00")
        running = start(tenant=home, by=BY)
    answer = administrator.post(url(world), REASON, follow=True)
    assert f"{home.name} is archived." in unescape(answer.content.decode())
    with factories.in_tenant(home):
        tenant = Tenant.objects.get(pk=home.pk)
        assert tenant.archive_reason == "The contract ended"
        assert not ServicePrincipal.objects.exists()
        assert Assessment.objects.get(pk=running.pk).state == Assessment.State.CANCELLED
        Schedule.objects.update(next_at=timezone.now())
        assert start_due(tenant=tenant) is None
        assert start_due(tenant=tenant) is None
        assert Schedule.objects.get().next_at is None
        with pytest.raises(Conflict, match="is archived"):
            start(tenant=home, by=BY)
        with pytest.raises(Conflict, match="is archived"):
            add_service_principal(
                by=BY, directory=Directory.objects.all()[0], client_id=GUID, secret="s3cret~value"
            )
        actions = list(JournalEntry.objects.order_by("-sequence").values_list("action", flat=True)[:4])
    assert {"tenant.archived", "service_principal.removed", "assessment.cancel"} <= set(actions)


def test_database_refuses_a_credential_of_an_archived_customer(world: World, administrator: Client) -> None:
    with factories.in_tenant(world.home):
        principal = ServicePrincipal.objects.all()[0]
    administrator.post(url(world), REASON)
    with (
        factories.in_tenant(world.home),
        pytest.raises(IntegrityError, match="archived customer cannot"),
        transaction.atomic(),
    ):
        principal.save(force_insert=True)


@pytest.mark.slow(seconds=1)
def test_archived_customer_is_marked_and_not_counted_and_stays_readable(
    world: World, administrator: Client, sign_in: SignIn
) -> None:
    slug, objects = world.home.slug, world.of(world.home)
    finding = [slug, objects["finding"].pk]
    before = page(administrator, "portfolio")
    administrator.post(url(world), REASON)
    after = page(administrator, "portfolio")
    assert "archived customer" not in before
    assert "1 archived customer, not included above" in after
    assert f'value="{slug}"' in before
    assert f'value="{slug}"' not in after
    every = administrator.get(reverse("all-findings"))
    assert slug not in unescape(every.content.decode()).split('id="main"', 1)[1]
    for name, args in (("tenant", [slug]), ("finding", finding), ("reports", [slug]), ("findings", [slug])):
        html = page(administrator, name, *args)
        assert "Surety no longer reads its" in html, name
        assert "Reason: The contract ended" in html, name
    assert "Archived" in page(sign_in(world.people["auditor"]), "journal", slug)
    palette = unescape(administrator.get(reverse("palette"), {"kind": "tenant"}).content.decode())
    assert "Archived" in palette


def test_page_of_an_owner_omits_findings_of_the_archived_customer(
    world: World, administrator: Client, sign_in: SignIn
) -> None:
    with factories.in_tenant(world.home):
        finding = make(world.home, FAILING, number=900)
        assign(
            tenant=world.home,
            findings=Finding.objects.filter(pk=finding.pk),
            owner=world.people["owner"],
            by=world.people["organization_administrator"],
        )
    owner, address = sign_in(world.people["owner"]), reverse("finding", args=[world.home.slug, finding.pk])
    assert address in page(owner, "my")
    administrator.post(url(world), REASON)
    assert address not in page(owner, "my")


def test_tasks_publish_nothing_about_an_archived_customer(world: World, administrator: Client) -> None:
    administrator.post(url(world), REASON)
    event = Event("overdue", "key", "Findings are overdue", "/")
    with factories.in_tenant(world.home):
        tenant = Tenant.objects.get(pk=world.home.pk)
        assert publish(tenant=tenant, event=event, subscribers=[world.people["auditor"]]) == 0
        tenant.archived_at = None
        assert publish(tenant=tenant, event=event, subscribers=[world.people["auditor"]]) > 0


def test_restored_customer_needs_a_new_service_principal(world: World, administrator: Client) -> None:
    administrator.post(url(world), REASON)
    assert "Restore customer" in page(administrator, "leaving", world.home.slug)
    answer = administrator.post(url(world), {"restore": "1"}, follow=True)
    assert "Register a service principal to assess the customer again." in unescape(answer.content.decode())
    assert world.home.name in page(administrator, "portfolio")
    with factories.in_tenant(world.home):
        with pytest.raises(Conflict, match="has no service principal yet"):
            start(tenant=world.home, by=BY)
        directory = Directory.objects.all()[0]
        add_service_principal(by=BY, directory=directory, client_id=GUID, secret="s3cret~value")
        assert start(tenant=world.home, by=BY).state == Assessment.State.QUEUED
    again = administrator.post(url(world), {"restore": "1"}, follow=True)
    assert "is not archived." in unescape(again.content.decode())


def test_reason_is_required_and_nothing_happens_without_it(world: World, administrator: Client) -> None:
    for reason in ("", "  ", "x" * 501):
        answer = administrator.post(url(world), {"archive": "1", "reason": reason})
        assert answer.status_code == 400
    with factories.in_tenant(world.home):
        assert not Tenant.objects.get(pk=world.home.pk).is_archived
        assert ServicePrincipal.objects.exists()


def test_command_archives_and_restores(world: World) -> None:
    slug, out = world.home.slug, StringIO()
    with pytest.raises(CommandError, match="Enter why"):
        call_command("archive_customer", slug, reason=" ")
    call_command("archive_customer", slug, reason="Gone", stdout=out)
    with pytest.raises(CommandError, match="already archived"):
        call_command("archive_customer", slug, reason="Gone")
    call_command("archive_customer", slug, restore=True, stdout=out)
    assert f"{world.home.name} is archived." in out.getvalue()
    with pytest.raises(CommandError, match="There is no customer"):
        call_command("archive_customer", "nobody", restore=True)
