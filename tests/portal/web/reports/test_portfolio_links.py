"""Links to portfolio reports: each gives access to one file for a limited time, and to nothing else."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Finding
from portal.distribution.actions.offboarding import remove_recipient
from portal.distribution.models import PortfolioLink
from portal.portfolio_reports.models import PortfolioReport
from portal.portfolio_reports.revocation import revoke_portfolio
from portal.reports.models import Report
from portal.treatment.models import FindingException
from tenants.actions.organizations import set_report_link_days
from tenants.isolation.local_settings import set_local
from tenants.models import JournalEntry, OrganizationJournalEntry
from tenants.people.link_tokens import hash_token
from tenants.scope import current, organization_link_scope, organization_scope, person_scope
from tests import factories
from tests.portal.web.world import SignIn, World
from tests.signed_in import signed_in_client

RECIPIENT = "Contoso Holding board"


@pytest.fixture(autouse=True)
def empty_cache(world: World) -> None:
    cache.clear()


def make(world: World, **given: str) -> str:
    """Submit the form that makes a link to a portfolio report, and return the address of the link."""
    client = signed_in_client(world.people["organization_engineer"])
    report = world.of(world.home)["portfolio_report"]
    url = reverse("portfolio-report-link-add", args=[world.organization.slug, report.number])
    words = " ".join(client.get(url).content.decode().split())
    assert "The report is about 1 customer, so do not give the link to another customer." in words
    answer = client.post(url, {"recipient": RECIPIENT, "days": "3", **given})
    assert answer.status_code == 200, answer.content.decode()
    found = re.search(r"://[^/]+(/report-links/[\w-]{43}/)", answer.content.decode())
    assert found is not None
    return found[1]


def the_link(world: World) -> PortfolioLink:
    with organization_scope(world.organization):
        return PortfolioLink.objects.get(recipient=RECIPIENT)


def body(response: HttpResponseBase) -> bytes:
    return b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]


def main_part(response: HttpResponseBase) -> str:
    """Return the main part of the page. The head and the navigation contain tokens that differ between sessions."""
    found = re.search(r"<main.*</main>", body(response).decode(), re.DOTALL)
    assert found is not None
    return found[0]


def test_a_link_sends_the_file_and_records_each_use(world: World) -> None:
    address, report = make(world), world.of(world.home)["portfolio_report"]
    nobody = Client(REMOTE_ADDR="192.0.2.7")
    page = nobody.get(address).content.decode()
    assert report.title in page
    assert report.sha256 in page
    assert world.home.name not in page
    assert the_link(world).use_count == 0
    file = nobody.post(address)
    assert hashlib.sha256(body(file)).hexdigest() == report.sha256
    assert (the_link(world).use_count, the_link(world).last_used_from) == (1, "192.0.2.7")
    with organization_scope(world.organization):
        entries = list(OrganizationJournalEntry.objects.filter(action__startswith="report_link."))
    assert {entry.action for entry in entries} == {"report_link.made", "report_link.used"}
    assert {entry.target for entry in entries} == {f"portfolio_report:{report.number}"}
    detail = reverse("portfolio-report", args=[world.organization.slug, report.number])
    client = signed_in_client(world.people["organization_administrator"])
    text = client.get(detail).content.decode()
    assert re.search(r"Downloads: 1, last <time.*?</time> from\s+192\.0\.2\.7", text)
    assert address.split("/")[2] not in text


def _expire(world: World) -> None:
    with organization_scope(world.organization):
        past = timezone.now() - timedelta(days=3)
        PortfolioLink.objects.update(created_at=past, expires_at=timezone.now() - timedelta(seconds=1))


def _revoke(world: World) -> None:
    client = signed_in_client(world.people["organization_administrator"])
    url = reverse("portfolio-report-link-revoke", args=[world.organization.slug, the_link(world).pk])
    assert f"The link for {RECIPIENT} is revoked." in client.post(url, follow=True).content.decode()


def _revoke_report(world: World) -> None:
    who = world.people["organization_administrator"]
    with person_scope(who):
        report = PortfolioReport.objects.select_related("organization").get(
            pk=world.of(world.home)["portfolio_report"].pk
        )
        revoke_portfolio(report=report, reason="A total was wrong.", by=who)


def _switch_off(world: World) -> None:
    with organization_scope(world.organization):
        set_report_link_days(organization=world.organization, by=factories.BY, days=0)


def _leave(world: World) -> None:
    with organization_scope(world.organization):
        remove_recipient(person=world.people["auditor"], replaced_by=RECIPIENT, erased=None)


def _use_up(world: World) -> None:
    with organization_scope(world.organization):
        PortfolioLink.objects.update(use_count=100, last_used_at=timezone.now())


@pytest.mark.parametrize("end", [_expire, _revoke, _revoke_report, _switch_off, _leave, _use_up])
def test_a_link_that_ended_answers_like_an_unknown_one(world: World, end: Callable[[World], None]) -> None:
    address = make(world)
    end(world)
    unknown = Client().get(reverse("report-link", args=["A" * 43]))
    assert "This link is invalid or has expired" in main_part(unknown)
    for method in ("get", "post"):
        answer = getattr(Client(), method)(address)
        assert (answer.status_code, main_part(answer)) == (404, main_part(unknown))


def test_only_people_who_build_portfolio_reports_make_and_revoke_links(world: World, sign_in: SignIn) -> None:
    report, link = (world.of(world.home)[name] for name in ("portfolio_report", "portfolio_link"))
    add = reverse("portfolio-report-link-add", args=[world.organization.slug, report.number])
    revoke = reverse("portfolio-report-link-revoke", args=[world.organization.slug, link.pk])
    for role in ("auditor", "tenant_administrator", "owner"):
        client = sign_in(world.people[role])
        assert client.get(add).status_code in (403, 404)
        assert client.post(revoke).status_code in (403, 404)
    theirs = world.of(world.foreign)["portfolio_link"]
    client = signed_in_client(world.people["organization_administrator"])
    foreign = reverse("portfolio-report-link-revoke", args=[world.organization.slug, theirs.pk])
    assert client.post(foreign).status_code == 404
    refused = client.post(add, {"recipient": "Contoso", "days": "91"})
    assert refused.status_code == 400
    assert "Enter 1 to 14 days." in refused.content.decode()


def test_the_token_opens_the_organization_without_data_of_customers(world: World) -> None:
    theirs = world.of(world.foreign)["portfolio_link"]
    with transaction.atomic():
        set_local(tenants="", organizations="", person="", invitation=theirs.token_hash)
        assert list(PortfolioLink._base_manager.all()) == [theirs]
        assert PortfolioLink._base_manager.filter(pk=theirs.pk).update(use_count=9) == 0
        set_local(tenants="", organizations="", person="", invitation=hash_token("another"))
        assert not PortfolioLink._base_manager.exists()
    with organization_link_scope(PortfolioLink, theirs.token_hash) as link:
        assert link == theirs
        assert (current().tenant_ids, current().person) == (frozenset(), None)
        assert current().organization_ids == {world.foreign.organization_id}
        for model in (Report, Finding, FindingException, JournalEntry):
            assert not model._base_manager.exists(), model
        assert {row.organization_id for row in PortfolioReport._base_manager.all()} == {
            world.foreign.organization_id
        }
