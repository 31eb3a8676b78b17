"""The page “Who does what”: open and overdue findings of each owner."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment, Finding
from portal.queries.owners.workload import workload
from portal.treatment.actions.acknowledge import acknowledge
from portal.treatment.actions.figures.snapshots import take_snapshot
from portal.treatment.selectors.scores import standing
from portal.treatment.selectors.valid_snapshots import valid_owner_counts
from portal.web.workload import views
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import person_scope
from tests import factories
from tests.portal.web.random_findings import populate
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World, give, make_customer


def overdue(tenant: Tenant, finding: Finding) -> None:
    """Change the finding so that it has failed for a year."""
    Finding.objects.filter(pk=finding.pk).update(failing_since=timezone.now() - timedelta(days=365))


def test_loads_add_up_to_the_figures_of_the_customer(world: World) -> None:
    """All rows together have as many open, critical, overdue and acknowledged findings as the overview."""
    with factories.in_tenant(world.home):
        overdue(world.home, world.of(world.home)["owned"])
        rows, unknown = workload([world.home], timezone.now())
        figures = standing(world.home)
    assert unknown == []
    assert [row.name for row in rows] == [world.people["owner"].get_full_name(), "Unassigned"]
    mine = rows[0].total
    assert (mine.open, mine.overdue) == (1, 1)
    assert sum(row.total.open for row in rows) == figures.open()
    assert sum(row.total.overdue for row in rows) == figures.overdue_total
    assert sum(row.total.critical for row in rows) == figures.open("critical")


def test_the_sentence_names_acknowledged_findings_which_can_be_overdue(
    engineer: Client, world: World
) -> None:
    owned = world.of(world.home)["owned"]
    with factories.in_tenant(world.home):
        acknowledge(tenant=world.home, findings=Finding.objects.filter(pk=owned.pk), by=world.people["owner"])
    html = " ".join(page(engineer, "tenant-workload", world.home.slug).split())
    assert re.search(r"\d+ open and 1 acknowledged findings, \d+ overdue", html)


def test_the_address_names_the_page() -> None:
    assert reverse("workload") == "/workload/"


def test_rows_link_to_the_findings_that_they_count(engineer: Client, world: World) -> None:
    who = world.people["owner"]
    html = page(engineer, "tenant-workload", world.home.slug)
    links = re.findall(rf'href="([^"]*owner={who.pk}[^"]*state=open)">(\d+)<', html)
    assert links
    for url, number in links:
        listed = engineer.get(url.replace("&amp;", "&")).content.decode()
        assert f"{number} finding" in listed or f">{number}<" in listed
    everywhere = page(engineer, "workload", query=f"?person={who.pk}")
    assert who.get_full_name() in everywhere


def test_people_who_cannot_act_are_marked(engineer: Client, world: World) -> None:
    who = world.people["owner"]
    assert "Cannot act" not in page(engineer, "tenant-workload", world.home.slug)
    who.is_active = False
    who.save(update_fields=["is_active"])
    assert "Cannot act" in page(engineer, "tenant-workload", world.home.slug)


@pytest.mark.slow(seconds=1)
def test_a_role_in_another_organization_does_not_let_owners_act(db: None) -> None:
    """The owner can act only for the second customer. Counted and stored numbers both say so."""
    now = timezone.now()
    first, second = factories.tenant(), factories.tenant()
    viewer = factories.member(Role.ORGANIZATION_ENGINEER, first.organization)
    owner = factories.member(Role.ORGANIZATION_ENGINEER, second.organization)
    factories.member(Role.ORGANIZATION_ENGINEER, second.organization, viewer)
    for tenant in (first, second):
        with factories.in_tenant(tenant):
            populate(tenant, [owner], now, seed=1)
    for is_stored in (False, True):
        with person_scope(viewer):
            assert valid_owner_counts([first.pk, second.pk], now).count() == (2 if is_stored else 0)
            (row,) = [row for row in workload([first, second], now, owner.pk).rows if row.person == owner]
            (alone,) = [row for row in workload([second], now).rows if row.person == owner]
        assert (row.customers, row.only_customer, row.cannot_act) == (2, None, True)
        assert (alone.customers, alone.only_customer, alone.cannot_act) == (1, second.pk, False)
        assert row.by_customer[second.pk] == alone.total
        assert alone.by_customer == {}
        assert sum(load.open for load in row.by_customer.values()) == row.total.open > alone.total.open
        for tenant in (first, second):
            with factories.in_tenant(tenant):
                Assessment.objects.get_or_create(
                    tenant=tenant, number=1, state="finished", ended_at=now, catalogue_hash="c" * 64,
                    product_version="1",
                )  # fmt: skip
                take_snapshot(tenant=tenant, now=now)


@pytest.mark.slow(seconds=1)
def test_customers_of_one_owner_are_listed_and_queries_do_not_grow(world: World, sign_in: SignIn) -> None:
    by, who = world.people["organization_engineer"], world.people["owner"]
    client = sign_in(by)
    page(client, "workload")
    with CaptureQueriesContext(connection) as few:
        page(client, "workload")
    sister, own = make_customer(world.organization, "Sister Shipping", by)
    factories.member(Role.OWNER, sister, who)
    with factories.in_tenant(sister):
        give(sister, own["owned"], who, by=by)
    with CaptureQueriesContext(connection) as many:
        closed = page(client, "workload")
    counted = [sum("SAVEPOINT" not in q["sql"] for q in found) for found in (few, many)]
    assert counted[0] == counted[1]
    assert reverse("tenant-workload", args=[sister.slug]) not in closed
    opened = page(client, "workload", query=f"?person={who.pk}")
    assert reverse("tenant-workload", args=[sister.slug]) in opened
    assert reverse("tenant-workload", args=[world.home.slug]) in opened
    # The numbers over several customers link to the findings of all customers.
    for owner in (who.pk, "nobody"):
        found = re.search(rf'href="(/findings/[?]owner={owner}[^"]*state=open)"[^>]*>(\d+)<', closed)
        assert found is not None, owner
        assert f"{found[2]} open finding" in client.get(found[1].replace("&amp;", "&")).content.decode()
    # Owners see no work on this page, not even their own.
    assert f"person-{who.pk}" not in page(sign_in(who), "workload")


@pytest.mark.slow(seconds=1)
def test_a_customer_that_could_not_be_read_has_no_zeros(world: World, sign_in: SignIn) -> None:
    unread, _ = make_customer(world.organization, "Unread", world.people["organization_engineer"])
    with factories.in_tenant(unread):
        Finding.objects.filter(tenant=unread).exclude(outcome="manual").update(
            outcome="unknown", state="unknown", unknown_because="unauthenticated", failing_since=None
        )
    client = sign_in(world.people["organization_engineer"])
    html = page(client, "tenant-workload", unread.slug)
    assert "The findings of Unread are not known" in html
    assert "0 open findings" not in html
    assert "No open findings" not in html
    everywhere = page(client, "workload")
    excluded = everywhere.split("Not included, because no automatic check has a result:")[1].split("</p>")[0]
    assert ">Unread</a>" in excluded
    assert world.home.name not in excluded
    # The stated number of customers does not include the unread customer.
    with person_scope(world.people["organization_engineer"]):
        known = Tenant.objects.count() - excluded.count("</a>")
    assert re.search(rf"overdue,\s+in\s+{known} customer", everywhere)


def test_people_who_see_only_their_own_findings_are_sent_to_them(world: World, sign_in: SignIn) -> None:
    html = page(sign_in(world.people["owner"]), "workload")
    assert "No customers to show" in html
    assert "open findings" not in html


@pytest.mark.slow(seconds=1)
def test_an_opened_owner_lists_the_most_urgent_customers_first(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "_MAX_CUSTOMERS", 1)
    by, who = world.people["organization_engineer"], world.people["owner"]
    client = sign_in(by)
    sister, own = make_customer(world.organization, "Zebra Shipping", by)
    factories.member(Role.OWNER, sister, who)
    with factories.in_tenant(sister):
        give(sister, own["owned"], who, by=by)
        overdue(sister, own["owned"])
    addresses = [reverse("tenant-workload", args=[tenant.slug]) for tenant in (sister, world.home)]
    opened = page(client, "workload", query=f"?person={who.pk}")
    assert [f'"{address}"' in opened for address in addresses] == [True, False]
    link = re.search(r'href="([^"]*)">Show 1 more customer<', opened)
    assert link is not None
    everything = client.get(link[1].replace("&amp;", "&")).content.decode()
    assert everything.index(f'"{addresses[0]}"') < everything.index(f'"{addresses[1]}"')
    assert "more customer" not in everything
