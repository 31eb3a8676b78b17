"""Digests of notices: their content, their recipients and their time."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from portal.notify.actions.preferences import set_preferences
from portal.notify.delivery import send_due
from portal.notify.kinds import KINDS, Delivery
from portal.notify.models import Notice
from tenants.models import Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.portal.notify.mail_server import MailServer, text_and_html
from tests.portal.notify.outbox import make_mail_due, only_notice, publish_event

pytestmark = pytest.mark.django_db


@pytest.mark.slow(seconds=1)
def test_a_digest_is_one_mail_with_all_due_notices(
    tenant: Tenant, mira: Person, mail_server: MailServer
) -> None:
    with factories.in_tenant(tenant):
        chosen = {"assigned": "daily", "commented": "weekly"}
        set_preferences(person=mira, tenants=[tenant], deliveries=chosen)
    for number in range(3):
        publish_event(
            tenant, mira, kind="assigned", key=str(number), title=f"Storage {number} was given to you"
        )
    publish_event(tenant, mira, kind="commented", title="Somebody commented")
    publish_event(tenant, mira, kind="exception_ended", title="At once")
    assert send_due(tenant_id=tenant.pk) == (1, 0)
    assert "At once" in mail_server.received[0]["Subject"]
    make_mail_due(tenant)
    assert send_due(tenant_id=tenant.pk) == (1, 0)
    digest = mail_server.received[1]
    assert digest["Subject"] == "Alder & Finch <Clinics>: 4 notifications"
    plain, html = text_and_html(digest)
    for body in (plain, html):
        assert body.index(KINDS["assigned"].label) < body.index("Storage 0") < body.index("Storage 2")
        assert body.index("Storage 2") < body.index(KINDS["commented"].label)
    assert re.fullmatch(r"<digest-[0-9a-f]{32}@msp\.example>", digest["Message-ID"])
    with factories.in_tenant(tenant):
        assert set(Notice.objects.values_list("state", flat=True)) == {"sent"}


def test_each_person_gets_one_digest_per_tenant(mail_server: MailServer) -> None:
    owner = factories.organization()
    one, two = factories.tenant(owner, "One"), factories.tenant(owner, "Two")
    mira = factories.member(Role.ORGANIZATION_ENGINEER, owner, factories.person("mira@example.com"))
    omar = factories.member(Role.TENANT_ADMINISTRATOR, one, factories.person("omar@example.com"))
    for tenant in (one, two):
        for number in range(2):
            publish_event(tenant, mira, omar, kind="assigned", key=str(number))
        make_mail_due(tenant)
        send_due(tenant_id=tenant.pk)
    subjects = sorted((message["To"], message["Subject"]) for message in mail_server.received)
    assert subjects == [
        ("mira@example.com", "One: 2 notifications"),
        ("mira@example.com", "Two: 2 notifications"),
        ("omar@example.com", "One: 2 notifications"),
    ]
    with factories.in_tenant(two):
        # Omar has no access to the tenant Two.
        assert not Notice.objects.filter(person=omar).exists()


def test_digests_are_due_at_seven_in_the_tenants_time_zone(mira: Person, tenant: Tenant) -> None:
    with organization_scope(tenant.organization):
        tenant.timezone = "Pacific/Kiritimati"
        tenant.save()
    publish_event(tenant, mira, kind="assigned")
    due_at = only_notice(tenant).due_at
    assert due_at > datetime.now(UTC)
    assert due_at.astimezone(UTC).hour == 17
    assert only_notice(tenant).delivery == Delivery.DAILY
