"""Results of the palette by person, and the start of actions from the palette."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.controls.registry import known_controls
from assessments.models import Assessment, Finding
from portal.queries.frame import search
from portal.queries.subscriptions import unit_names
from portal.treatment.actions.exceptions import request_exception
from portal.treatment.models import ExceptionItem, FindingException
from tests import factories
from tests.portal.web.world import SignIn, World


def groups(client: Client, q: str, tenant: str = "") -> dict[str, str]:
    """Return {heading: HTML of its results}."""
    answer = client.get(reverse("palette"), {"q": q, "tenant": tenant}, headers={"HX-Request": "true"})
    html = unescape(" ".join(answer.content.decode().split()))
    parts = re.split(r'<div class="menu-head">(.*?)</div>', html)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_findings_are_found_by_resource_and_by_words(engineer: Client, world: World) -> None:
    finding = world.of(world.home)["finding"]
    url = reverse("finding", args=[world.home.slug, finding.pk])
    for q, tenant in (
        (f"{finding.subject_name} anonymous", world.home.slug),
        (f"{finding.subject_name} anonymous", ""),
        (f"anonymous {finding.subject_name} finch", ""),
    ):
        found = groups(engineer, q, tenant)["Findings"]
        assert url in found, q
        assert found.index(finding.subject_name) < found.index(world.home.name)
    assert "Findings" not in groups(engineer, "an", world.home.slug)


def test_findings_with_the_same_subject_are_told_apart_by_their_subscription(
    engineer: Client, world: World
) -> None:
    finding = world.of(world.home)["finding"]
    found = groups(engineer, f"{finding.subject_name} anonymous", world.home.slug)["Findings"]
    with factories.in_tenant(world.home):
        unit = unit_names(world.home)[finding.unit]
    assert f"{unit}, {world.home.name}, {finding.control}" in found


def test_repeated_words_cost_nothing_and_ignored_words_are_counted(engineer: Client, world: World) -> None:
    """If repeated words were not removed, all exceptions and people would be searched again for each of them."""
    with CaptureQueriesContext(connection) as queries:
        found = engineer.get(reverse("palette"), {"q": "public " * 28, "tenant": world.home.slug})
    assert "Exceptions" in unescape(found.content.decode())
    assert max(query["sql"].upper().count("LIKE") for query in queries) <= 4
    answer = engineer.get(reverse("palette"), {"q": " ".join(f"word{n}x" for n in range(14))})
    assert "Words that were ignored: 2." in answer.content.decode()
    answer = engineer.get(reverse("palette"), {"q": "anonymous storage"})
    assert "ignored" not in answer.content.decode()


def test_owners_find_only_their_own_findings_and_no_people(world: World, owner: Client) -> None:
    own, other = world.of(world.home)["owned"], world.of(world.home)["finding"]
    found = groups(owner, "anonymous", world.home.slug)
    assert reverse("finding", args=[world.home.slug, own.pk]) in found["Findings"]
    assert reverse("finding", args=[world.home.slug, other.pk]) not in found["Findings"]
    assert "People" not in groups(owner, "auditor", world.home.slug)
    assert "Actions" not in groups(owner, "start assessment", world.home.slug)


def test_people_lead_to_their_findings(engineer: Client, world: World) -> None:
    who = world.people["owner"]
    here = groups(engineer, "owner@example", world.home.slug)["People"]
    assert f"{reverse('findings', args=[world.home.slug])}?owner={who.pk}" in here
    assert f"{reverse('workload')}?person={who.pk}" in groups(engineer, "owner@example")["People"]
    stranger = factories.person(name="Somebody Elsewhere")
    assert "People" not in groups(engineer, stranger.name)


def test_exceptions_are_found_by_reason_and_resource(engineer: Client, world: World, owner: Client) -> None:
    own = world.of(world.home)["exception"]
    url = reverse("exception", args=[world.home.slug, own.pk])
    for q in ("public site", f"reads {world.of(world.home)['finding'].subject_name}"):
        assert url in groups(engineer, q)["Exceptions"], q
        assert "Exceptions" not in groups(owner, q), q


def test_owners_cannot_guess_names_of_other_findings_of_an_exception(
    engineer: Client, world: World, owner: Client
) -> None:
    own = world.of(world.home)
    with factories.in_tenant(world.home):
        owned, taken = own["owned"], ExceptionItem.objects.values("finding")
        others = Finding.objects.filter(tenant=world.home, outcome="fail", treatment__owner=None)
        other = others.exclude(subject_name=owned.subject_name).exclude(pk__in=taken)[0]
        both = request_exception(
            tenant=world.home,
            by=world.people["organization_engineer"],
            scope=FindingException.Scope.LIST,
            reason="Replaced by the next release.",
            findings=Finding.objects.filter(pk__in=[owned.pk, other.pk]),
            ends_at=timezone.now() + timedelta(days=30),
        )
    url = reverse("exception", args=[world.home.slug, both.pk])
    for subject, client, is_found in (
        (owned.subject_name, owner, True),
        (other.subject_name, owner, False),
        (other.subject_name, engineer, True),
    ):
        found = groups(client, f"next release {subject}", world.home.slug).get("Exceptions", "")
        assert (url in found) is is_found, (subject, is_found)


def test_start_assessment_is_a_button_that_starts_it(engineer: Client, world: World) -> None:
    for q, tenant in (("start", world.home.slug), ("start assessment finch", "")):
        found = groups(engineer, q, tenant)["Actions"]
        url = reverse("assessment-start", args=[world.home.slug])
        assert f'<form method="post" action="{url}">' in found
        assert "Start assessment" in found
    engineer.post(url)
    with factories.in_tenant(world.home):
        assert Assessment.objects.filter(tenant=world.home, number=3).exists()


@pytest.mark.parametrize("role", ["auditor", "approver", "owner"])
def test_actions_are_offered_by_right(world: World, sign_in: SignIn, role: str) -> None:
    found = groups(sign_in(world.people[role]), "", world.home.slug)
    assert "Start assessment" not in found.get("Actions", "")


def test_no_two_results_look_the_same(world: World, sign_in: SignIn) -> None:
    """Pages of the customer, the organization and the account can have equal names."""
    client = sign_in(world.people["organization_administrator"])
    for q in ("s", "people", "schedule", "report", "email"):
        found = groups(client, q, world.home.slug).get("Pages", "")
        shown = [" ".join(re.sub("<[^>]*>", " ", hit).split()) for hit in re.findall(r"<a .*?</a>", found)]
        assert len(shown) == len(set(shown)), (q, shown)
        if q in ("s", "people"):
            assert len(shown) >= 1, q


def test_many_customers_are_searched_only_by_name(
    engineer: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Searching the texts of very many customers would take too long. The palette says how to search one customer."""
    monkeypatch.setattr(search, "MAX_SEARCHED_CUSTOMERS", 0)
    name = world.of(world.home)["finding"].subject_name
    found = groups(engineer, name)
    assert "Findings" not in found
    assert "To search the findings and exceptions of a customer" in found["Pages"]


def test_foreign_customers_are_never_searched(engineer: Client, world: World) -> None:
    theirs = world.of(world.foreign)
    for q in (theirs["finding"].subject_name, "foreign freight anonymous", "start foreign"):
        html = "".join(groups(engineer, q).values())
        assert world.foreign.name not in html
        assert str(theirs["finding"].pk) not in html


@pytest.mark.slow(seconds=1)
def test_findings_and_controls_are_found_by_the_name_of_the_problem(engineer: Client, world: World) -> None:
    finding = world.of(world.home)["finding"]
    problem = known_controls()[finding.control].problem
    url = reverse("finding", args=[world.home.slug, finding.pk])
    assert url in groups(engineer, f"{finding.subject_name} {problem}", world.home.slug)["Findings"]
    listed = engineer.get(reverse("findings", args=[world.home.slug]), {"q": problem, "layout": "list"})
    assert url in listed.content.decode()
    for slug in (finding.control, "identity-mfa-privileged"):
        q = known_controls()[slug].problem
        assert reverse("control", args=[slug]) in groups(engineer, q)["Controls"]
        assert reverse("control", args=[slug]) in engineer.get(reverse("controls"), {"q": q}).content.decode()


def test_controls_are_found_by_the_ids_of_other_products(engineer: Client) -> None:
    for name in ("storage_ensure_minimum_tls_version_12", "fe83a0eb-a853-422d"):
        assert "storage-min-tls" in engineer.get(reverse("palette"), {"q": name}).content.decode()
        assert "storage-min-tls" in engineer.get(reverse("controls"), {"q": name}).content.decode()
    page = engineer.get(reverse("control", args=["storage-min-tls"])).content.decode()
    assert 'href="https://hub.prowler.com/check/storage_ensure_minimum_tls_version_12"' in page
    assert (
        "In other products"
        not in engineer.get(reverse("control", args=["operations-vulnerability-scans"])).content.decode()
    )
