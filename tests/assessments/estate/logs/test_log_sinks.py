"""Lifecycle rules and destinations of diagnostic settings."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.estate.logs.log_sinks import (
    account_name,
    deletion,
    destinations,
    exported,
    log_folder,
    missing_categories,
)
from assessments.estate.view import Unreadable, View
from tests.assessments.controls.logging.cases_retention import rule
from tests.assessments.controls.logging.documents import ACCOUNT
from tests.for_each import for_each

CONTAINER = "insights-activity-logs"


def policy(*rules: dict[str, Any]) -> View:
    return View(
        {"id": f"{ACCOUNT}/managementPolicies/default", "properties": {"policy": {"rules": list(rules)}}}
    )


def deleted(*rules: dict[str, Any], blob: str = "appendBlob") -> float | None:
    return deletion(policy(*rules), CONTAINER, blob).days


@given(st.lists(st.integers(1, 4000), min_size=1, max_size=6))
def test_the_earliest_deletion_decides(ages: list[int]) -> None:
    assert deleted(*(rule(age) for age in ages)) == min(ages)
    assert deleted(*(rule(age, enabled=False) for age in ages)) is None


@given(st.integers(0, len(CONTAINER)))
def test_every_prefix_of_the_container_name_covers_it(length: int) -> None:
    prefix = CONTAINER[:length]
    assert deleted(rule(5, [prefix] if prefix else [])) == 5
    assert deleted(rule(5, [prefix + "~"])) is None


@for_each(
    ("prefix", "expected"),
    [
        # Names of containers are in lower case, and prefixes are case-sensitive. So a prefix that has capital letters
        # in the name of the container matches no container.
        ("Insights-Activity-Logs", None),
        (f"{CONTAINER.upper()}/resourceId=", None),
        (f"{CONTAINER}/y=2026", 5),
        (f"{CONTAINER}-old", None),
        ("other", None),
    ],
)
def test_a_lifecycle_rule_applies_to_its_prefix(prefix: str, expected: float | None) -> None:
    assert deleted(rule(5, [prefix])) == expected


SUBSCRIPTION = "/subscriptions/10000000-0000-0000-0000-00000000000a"


@for_each(
    ("prefix", "expected"),
    [
        (CONTAINER, 5),
        (f"{CONTAINER}/", 5),
        (f"{CONTAINER}/resourceId=/SUBSCRIPTIONS/", 5),
        (f"{CONTAINER}/resourceId={SUBSCRIPTION.upper()}", 5),
        (f"{CONTAINER}/resourceId={SUBSCRIPTION.upper()}/y=2026", 5),
        (f"{CONTAINER}/resourceId=/SUBSCRIPTIONS/20000000-0000-0000-0000-00000000000A/", None),
        (f"{CONTAINER}/resourceId={SUBSCRIPTION.upper()}0/", None),
    ],
)
def test_a_rule_for_the_folder_of_another_subscription_does_not_count(
    prefix: str, expected: float | None
) -> None:
    folder = log_folder(CONTAINER, SUBSCRIPTION)
    assert deletion(policy(rule(5, [prefix])), folder, "appendBlob").days == expected


def tagged(age: int, name: str = "by tag") -> dict[str, Any]:
    body = rule(age, name=name)
    body["definition"]["filters"]["blobIndexMatch"] = [{"name": "keep", "op": "==", "value": "no"}]
    return body


def test_a_rule_for_blobs_with_index_tags_is_named_but_does_not_count() -> None:
    found = deletion(policy(tagged(5), rule(100)), CONTAINER, "appendBlob")
    assert (found.days, found.by_tag) == (100, (("by tag", 5),))
    found = deletion(policy(tagged(5) | {"enabled": False}), CONTAINER, "appendBlob")
    assert (found.days, found.by_tag) == (None, ())
    body = rule(5)
    body["definition"]["filters"]["blobIndexMatch"] = []
    assert deleted(body) == 5
    body["definition"]["filters"]["blobIndexMatch"] = "keep"
    with pytest.raises(Unreadable, match="blobIndexMatch"):
        deleted(body)


@pytest.mark.parametrize("kind", ["snapshot", "version"])
def test_a_rule_for_snapshots_or_previous_versions_does_not_count(kind: str) -> None:
    body = rule(5)
    body["definition"]["actions"] = {kind: {"delete": {"daysAfterCreationGreaterThan": 5}}}
    assert deleted(body) is None


def test_every_kind_of_age_counts() -> None:
    for age in ("daysAfterCreationGreaterThan", "daysAfterLastAccessTimeGreaterThan"):
        body = rule(5)
        body["definition"]["actions"]["baseBlob"]["delete"] = {age: 7.0}
        assert deleted(body) == 7


def test_moving_to_a_cooler_tier_deletes_nothing() -> None:
    body = rule(5)
    body["definition"]["actions"] = {"baseBlob": {"tierToCool": {"daysAfterModificationGreaterThan": 5}}}
    assert deleted(body) is None


def test_a_rule_for_other_blobs_does_not_count() -> None:
    assert deleted(rule(5, types=["blockBlob"])) is None
    assert deleted(rule(5, types=["blockBlob"]), blob="blockBlob") == 5
    assert deleted(rule(5, types=[])) == 5


def test_a_rule_without_a_definition_cannot_be_read() -> None:
    with pytest.raises(Unreadable, match="definition"):
        deleted({"name": "r", "enabled": True})


@for_each(
    ("endpoint", "name"),
    [
        ("https://LOGS.blob.core.windows.net/", "logs"),
        ("https://logs.blob.core.usgovcloudapi.net", "logs"),
        ("logs.blob.core.windows.net", "logs"),
        ("", ""),
    ],
)
def test_the_account_name_is_read_from_the_endpoint(endpoint: str, name: str) -> None:
    assert account_name(endpoint) == name


def test_destinations_have_a_fixed_order() -> None:
    setting = View(
        {"id": "x", "properties": {"workspaceId": "/w/", "storageAccountId": " /s ", "eventHubName": "h"}}
    )
    assert [(place.kind, place.id) for place in destinations(setting)] == [
        ("storage", "/s"),
        ("workspace", "/w"),
    ]
    with pytest.raises(Unreadable, match="workspaceId"):
        destinations(View({"id": "x", "properties": {"workspaceId": 7}}))


def test_a_category_group_contains_all_categories() -> None:
    assert missing_categories({"alllogs"}, ["Policy"]) == []
    assert missing_categories({"policy"}, ["Policy", "Alert"]) == ["Alert"]


def setting(name: str, logs: list[dict[str, Any]], **properties: Any) -> View:
    return View({"name": name, "properties": {"logs": logs, **properties}})


AUDIT = {"category": "Audit", "enabled": True}
READS = {"category": "Reads", "enabled": True}


def test_settings_with_a_destination_are_added_up() -> None:
    found = exported(
        [
            setting("b", [AUDIT, {"category": "Writes", "enabled": False}], workspaceId="/w"),
            setting("a", [READS], storageAccountId="/s", eventHubAuthorizationRuleId="/e"),
            setting("nowhere", [{"category": "Deletes", "enabled": True}]),
        ]
    )
    assert found.categories == {"audit", "reads"}
    assert list(found.settings.items()) == [("a", ["storage", "event hub"]), ("b", ["workspace"])]
    assert found.problem is None


def test_only_destinations_of_the_given_kinds_count() -> None:
    found = exported(
        [setting("a", [READS], storageAccountId="/s"), setting("b", [AUDIT], workspaceId="/w")],
        frozenset({"workspace"}),
    )
    assert (found.categories, dict(found.settings)) == (frozenset({"audit"}), {"b": ["workspace"]})


def test_what_cannot_be_read_does_not_hide_other_settings() -> None:
    found = exported(
        [
            setting("a", [{"category": "Reads"}], workspaceId="/w"),
            setting("b", [{"categoryGroup": "everything", "enabled": True}], workspaceId="/w"),
            setting("c", [AUDIT], workspaceId="/w"),
        ]
    )
    assert "audit" in found.categories
    assert found.problem is not None
    assert "enabled" in str(found.problem)
