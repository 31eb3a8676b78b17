"""The page of all customers' findings."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from assessments.display.names import Kind, Status
from assessments.estate.redact import redact
from assessments.models import Finding, ObjectName, Resource
from portal.queries.all_findings import conditions
from portal.treatment.actions.figures.snapshots import take_snapshot
from portal.treatment.models import Treatment
from portal.web.all_findings import views
from tenants.models import Tenant
from tests import factories
from tests.portal.treatment.findings import FAILING, make
from tests.portal.web.requests import page
from tests.portal.web.world import World

CONTROL = "storage-secure-transfer"


def test_an_open_control_lists_its_customers_with_a_link_to_their_findings(
    engineer: Client, world: World
) -> None:
    with factories.in_tenant(world.home):
        for number in range(3):
            make(world.home, FAILING, number)
        take_snapshot(tenant=world.home)
    closed = page(engineer, "all-findings", query=f"?state=open&q={CONTROL}")
    assert f"/t/{world.home.slug}/findings/" not in closed
    opened = page(engineer, "all-findings", query=f"?state=open&q={CONTROL}&open={CONTROL}")
    assert f"/t/{world.home.slug}/findings/?control={CONTROL}&amp;state=open" in opened
    assert escape(world.home.name) in opened
    assert world.foreign.name not in opened


@pytest.mark.slow(seconds=1)
def test_numbers_of_different_states_are_not_added(engineer: Client, world: World) -> None:
    """Without a filter, passing findings and findings to which a control does not apply are not added to open ones."""
    with factories.in_tenant(world.home):
        Finding.objects.filter(control=CONTROL).update(control="network-ssh-from-internet", section="network")
        for number in range(3):
            make(world.home, FAILING, number)
        for number, (outcome, state) in enumerate(
            [("pass", "passing"), ("not_applicable",) * 2] * 2, start=10
        ):
            row = make(world.home, FAILING, number)
            Finding.objects.filter(pk=row.pk).update(outcome=outcome, state=state, failing_since=None)
        take_snapshot(tenant=world.home)

    def shown(query: str) -> str:
        html = page(engineer, "all-findings", query=f"?q={CONTROL}{query}")
        line = html.split(f'id="control-{CONTROL}"')[1].split("</a>")[0]
        text = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", line)
        return re.split(r"(?<=\D )(?=\d)", " ".join(text.split()), maxsplit=1)[1]

    assert shown("").startswith("3 of 5 ")
    assert shown("&state=open").startswith("3 of 5 1 of 1 customer")
    assert shown("&state=passing").startswith("2 passing of 5 ")
    assert shown("&state=not_applicable").startswith("2 not applicable ")
    assert "3 of them open" in page(engineer, "all-findings", query=f"?q={CONTROL}")
    # With a filter, the page does not state how many customers were assessed.
    for query, words in (("?state=open", "open findings in"), ("?tag=no%3Dsuch&age=7", "No findings.")):
        lead = " ".join(
            page(engineer, "all-findings", query=query).split("</h1>")[1].split("</p>")[0].split()
        )
        assert words in lead, query
        assert "been assessed" not in lead, query


def test_an_open_control_lists_the_customers_with_the_most_open_findings_first(
    engineer: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "_MAX_CUSTOMERS", 1)
    other = factories.tenant(world.organization, name="Zebra Foods")
    for tenant, count in ((world.home, 1), (other, 40)):
        with factories.in_tenant(tenant):
            for number in range(count):
                make(tenant, FAILING, number)
    shown = f"?state=open&q={CONTROL}&open={CONTROL}"
    first = page(engineer, "all-findings", query=shown)
    assert f"/t/{other.slug}/findings/" in first
    assert f"/t/{world.home.slug}/findings/" not in first
    assert "Show 1 more customer<" in first
    everything = page(engineer, "all-findings", query=f"{shown}&all={CONTROL}")
    assert everything.index(f"/t/{other.slug}/findings/") < everything.index(
        f"/t/{world.home.slug}/findings/"
    )
    assert "more customer" not in everything


def test_filters_without_a_match_offer_to_clear_them(engineer: Client) -> None:
    assert "No findings match" in page(engineer, "all-findings", query="?severity=none")


def test_a_person_who_owns_findings_is_sent_to_them(client: Client, world: World) -> None:
    client.force_login(world.people["owner"])
    html = page(client, "all-findings")
    assert "No customers to show" in html
    assert 'href="/my/"' in html


def name_somebody(tenant: Tenant, address: str, guid: str) -> None:
    with factories.in_tenant(tenant):
        ObjectName.objects.create(
            tenant=tenant,
            directory=factories.directory(tenant),
            guid=guid,
            kind=Kind.USER,
            status=Status.KNOWN,
            display_name=address,
            principal_name=address,
            read_at=timezone.now(),
        )


def test_tags_are_a_facet_with_readable_addresses(engineer: Client, world: World) -> None:
    """Stored tags contain placeholders instead of email addresses. The page shows an address only if it is the name of
    a user of a customer whose findings the person may see.
    """
    name_somebody(world.home, "anna@contoso.example", "aaaaaaaa-0000-0000-0000-000000000001")
    name_somebody(world.foreign, "bert@contoso.example", "aaaaaaaa-0000-0000-0000-000000000002")
    with factories.in_tenant(world.home):
        refs = list(Finding.objects.filter(tenant=world.home).values_list("subject_ref", flat=True))
        rows = list(Resource.objects.filter(tenant=world.home, ref__in=refs, gone_at__isnull=True)[:2])
        for row, who in zip(rows, ("anna", "bert"), strict=True):
            row.tags = {"contact": str(redact(f"{who}@contoso.example"))}
            row.save(update_fields=["tags"])
    html = page(engineer, "all-findings")
    assert "contact=anna@contoso.example" in html
    assert "bert@contoso.example" not in html
    assert "contact=hidden address" in html
    assert "env=prod" in html


def test_a_chosen_value_can_be_removed_although_its_facet_is_not_counted(
    engineer: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, stranger = world.people["owner"], factories.person(name="Stranger")
    with factories.in_tenant(world.home):
        number = Finding.objects.filter(treatment__owner=owner).exclude(state="gone").count()
    assert number > 0
    monkeypatch.setattr(conditions, "MAX_COUNTED", 0)
    html = page(engineer, "all-findings", query=f"?owner={owner.pk}")
    option = re.search(
        rf'<a [^>]*href="\?"[^>]*>\s*{escape(owner.get_full_name())}\s*<[^>]*>(.*?)<', html, re.DOTALL
    )
    assert option is not None
    assert option[1].strip() == str(number)
    several = page(engineer, "all-findings", query=f"?owner={owner.pk}&owner={stranger.pk}")
    assert owner.get_full_name() in several
    assert "Stranger" not in several
    by_age = page(engineer, "all-findings", query="?age=older")
    assert "Under 7 days" in by_age


def test_values_are_counted_after_the_page_has_appeared_if_there_are_many_customers(
    engineer: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def menus(query: str) -> str:
        html = page(engineer, "all-findings", query=query)
        return html.split('id="facet-menus"')[1].split("<input")[0]

    at_once = menus("?severity=high")
    assert "hx-get" not in at_once
    monkeypatch.setattr(views, "_COUNTED_AT_ONCE", 0)
    first = menus("?severity=high")
    address = re.search(r'hx-get="([^"]+)"', first)
    assert address is not None
    assert "env=prod" not in first
    assert menus(unescape(address[1])) == at_once


@pytest.mark.slow(seconds=1)
def test_many_findings_are_read_after_the_page_has_appeared(
    engineer: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = world.people["owner"]
    with factories.in_tenant(world.home):
        Treatment.objects.filter(finding=make(world.home, FAILING, 1)).update(owner=owner)
        take_snapshot(tenant=world.home)
    query = f"?owner={owner.pk}&tag=env%3Dprod"

    def shown(query: str) -> str:
        return page(engineer, "all-findings", query=query).split("<main")[1].split("</main>")[0]

    assert "hx-get" not in shown(query)
    monkeypatch.setattr(conditions, "MAX_READ", 0)
    waiting = shown(query)
    assert "Counting the findings" in waiting
    later = unescape(re.search(r'hx-get="([^"]+)"', waiting)[1])
    assert later == f"{query}&read=1"
    assert f'aria-label="Remove the filter {escape(owner.get_full_name())}"' in waiting
    assert "1 finding in 1 control" in shown(later)
    assert "read=1" not in shown(later)
    # The page needs no counting for a single filter, or for unassigned findings that are overdue.
    for stored in (f"?owner={owner.pk}", "?owner=nobody&due=overdue", "?severity=high"):
        assert "Counting" not in shown(stored), stored


@pytest.mark.slow(seconds=1)
def test_the_page_lists_the_most_urgent_controls_and_those_it_opens(
    engineer: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    controls = tuple(
        f"monitoring-alert-{name}" for name in ("nsg-write", "nsg-delete", "pip-write", "pip-delete")
    )
    with factories.in_tenant(world.home):
        for number, control in enumerate(controls):
            row = make(world.home, FAILING, number)
            severity = "low" if control in controls[2:] else "high"
            Finding.objects.filter(pk=row.pk).update(control=control, section="monitoring", severity=severity)
        take_snapshot(tenant=world.home)
    monkeypatch.setattr(views, "_MAX_CONTROLS", 2)

    def listed(query: str) -> list[str]:
        return re.findall(r'id="control-([a-z-]+)"', page(engineer, "all-findings", query=query))

    first = page(engineer, "all-findings", query="?state=open&q=monitoring-alert")
    assert "Show 2 more controls<" in first
    assert "in 4" in first
    assert set(listed("?state=open&q=monitoring-alert")) == set(controls[:2])
    assert set(listed("?state=open&q=monitoring-alert&open=monitoring-alert-pip-delete")) == {
        *controls[:2],
        "monitoring-alert-pip-delete",
    }
    everything = unescape(re.search(r'href="([^"]*controls=all[^"]*)"', first)[1])
    assert set(listed(everything)) == set(controls)
    assert "more control" not in page(engineer, "all-findings", query=everything)
