"""The monthly reports of an organization's customers are built and mailed although no person does anything. The test
uses real workers, a real broker and a real mail server.

The suite uses few customers. `SURETY_TEST_CUSTOMERS=50` sets another number.
"""

from __future__ import annotations

import hashlib
import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery import Celery

from portal.distribution.actions.schedules import add_schedule
from portal.distribution.models import OrganizationReportSchedule, ReportDelivery, ReportRun, ReportSchedule
from portal.reports.models import Report
from tenants.models import Tenant
from tenants.scope import organization_scope
from tests import factories
from tests.portal.distribution.schedules import choices
from tests.portal.notify.conftest import mail_server  # noqa: F401 - a fixture
from tests.portal.notify.mail_server import MailServer
from tests.portal.reports.build_site import Site, site  # noqa: F401 - fixtures
from tests.portal.web.world import make_customer
from tests.waiting import until

CUSTOMERS = int(os.environ.get("SURETY_TEST_CUSTOMERS", "3"))


def tick(broker_url: str) -> None:
    """Wait two seconds, then send the tasks that the scheduler sends once a minute."""
    time.sleep(2)
    sender = Celery(broker=broker_url, set_as_current=False)
    sender.conf.task_default_queue = "surety"
    for task in ("portal.distribution.tasks.tick", "portal.reports.tasks.tick"):
        sender.send_task(task)


@pytest.mark.slow
def test_monthly_reports_of_all_customers_leave_unattended(
    site: Site,  # noqa: F811
    broker: str,
    mail_server: MailServer,  # noqa: F811
    settings: Any,
) -> None:
    provider, engineer = site.world.organization, site.world.people["organization_engineer"]
    for number in range(CUSTOMERS - 1):
        make_customer(provider, f"Customer {number}", engineer, accounts=2)
    with organization_scope(provider):
        OrganizationReportSchedule.objects.all().delete()
        ReportSchedule.objects.all().delete()
        ReportRun.objects.all().delete()
        add_schedule(
            place=provider,
            by=factories.BY,
            choices=choices(people=[engineer.pk], timetable="monthly 1 06:00 within 240"),
        )
        tenants = list(Tenant.objects.filter(organization=provider))
    assert len(tenants) == CUSTOMERS
    port = settings.MAILERS["default"]["OPTIONS"]["port"]
    site.start_worker(SURETY_SMTP_HOST="127.0.0.1", SURETY_SMTP_PORT=str(port), SURETY_SMTP_STARTTLS="0")

    def planned() -> bool:
        tick(broker)
        with organization_scope(provider):
            return ReportSchedule.objects.filter(next_at__isnull=False).count() == CUSTOMERS

    until(planned, 120)
    with organization_scope(provider):
        starts = set(ReportSchedule.objects.values_list("next_at", flat=True))
        assert len(starts) > CUSTOMERS // 2  # The starts are spread over time.
        due = datetime.now(UTC) - timedelta(minutes=1)
        ReportSchedule.objects.update(next_at=due)
    began = datetime.now(UTC)

    def sent() -> bool:
        tick(broker)
        with organization_scope(provider):
            return ReportDelivery.objects.filter(state="sent").count() == 2 * CUSTOMERS

    until(sent, 60 + 60 * CUSTOMERS)
    print(
        f"{CUSTOMERS} customers: {2 * CUSTOMERS} mails after {(datetime.now(UTC) - began).total_seconds():.0f} s"
    )
    with organization_scope(provider):
        assert set(ReportRun.objects.values_list("state", flat=True)) == {"built"}
        numbers = {
            (run.tenant_id, run.report_number) for run in ReportRun.objects.filter(missed_count=0, error="")
        }
        assert len(numbers) == CUSTOMERS
        stored = {
            (row.tenant_id, row.number): row.sha256
            for row in Report.objects.filter(state="ready")
            if (row.tenant_id, row.number) in numbers
        }
    assert len(mail_server.received) == 2 * CUSTOMERS
    hashes = []
    for mail in mail_server.received:
        (attachment,) = mail.iter_attachments()
        content = attachment.get_payload(decode=True)
        assert isinstance(content, bytes)
        hashes.append(hashlib.sha256(content).hexdigest())
    assert sorted(hashes) == sorted([*stored.values()] * 2)
