"""Email preferences: their effect on waiting notices, invalid values, and notices marked as read."""

from __future__ import annotations

import pytest

from portal.notify.actions.preferences import mark_read, set_preferences
from portal.notify.delivery import is_due, send_due
from portal.notify.models import Notice, Preference
from tenants.errors import InvalidInput
from tenants.models import Person, Tenant
from tenants.roles import Role
from tests import factories
from tests.portal.notify.mail_server import MailServer
from tests.portal.notify.outbox import only_notice, publish_event

pytestmark = pytest.mark.django_db


def test_with_delivery_off_the_notice_is_only_listed(
    tenant: Tenant, mira: Person, mail_server: MailServer
) -> None:
    with factories.in_tenant(tenant):
        set_preferences(person=mira, tenants=[tenant], deliveries={"exception_decided": "off"})
    publish_event(tenant, mira)
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    assert only_notice(tenant).state == "kept"


def test_changing_a_preference_reschedules_waiting_notices(
    tenant: Tenant, mira: Person, mail_server: MailServer
) -> None:
    publish_event(tenant, mira, kind="assigned")
    with factories.in_tenant(tenant):
        assert not is_due(tenant)
    with factories.in_tenant(tenant):
        assert set_preferences(person=mira, tenants=[tenant], deliveries={"assigned": "immediate"}) == 1
        assert is_due(tenant)
        assert set_preferences(person=mira, tenants=[tenant], deliveries={"assigned": "off"}) == 1
        assert not is_due(tenant)
        assert set_preferences(person=mira, tenants=[tenant], deliveries={"assigned": "off"}) == 0
    assert only_notice(tenant).state == "kept"


@pytest.mark.parametrize("deliveries", [{"nonsense": "daily"}, {"assigned": "hourly"}])
def test_invalid_preferences_are_rejected(tenant: Tenant, mira: Person, deliveries: dict[str, str]) -> None:
    with factories.in_tenant(tenant), pytest.raises(InvalidInput):
        set_preferences(person=mira, tenants=[tenant], deliveries=deliveries)
    with factories.in_tenant(tenant):
        assert not Preference.objects.exists()


def test_people_mark_only_their_own_notices_as_read(tenant: Tenant, mira: Person) -> None:
    omar = factories.member(Role.AUDITOR, tenant)
    publish_event(tenant, mira, omar)
    with factories.in_tenant(tenant):
        other_notice = Notice.objects.get(person=omar)
        assert mark_read(person=mira, notice=other_notice) == 0
        assert mark_read(person=mira) == 1
        assert mark_read(person=mira) == 0
        other_notice.refresh_from_db()
        assert other_notice.read_at is None
