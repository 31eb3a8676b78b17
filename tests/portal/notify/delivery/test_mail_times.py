"""Times in mails and on the page of notifications: in the reader's time zone, which is named."""

from __future__ import annotations

import pytest
from django.urls import reverse

from portal.notify.delivery import send_due
from tenants.models import Organization, Person, Tenant
from tenants.scope import organization_scope
from tests.portal.notify.mail_server import MailServer, text_and_html
from tests.portal.notify.outbox import publish_event
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db
TITLE = "It starts on 2027-03-01 at 23:30 UTC"
LINE = "Decided on 2027-07-01 12:05 UTC, and not on 2027-02-31 12:00 UTC."


def set_zone(tenant: Tenant, name: str) -> None:
    with organization_scope(tenant.organization_id):
        Organization.objects.update(timezone=name)


@pytest.mark.parametrize(
    ("own", "default", "title", "line"),
    [
        (
            "Asia/Tokyo",
            "Europe/Berlin",
            "It starts on 2027-03-02 08:30 JST (Asia/Tokyo)",
            "Decided on 2027-07-01 21:05 JST (Asia/Tokyo), and not on 2027-02-31 12:00 UTC.",
        ),
        (
            "",
            "Europe/Berlin",
            "It starts on 2027-03-02 00:30 CET (Europe/Berlin)",
            "Decided on 2027-07-01 14:05 CEST (Europe/Berlin), and not on 2027-02-31 12:00 UTC.",
        ),
        (
            "",
            "UTC",
            "It starts on 2027-03-01 23:30 UTC",
            "Decided on 2027-07-01 12:05 UTC, and not on 2027-02-31 12:00 UTC.",
        ),
    ],
)
def test_mail_has_times_of_its_reader(
    tenant: Tenant, mira: Person, mail_server: MailServer, own: str, default: str, title: str, line: str
) -> None:
    set_zone(tenant, default)
    Person.objects.filter(pk=mira.pk).update(timezone=own)
    publish_event(tenant, mira, title=TITLE, lines=(LINE,))
    assert send_due(tenant_id=tenant.pk) == (1, 0)
    (message,) = mail_server.received
    assert message["Subject"].endswith(f": {title}")
    for text in text_and_html(message):
        assert title in text
        assert line in text


def test_page_has_times_of_its_reader(tenant: Tenant, mira: Person) -> None:
    Person.objects.filter(pk=mira.pk).update(timezone="America/New_York", date_format="slashes")
    mira.refresh_from_db()
    publish_event(tenant, mira, title=TITLE, lines=(LINE,))
    html = signed_in_client(mira).get(reverse("notices")).content.decode()
    assert "It starts on 01/03/2027 18:30 EST (America/New York)" in html
    assert "Decided on 01/07/2027 08:05 EDT (America/New York)" in html
