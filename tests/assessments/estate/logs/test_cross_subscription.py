"""Alert rules and flow logs of other subscriptions are collected only if a verdict can depend on them."""

from __future__ import annotations

from typing import Any

from assessments.controls.monitoring.alerts import WATCHED
from assessments.estate.estate import Estate, UnitKind
from assessments.estate.logs.alerts import OPERATIONS
from assessments.estate.logs.cross_subscription import (
    MAX_OTHER_SUBSCRIPTIONS,
    concerns_unit,
    foreign_flow_logs,
    other_subscriptions,
    queryable_subscriptions,
    visible_subscriptions,
)
from tests.assessments.controls.judging import RG, SUB, estate_of
from tests.assessments.controls.logging.cases_export import FOREIGN_LOG, group, with_logs
from tests.assessments.controls.logging.documents import WATCHER_ID, flow_log
from tests.assessments.controls.monitoring.cases_alerts import ADMINISTRATIVE, alert, leaf
from tests.for_each import for_each


def given(**docs: Any) -> Estate:
    return estate_of(UnitKind.SUBSCRIPTION, docs)


def test_operations_match_the_controls() -> None:
    assert sorted(OPERATIONS) == sorted(watched.operation for watched in WATCHED)


@for_each(
    ("rules", "asked"),
    [
        ([], ["/subscriptions"]),
        ([alert(ADMINISTRATIVE, leaf("operationName", *OPERATIONS))], []),
        ([alert(ADMINISTRATIVE, leaf("operationName", *OPERATIONS), enabled=False)], ["/subscriptions"]),
        ([alert(ADMINISTRATIVE, leaf("operationName", *OPERATIONS[1:]))], ["/subscriptions"]),
        # A rule for all operations is not enough, because the customer may set the parameter `accept_catch_all` to
        # false. So rules of other subscriptions are collected too.
        ([alert(ADMINISTRATIVE)], ["/subscriptions"]),
        ([alert(condition=...)], ["/subscriptions"]),
    ],
    ids=["none", "all", "disabled", "all but one", "catch-all", "unreadable"],
)
def test_other_subscriptions_are_listed_only_if_an_operation_has_no_alert(
    rules: list[dict[str, Any]], asked: list[str]
) -> None:
    assert list(visible_subscriptions(given(activity_log_alerts=rules))) == asked


def seen(count: int, tenant: str = "t") -> dict[str, list[dict[str, Any]]]:
    listed = [{"id": f"/subscriptions/{n:03}", "tenantId": tenant} for n in range(count)]
    return {"/subscriptions": [{"id": SUB.upper(), "tenantId": "t"}, *listed]}


def test_other_subscriptions_are_of_the_same_directory_and_limited_in_number() -> None:
    assert other_subscriptions(given(visible_subscriptions=seen(2))) == [
        "/subscriptions/000",
        "/subscriptions/001",
    ]
    assert other_subscriptions(given(visible_subscriptions=seen(2, "another"))) == []
    assert (
        len(list(queryable_subscriptions(given(visible_subscriptions=seen(MAX_OTHER_SUBSCRIPTIONS)))))
        == MAX_OTHER_SUBSCRIPTIONS
    )
    assert list(queryable_subscriptions(given(visible_subscriptions=seen(MAX_OTHER_SUBSCRIPTIONS + 1)))) == []


@for_each(
    ("scopes", "is_collected"),
    [([SUB.upper() + "/"], True), ([RG], False), ([7, SUB], True), (None, False), (SUB, False)],
)
def test_only_rules_that_name_the_subscription_are_collected_elsewhere(
    scopes: Any, is_collected: bool
) -> None:
    assert concerns_unit(given(), {"properties": {"scopes": scopes}}) is is_collected
    assert not concerns_unit(given(), {"properties": None})


def test_referenced_flow_logs_outside_the_own_watchers_are_fetched() -> None:
    own = flow_log()["id"]
    holder = with_logs(group(), FOREIGN_LOG, own.upper(), FOREIGN_LOG)
    estate = given(network_security_groups=[holder], flow_logs={WATCHER_ID: [flow_log()]})
    assert list(foreign_flow_logs(estate)) == [FOREIGN_LOG]
    odd = {**group(), "properties": {"flowLogs": [None, {"id": 7}, {"id": "x"}]}}
    assert list(foreign_flow_logs(given(network_security_groups=[odd]))) == []
