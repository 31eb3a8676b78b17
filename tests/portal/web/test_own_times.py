"""Pages show dates and times in the zone and format of the person who opens them."""

from __future__ import annotations

import re
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from portal.notify.kinds import KINDS, Delivery
from portal.notify.models import Notice, Preference
from portal.notify.publish import Event, publish
from tenants.models import JournalEntry, Organization, Person
from tenants.scope import organization_scope
from tenants.values.time_display import showing_by_default, zone_name
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World

ISO_IN_UTC = re.compile(r'title="\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)? UTC"')


@pytest.fixture
def tokyo(world: World) -> Person:
    person = world.people["organization_engineer"]
    person.timezone, person.date_format = "Asia/Tokyo", "de"
    person.save(update_fields=["timezone", "date_format"])
    return person


@pytest.mark.slow(seconds=1)
def test_no_page_shows_times_of_another_zone(tokyo: Person, world: World, sign_in: SignIn) -> None:
    client, home, own = sign_in(tokyo), world.home, world.of(world.home)
    pages = [
        ("portfolio", []),
        ("my", []),
        ("tenant", [home.slug]),
        ("findings", [home.slug]),
        ("finding", [home.slug, own["finding"].pk]),
        ("exceptions", [home.slug]),
        ("exception", [home.slug, own["exception"].pk]),
        ("assessments", [home.slug]),
        ("assessment", [home.slug, own["assessment"].pk]),
        ("tenant-settings", [home.slug]),
        ("campaigns", [world.organization.slug]),
        ("campaign", [world.organization.slug, own["campaign"].pk]),
    ]
    seen = 0
    for name, args in pages:
        html = page(client, name, *args)
        assert ISO_IN_UTC.findall(html) == [], name
        assert "Times in Asia/Tokyo, unless another zone is stated" in html, name
        seen += html.count("JST")
    assert seen > 10


@pytest.mark.slow(seconds=1)
def test_the_profile_changes_how_times_are_shown(world: World, sign_in: SignIn) -> None:
    person = world.people["organization_engineer"]
    client: Client = sign_in(person)
    assert ISO_IN_UTC.search(page(client, "findings", world.home.slug))
    url = reverse("account-profile")
    answer = client.post(url, {"times": "1", "timezone": "Europe/Berlin", "date_format": "dots"}, follow=True)
    assert "Your time zone and date format are saved." in answer.content.decode()
    person.refresh_from_db()
    assert (person.timezone, person.date_format) == ("Europe/Berlin", "dots")
    html = page(client, "findings", world.home.slug)
    assert not ISO_IN_UTC.search(html)
    assert re.search(r'title="\d\d\.\d\d\.\d{4} \d\d:\d\d CES?T"', html)
    for wrong in ({"timezone": "Mars/Olympus"}, {"date_format": "klingon"}):
        data = {"times": "1", "timezone": "", "date_format": "iso", **wrong}
        assert client.post(url, data).status_code == 400
    # Saving the name, which has a form of its own, does not change the time zone.
    assert client.post(url, {"name": "Mira O."}).status_code == 302
    person.refresh_from_db()
    assert (person.name, person.timezone) == ("Mira O.", "Europe/Berlin")


@pytest.mark.slow(seconds=1)
def test_pages_use_the_zone_of_the_organization_and_name_it(world: World, sign_in: SignIn) -> None:
    """The form that requests a report, the tooltips of times and the sidebar use the same zone."""
    person = world.people["organization_engineer"]
    client = sign_in(person)

    def shown(name: str) -> tuple[str, set[tuple[str, str]]]:
        html = page(client, name, world.home.slug)
        (zone,) = re.findall(r"Times in ([^,]+), unless another zone is stated", html)
        return zone, set(re.findall(r"finished [0-9. :-]+ ([A-Z]+)|title=\"[0-9. :-]+ ([A-Z]+)\"", html))

    def seen(name: str) -> tuple[str, set[str]]:
        zone, found = shown(name)
        return zone, {one or other for one, other in found}

    assert seen("reports") == ("UTC", {"UTC"})
    with organization_scope(world.organization):
        Organization.objects.filter(pk=world.organization.pk).update(timezone="Asia/Tokyo")
    assert seen("reports") == ("Asia/Tokyo", {"JST"})
    assert seen("assessments") == ("Asia/Tokyo", {"JST"})
    # The person's own choice takes precedence, even if it is UTC.
    url = reverse("account-profile")
    client.post(url, {"times": "1", "timezone": "UTC", "date_format": "iso"})
    person.refresh_from_db()
    assert person.timezone == "UTC"
    assert seen("reports") == ("UTC", {"UTC"})


def test_people_in_organizations_with_different_zones_see_utc() -> None:
    person = Person(timezone="", date_format="iso")
    for zones, expected in (
        (["Asia/Tokyo"], "Asia/Tokyo"),
        (["Asia/Tokyo", "Asia/Tokyo"], "Asia/Tokyo"),
        (["Asia/Tokyo", "Europe/Berlin"], "UTC"),
        ([], "UTC"),
    ):
        with showing_by_default(person, zones):
            assert zone_name() == expected
    with showing_by_default(Person(timezone="Asia/Kolkata", date_format="iso"), ["Asia/Tokyo"]):
        assert zone_name() == "Asia/Kolkata"


def test_the_journal_shows_local_times_and_states_utc(tokyo: Person, world: World, sign_in: SignIn) -> None:
    client = sign_in(tokyo)
    with factories.in_tenant(world.home):
        entry = JournalEntry.objects.order_by("-sequence")[0]
    html = page(client, "journal", world.home.slug)
    local = entry.at.astimezone(ZoneInfo("Asia/Tokyo"))
    assert f"{local:%H:%M:%S}" in html
    assert f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC" in html


def test_digests_come_at_seven_in_the_zone_of_the_person(tokyo: Person, world: World) -> None:
    kind = next(key for key, one in KINDS.items() if not one.automatic)
    with factories.in_tenant(world.home):
        Preference.objects.update_or_create(
            tenant=world.home, person=tokyo, kind=kind, defaults={"delivery": Delivery.DAILY}
        )
        publish(
            tenant=world.home,
            event=Event(kind=kind, key="test-of-zone", title="Assigned", path="/my/"),
            subscribers=[tokyo],
            by=None,
        )
        notice = Notice.objects.get(tenant=world.home, key="test-of-zone")
    assert f"{notice.due_at:%H:%M}" == "22:00"  # 22:00 in UTC is 7:00 in Tokyo.
