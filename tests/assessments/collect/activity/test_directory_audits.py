"""The audit log of a directory: entries of every form, pages, refusals, limits, and how far a reading looks back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assessments.collect.activity.activity_log import DELAY, ActivityReading
from assessments.collect.activity.directory_audits import (
    ALWAYS_KEPT,
    KEPT_FOR,
    read_directory_audits,
    start_of_reading,
)
from assessments.collect.activity.directory_events import MAX_TARGETS, directory_events, directory_object
from assessments.collect.errors import BadAnswer, Cancelled
from assessments.estate.gaps import Reason
from tests.assessments.collect import azure
from tests.assessments.collect.activity.directory_entries import APP, GROUP, HOUR, NOW, PERSON, USER, entry
from tests.assessments.sandboxed_customer import Azure

PLACE = f"/directories/{azure.DIRECTORY}"


def parsed(**changes: Any) -> list[Any]:
    return directory_events(entry(1, **changes), azure.DIRECTORY)


def test_an_entry_is_an_event_of_each_object() -> None:
    group, person = parsed()
    assert (group.resource_id, person.resource_id) == (
        f"{PLACE}/providers/Microsoft.Graph/groups/{GROUP}",
        f"{PLACE}/providers/Microsoft.Graph/users/{PERSON}",
    )
    assert (group.event_id, person.event_id) == ("directory_1", "directory_1#1")
    assert (group.operation, group.status) == ("Add member to group", "Succeeded")
    assert group.correlation_id == person.correlation_id == "da159bfb-54fa-4092-8a38-6e1fa7870e30"
    assert (group.actor_kind, group.actor, group.actor_name) == ("person", "anna@contoso.com", "Anna Berg")
    assert (group.object_id, group.address) == (PERSON, "192.0.2.9")
    assert group.at == NOW - HOUR + timedelta(microseconds=721537)


@pytest.mark.parametrize(
    ("initiator", "kind", "actor", "name"),
    [
        ({"user": {**USER, "userPrincipalName": None}}, "person", PERSON, "Anna Berg"),
        ({"app": {"servicePrincipalId": APP.upper(), "displayName": "Sync"}}, "application", APP, "Sync"),
        ({"app": {"appId": APP, "servicePrincipalName": "sync"}}, "application", APP, "sync"),
        ({"app": {"displayName": "Azure AD PIM"}}, "unknown", "Azure AD PIM", ""),
        ({"user": {"id": "00000000-0000-0000-0000-000000000000"}}, "unknown", "", ""),
        ({"user": None, "app": None}, "unknown", "", ""),
        (None, "unknown", "", ""),
        ("Anna", "unknown", "", ""),
        ({"user": {"displayName": "Mallory"}}, "unknown", "Mallory", ""),
    ],
)
def test_who_initiated_an_activity(initiator: Any, kind: str, actor: str, name: str) -> None:
    (event, *_) = parsed(initiatedBy=initiator)
    assert (str(event.actor_kind), event.actor, event.actor_name) == (kind, actor, name)


def test_targets_of_every_form() -> None:
    def targets(given: Any) -> list[str]:
        return [event.resource_id for event in parsed(targetResources=given)]

    assert targets(None) == targets([]) == targets([7, {"id": None}]) == targets("x") == [PLACE]
    assert targets([{"id": "00000000-0000-0000-0000-000000000000", "type": "N/A"}]) == [PLACE]
    assert targets([{"id": GROUP, "type": "Unheard of"}]) == [
        f"{PLACE}/providers/Microsoft.Graph/objects/{GROUP}"
    ]
    assert targets([{"id": GROUP, "type": "ServicePrincipal"}] * 2) == [
        f"{PLACE}/providers/Microsoft.Graph/servicePrincipals/{GROUP}"
    ]
    many = targets([{"id": azure.guid(number), "type": "User"} for number in range(MAX_TARGETS + 5)])
    assert (len(many), many[-1]) == (MAX_TARGETS + 1, PLACE)
    assert directory_object(azure.DIRECTORY, "users", PERSON) == targets([{"id": PERSON, "type": "User"}])[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"result": "failure"},
        {"result": None},
        {"activityDisplayName": "GroupLifecyclePolicies_Get"},
        {"activityDisplayName": 7},
    ],
)
def test_entries_that_changed_nothing_are_left_out(changes: dict[str, Any]) -> None:
    assert parsed(**changes) == []


@pytest.mark.parametrize(
    "changes", [{"id": None}, {"activityDateTime": None}, {"activityDateTime": "yesterday"}]
)
def test_unreadable_entries_are_errors(changes: dict[str, Any]) -> None:
    with pytest.raises(BadAnswer, match="audit log"):
        parsed(**changes)


def test_a_reading_begins_where_the_last_one_ended_and_looks_back_at_most_a_month() -> None:
    assert start_of_reading(NOW, None) == NOW - ALWAYS_KEPT
    assert start_of_reading(NOW, NOW - HOUR) == NOW - HOUR - DELAY
    assert start_of_reading(NOW, NOW - timedelta(days=80)) == NOW - KEPT_FOR


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Azure]:
    made = Azure(tmp_path)
    yield made
    made.close()


def reading(
    sandbox: Azure,
    *entries: Any,
    options: tuple[str, ...] = (),
    since: datetime = NOW - 2 * HOUR,
    client: Any = None,
    lines: tuple[Any, ...] = (),
    **given: Any,
) -> ActivityReading:
    audits = [{"graph": "auditLogs/directoryAudits", "value": list(entries)}]
    policy = {"graph": "policies/authorizationPolicy", "value": {"id": "authorizationPolicy"}}
    served = sandbox.serve(
        [azure.directory(**(client or {})), policy, *(audits if entries else []), *lines], *options
    )
    return read_directory_audits(azure.session(served), azure.DIRECTORY, since, NOW, **given)


def test_only_entries_of_the_period_are_read_over_all_pages(sandbox: Azure) -> None:
    """Entries before and after midnight are on several pages. All entries of the period are read, and no others."""
    midnight = NOW.replace(hour=0, minute=0, second=0) - timedelta(days=1)
    inside = [entry(number, midnight + (number - 5) * timedelta(minutes=1)) for number in range(10)]
    found = reading(
        sandbox,
        *inside,
        entry(98, midnight - 2 * HOUR),
        entry(99, midnight + HOUR),
        since=midnight - HOUR,
        options=("--page-size", "3"),
    )
    names = {event.event_id for event in found.events if "#" not in event.event_id}
    assert {f"directory_{number}" for number in range(10)} <= names
    assert "directory_98" not in names
    assert found.gap is None


def test_a_directory_without_entries_is_read_completely(sandbox: Azure) -> None:
    found = reading(sandbox)
    assert (found.events, found.gap) == ((), None)


def test_a_missing_permission_is_named(sandbox: Azure) -> None:
    gap = reading(sandbox, entry(1), client={"graph": ["User.Read.All", "Directory.Read.All"]}).gap
    assert gap is not None
    assert (gap.reason, gap.status, gap.permission) == (Reason.FORBIDDEN, 403, "AuditLog.Read.All")
    assert "AuditLog.Read.All" in gap.message


def test_throttled_requests_are_repeated_and_a_lasting_refusal_is_a_gap(sandbox: Azure) -> None:
    path, body = (
        "/v1.0/auditLogs/directoryAudits",
        {"error": {"code": "TooManyRequests", "message": "Slow down"}},
    )
    refused = azure.answer(path, 429, body, headers={"Retry-After": "0"}, times=2)
    assert len(reading(sandbox, entry(1), lines=(refused,)).events) == 2
    gap = reading(sandbox, entry(1), lines=(azure.answer(path, 429, body, headers={"Retry-After": "0"}),)).gap
    assert gap is not None
    assert gap.reason is Reason.THROTTLED


def test_a_reading_is_complete_for_the_days_that_every_directory_keeps(sandbox: Azure) -> None:
    """Every directory keeps entries for the time `ALWAYS_KEPT`. Older entries are stored if Entra returns them. But
    some older entries may be missing, so the reading counts as complete only for the time `ALWAYS_KEPT`.
    """
    found = reading(sandbox, entry(1, NOW - timedelta(days=20)), since=NOW - timedelta(days=25))
    assert len(found.events) == 2
    assert found.since == NOW - ALWAYS_KEPT


def test_too_many_entries_are_a_gap_and_a_reading_can_be_cancelled(sandbox: Azure) -> None:
    entries = [entry(number) for number in range(6)]
    found = reading(sandbox, *entries, options=("--page-size", "2"), limit=3)
    assert found.is_cut
    assert found.gap is not None
    assert "more than 3 entries" in found.gap.message
    assert len(found.events) == 8, "what was read is kept"
    with pytest.raises(Cancelled):
        reading(sandbox, *entries, cancelled=lambda: True)
