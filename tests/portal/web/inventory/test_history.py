"""The history of a resource with many versions: pages, differences across pages, and the indexes that queries use."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import ActivityEvent, Assessment, Finding, Resource, ResourceVersion, Unit
from portal.queries.inventory import actors
from portal.queries.inventory.history import history, version_ids, versions_between
from tests import factories
from tests.databases import owner_sql
from tests.portal.web.requests import page
from tests.portal.web.world import World
from tests.stored_versions import assessments_of, configuration, history_of

VERSIONS = 45


@pytest.fixture
def resource(world: World) -> Resource:
    """A resource with 45 versions. Pairs of successive versions have the same time, so a page can end within a pair."""
    found: Resource = world.of(world.home)["resource"]
    now = timezone.now()
    with factories.in_tenant(world.home):
        assessments = Assessment.objects.bulk_create(
            Assessment(
                tenant=world.home,
                number=1000 + number,
                state=Assessment.State.FINISHED,
                trigger=Assessment.Trigger.SCHEDULE,
                started_at=now + timedelta(hours=number // 2),
                ended_at=now + timedelta(hours=number // 2),
            )
            for number in range(VERSIONS)
        )
        ResourceVersion.objects.bulk_create(
            ResourceVersion(
                tenant=world.home,
                resource=found,
                assessment=assessment,
                at=now + timedelta(hours=number // 2),
                sha256=f"{number:064}",
                stored={"properties": {"revision": number}},
            )
            for number, assessment in enumerate(assessments)
        )
    return found


@pytest.mark.slow(seconds=1)
def test_pages_have_each_version_once_and_compare_with_the_version_before(
    world: World, resource: Resource
) -> None:
    with factories.in_tenant(world.home):
        ordered = list(ResourceVersion.objects.filter(resource=resource).order_by("-at", "-id"))
        found: list[ResourceVersion] = []
        for start in range(0, len(ordered), 20):
            versions = versions_between(resource, start, start + 20)
            found += versions.shown
            for number, entry in enumerate(history(resource, versions), start):
                older = ordered[number + 1] if number + 1 < len(ordered) else None
                assert (entry.changes is None) == (older is None)
                if older is not None and "revision" in configuration(older)["properties"]:
                    (change,) = entry.changes or ()
                    before, now = (
                        configuration(row)["properties"]["revision"] for row in (older, ordered[number])
                    )
                    assert (change.before, change.now) == (before, now)
        assert [row.pk for row in found] == [row.pk for row in ordered]
        assert versions_between(resource, 1000, 1020).shown == []


def test_the_page_shows_each_page_of_versions(engineer: Client, world: World, resource: Resource) -> None:
    first = page(engineer, "resource", world.home.slug, resource.pk)
    assert "This is the oldest stored version." not in first
    assert first.count('class="versions"') == 1
    last = page(engineer, "resource", world.home.slug, resource.pk, query="?page=999")
    assert "This is the oldest stored version." in last
    assert "revision" in last, "the configuration is that of the newest version"


def test_row_level_security_leaves_the_indexes_usable(world: World, resource: Resource) -> None:
    """With row-level security, PostgreSQL uses indexes only for conditions that cannot reveal hidden values."""
    # Without statistics, PostgreSQL cannot know that few of the findings belong to the resource.
    owner_sql("ANALYZE assessments_finding")
    with factories.in_tenant(world.home), connection.cursor() as cursor:
        for option in ("enable_seqscan", "enable_sort", "enable_incremental_sort"):
            cursor.execute(f"SET LOCAL {option} = off")
        versions = version_ids(resource)[:20].explain()
        assert "assessments_version_history" in versions
        assert "Sort" not in versions
        for given in ({"folded": "/a"}, {"folded__gte": "/a/", "folded__lt": "/a0"}):
            events = ActivityEvent.objects.filter(tenant=world.home, **given).order_by().explain()
            condition = events.partition("Index Cond: ")[2].partition("\n")[0]
            assert "assessments_activity_resource" in events
            assert condition.count("(folded ") == len(given), events
        findings = Finding.objects.filter(tenant=world.home, subject_ref=resource.ref).explain()
        assert "assessments_finding_resource" in findings
        units = Unit.objects.filter(tenant=world.home, azure_id="x").order_by("-ended_at")[:1].explain()
        assert "assessments_unit_before" in units


def test_operations_on_parts_of_a_resource_belong_to_it(world: World, resource: Resource) -> None:
    now, name = timezone.now(), resource.resource_id.upper()
    others = (f"{name}2", f"{name}-x", f"{name}0/part", name.rpartition("/")[0], f"{name}.a/part")
    for identifiers, expected in (((name, f"{name}/Part", f"{name}/blobServices/default"), 3), (others, 3)):
        with factories.in_tenant(world.home):
            for number, identifier in enumerate(identifiers):
                ActivityEvent.objects.create(
                    tenant=world.home,
                    unit=resource.unit,
                    event_id=f"{expected}-{len(identifiers)}-{number}",
                    at=now,
                    resource_id=identifier,
                    operation="Microsoft.Storage/storageAccounts/write",
                    status="Succeeded",
                    actor_kind="person",
                )
            found = actors.events_about(resource, now - timedelta(days=1), now + timedelta(days=1))
            assert found.count() == expected


def test_pages_say_which_version_is_damaged(engineer: Client, world: World) -> None:
    found: Resource = world.of(world.home)["resource"]
    with factories.in_tenant(world.home):
        rows = history_of(world.home, [{"pad": "x" * 500, "n": n} for n in range(2)], resource=found)
        (assessment,) = assessments_of(world.home, 1)
        bad = ResourceVersion.objects.create(
            tenant=world.home,
            resource=found,
            assessment=assessment,
            at=timezone.now() + timedelta(hours=1),
            sha256="0" * 64,
            chain=rows[0].pk,
            step=2,
            stored=[{"op": "replace", "path": "/n", "value": 2}],
        )
    for name in ("resource", "resource-compare"):
        answer = engineer.get(reverse(name, args=[world.home.slug, found.pk]))
        assert answer.status_code == 409
        assert f"stored as version {bad.pk} do not result in the SHA-256" in answer.content.decode()
