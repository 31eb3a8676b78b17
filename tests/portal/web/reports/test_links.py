"""Links with which people without an account download one report for a limited time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from portal.distribution.actions.links import MAX_LINKS, MAX_USES
from portal.distribution.models import ReportLink
from portal.reports.models import Report
from portal.reports.records.revocation import revoke_report
from portal.web.reports.views.links import REQUESTS_PER_MINUTE
from tenants.actions import archive_tenant
from tenants.actions.organizations import set_report_link_days
from tenants.models import JournalEntry, OrganizationJournalEntry, Tenant
from tenants.people.link_tokens import hash_token
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World
from tests.signed_in import signed_in_client


@pytest.fixture(autouse=True)
def empty_cache(world: World) -> None:
    cache.clear()


def make(client: Client, world: World, **given: str) -> str:
    """Submit the form that makes a link to a report, and return the address of the link."""
    url = reverse("report-link-add", args=[world.home.slug, world.of(world.home)["report"].number])
    answer = client.post(url, {"recipient": "Contoso IT", "days": "3", **given})
    assert answer.status_code == 200, answer.content.decode()
    found = re.search(r"://[^/]+(/report-links/[\w-]{43}/)", answer.content.decode())
    assert found is not None
    return found[1]


def the_link(world: World) -> ReportLink:
    with factories.in_tenant(world.home):
        return ReportLink.objects.get(tenant=world.home, recipient="Contoso IT")


def entries(world: World, action: str) -> list[JournalEntry]:
    with factories.in_tenant(world.home):
        return list(JournalEntry.objects.filter(tenant=world.home, action=action).order_by("sequence"))


def body(response: HttpResponseBase) -> bytes:
    return b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]


def test_a_link_shows_what_it_gives_and_sends_the_file(world: World, engineer: Client) -> None:
    address, report = make(engineer, world), world.of(world.home)["report"]
    token = address.split("/")[2]
    link = the_link(world)
    assert link.token_hash == hash_token(token)
    assert timedelta(days=2) < link.expires_at - timezone.now() <= timedelta(days=3)
    (made,) = entries(world, "report_link.made")
    assert made.actor.startswith("engineer@example.com")
    assert (made.target, made.details["days"]) == (f"report:{report.number}", 3)
    assert token not in str(made.details)

    nobody = Client(REMOTE_ADDR="192.0.2.7")
    answer = nobody.get(address)
    shown = answer.content.decode()
    assert answer.status_code == 200
    for text in (report.title, world.home.name, world.organization.name, report.sha256, "Confidential"):
        assert escape(text) in shown
    for name, value in (
        ("Referrer-Policy", "no-referrer"),
        ("X-Robots-Tag", "noindex"),
    ):
        assert answer.headers[name] == value
    assert {"private", "no-store"} <= set(answer.headers["Cache-Control"].split(", "))
    assert nobody.head(address).status_code == 200
    assert the_link(world).use_count == 0, "mail filters open each link"

    for number in (1, 2):
        # The page has the referrer policy `no-referrer`, so browsers submit its form with `Origin: null`.
        strict = Client(enforce_csrf_checks=True, REMOTE_ADDR="192.0.2.7")
        file = strict.post(address, headers={"Origin": "null"})
        assert hashlib.sha256(body(file)).hexdigest() == report.sha256
        assert file.headers["Content-Disposition"] == f'attachment; filename="{report.file_name}"'
        assert file.headers["Referrer-Policy"] == "no-referrer"
        assert {"private", "no-store"} <= set(file.headers["Cache-Control"].split(", "))
        assert the_link(world).use_count == number
    assert the_link(world).last_used_from == "192.0.2.7"
    used = entries(world, "report_link.used")
    assert [(entry.details["address"], entry.details["use"]) for entry in used] == [
        ("192.0.2.7", 1),
        ("192.0.2.7", 2),
    ]
    assert used[0].details["sha256"] == report.sha256
    detail = page(engineer, "report", world.home.slug, report.number)
    assert re.search(r"Downloads: 2, last <time.*?</time> from 192\.0\.2\.7", detail)
    assert token not in detail


def test_people_of_other_customers_can_use_a_link_too(
    world: World, engineer: Client, sign_in: SignIn
) -> None:
    address = make(engineer, world)
    stranger = sign_in(world.of(world.foreign)["waiting"].person)
    assert stranger.get(reverse("reports", args=[world.home.slug])).status_code == 404
    assert stranger.get(address).status_code == 200
    assert hashlib.sha256(body(stranger.post(address))).hexdigest() == world.of(world.home)["report"].sha256
    # The link gave no access to any other page.
    assert stranger.get(reverse("reports", args=[world.home.slug])).status_code == 404


def _expire(world: World) -> None:
    with factories.in_tenant(world.home):
        past = timezone.now() - timedelta(days=3)
        ReportLink.objects.update(created_at=past, expires_at=timezone.now() - timedelta(seconds=1))


def _revoke(world: World) -> None:
    link = the_link(world)
    administrator = signed_in_client(world.people["organization_administrator"])
    answer = administrator.post(reverse("report-link-revoke", args=[world.home.slug, link.pk]), follow=True)
    assert "The link for Contoso IT is revoked." in answer.content.decode()
    (entry,) = entries(world, "report_link.revoked")
    assert entry.details["recipient"] == "Contoso IT"


def _revoke_report(world: World) -> None:
    who = world.people["organization_administrator"]
    with person_scope(who):
        report = Report.objects.select_related("tenant").get(pk=world.of(world.home)["report"].pk)
        revoke_report(report=report, reason="Wrong", by=who)


def _archive(world: World) -> None:
    with organization_scope(world.organization):
        tenant = Tenant.objects.select_related("organization").get(pk=world.home.pk)
        archive_tenant(tenant=tenant, by=factories.BY, reason="Left")


def _lose_report(world: World) -> None:
    # Let the link name a report that does not exist, as if the retention policy had deleted the report. Here, the
    # application's database role may not delete reports.
    with factories.in_tenant(world.home):
        ReportLink.objects.update(report_number=99)


def _use_up(world: World) -> None:
    with factories.in_tenant(world.home):
        ReportLink.objects.update(use_count=MAX_USES, last_used_at=timezone.now())


def _lower_maximum(world: World) -> None:
    with factories.in_tenant(world.home):
        ReportLink.objects.update(created_at=timezone.now() - timedelta(days=2))
    with organization_scope(world.organization):
        set_report_link_days(organization=world.organization, by=factories.BY, days=1)


def _switch_off(world: World) -> None:
    with organization_scope(world.organization):
        set_report_link_days(organization=world.organization, by=factories.BY, days=0)


@pytest.mark.parametrize(
    "event",
    [_expire, _revoke, _revoke_report, _archive, _lose_report, _use_up, _lower_maximum, _switch_off],
    ids=lambda event: event.__name__.strip("_"),
)
def test_a_link_that_ended_answers_like_an_unknown_one(
    world: World, engineer: Client, event: Callable[[World], None]
) -> None:
    address = make(engineer, world)
    nobody = Client()
    assert nobody.get(address).status_code == 200
    event(world)
    used = len(entries(world, "report_link.used"))
    unknown = nobody.get(reverse("report-link", args=["A" * 43]))
    assert unknown.status_code == 404
    for answer in (nobody.get(address), nobody.post(address)):
        assert answer.status_code == 404
        assert _without_nonces(answer.content) == _without_nonces(unknown.content)
        assert _without_times(answer) == _without_times(unknown)
    assert len(entries(world, "report_link.used")) == used


def _without_times(answer: HttpResponseBase) -> dict[str, str]:
    """Return the headers, except those that are different in every response."""
    return {
        name: value
        for name, value in answer.headers.items()
        if name not in ("Expires", "Content-Security-Policy")
    }


def _without_nonces(content: bytes) -> bytes:
    return re.sub(rb'(nonce="|csrf-token" content="|value=")[^"]*"', b"", content)


def test_a_changed_file_is_not_sent(
    world: World, engineer: Client, damage: Callable[[str, bytes | None], None]
) -> None:
    address = make(engineer, world)
    damage(str(world.of(world.home)["report"].file.path), b"%PDF changed")
    answer = Client().post(address)
    assert answer.status_code == 503
    assert "The file cannot be sent at the moment" in answer.content.decode()
    assert the_link(world).use_count == 0


@pytest.mark.slow(seconds=1)
def test_an_address_may_send_few_requests(world: World) -> None:
    unknown = reverse("report-link", args=["unknown"])
    client = Client(REMOTE_ADDR="192.0.2.9")
    found = [client.get(unknown).status_code for _ in range(REQUESTS_PER_MINUTE)]
    assert set(found) <= {404, 429}
    answer = client.get(unknown)
    # The limit is for each minute. If a new minute begins during the test, the requests are counted from zero again.
    while answer.status_code != 429 and found.count(404) < 2 * REQUESTS_PER_MINUTE:
        found.append(answer.status_code)
        answer = client.get(unknown)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) <= 60
    assert Client(REMOTE_ADDR="192.0.2.10").get(unknown).status_code == 404


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"days": "15"}, "Enter 1 to 14 days."),
        ({"days": "0"}, "Enter at least 1."),
        ({"recipient": " "}, "This field is required"),
        ({"recipient": "\u202edoc"}, "Enter the name of the recipient"),
        ({"recipient": "\U00016fe4"}, "Enter the name of the recipient"),
    ],
)
def test_wrong_choices_are_explained(
    world: World, engineer: Client, given: dict[str, str], text: str
) -> None:
    url = reverse("report-link-add", args=[world.home.slug, world.of(world.home)["report"].number])
    answer = engineer.post(url, {"recipient": "Contoso IT", "days": "3", **given})
    assert answer.status_code == 400
    assert text in answer.content.decode()
    assert entries(world, "report_link.made") == []


def test_no_link_is_made_to_a_revoked_report_of_an_archived_customer_or_when_there_are_too_many(
    world: World, engineer: Client
) -> None:
    url = reverse("report-link-add", args=[world.home.slug, world.of(world.home)["report"].number])

    def refusal() -> str:
        answer = engineer.post(url, {"recipient": "Contoso IT", "days": "1"})
        assert answer.status_code == 400
        return answer.content.decode()

    with factories.in_tenant(world.home):
        rows = [
            ReportLink(
                tenant=world.home,
                report_number=world.of(world.home)["report"].number,
                recipient="Many",
                token_hash=f"{number:064}",
                expires_at=timezone.now() + timedelta(days=1),
            )
            for number in range(MAX_LINKS)
        ]
        ReportLink.objects.bulk_create(rows)
    assert f"has {MAX_LINKS} links, which is the maximum" in refusal()
    _switch_off(world)
    assert "Links to reports are switched off" in engineer.get(url).content.decode()
    assert "Links to reports are switched off" in refusal()
    _revoke_report(world)
    assert "This report was revoked" in refusal()
    _archive(world)
    assert "The customer is archived" in refusal()


def test_only_people_who_may_build_reports_see_and_make_links(world: World, sign_in: SignIn) -> None:
    report = world.of(world.home)["report"]
    auditor = sign_in(world.people["auditor"])
    assert auditor.get(reverse("report-link-add", args=[world.home.slug, report.number])).status_code == 403
    shown = page(auditor, "report", world.home.slug, report.number)
    assert "Contoso, internal audit" in shown
    assert "Revoke link" not in shown
    assert "Create link" not in shown


def test_the_maximum_is_a_setting_of_the_organization(world: World, sign_in: SignIn) -> None:
    administrator = sign_in(world.people["organization_administrator"])
    url = reverse("organization-reports", args=[world.organization.slug])
    assert administrator.post(url, {"paper": "a4", "language": "en", "link_days": "91"}).status_code == 400
    assert administrator.post(url, {"paper": "a4", "language": "en", "link_days": "5"}).status_code == 302
    with organization_scope(world.organization):
        entry = OrganizationJournalEntry.objects.get(action="organization.report_link_days_changed")
    assert entry.details == {"from": 14, "to": 5}
    add = reverse("report-link-add", args=[world.home.slug, world.of(world.home)["report"].number])
    assert "At most 5, which is the limit of the organization." in administrator.get(add).content.decode()
