"""The access of a mail's recipients is checked when the mail is rendered."""

from __future__ import annotations

import pytest
from django.urls import reverse

from portal.notify.access import INACTIVE, LOST_ACCESS, LOST_FINDING
from portal.notify.delivery import send_due
from portal.notify.models import Notice
from portal.treatment.actions.owners.assign import assign
from tenants.actions import revoke_membership
from tenants.models import Membership, Person, Tenant
from tenants.scope import organization_scope
from tests import factories
from tests.factories import BY
from tests.portal.notify.mail_server import MailServer, text_and_html
from tests.portal.notify.outbox import only_notice, publish_event
from tests.portal.web.world import World, make_world

pytestmark = pytest.mark.django_db


def test_people_without_access_are_not_mailed(tenant: Tenant, mira: Person, mail_server: MailServer) -> None:
    publish_event(tenant, mira)
    with organization_scope(tenant.organization):
        revoke_membership(by=BY, membership=Membership.objects.get(person=mira))
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    assert mail_server.received == []
    assert (only_notice(tenant).state, only_notice(tenant).error) == ("kept", LOST_ACCESS)


def test_deactivated_accounts_are_not_mailed(tenant: Tenant, mira: Person, mail_server: MailServer) -> None:
    publish_event(tenant, mira)
    Person.objects.filter(pk=mira.pk).update(is_active=False)
    send_due(tenant_id=tenant.pk)
    assert (mail_server.received, only_notice(tenant).error) == ([], INACTIVE)


@pytest.mark.slow(seconds=1)
def test_owners_are_mailed_only_about_findings_they_own_now(mail_server: MailServer) -> None:
    world: World = make_world(accounts=2)
    home, owner, by = world.home, world.people["owner"], world.people["organization_engineer"]
    finding = world.of(home)["finding"]
    with factories.in_tenant(home):
        Notice.objects.all().delete()
        assign(tenant=home, findings=type(finding).objects.filter(pk=finding.pk), owner=owner, by=by)
        Notice.objects.all().delete()
    path = reverse("finding", args=[home.slug, finding.pk])
    publish_event(home, owner, kind="reopened", key="1", finding=finding, path=path, title="It fails again")
    assert send_due(tenant_id=home.pk) == (1, 0)
    plain, html = text_and_html(mail_server.received[0])
    link = "https://surety.msp.example" + reverse("finding-acknowledge", args=[home.slug, finding.pk])
    assert f"Acknowledge: {link}" in plain
    assert f'href="{link}"' in html
    kinds = ("reopened", "attestation_lapsed", "mentioned")
    for kind in kinds:
        publish_event(home, owner, kind=kind, key="2", finding=finding, path=path)
    with factories.in_tenant(home):
        assign(tenant=home, findings=type(finding).objects.filter(pk=finding.pk), owner=None, by=by)
    assert send_due(tenant_id=home.pk) == (0, 0)
    with factories.in_tenant(home):
        for kind in kinds:
            assert Notice.objects.get(kind=kind, key="2").error == LOST_FINDING


def test_the_person_who_caused_an_event_gets_no_notice(tenant: Tenant, mira: Person) -> None:
    from portal.notify.publish import Event, publish

    event = Event(kind="mentioned", key="1", title="x", path="/x/")
    with factories.in_tenant(tenant):
        assert publish(tenant=tenant, event=event, subscribers=[mira, mira], by=mira) == 0
        assert publish(tenant=tenant, event=event, subscribers=[mira, mira], by=BY) == 1
