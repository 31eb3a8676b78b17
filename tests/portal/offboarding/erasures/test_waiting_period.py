"""A shorter waiting period of erasures applies only after seven days, and the administrators are notified of it. Both
are true even if the period was set with SQL.
"""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from portal.notify.models import Notice
from portal.offboarding.erasures.waiting_period import announce_shorter_period, set_waiting_period
from portal.offboarding.tasks import tick
from tenants.models import Organization, OrganizationJournalEntry, Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.portal.web.forms import filled, start_of
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.fixture
def organization() -> Organization:
    return factories.organization()


@pytest.fixture
def administrators(organization: Organization) -> tuple[Person, Person]:
    first, second = (factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization) for _ in range(2))
    return first, second


def stored(organization: Organization) -> Organization:
    with organization_scope(organization):
        return Organization.objects.get(pk=organization.pk)


def hours(organization: Organization, later: timedelta = timedelta()) -> int:
    """Return the waiting period in hours that the database uses for a confirmation at the time now + `later`."""
    with organization_scope(organization), connection.cursor() as cursor:
        cursor.execute(
            "SELECT tenants_erasure_wait(%s, clock_timestamp() + make_interval(secs => %s))",
            [organization.pk, later.total_seconds()],
        )
        return int(cursor.fetchone()[0])


def by_action(organization: Organization, by: Person, value: int) -> None:
    with person_scope(by):
        set_waiting_period(organization=organization, by=by, hours=value)


def by_sql(organization: Organization, by: Person, value: int) -> None:
    del by
    with organization_scope(organization), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tenants_organization SET erasure_wait_hours = %s, erasure_wait_before = NULL,"
            " erasure_wait_from = now() - interval '1 day' WHERE id = %s",
            [value, organization.pk],
        )


@pytest.mark.parametrize("change", [by_action, by_sql])
def test_shorter_period_takes_effect_after_seven_days(
    organization: Organization, administrators: tuple[Person, Person], change: Any
) -> None:
    by, _ = administrators
    change(organization, by, 0)
    assert hours(organization) == hours(organization, WEEK - timedelta(minutes=1)) == 24
    assert hours(organization, WEEK + timedelta(minutes=1)) == 0
    row = stored(organization)
    assert (row.erasure_wait_before, row.erasure_wait_is_pending) == (24, True)
    change(organization, by, 12)
    assert hours(organization) == 24, "another decision starts the seven days again"
    assert hours(organization, WEEK - timedelta(minutes=1)) == 24
    change(organization, by, 48)
    assert hours(organization) == 48, "a longer period takes effect at once"
    assert not stored(organization).erasure_wait_is_pending


@pytest.mark.parametrize(
    "column", ["erasure_wait_before = 0", "erasure_wait_from = now() - interval '1 day'"]
)
def test_sql_cannot_hasten_a_decision(
    organization: Organization, administrators: tuple[Person, Person], column: str
) -> None:
    by_action(organization, administrators[0], 0)
    with organization_scope(organization), connection.cursor() as cursor:
        cursor.execute(f"UPDATE tenants_organization SET {column} WHERE id = %s", [organization.pk])
    assert hours(organization) == hours(organization, WEEK - timedelta(minutes=1)) == 24


def told(tenant: Tenant) -> set[Any]:
    with factories.in_tenant(tenant):
        rows = Notice.objects.filter(kind="erasure_wait_shortened")
        return set(rows.values_list("person", flat=True))


@pytest.mark.parametrize("change", [by_action, by_sql])
def test_all_administrators_are_notified_whoever_shortened_it(
    organization: Organization, administrators: tuple[Person, Person], change: Any
) -> None:
    first, second = administrators
    archived, tenant = factories.tenant(organization), factories.tenant(organization)
    factories.member(Role.TENANT_ADMINISTRATOR, tenant)
    with factories.in_tenant(archived):
        Tenant.objects.update(archived_at=timezone.now(), archive_reason="Ends")
    change(organization, first, 0)
    tick()
    tick()
    assert (told(archived), told(tenant)) == (set(), {first.pk, second.pk})
    with organization_scope(organization):
        entries = OrganizationJournalEntry.objects.filter(action="organization.erasure_wait_changed")
        if change is by_action:
            row = stored(organization)
            assert row.erasure_wait_from is not None
            assert entries.get().details == {
                "hours": {"from": 24, "to": 0},
                "effective_at": row.erasure_wait_from.isoformat(),
            }
    change(organization, first, 24)
    with organization_scope(organization):
        assert announce_shorter_period(organization_id=organization.pk) == 0


def test_administrators_are_notified_once_although_the_first_customer_is_archived(
    organization: Organization, administrators: tuple[Person, Person]
) -> None:
    first, second = administrators
    one, other = factories.tenant(organization), factories.tenant(organization)
    by_action(organization, first, 0)
    assert told(one) == {first.pk, second.pk}
    with factories.in_tenant(one):
        Tenant.objects.update(archived_at=timezone.now(), archive_reason="Ends")
    third = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    tick()
    assert told(other) == {third.pk}, "only the administrator who has not been notified"


@pytest.mark.slow(seconds=1)
def test_page_says_when_a_shorter_period_applies(
    organization: Organization, administrators: tuple[Person, Person]
) -> None:
    client, address = signed_in_client(administrators[0]), reverse("erasures", args=[organization.slug])
    opened, older = ({**start_of(client, address), "hours": hours} for hours in ("1", "48"))
    html = " ".join(unescape(client.post(address, opened, follow=True).content.decode()).split())
    assert f"The new waiting period applies from {timezone.now() + WEEK:%Y-%m-%d} on." in html
    assert "The waiting period is 24 h until" in html
    # A page that was opened earlier does not replace the saved period.
    answer = client.post(address, older)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "the waiting period was changed while you edited it" in " ".join(html.split())
    assert [f">{hours} h<" in html for hours in (24, 48)] == [True, True]
    assert "<strong>1 h</strong>" in html
    assert stored(organization).erasure_wait_hours == 1
    assert client.post(address, filled(html)).status_code == 302
    assert stored(organization).erasure_wait_hours == 48
    assert client.post(address, {"hours": "72"}).status_code == 400
    assert stored(organization).erasure_wait_hours == 48
    assert "and 1 h from then on" in html
