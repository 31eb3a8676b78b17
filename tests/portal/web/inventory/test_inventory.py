"""The inventory of a customer: its list, its export, one resource with its history, and comparisons."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.actions.start import start
from assessments.models import Finding, Resource, ResourceVersion
from portal.queries.inventory.export import COLUMNS
from portal.web.inventory.rows import MAX_COMPARED
from tenants.actions.subscriptions import include_subscription
from tenants.models import Subscription
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World, account, assess
from tests.stored_versions import configuration


@pytest.fixture
def resource(world: World) -> Resource:
    """The first storage account: at first it was safe, then it allowed anonymous access."""
    found: Resource = world.of(world.home)["resource"]
    return found


def exported(client: Client, world: World, query: str = "") -> list[dict[str, str]]:
    answer: Any = client.get(reverse("inventory-csv", args=[world.home.slug]) + query)
    assert isinstance(answer, HttpResponse | StreamingHttpResponse)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_list_and_export_have_the_same_resources_and_numbers(engineer: Client, world: World) -> None:
    rows = exported(engineer, world)
    with factories.in_tenant(world.home):
        names = set(Resource.objects.values_list("name", flat=True))
        open_findings = Finding.objects.filter(
            state="open", subject_type__icontains="storageAccounts"
        ).count()
    assert {row["Name"] for row in rows} == names
    assert list(rows[0]) == list(COLUMNS)
    html = page(engineer, "inventory", world.home.slug)
    assert all(name in html for name in names)
    assert f"{len(names)} resources" in " ".join(html.split())
    numbers = [int(row[column]) for row in rows for column in COLUMNS if column.startswith("Open findings")]
    assert sum(numbers) == open_findings
    assert open_findings > 0


def test_resources_of_excluded_subscriptions_are_counted_apart(
    engineer: Client, world: World, resource: Resource
) -> None:
    def shown() -> str:
        return " ".join(page(engineer, "inventory", world.home.slug).split())

    assert "not assessed any more" not in shown()
    with factories.in_tenant(world.home):
        row = Subscription.objects.get(subscription_id=resource.unit.removeprefix("/subscriptions/"))
        include_subscription(by=factories.BY, subscription=row, included=False, reason="Only experiments.")
        number = Resource.objects.filter(unit=resource.unit, gone_at=None).count()
    assert (
        f"({number} in subscriptions that are not assessed any more, shown as they were last read)" in shown()
    )


def test_a_resource_without_verdicts_has_no_zero(engineer: Client, world: World, resource: Resource) -> None:
    def shown() -> str:
        html = page(engineer, "inventory", world.home.slug, query=f"?q={resource.name}")
        row = next(row for row in html.split("<tr")[2:] if f">{resource.name}</a>" in row)
        return " ".join(re.sub(r"<[^>]+>", " ", row.split("<td")[3]).split())

    with factories.in_tenant(world.home):
        own = Finding.objects.filter(subject_ref=resource.ref)
        own.update(outcome="unknown", state="unknown", unknown_because="forbidden", failing_since=None)
    assert "not known" in shown()
    with factories.in_tenant(world.home):
        own.update(outcome="pass", state="passing", unknown_because="")
    assert shown().endswith(" 0")


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ("?q=no-such-name", False),
        ("?type=Microsoft.Storage%2FstorageAccounts", True),
        ("?type=Microsoft.Sql%2Fservers", False),
        ("?location=westeurope&group=rg-prod", True),
        ("?location=northeurope", False),
        ("?tag=env%3Dprod", True),
        ("?tag=env", True),
        ("?tag=env%3Dtest", False),
        ("?state=deleted", False),
        ("?state=deleted&state=present", True),
        ("?findings=open", True),
        ("?sort=changed", True),
        ("?sort=nonsense&state=nonsense", True),
        ("?q=%00", True),
    ],
)
def test_filters(engineer: Client, world: World, query: str, finds: bool) -> None:
    assert bool(exported(engineer, world, query)) == finds
    html = page(engineer, "inventory", world.home.slug, query=query)
    assert ("No resources match" in html) != finds


@pytest.mark.slow(seconds=1)
def test_spellings_of_regions_groups_and_tags_are_equal(
    engineer: Client, world: World, resource: Resource
) -> None:
    """Azure returns several spellings: "West Europe" from App Service, and resource groups in capitals from virtual
    machines.
    """
    queries = (
        "?location=westeurope", "?location=West+Europe", "?group=rg-prod", "?group=RG-Prod",
        "?tag=env", "?tag=Env%3Dprod",
    )  # fmt: skip

    def found() -> list[set[str]]:
        return [{row["Name"] for row in exported(engineer, world, query)} for query in queries]

    before = found()
    assert all(resource.name in names for names in before)
    with factories.in_tenant(world.home):
        Resource.objects.filter(pk=resource.pk).update(
            location="West Europe", resource_group="RG-PROD", tags={"ENV": "prod"}
        )
    assert found() == before
    html = page(engineer, "inventory", world.home.slug)
    assert "location=westeurope" in html
    assert "group=rg-prod" in html
    assert "location=West" not in html
    assert "group=RG" not in html
    assert resource.name not in {row["Name"] for row in exported(engineer, world, "?tag=env%3DProd")}


def test_only_resources_with_open_findings(engineer: Client, world: World) -> None:
    found = exported(engineer, world, "?findings=open")
    everything = exported(engineer, world)
    open_ones = [
        row for row in everything if any(int(row[c]) for c in COLUMNS if c.startswith("Open findings"))
    ]
    assert {row["Name"] for row in found} == {row["Name"] for row in open_ones}
    assert found


@pytest.mark.slow(seconds=1)
def test_a_deleted_resource_leaves_the_list_and_keeps_its_history(
    engineer: Client, world: World, resource: Resource
) -> None:
    by = world.people["organization_engineer"]
    with factories.in_tenant(world.home):
        subscription = Subscription.objects.get(tenant=world.home, display_name="Production")
    assess(world.home, subscription, [], by=by, groups=[])
    assert resource.name not in {row["Name"] for row in exported(engineer, world)}
    deleted = exported(engineer, world, "?state=deleted")
    assert {(row["Name"], row["State"]) for row in deleted} >= {(resource.name, "deleted")}
    html = page(engineer, "resource", world.home.slug, resource.pk)
    assert "deleted, first missing on" in html
    assert "portal.azure" not in html


def test_a_resource_shows_what_changed_and_which_verdicts_moved(
    engineer: Client, world: World, resource: Resource
) -> None:
    html = " ".join(page(engineer, "resource", world.home.slug, resource.pk).split())
    assert "allowBlobPublicAccess" in html
    changed = html[html.index("Changed properties") : html.index("Pass → Fail")]
    assert "allowBlobPublicAccess" in changed
    assert "supportsHttpsTrafficOnly" in changed
    words = " ".join(re.sub(r"<[^>]*>", " ", changed).split())
    assert "properties › allowBlobPublicAccess no yes" in words
    assert "Pass → Fail" in html
    assert "This is the oldest stored version." in html
    finding = world.of(world.home)["finding"]
    assert reverse("finding", args=[world.home.slug, finding.pk]) in html


def test_failures_of_a_resource_are_named_by_their_problem(
    engineer: Client, world: World, resource: Resource
) -> None:
    html = page(engineer, "resource", world.home.slug, resource.pk)
    findings = html.split(">History<")[0]
    assert "Storage account allows anonymous blob access" in findings
    assert "The storage account disallows anonymous blob access" not in findings
    history = " ".join(re.sub(r"<[^>]*>", " ", html.split(">History<")[1]).split())
    assert "Storage account allows anonymous blob access : Pass → Fail" in history


def test_comparison_of_two_versions(engineer: Client, world: World, resource: Resource) -> None:
    with factories.in_tenant(world.home):
        versions = list(ResourceVersion.objects.filter(resource=resource))
    assert len(versions) == 2
    html = page(engineer, "resource-compare", world.home.slug, resource.pk)
    assert "allowBlobPublicAccess" in html
    same = f"?from={versions[0].pk}&to={versions[0].pk}"
    assert "No differences" in page(engineer, "resource-compare", world.home.slug, resource.pk, query=same)


@pytest.mark.parametrize("bad", ["x", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_version_is_404(engineer: Client, world: World, resource: Resource, bad: str) -> None:
    address = reverse("resource-compare", args=[world.home.slug, resource.pk])
    assert engineer.get(f"{address}?from={bad}").status_code == 404


def test_a_version_of_another_customer_is_404(engineer: Client, world: World, resource: Resource) -> None:
    with factories.in_tenant(world.foreign):
        foreign = ResourceVersion.objects.first()
    assert foreign is not None
    address = reverse("resource-compare", args=[world.home.slug, resource.pk])
    assert engineer.get(f"{address}?to={foreign.pk}").status_code == 404
    assert engineer.get(reverse("resource", args=[world.home.slug, foreign.resource_id])).status_code == 404


def test_owners_do_not_see_the_inventory(world: World, sign_in: SignIn, resource: Resource) -> None:
    owner = sign_in(world.people["owner"])
    for name, arguments in (("inventory", []), ("resource", [resource.pk]), ("inventory-csv", [])):
        assert owner.get(reverse(name, args=[world.home.slug, *arguments])).status_code == 403


def test_a_customer_without_resources_says_when_they_appear(world: World, sign_in: SignIn) -> None:
    tenant = factories.tenant(world.organization, "Empty")
    client = sign_in(world.people["organization_engineer"])
    html = page(client, "inventory", tenant.slug)
    assert "No resources yet" in html
    assert "Export CSV" not in html


def test_secrets_are_masked_in_the_configuration(engineer: Client, world: World) -> None:
    by = world.people["organization_engineer"]
    with factories.in_tenant(world.home):
        subscription = Subscription.objects.get(tenant=world.home, display_name="Production")
    guid = subscription.subscription_id
    one = account(guid, "hassecret", safe=True)
    one["properties"]["connectionString"] = "AccountKey=do-not-show"
    assess(world.home, subscription, [one], by=by, groups=[])
    with factories.in_tenant(world.home):
        made = Resource.objects.get(name="hassecret")
    html = page(engineer, "resource", world.home.slug, made.pk)
    assert "do-not-show" not in html
    assert "[redacted]" in html


def test_a_comparison_of_very_many_properties_is_limited(
    engineer: Client, world: World, resource: Resource
) -> None:
    with factories.in_tenant(world.home):
        last = ResourceVersion.objects.filter(resource=resource).first()
        assert last is not None
        ResourceVersion.objects.create(
            tenant=world.home,
            resource=resource,
            assessment=start(tenant=world.home, by=world.people["organization_engineer"]),
            at=timezone.now(),
            sha256="0" * 64,
            stored=configuration(last) | {f"p{number}": number for number in range(MAX_COMPARED + 7)},
        )
    html = page(engineer, "resource-compare", world.home.slug, resource.pk)
    assert html.count("<tr") <= MAX_COMPARED + 1
    assert re.search(r"\d+ more changed properties\.", html)
