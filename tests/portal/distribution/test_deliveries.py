"""Mails with reports, sent to a real mail server: attached or as a link, retried, refused, stopped, and sent again."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.distribution.actions.deliveries import MAX_ATTEMPTS, send_again, send_due
from portal.distribution.actions.outbox import SEND_AGAIN_MINUTES
from portal.distribution.actions.runs import run_due, run_now
from portal.distribution.actions.schedules import change_schedule, remove_schedule
from portal.distribution.models import ReportDelivery, ReportLink, ReportSchedule
from portal.notify.models import Notice
from portal.reports.models import Report
from portal.reports.records.revocation import revoke_report
from tenants.actions import archive_tenant, revoke_membership
from tenants.actions.organizations import set_report_link_days
from tenants.models import JournalEntry, Membership, Tenant
from tenants.people.link_tokens import hash_token
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.portal.distribution.schedules import add, choices, end_build, report_of, runs
from tests.portal.notify.conftest import mail_server  # noqa: F401 - a fixture
from tests.portal.notify.mail_server import MailServer
from tests.portal.web.requests import page
from tests.portal.web.world import World
from tests.signed_in import signed_in_client


@pytest.fixture
def schedule(world: World) -> ReportSchedule:
    """A schedule of the engineer. Its report is finished; the recipients are an auditor and an address without an
    account.
    """
    return built(world, people=[world.people["auditor"].pk])


def built(world: World, **given: Any) -> ReportSchedule:
    row = add(world.home, **given)
    with factories.in_tenant(world.home):
        ReportSchedule.objects.filter(pk=row.pk).update(made_by=world.people["organization_engineer"])
        run_now(schedule=row, by=factories.BY)
    run_due(tenant_id=world.home.pk)
    report = report_of(runs(world.home)[-1])
    end_build(report)
    run_due(tenant_id=world.home.pk)
    return row


def deliveries(tenant: Tenant) -> dict[str, ReportDelivery]:
    with factories.in_tenant(tenant):
        rows = ReportDelivery.objects.filter(tenant=tenant).select_related("person", "run__tenant")
        return {row.person.email if row.person else row.address: row for row in rows}


def journal(tenant: Tenant, action: str) -> list[JournalEntry]:
    with factories.in_tenant(tenant):
        return list(JournalEntry.objects.filter(tenant=tenant, action=action).order_by("sequence"))


def notices(world: World) -> list[Notice]:
    with factories.in_tenant(world.home):
        rows = Notice.objects.filter(tenant=world.home, kind="report_not_delivered")
        return list(rows.filter(person=world.people["organization_engineer"]))


def make_due(tenant: Tenant) -> None:
    with factories.in_tenant(tenant):
        ReportDelivery.objects.filter(state="waiting").update(due_at=timezone.now() - timedelta(seconds=1))


def test_each_recipient_gets_the_signed_file(
    world: World,
    schedule: ReportSchedule,
    mail_server: MailServer,  # noqa: F811
) -> None:
    assert send_due(tenant_id=world.home.pk) == 2
    assert sorted(mail_server.recipients) == ["auditor@example.com", "it@contoso.example"]
    for mail in mail_server.received:
        (attachment,) = mail.iter_attachments()
        content = attachment.get_payload(decode=True)
        assert isinstance(content, bytes)
        report = report_of(deliveries(world.home)["it@contoso.example"].run)
        assert hashlib.sha256(content).hexdigest() == report.sha256
        assert attachment.get_content_type() == "application/pdf"
        assert attachment.get_filename() == f"surety-{world.home.slug}-executive-summary-{report.number}.pdf"
        assert mail["Subject"] == f"{world.home.name}: Executive summary as of {report.as_of:%Y-%m-%d}"
        assert mail["Surety-Customer"] == str(world.home.pk)
        body = mail.get_body(("plain",))
        assert body is not None
        text = body.get_content()
        assert f"SHA-256: {report.sha256}" in text
        assert f"As of: {report.as_of:%Y-%m-%d %H:%M} UTC" in text
        assert "https://surety.msp.example/verify/" in text
        assert f"because of the report schedule “{schedule.name}”" in text
    assert {row.state for row in deliveries(world.home).values()} == {"sent"}
    sent = journal(world.home, "report.sent")
    assert sorted(entry.details["to"] for entry in sent) == [
        "Auditor <auditor@example.com>",
        "it@contoso.example",
    ]
    assert send_due(tenant_id=world.home.pk) == 0
    assert notices(world) == []


def text_to(mail_server: MailServer, address: str) -> list[str]:  # noqa: F811
    """Return the texts of the mails to an address, and check that these mails have no attachment."""
    found = []
    for recipient, mail in zip(mail_server.recipients, mail_server.received, strict=True):
        if recipient == address:
            assert list(mail.iter_attachments()) == []
            body = mail.get_body(("plain",))
            assert body is not None
            found.append(body.get_content())
    return found


def test_a_large_report_is_linked(
    world: World,
    settings: Any,
    schedule: ReportSchedule,
    mail_server: MailServer,  # noqa: F811
) -> None:
    settings.SURETY_MAIL_ATTACHMENT_MB = 0
    assert send_due(tenant_id=world.home.pk) == 2
    report = report_of(runs(world.home)[-1])
    (to_person,) = text_to(mail_server, "auditor@example.com")
    assert f"https://surety.msp.example/t/{world.home.slug}/reports/{report.number}/" in to_person
    assert "/report-links/" not in to_person
    (to_other,) = text_to(mail_server, "it@contoso.example")
    assert f"/t/{world.home.slug}/" not in to_other
    address = re.search(r"https://surety\.msp\.example(/report-links/[\w-]{43}/)", to_other)
    assert address is not None
    with factories.in_tenant(world.home):
        link = ReportLink.objects.get(report_number=report.number)
    assert (link.recipient, link.made_by, link.token_hash) == (
        "it@contoso.example",
        None,
        hash_token(address[1].split("/")[2]),
    )
    assert timedelta(days=13) < link.expires_at - timezone.now() <= timedelta(days=14)
    assert f"works until {link.expires_at:%Y-%m-%d %H:%M} UTC" in to_other
    nobody = Client()
    assert report.sha256 in nobody.get(address[1]).content.decode()
    file = b"".join(nobody.post(address[1]))
    assert hashlib.sha256(file).hexdigest() == report.sha256

    # If a worker dies, the next attempt sends the same link. If a person sends the report again, the mail has a new
    # link.
    with factories.in_tenant(world.home):
        ReportDelivery.objects.filter(address="it@contoso.example").update(
            state="waiting", due_at=timezone.now()
        )
    assert send_due(tenant_id=world.home.pk) == 1
    assert address[0] in text_to(mail_server, "it@contoso.example")[1]
    sent_earlier(world)
    with person_scope(world.people["organization_engineer"]):
        send_again(
            delivery=deliveries(world.home)["it@contoso.example"], by=world.people["organization_engineer"]
        )
    assert send_due(tenant_id=world.home.pk) == 1
    assert address[0] not in text_to(mail_server, "it@contoso.example")[2]
    with factories.in_tenant(world.home):
        assert ReportLink.objects.filter(report_number=report.number).count() == 2


def sent_earlier(world: World) -> None:
    """Set `sent_at` of all mails to an earlier time, because a mail can be sent again only after some minutes."""
    with factories.in_tenant(world.home):
        ReportDelivery.objects.update(sent_at=timezone.now() - timedelta(minutes=SEND_AGAIN_MINUTES))


def test_a_large_report_is_refused_while_links_are_switched_off(
    world: World,
    settings: Any,
    schedule: ReportSchedule,
    mail_server: MailServer,  # noqa: F811
) -> None:
    settings.SURETY_MAIL_ATTACHMENT_MB = 0
    with organization_scope(world.organization):
        set_report_link_days(organization=world.organization, by=factories.BY, days=0)
    assert send_due(tenant_id=world.home.pk) == 1
    other = deliveries(world.home)["it@contoso.example"]
    assert (other.state, "links to reports are switched off" in other.error) == ("failed", True)
    assert len(notices(world)) == 1


@pytest.mark.slow(seconds=1)
def test_a_refused_address_is_told_to_the_maker_and_can_be_sent_again(
    world: World,
    schedule: ReportSchedule,
    mail_server: MailServer,  # noqa: F811
) -> None:
    mail_server.recipient_reply = "550 5.1.1 no such user"
    assert send_due(tenant_id=world.home.pk) == 0
    row = deliveries(world.home)["it@contoso.example"]
    assert (row.state, row.error) == ("failed", "The mail server refused the address: 550 5.1.1 no such user")
    titles = sorted(notice.title for notice in notices(world))
    assert titles[1] == f"{world.home.name}: report 2 was not delivered to it@contoso.example"
    assert len(journal(world.home, "report.not_sent")) == 2
    mail_server.recipient_reply = ""
    client = signed_in_client(world.people["organization_engineer"])
    shown = page(client, "report", world.home.slug, row.run.report_number)
    assert "550 5.1.1 no such user" in shown
    answer = client.post(f"/t/{world.home.slug}/reports/deliveries/{row.pk}/send/", follow=True)
    assert "The report is sent again to it@contoso.example" in answer.content.decode()
    assert send_due(tenant_id=world.home.pk) == 1
    assert mail_server.recipients == ["it@contoso.example"]
    answer = client.post(f"/t/{world.home.slug}/reports/deliveries/{row.pk}/send/", follow=True)
    assert "This report was sent less than 5 minutes ago." in answer.content.decode()
    assert deliveries(world.home)["it@contoso.example"].state == "sent"
    (entry,) = journal(world.home, "report.sent_again")
    assert entry.details["to"] == "it@contoso.example"
    assert entry.actor.startswith("engineer@example.com")
    first, second = (
        deliveries(world.home)["auditor@example.com"],
        deliveries(world.home)["it@contoso.example"],
    )
    assert (first.state, second.state, second.series) == ("failed", "sent", 1)


@pytest.mark.slow(seconds=1)
def test_a_busy_server_is_asked_again_until_the_attempts_are_used_up(
    world: World,
    schedule: ReportSchedule,
    mail_server: MailServer,  # noqa: F811
) -> None:
    mail_server.data_reply = "451 try later"
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert send_due(tenant_id=world.home.pk) == 0
        row = deliveries(world.home)["it@contoso.example"]
        assert row.attempts == attempt
        assert row.state == ("failed" if attempt == MAX_ATTEMPTS else "waiting")
        assert "451 try later" in row.error
        make_due(world.home)
    assert len(notices(world)) == 2


def test_an_unreachable_server_uses_up_no_attempt(
    world: World, schedule: ReportSchedule, settings: Any
) -> None:
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": 1, "timeout": 2},
        }
    }
    assert send_due(tenant_id=world.home.pk) == 0
    row = deliveries(world.home)["it@contoso.example"]
    assert (row.state, row.attempts) == ("waiting", 0)
    assert "cannot be reached" in row.error


@pytest.mark.parametrize("event", ["revoked", "archived", "access", "address", "schedule", "file"])
def test_what_has_changed_since_stops_the_mail(
    world: World,
    schedule: ReportSchedule,
    mail_server: MailServer,  # noqa: F811
    event: str,
) -> None:
    report = report_of(runs(world.home)[-1])
    stopped = {"auditor@example.com", "it@contoso.example"}
    administrator = world.people["organization_administrator"]
    with organization_scope(world.organization):
        tenant = Tenant.objects.select_related("organization").get(pk=world.home.pk)
        if event == "archived":
            archive_tenant(tenant=tenant, by=factories.BY, reason="Left")
        elif event == "address":
            change_schedule(
                schedule=schedule,
                by=factories.BY,
                choices=choices(addresses=["new@contoso.example"], people=[world.people["auditor"].pk]),
            )
            stopped = {"it@contoso.example"}
        elif event == "schedule":
            remove_schedule(schedule=schedule, by=factories.BY)
            stopped = {"it@contoso.example"}
        elif event == "file":
            stored = Report.objects.get(pk=report.pk)
            with stored.file.storage.open(str(stored.file.name), "wb") as file:
                file.write(b"%PDF changed")
    with person_scope(administrator):
        if event == "revoked":
            revoke_report(
                report=Report.objects.select_related("tenant").get(pk=report.pk),
                reason="Wrong",
                by=administrator,
            )
        elif event == "access":
            membership = Membership.objects.get(person=world.people["auditor"], tenant=world.home)
            revoke_membership(by=administrator, membership=membership)
            stopped = {"auditor@example.com"}
    send_due(tenant_id=world.home.pk)
    assert set(mail_server.recipients) == {"auditor@example.com", "it@contoso.example"} - stopped
    state = "failed" if event == "file" else "stopped"
    found = deliveries(world.home)
    assert {address for address, row in found.items() if row.state == state and row.error} == stopped


def test_unconfirmed_addresses_and_former_readers_get_nothing(world: World) -> None:
    row = add(world.home)
    with factories.in_tenant(world.home):
        ReportSchedule.objects.filter(pk=row.pk).update(
            addresses=[{"address": "it@contoso.example", "confirmed_by": None}],
            people=[world.people["owner"].pk],
            made_by=world.people["organization_engineer"],
        )
        run_now(schedule=row, by=factories.BY)
    run_due(tenant_id=world.home.pk)
    report = report_of(runs(world.home)[-1])
    end_build(report)
    run_due(tenant_id=world.home.pk)
    assert deliveries(world.home) == {}
    (notice,) = notices(world)
    assert notice.title.endswith("was sent to nobody")
