"""People and applications that may have changed a resource, from the operations in the log between two readings."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.collect.activity.activity_log import DELAY
from assessments.display.names import Kind, Status
from assessments.models import (
    ActivityEvent,
    ActivityReading,
    Assessment,
    ObjectName,
    Resource,
    ResourceVersion,
    Unit,
)
from portal.queries.inventory.actors import MAX_SHOWN, attributions
from portal.queries.inventory.history import versions_of
from tenants.models import Directory, Tenant
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import World

DEPLOY = "c44b4083-3bf0-49c1-b47d-974e53cbdf3c"
SCALER = "c44b4083-3bf0-49c1-b47d-974e53cbdf3d"
_numbers = count()
SECOND = timedelta(seconds=1)


@pytest.fixture
def resource(world: World) -> Resource:
    """A storage account with two versions, from two assessments."""
    found: Resource = world.of(world.home)["resource"]
    return found


@pytest.fixture
def times(world: World, resource: Resource) -> tuple[datetime, datetime]:
    """The start of the first assessment of the subscription and the end of the second."""
    with factories.in_tenant(world.home):
        units = Unit.objects.filter(azure_id=resource.unit.removeprefix("/subscriptions/"), state="done")
        first, second = units.order_by("ended_at")[:2]
    assert first.started_at is not None
    assert second.ended_at is not None
    return first.started_at, second.ended_at


def inside(times: tuple[datetime, datetime]) -> datetime:
    """Return the middle of the period."""
    return times[0] + (times[1] - times[0]) / 2


def operation(world: World, resource: Resource, at: datetime, **given: Any) -> ActivityEvent:
    number = next(_numbers)
    values: dict[str, Any] = {
        "unit": resource.unit,
        "event_id": f"event-{number}",
        "at": at,
        "resource_id": resource.resource_id.upper(),
        "operation": "Microsoft.Storage/storageAccounts/write",
        "status": "Succeeded",
        "correlation_id": f"correlation-{number}",
        "actor_kind": "person",
        "actor": "anna@contoso.com",
        "actor_name": "Anna Berg",
        "address": "192.0.2.15",
        **given,
    }
    with factories.in_tenant(world.home):
        return ActivityEvent.objects.create(tenant=world.home, **values)


def reading(world: World, resource: Resource, since: datetime, until: datetime, **given: Any) -> None:
    with factories.in_tenant(world.home):
        ActivityReading.objects.create(
            tenant=world.home, unit=resource.unit, since=since, until=until, **given
        )


def found(world: World, resource: Resource) -> Any:
    """Return the possible actors of the newest version."""
    with factories.in_tenant(world.home):
        shown = list(versions_of(resource))
        return attributions(resource, shown)[shown[0].pk]


def text(client: Client, world: World, resource: Resource) -> str:
    return " ".join(page(client, "resource", world.home.slug, resource.pk).split())


def test_the_only_operation_between_two_readings_is_shown(
    engineer: Client, world: World, resource: Resource, times: tuple[datetime, datetime]
) -> None:
    since, until = times
    reading(world, resource, since - DELAY, until + DELAY)
    operation(world, resource, inside(times))
    operation(world, resource, since - SECOND, actor_name="Too early", actor="early@contoso.com")
    operation(world, resource, until + SECOND, actor_name="Too late", actor="late@contoso.com")
    reads = "Microsoft.Storage/storageAccounts/listKeys/action"
    operation(world, resource, inside(times), operation=reads, actor="reader@contoso.com")
    html = text(engineer, world, resource)
    assert "Anna Berg" in html
    assert "anna@contoso.com" in html
    assert "from 192.0.2.15" in html
    assert "early@contoso.com" not in html
    assert "late@contoso.com" not in html
    assert "Any of these operations may be the cause" not in html
    assert "Operations may be missing" not in html


def test_several_actors_are_all_candidates(
    engineer: Client, world: World, resource: Resource, times: tuple[datetime, datetime]
) -> None:
    reading(world, resource, times[0] - DELAY, times[1] + DELAY)
    operation(world, resource, inside(times))
    operation(
        world,
        resource,
        inside(times),
        actor_kind="application",
        actor=DEPLOY,
        actor_name="",
        resource_id=f"{resource.resource_id}/blobServices/default",
    )
    html = text(engineer, world, resource)
    assert "2 operations by 2 actors" in html
    assert "Any of these operations may be the cause" in html
    assert f'<code class="id">{DEPLOY}</code> <small>(name not read yet)</small>' in html
    assert "blobServices/default" in html


def application(world: World, resource: Resource, at: datetime, **given: Any) -> None:
    operation(
        world, resource, at, **{"actor_kind": "application", "actor_name": "", "actor": DEPLOY, **given}
    )


def name(tenant: Tenant, guid: str, **given: Any) -> None:
    with factories.in_tenant(tenant):
        ObjectName.objects.create(
            tenant=tenant,
            directory=Directory.objects.filter(tenant=tenant).first() or factories.directory(tenant),
            guid=guid,
            kind=Kind.APPLICATION,
            read_at=timezone.now(),
            **{"status": Status.KNOWN, **given},
        )


def test_applications_are_named_with_one_query(
    engineer: Client, world: World, resource: Resource, times: tuple[datetime, datetime]
) -> None:
    application(world, resource, inside(times))
    application(world, resource, inside(times), actor=str(uuid4()), object_id=SCALER)
    name(world.home, DEPLOY, display_name="Deploy <pipeline>")
    name(world.home, SCALER, display_name="Scaler")
    with CaptureQueriesContext(connection) as captured:
        html = text(engineer, world, resource)
    assert f'<bdi>Deploy &lt;pipeline&gt;</bdi> <small class="id">{DEPLOY}</small>' in html
    assert f'<bdi>Scaler</bdi> <small class="id">{SCALER}</small>' in html
    assert len([one for one in captured.captured_queries if "assessments_objectname" in one["sql"]]) == 1


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        (
            {"status": Status.NOT_READABLE, "permission": "Application.Read.All"},
            "name not readable: missing permission Application.Read.All",
        ),
        ({"status": Status.ERASED}, "name erased on request"),
        ({"status": Status.GONE}, "not in the directory"),
    ],
)
def test_an_application_without_a_name_has_its_id_and_the_reason(
    engineer: Client,
    world: World,
    resource: Resource,
    times: tuple[datetime, datetime],
    stored: dict[str, str],
    reason: str,
) -> None:
    application(world, resource, inside(times))
    name(world.home, DEPLOY, **stored)
    shown = f'<code class="id">{DEPLOY}</code> <small>({reason})</small>'
    assert shown in text(engineer, world, resource)


def test_names_of_another_customer_are_not_used(
    engineer: Client, world: World, resource: Resource, times: tuple[datetime, datetime]
) -> None:
    application(world, resource, inside(times))
    name(world.foreign, DEPLOY, display_name="Foreign application")
    html = text(engineer, world, resource)
    assert DEPLOY in html
    assert "Foreign application" not in html


def test_events_of_one_operation_count_once(
    world: World, resource: Resource, times: tuple[datetime, datetime]
) -> None:
    for status in ("Accepted", "Succeeded"):
        operation(world, resource, inside(times), status=status, correlation_id="same")
    assert [one.target for one in found(world, resource).operations] == [""]


@pytest.mark.parametrize("name", ["{id}2", "{id}2/blobServices/default", "{parent}"])
def test_operations_on_other_resources_are_left_out(
    world: World, resource: Resource, times: tuple[datetime, datetime], name: str
) -> None:
    other = name.format(id=resource.resource_id, parent=resource.resource_id.rpartition("/")[0])
    operation(world, resource, inside(times), resource_id=other)
    assert found(world, resource).operations == []


@pytest.mark.parametrize(
    ("readings", "was_read"),
    [
        ([], False),
        ([(-1, 9)], True),
        ([(-1, 4), (3, 9)], True),
        ([(-1, 4), (5, 9)], False),
        ([(1, 9)], False),
        ([(-1, 4)], False),
        ([(3, 9), (-1, 4)], True),
    ],
)
def test_whether_the_log_was_read_for_the_whole_time(
    world: World,
    resource: Resource,
    times: tuple[datetime, datetime],
    readings: list[tuple[int, int]],
    was_read: bool,
) -> None:
    """`readings` are pairs (begin, end) in eighths of the period in which the change happened."""
    since, step = times[0], (times[1] - times[0]) / 8
    for begin, end in readings:
        reading(world, resource, since + begin * step, since + end * step)
    assert found(world, resource).was_read is was_read


def test_operations_at_the_end_of_the_period_come_with_the_next_reading_of_the_log(
    engineer: Client, world: World, resource: Resource, times: tuple[datetime, datetime]
) -> None:
    """The watch reads the log first, and the changed resource a moment later."""
    operation(world, resource, inside(times))
    reading(world, resource, times[0] - DELAY, inside((inside(times), times[1])))
    assert found(world, resource).is_pending
    html = text(engineer, world, resource)
    assert "Surety looks for further operations when it next reads the log." in html
    assert "Operations may be missing" not in html
    reading(world, resource, times[1] + SECOND, times[1] + DELAY)
    assert not found(world, resource).is_pending
    assert "Operations may be missing" in text(engineer, world, resource), "the next reading began too late"
    reading(world, resource, times[0], times[1] + 2 * DELAY)
    assert "Operations may be missing" not in text(engineer, world, resource)


def test_a_refused_reading_is_shown_with_the_missing_permission(
    engineer: Client, world: World, resource: Resource, times: tuple[datetime, datetime]
) -> None:
    reading(
        world,
        resource,
        times[0] - DELAY,
        times[1] + DELAY,
        code="AuthorizationFailed",
        message="The client may not read events.",
        permission="Microsoft.Insights/eventtypes/values/read",
    )
    html = text(engineer, world, resource)
    assert "Operations may be missing" in html
    assert "The client may not read events." in html
    assert "Microsoft.Insights/eventtypes/values/read" in html
    reading(world, resource, times[0] - DELAY, times[1] + 2 * DELAY)
    assert "Operations may be missing" not in text(engineer, world, resource), (
        "a later reading filled the gap"
    )


def test_no_operation_is_early_or_azure_itself(
    engineer: Client, world: World, resource: Resource, times: tuple[datetime, datetime]
) -> None:
    reading(world, resource, times[0] - DELAY, times[1])
    assert "no operation on this resource yet" in text(engineer, world, resource)
    reading(world, resource, times[1] - DELAY, times[1] + DELAY)
    assert "Azure itself may be the cause" in text(engineer, world, resource)


def test_an_unknown_caller_is_never_a_name(
    engineer: Client, world: World, resource: Resource, times: tuple[datetime, datetime]
) -> None:
    operation(world, resource, inside(times), actor_kind="unknown", actor="", actor_name="", address=None)
    assert "Somebody whom Azure does not name" in text(engineer, world, resource)


def test_many_operations_are_cut(
    engineer: Client, world: World, resource: Resource, times: tuple[datetime, datetime]
) -> None:
    for number in range(MAX_SHOWN + 3):
        operation(world, resource, inside(times), correlation_id=f"many-{number}")
    assert "3 more operations between" in text(engineer, world, resource)


def test_a_first_version_without_an_earlier_assessment_has_no_actor(world: World, resource: Resource) -> None:
    with factories.in_tenant(world.home):
        oldest = ResourceVersion.objects.filter(resource=resource).order_by("at").first()
        assert oldest is not None
        assert attributions(resource, [oldest]) == {}


def test_operations_of_another_customer_are_not_shown(
    world: World, resource: Resource, times: tuple[datetime, datetime]
) -> None:
    operation(world, resource, inside(times))
    with factories.in_tenant(world.foreign):
        assert ActivityEvent.objects.count() == 0
        ActivityEvent.objects.create(
            tenant=world.foreign,
            unit=resource.unit,
            event_id="foreign",
            at=inside(times),
            resource_id=resource.resource_id,
            operation="x/write",
            status="Succeeded",
            actor_kind="person",
            actor="foreign@fabrikam.com",
        )
    assert [one.actor for one in found(world, resource).operations] == ["anna@contoso.com"]


def test_who_may_have_deleted_the_resource_is_shown(
    engineer: Client, world: World, resource: Resource, times: tuple[datetime, datetime]
) -> None:
    with factories.in_tenant(world.home):
        units = Unit.objects.filter(azure_id=resource.unit.removeprefix("/subscriptions/"), state="done")
        last = units.order_by("ended_at")[1]
        Resource.objects.filter(pk=resource.pk).update(gone_at=last.ended_at)
    operation(
        world,
        resource,
        inside(times),
        operation="Microsoft.Storage/storageAccounts/delete",
        actor_name="Bo Lind",
    )
    html = text(engineer, world, resource)
    assert "Deleted: the assessment at this time did not find the resource." in html
    assert "Bo Lind" in html
    assert "Microsoft.Storage/storageAccounts/delete" in html


def test_an_assessment_between_two_versions_narrows_the_time(
    world: World, resource: Resource, times: tuple[datetime, datetime]
) -> None:
    with factories.in_tenant(world.home):
        units = Unit.objects.filter(azure_id=resource.unit.removeprefix("/subscriptions/"), state="done")
        unit = units.order_by("ended_at")[0]
    first_ended = unit.ended_at
    assert first_ended is not None
    operation(world, resource, first_ended)
    assert len(found(world, resource).operations) == 1
    with factories.in_tenant(world.home):
        assessment = Assessment.objects.get(pk=unit.assessment_id)
        assessment.pk, assessment.number = uuid4(), 99
        assessment.save(force_insert=True)
        step = (times[1] - first_ended) / 4
        unit.pk, unit.assessment = uuid4(), assessment
        unit.started_at, unit.ended_at = first_ended + step, first_ended + 2 * step
        unit.save(force_insert=True)
    assert found(world, resource).since == first_ended + step
    assert found(world, resource).operations == []
