"""The page with the name and the default time zone of an organization, and the times that are shown in this
time zone.
"""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from tenants.actions.organizations import register_tenant
from tenants.models import Organization, OrganizationJournalEntry, Person
from tenants.scope import organization_scope
from tests.factories import BY
from tests.portal.web.forms import filled
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World


@pytest.mark.slow(seconds=1)
def test_administrator_changes_name_and_time_zone(world: World, sign_in: SignIn) -> None:
    administrator = sign_in(world.people["organization_administrator"])
    slug = world.organization.slug
    address = reverse("organization-general", args=[slug])
    before = world.organization.name
    opened = filled(page(administrator, "organization-general", slug))
    other = filled(page(administrator, "organization-general", slug))
    answer = administrator.post(address, {**opened, "timezone": "Mars/Olympus"})
    assert answer.status_code == 400
    changed = {**opened, "name": "Northlight Cloud", "timezone": "Europe/Berlin"}
    assert administrator.post(address, changed).status_code == 302
    assert administrator.post(address, changed).status_code == 302, "sending it twice changes nothing more"
    with organization_scope(world.organization):
        row = Organization.objects.get(pk=world.organization.pk)
        assert (row.name, row.timezone, row.slug) == ("Northlight Cloud", "Europe/Berlin", slug)
        entries = OrganizationJournalEntry.objects.filter(action__startswith="organization.")
        found = {entry.action: entry.details for entry in entries}
        assert found["organization.time_zone_changed"] == {"from": "UTC", "to": "Europe/Berlin"}
        assert found["organization.renamed"] == {"from": before, "to": "Northlight Cloud"}
        assert entries.filter(action="organization.time_zone_changed").count() == 1
        new = register_tenant(by=BY, organization=row, name="Without a time zone")
        assert new.timezone == "Europe/Berlin"
        assert register_tenant(by=BY, organization=row, name="Own", timezone="UTC").timezone == "UTC"
    # A form that was opened before the change does not overwrite it.
    answer = administrator.post(address, {**other, "name": "Southlight"})
    assert answer.status_code == 409
    assert ["Northlight Cloud" in answer.content.decode(), "Southlight" in answer.content.decode()] == [
        True
    ] * 2
    assert 'value="Europe/Berlin"' in page(administrator, "customer-register", slug)


def test_engineers_may_not_change_it(world: World, sign_in: SignIn) -> None:
    engineer = sign_in(world.people["organization_engineer"])
    address = reverse("organization-general", args=[world.organization.slug])
    assert engineer.get(address).status_code == 403
    assert engineer.post(address, {"name": "Mine", "timezone": "UTC"}).status_code == 403


def test_request_of_a_report_shows_times_in_the_time_zone(world: World, sign_in: SignIn) -> None:
    who = world.people["organization_administrator"]
    administrator = sign_in(who)
    slug = world.home.slug
    finished = re.compile(r"finished (\d{4}-\d\d-\d\d \d\d:\d\d \w+)")
    (in_utc, *_) = finished.findall(page(administrator, "reports", slug))
    assert in_utc.endswith(" UTC")
    with organization_scope(world.organization):
        Organization.objects.filter(pk=world.organization.pk).update(timezone="Asia/Tokyo")
    (in_tokyo, *_) = finished.findall(page(administrator, "reports", slug))
    assert in_tokyo.endswith(" JST")
    Person.objects.filter(pk=who.pk).update(timezone="Asia/Kolkata")
    (own, *_) = finished.findall(page(administrator, "reports", slug))
    assert own.endswith(" IST")
