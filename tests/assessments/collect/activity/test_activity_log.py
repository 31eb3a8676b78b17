"""The activity log: events of every form, events that are left out, pages, refusals and limits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assessments.collect.activity import activity_log
from assessments.collect.activity.activity_events import event_of
from assessments.collect.activity.activity_log import (
    ActivityReading,
    read_activity,
    start_of_reading,
)
from assessments.collect.errors import BadAnswer, Cancelled
from assessments.estate.gaps import Reason
from assessments.estate.logs.activity import MAX_ID, MAX_TEXT, ActorKind
from tests.assessments.collect import azure
from tests.assessments.collect.activity.activity_events import OBJECT, USER_NAME, event
from tests.assessments.sandboxed_customer import Azure
from tests.for_each import for_each

SUBSCRIPTION = azure.guid(1)
ACCOUNT = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-data/providers/Microsoft.Storage/storageAccounts/aplain"
)
NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)
APP = "c44b4083-3bf0-49c1-b47d-974e53cbdf3c"


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Azure]:
    made = Azure(tmp_path)
    yield made
    made.close()


def parsed(**changes: Any) -> Any:
    return event_of(event(1, ACCOUNT, NOW, **changes), SUBSCRIPTION)


def test_the_official_example_is_read() -> None:
    """The event is that of GetActivityLogsFiltered.json, and has no `resourceId`."""
    ticket = "/subscriptions/089bd33f-d4ec-47fe-8ba5-0753aa5c5b33/resourceGroups/MSSupportGroup/providers"
    ticket += "/microsoft.support/supporttickets/115012112305841"
    found = event_of(
        {
            "caller": "admin@contoso.com",
            "claims": {OBJECT: "2468adf0-8211-44e3-95xq-85137af64708", "name": "John Smith"},
            "correlationId": "1e121103-0ba6-4300-ac9d-952bb5d0c80f",
            "eventDataId": "44ade6b4-3813-45e6-ae27-7420a95fa2f8",
            "httpRequest": {"clientIpAddress": "192.168.35.115", "method": "PUT"},
            "id": f"{ticket}/events/44ade6b4-3813-45e6-ae27-7420a95fa2f8/ticks/635574752669792776",
            "operationName": {"value": "microsoft.support/supporttickets/write"},
            "status": {"value": "Succeeded"},
            "eventTimestamp": "2015-01-21T22:14:26.9792776Z",
        },
        "089bd33f-d4ec-47fe-8ba5-0753aa5c5b33",
    )
    assert found is not None
    assert found.resource_id == ticket
    assert (found.actor_kind, found.actor, found.actor_name) == ("person", "admin@contoso.com", "John Smith")
    assert found.address == "192.168.35.115"
    assert found.at == datetime(2015, 1, 21, 22, 14, 26, 979277, tzinfo=UTC)
    assert found.object_id == "", "the example's object id is not a GUID"


@for_each(
    ("changes", "kind", "actor", "name"),
    [
        ({}, "person", "anna@contoso.com", "Anna Berg"),
        ({"claims": {}}, "person", "anna@contoso.com", ""),
        ({"claims": None}, "person", "anna@contoso.com", ""),
        ({"caller": None}, "person", "anna@contoso.com", "Anna Berg"),
        ({"caller": "", "claims": {USER_NAME: "a@b.c"}}, "person", "a@b.c", ""),
        ({"caller": APP, "claims": {"idtyp": "app", "appid": "x"}}, "application", APP, ""),
        ({"caller": None, "claims": {"idtyp": "app", "appid": APP}}, "application", APP, ""),
        ({"caller": APP.upper(), "claims": {}}, "application", APP, ""),
        ({"caller": "Microsoft.Advisor", "claims": {}}, "azure", "Microsoft.Advisor", ""),
        ({"caller": None, "claims": {}}, "unknown", "", ""),
        ({"caller": None, "claims": {"name": "Mallory"}}, "unknown", "", ""),
        ({"caller": 7, "claims": []}, "unknown", "", ""),
    ],
)
def test_actors(changes: dict[str, Any], kind: str, actor: str, name: str) -> None:
    found = parsed(**changes)
    assert (found.actor_kind, found.actor, found.actor_name) == (ActorKind(kind), actor, name)


def test_invisible_characters_of_names_are_removed() -> None:
    assert parsed(claims={USER_NAME: "a@b.c", "name": "Anna\u202e Berg\n"}).actor_name == "Anna Berg"


@for_each(
    "changes",
    [
        {"operationName": {"value": "Microsoft.Storage/storageAccounts/read"}},
        {"operationName": {"value": "Microsoft.Authorization/policies/audit/action"}},
        {"operationName": {"value": "Microsoft.Authorization/policies/auditIfNotExists/action"}},
        {"operationName": None},
        {"status": {"value": "Started"}},
        {"status": {"value": "Failed"}},
        {"status": None},
        {"resourceId": "/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/x"},
        {"resourceId": None, "id": "nothing"},
        {"resourceId": f"/subscriptions/{SUBSCRIPTION}0/resourceGroups/x"},
    ],
)
def test_events_that_change_nothing_here_are_left_out(changes: dict[str, Any]) -> None:
    assert parsed(**changes) is None


@for_each("operation", ["x/write", "X/DELETE", "x/regenerateKey/action"])
@for_each("status", ["Succeeded", "accepted"])
def test_events_that_change_something_are_kept(operation: str, status: str) -> None:
    found = parsed(operationName=operation, status=status)
    assert (found.operation, found.status) == (operation, status.capitalize())


@for_each(
    "changes",
    [
        {"eventDataId": None},
        {"eventTimestamp": None},
        {"eventTimestamp": "yesterday"},
        {"eventTimestamp": "0001-01-01T00:00:00+14:00"},
    ],
)
def test_unreadable_events_are_errors(changes: dict[str, Any]) -> None:
    with pytest.raises(BadAnswer):
        parsed(**changes)


@for_each(
    "spelling",
    [
        ACCOUNT[1:],
        f"/{ACCOUNT}",
        ACCOUNT.replace("/providers/", "//providers/"),
        f"{ACCOUNT}/",
        f" {ACCOUNT} ",
    ],
    ids=["no leading slash", "two leading slashes", "an empty part", "a slash at the end", "blanks"],
)
def test_odd_spellings_of_an_id_name_the_same_resource(spelling: str) -> None:
    assert parsed(resourceId=spelling).resource_id == ACCOUNT


def test_long_texts_are_cut_to_what_can_be_stored() -> None:
    """Texts are cut after case folding, which makes some letters longer (“ß”). Ids of resources are cut to a number of
    bytes, because some letters take several bytes (“字”).
    """
    found = parsed(eventDataId="ß" * 256, correlationId="ß" * 256, resourceId=f"{ACCOUNT}{'字' * 1900}")
    assert len(found.event_id) == len(found.correlation_id) == MAX_TEXT
    assert len(found.resource_id.encode()) <= MAX_ID


@for_each(
    "address", ["not an address", 7, {"a": 1}, "192.0.2.1; drop"], ids=["text", "number", "object", "more"]
)
def test_malformed_addresses_are_left_out(address: Any) -> None:
    assert parsed(httpRequest={"clientIpAddress": address}).address == ""


def reading(sandbox: Azure, *lines: Any, options: tuple[str, ...] = (), **given: Any) -> ActivityReading:
    served = sandbox.serve([azure.directory(), *azure.subscription(SUBSCRIPTION), *lines], *options)
    return read_activity(azure.session(served), SUBSCRIPTION, NOW - 2 * HOUR, NOW, **given)


def test_events_of_the_time_are_read_over_pages(sandbox: Azure) -> None:
    many = [event(number, ACCOUNT, NOW - HOUR + timedelta(seconds=number)) for number in range(1, 8)]
    others = [event(90, ACCOUNT, NOW - 3 * HOUR), event(91, ACCOUNT, NOW + HOUR)]
    found = reading(sandbox, *many, *others, options=("--page-size", "3"))
    assert found.gap is None
    assert {one.event_id for one in found.events} == {one["eventDataId"] for one in many}


def test_pages_over_midnight_are_read_without_a_gap(sandbox: Azure) -> None:
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    many = [event(number, ACCOUNT, midnight + timedelta(seconds=number - 4)) for number in range(1, 8)]
    served = sandbox.serve([azure.directory(), *azure.subscription(SUBSCRIPTION), *many], "--page-size", "2")
    found = read_activity(azure.session(served), SUBSCRIPTION, midnight - HOUR, midnight + HOUR)
    assert found.gap is None
    assert len(found.events) == len(many)


@pytest.mark.parametrize(
    ("status", "body", "reason", "permission"),
    [
        (403, {"error": {"code": "AuthorizationFailed", "message": "no"}}, Reason.FORBIDDEN, True),
        (404, {"error": {"code": "SubscriptionNotFound", "message": "no"}}, Reason.NOT_FOUND, True),
        (400, {"error": {"code": "BadRequest", "message": "no"}}, Reason.BAD_ANSWER, True),
        (200, {"value": [{"eventDataId": 1}, 7]}, Reason.BAD_ANSWER, True),
    ],
)
def test_what_cannot_be_read_is_a_gap(
    sandbox: Azure, status: int, body: Any, reason: Reason, permission: bool
) -> None:
    path = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values"
    found = reading(sandbox, azure.answer(path, status, body))
    assert found.gap is not None
    assert found.gap.reason is reason
    assert bool(found.gap.permission) == permission
    assert found.events == ()


def test_a_burst_is_cut_with_a_gap(sandbox: Azure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity_log, "MAX_EVENTS", 4)
    many = [event(number, ACCOUNT, NOW - HOUR) for number in range(1, 8)]
    found = reading(sandbox, *many, options=("--page-size", "2"))
    assert found.gap is not None
    assert "more than 4 events" in found.gap.message
    assert len(found.events) == 4


def test_reading_can_be_cancelled(sandbox: Azure) -> None:
    with pytest.raises(Cancelled):
        reading(sandbox, cancelled=lambda: True)


@pytest.mark.parametrize(
    ("last", "start"),
    [
        (None, NOW - timedelta(days=7)),
        (NOW - HOUR, NOW - HOUR - timedelta(minutes=30)),
        # Azure answers 400 if the start is older than 90 days when the request arrives.
        (NOW - timedelta(days=200), NOW - timedelta(days=89)),
    ],
)
def test_start_of_a_reading(last: datetime | None, start: datetime) -> None:
    assert start_of_reading(NOW, last) == start


@pytest.mark.parametrize(("age", "is_read"), [(None, True), (timedelta(days=90), False)])
def test_azure_answers_after_a_long_pause(sandbox: Azure, age: timedelta | None, is_read: bool) -> None:
    """After a pause of 200 days, Azure accepts the time that `start_of_reading` returns (`age` is None) as the start of
    the reading. Azure refuses a start that is 90 days ago.
    """
    served = sandbox.serve([azure.directory(), *azure.subscription(SUBSCRIPTION)])
    now = datetime.now(UTC)
    since = now - age if age else start_of_reading(now, now - timedelta(days=200))
    found = read_activity(azure.session(served), SUBSCRIPTION, since, now)
    assert (found.gap is None) == is_read
