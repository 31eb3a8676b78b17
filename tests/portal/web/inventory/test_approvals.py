"""The pages of a resource and of the inventory: approving configurations, and differences from the approved ones."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.models import Assessment, Resource, ResourceVersion
from portal.changes.models import ApprovedConfiguration, ResourceChange
from portal.changes.shipped import SHIPPED
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World
from tests.stored_versions import configuration


@pytest.fixture
def resource(world: World) -> Resource:
    """The storage account that became insecure."""
    found: Resource = world.of(world.home)["resource"]
    return found


def shown(client: Client, world: World, resource: Resource) -> str:
    return " ".join(page(client, "resource", world.home.slug, resource.pk).split())


def version(world: World, resource: Resource, order: str = "-at") -> str:
    with factories.in_tenant(world.home):
        return str(ResourceVersion.objects.filter(resource=resource).order_by(order)[0].pk)


def in_force(world: World) -> list[ApprovedConfiguration]:
    with factories.in_tenant(world.home):
        return list(ApprovedConfiguration.objects.filter(ended_at__isnull=True).select_related("resource"))


def seen_in(html: str) -> str:
    """Return the digest of the listed resources and their newest versions, which the form submits."""
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', html)
    assert found is not None
    return found[1]


@pytest.mark.slow(seconds=1)
def test_the_newest_configuration_is_approved_and_withdrawn(
    engineer: Client, world: World, resource: Resource
) -> None:
    assert "No configuration is approved." in shown(engineer, world, resource)
    address = reverse("resource-approve", args=[world.home.slug, resource.pk])
    engineer.post(address, {"version": version(world, resource), "reason": ""})
    stale = {"version": version(world, resource, "at"), "reason": "As designed"}
    refused = engineer.post(address, stale, follow=True).content.decode()
    assert "The resources or their configurations have changed since you opened this page." in refused
    assert in_force(world) == []
    engineer.post(address, {"version": version(world, resource), "reason": "As designed"})
    html = shown(engineer, world, resource)
    assert "Mira Okafor: As designed" in html
    assert "The newest configuration does not differ from the approved configuration." in html
    assert "Approve the newest configuration" not in html
    with factories.in_tenant(world.home):
        row = ApprovedConfiguration.objects.get()
        older = ResourceVersion.objects.filter(resource=resource).order_by("at")[0]
        ApprovedConfiguration.objects.update(version=older.pk, content=configuration(older))
    html = shown(engineer, world, resource)
    assert "The newest configuration differs from the configuration approved on" in html
    assert "allowBlobPublicAccess" in html
    assert "Approve the newest configuration" in html
    engineer.post(address, {"version": version(world, resource), "reason": "Meant so"})
    (again,) = in_force(world)
    assert (again.pk != row.pk, again.reason) == (True, "Meant so")
    engineer.post(reverse("resource-withdraw", args=[world.home.slug, resource.pk]))
    assert in_force(world) == []
    assert "No configuration is approved." in shown(engineer, world, resource)


@pytest.mark.slow(seconds=1)
def test_the_resources_that_match_are_approved_together(engineer: Client, world: World) -> None:
    address = reverse("resources-approve", args=[world.home.slug]) + "?tag=env%3Dprod"
    assert f"{address}" in page(engineer, "inventory", world.home.slug, query="?tag=env%3Dprod")
    html = engineer.get(address).content.decode()
    assert "3 resources" in html
    seen = seen_in(html)
    without_reason = engineer.post(address, {"seen": seen, "reason": ""})
    assert (without_reason.status_code, seen_in(without_reason.content.decode())) == (400, seen)
    done = engineer.post(address, {"seen": seen, "reason": "As designed"})
    assert done["Location"] == reverse("inventory", args=[world.home.slug]) + "?tag=env%3Dprod"
    assert len(in_force(world)) == 3
    nothing = reverse("resources-approve", args=[world.home.slug]) + "?tag=env%3Dtest"
    assert "No resource matches the filters." in engineer.get(nothing).content.decode()


def test_what_was_not_listed_is_not_approved(engineer: Client, world: World, resource: Resource) -> None:
    address = reverse("resources-approve", args=[world.home.slug]) + "?tag=env%3Dprod"

    def refused(seen: str) -> str:
        """Approve, expect a refusal, and return the digest of the resources that the page lists then."""
        answer = engineer.post(address, {"seen": seen, "reason": "As designed"})
        html = " ".join(answer.content.decode().split())
        assert "The resources or their configurations have changed since you opened this page." in html
        assert (answer.status_code, in_force(world)) == (400, [])
        return seen_in(html)

    seen = refused("")
    assert seen == seen_in(engineer.get(address).content.decode())
    with factories.in_tenant(world.home):
        newest = ResourceVersion.objects.filter(resource=resource).order_by("-at")[0]
        ResourceVersion.objects.create(
            tenant=world.home,
            resource=resource,
            assessment=Assessment.objects.create(tenant=world.home, number=7001),
            at=newest.at + timedelta(minutes=1),
            sha256="0" * 64,
            stored={**configuration(newest), "kind": "BlobStorage"},
        )
    changed = refused(seen)
    assert changed != seen, "a reading has found a new version of a listed resource"
    with factories.in_tenant(world.home):
        other = Resource.objects.create(
            tenant=world.home,
            resource_id=f"{resource.resource_id}2",
            name=f"{resource.name}2",
            type=resource.type,
            unit=resource.unit,
            tags=resource.tags,
            key="2" * 64,
            sha256=resource.sha256,
            first_seen_at=resource.first_seen_at,
            changed_at=resource.changed_at,
        )
        ResourceVersion.objects.create(
            tenant=world.home,
            resource=other,
            assessment=newest.assessment,
            at=newest.at,
            sha256=newest.sha256,
            stored=configuration(newest),
        )
        Resource.objects.filter(pk=resource.pk).update(tags={})
    assert engineer.post(address, {"seen": changed, "reason": "\u200b"}).status_code == 400
    swapped = refused(changed)
    assert swapped != changed, "another resource matches instead of a listed one"
    engineer.post(address, {"seen": swapped, "reason": "As designed"})
    approved = {row.resource_id for row in in_force(world)}
    assert (len(approved), other.pk in approved, resource.pk in approved) == (3, True, False)


def test_the_inventory_filters_and_marks_what_differs(
    engineer: Client, world: World, resource: Resource
) -> None:
    slug = world.home.slug
    address = reverse("resource-approve", args=[slug, resource.pk])
    engineer.post(address, {"version": version(world, resource), "reason": "As designed"})
    mark = "Differs from the approved configuration"
    html = page(engineer, "inventory", slug, query="?approval=approved")
    assert (resource.name in html, mark in html, "1 resource" in html) == (True, False, True)
    assert resource.name not in page(engineer, "inventory", slug, query="?approval=differs")
    with factories.in_tenant(world.home):
        since = in_force(world)[0].approved_at
        ApprovedConfiguration.objects.update(differs_since=since)
    for query in ("?approval=differs", "?approval=differs&approval=approved"):
        html = page(engineer, "inventory", slug, query=query)
        assert (resource.name in html, mark in html, "1 resource" in html) == (True, True, True)
    answer: Any = engineer.get(reverse("inventory-csv", args=[slug]) + "?approval=differs")
    (row,) = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
    assert row["Approved by"] == world.people["organization_engineer"].email
    assert (
        row["Differs from the approved configuration since (UTC)"]
        == row["Configuration approved (UTC)"]
        == f"{since:%Y-%m-%d %H:%M:%S}"
    )


def test_only_those_who_administer_approve(sign_in: SignIn, world: World, resource: Resource) -> None:
    auditor = sign_in(world.people["auditor"])
    assert "Approve this configuration" not in shown(auditor, world, resource)
    assert "Approve configurations" not in page(auditor, "inventory", world.home.slug)
    for role in ("auditor", "owner", "approver"):
        client = sign_in(world.people[role])
        given = {"version": version(world, resource), "reason": "As designed"}
        for name in ("resource-approve", "resource-withdraw"):
            address = reverse(name, args=[world.home.slug, resource.pk])
            assert client.post(address, given).status_code == 403
    assert in_force(world) == []


def test_the_page_changes_says_and_filters_what_differs(
    engineer: Client, world: World, resource: Resource
) -> None:
    change: ResourceChange = world.of(world.home)["change"]
    slug = world.home.slug
    assert change.name not in page(engineer, "resource-changes", slug, query="?approved=differs")
    with factories.in_tenant(world.home):
        older = ResourceVersion.objects.filter(resource=resource).order_by("at")[0]
        approval = ApprovedConfiguration.objects.create(
            tenant=world.home,
            resource=resource,
            version=older.pk,
            version_at=older.at,
            content=configuration(older),
            reason="As designed",
            approved_by=world.people["organization_engineer"],
            approved_at=older.at,
        )
        ResourceChange.objects.filter(pk=change.pk).update(
            approval=approval,
            rules=[SHIPPED["approved"].name],
            approved_differences=[
                {"path": ["properties", "supportsHttpsTrafficOnly"], "before": True, "now": False}
            ],
            approved_difference_count=3,
        )
    html = " ".join(page(engineer, "resource-changes", slug, query="?approved=differs").split())
    assert change.name in html
    assert "Differs from the configuration approved on" in html
    assert "properties.supportsHttpsTrafficOnly, approved yes, now no" in html
    html = " ".join(page(engineer, "resource-change", slug, change.pk).split())
    assert "Compared with the approved configuration" in html
    assert "2 more properties" in html
    answer: Any = engineer.get(reverse("resource-changes-csv", args=[slug]) + "?approved=differs")
    (row,) = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
    assert (
        row["Properties that differ from the approved configuration"] == "properties.supportsHttpsTrafficOnly"
    )
    assert row["Differs from the configuration approved on (UTC)"].startswith(f"{older.at:%Y-%m-%d}")
