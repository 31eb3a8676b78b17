"""If Azure refuses to return the activity log, Surety reads from Azure Resource Graph who changed resources."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assessments.collect.activity import resource_changes
from assessments.collect.activity.activity_log import FROM_RESOURCE_GRAPH, ActivityReading, read_operations
from assessments.collect.activity.resource_changes import change_of
from assessments.collect.errors import BadAnswer
from assessments.estate.logs.activity import MAX_ID, MAX_TEXT, ActorKind
from tests.assessments.collect import azure
from tests.assessments.collect.activity.resource_change_lines import ACCOUNT, SUBSCRIPTION, change_line
from tests.assessments.sandboxed_customer import Azure
from tests.for_each import for_each

LOG = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values"
NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)
APP = "c44b4083-3bf0-49c1-b47d-974e53cbdf3c"
REFUSED = azure.answer(LOG, 403, {"error": {"code": "AuthorizationFailed", "message": "Not allowed."}})


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Azure]:
    made = Azure(tmp_path)
    yield made
    made.close()


def reading(sandbox: Azure, *lines: Any, options: tuple[str, ...] = ()) -> ActivityReading:
    served = sandbox.serve([azure.directory(), *azure.subscription(SUBSCRIPTION), *lines], *options)
    return read_operations(azure.session(served), SUBSCRIPTION, NOW - 2 * HOUR, NOW)


def test_actors_are_read_from_resource_graph_if_the_log_is_refused(sandbox: Azure) -> None:
    inside = [change_line(number, NOW - HOUR) for number in range(3)]
    outside = [change_line(7, NOW - 3 * HOUR), change_line(8, NOW + HOUR)]
    found = reading(sandbox, REFUSED, *inside, *outside)
    assert [event.event_id for event in found.events] == [azure.guid(500 + number) for number in range(3)]
    event = found.events[0]
    assert (event.resource_id, event.at) == (ACCOUNT, NOW - HOUR)
    assert (event.actor_kind, event.actor) == (ActorKind.PERSON, "anna@contoso.com")
    assert event.operation == "microsoft.storage/storageaccounts/write"
    assert event.correlation_id == azure.guid(900)
    # Resource Graph has no operations on child resources, so the gap of the activity log remains.
    assert found.gap is not None
    assert found.gap.status == 403
    assert found.gap.permission == "Microsoft.Insights/eventtypes/values/read"
    assert found.gap.message.endswith(f". {FROM_RESOURCE_GRAPH}")


def test_a_log_that_can_be_read_is_the_only_source(sandbox: Azure) -> None:
    found = reading(sandbox, change_line(1, NOW - HOUR))
    assert (found.events, found.gap) == ((), None)


@pytest.mark.parametrize("status", [403, 500])
def test_the_refused_log_stays_the_reason_if_resource_graph_fails_too(sandbox: Azure, status: int) -> None:
    refusal = {"error": {"code": "Failed", "message": "Resource Graph is not available."}}
    path = f"/subscriptions/{SUBSCRIPTION}/providers/microsoft.resources/changes"
    found = reading(sandbox, REFUSED, azure.answer(path, status, refusal), change_line(1, NOW - HOUR))
    assert found.events == ()
    assert found.gap is not None
    assert found.gap.code == "AuthorizationFailed"
    assert FROM_RESOURCE_GRAPH not in found.gap.message


def test_the_number_of_changes_is_limited(sandbox: Azure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource_changes, "MAX_CHANGES", 2)
    found = reading(sandbox, REFUSED, *(change_line(number, NOW - HOUR) for number in range(5)))
    assert len(found.events) == 2


def row(**attributes: Any) -> dict[str, Any]:
    """Return a row of the result of a Resource Graph query, with values from an example in Microsoft's documents."""
    machine = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/myResourceGroup/providers"
    machine += "/microsoft.compute/virtualmachines/myVM"
    return {
        "id": f"{machine}/providers/Microsoft.Resources/changes/1",
        "target": machine,
        "kind": "Update",
        "attributes": {
            "previousResourceSnapshotId": "08584889383111245807_37592049-3996-ece7-c583-3008aef9e0e1_4043682982",
            "correlationId": "04ff69b3-e162-4583-9cd7-1a14a1ec2c61",
            "changedByType": "User",
            "changesCount": 2,
            "clientType": "ARM Template",
            "changedBy": "john@contoso.com",
            "operation": "microsoft.compute/virtualmachines/write",
            "timestamp": "2024-04-09T13:26:17.347+00:00",
            **attributes,
        },
    }


def parsed(**attributes: Any) -> Any:
    return change_of(row(**attributes), SUBSCRIPTION)


def test_the_documented_example_is_read() -> None:
    found = parsed()
    assert found.at == datetime(2024, 4, 9, 13, 26, 17, 347000, tzinfo=UTC)
    assert (found.actor_kind, found.actor) == (ActorKind.PERSON, "john@contoso.com")
    assert found.operation == "microsoft.compute/virtualmachines/write"
    assert found.status == "Succeeded"


@for_each(
    "attributes, kind, actor",
    [
        ({"changedBy": APP.upper(), "changedByType": "Application"}, ActorKind.APPLICATION, APP),
        ({"changedBy": "System", "changedByType": "System"}, ActorKind.AZURE, "System"),
        ({"changedBy": "", "changedByType": "System"}, ActorKind.AZURE, ""),
        ({"changedBy": "Unspecified", "changedByType": "Unspecified"}, ActorKind.UNKNOWN, ""),
        ({"changedBy": None}, ActorKind.UNKNOWN, ""),
        ({"changedBy": ["john@contoso.com"]}, ActorKind.UNKNOWN, ""),
    ],
)
def test_actors(attributes: dict[str, Any], kind: ActorKind, actor: str) -> None:
    found = parsed(**attributes)
    assert (found.actor_kind, found.actor) == (kind, actor)


def test_a_row_without_an_operation_gets_that_of_its_type() -> None:
    assert parsed(operation=None).operation == "microsoft.compute/virtualmachines/write"
    deleted = {**row(operation=""), "kind": "Delete"}
    found = change_of(deleted, SUBSCRIPTION)
    assert found is not None
    assert found.operation == "microsoft.compute/virtualmachines/delete"


def test_rows_about_other_subscriptions_are_left_out() -> None:
    assert change_of(row(), azure.guid(2)) is None
    assert change_of({**row(), "target": 7}, SUBSCRIPTION) is None


@for_each("change", [{"timestamp": "yesterday"}, {"timestamp": None}], ids=["word", "absent"])
def test_rows_without_a_time_are_errors(change: dict[str, Any]) -> None:
    with pytest.raises(BadAnswer):
        parsed(**change)


def test_rows_without_an_id_are_errors() -> None:
    with pytest.raises(BadAnswer):
        change_of({**row(), "id": None}, SUBSCRIPTION)


def test_long_texts_are_cut_to_what_can_be_stored() -> None:
    long = {**row(operation="x" * 900, changedBy="y" * 900 + "@", correlationId="ß" * 900)}
    found = change_of({**long, "target": row()["target"] + "字" * 900, "id": f"/{'ß' * 900}"}, SUBSCRIPTION)
    assert found is not None
    texts = (found.event_id, found.operation, found.actor, found.correlation_id)
    assert max(map(len, texts)) <= MAX_TEXT
    assert len(found.resource_id.encode()) <= MAX_ID
