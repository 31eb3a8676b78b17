"""Surety follows no reference from a customer's resource to a resource in a subscription of another directory.

With Azure Lighthouse, one service principal may be able to read subscriptions of several customers. Azure would then
answer a request for a resource of another customer, so Surety itself must not send such a request.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assessments.collect.errors import OtherDirectory
from assessments.collect.http.within_subscription import refuse_other_directories
from assessments.estate.gaps import Reason
from assessments.management.sandboxed import serve
from tests.assessments.collect import azure
from tests.for_each import for_each

OWN, OTHER = azure.guid(1), azure.guid(2)
GROUP = f"/subscriptions/{OTHER}/resourceGroups/rg/providers/Microsoft.Insights/actionGroups/theirs"
ACCOUNT = f"/subscriptions/{OTHER}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/theirs"
WATCHER = f"/subscriptions/{OWN}/resourceGroups/rg/providers/Microsoft.Network/networkWatchers/w"


def lines() -> list[Any]:
    alert = f"/subscriptions/{OWN}/resourceGroups/rg/providers/Microsoft.Insights/activityLogAlerts/alert"
    condition = {"allOf": [{"field": "category", "equals": "Administrative"}]}
    return [
        azure.directory(),
        *azure.subscription(OWN),
        *azure.subscription(OTHER),
        {
            "id": alert,
            "name": "alert",
            "location": "Global",
            "properties": {
                "enabled": True,
                "scopes": [f"/subscriptions/{OWN}"],
                "condition": condition,
                "actions": {"actionGroups": [{"actionGroupId": GROUP.upper()}]},
            },
        },
        {
            "id": f"/subscriptions/{OWN}/providers/Microsoft.Insights/diagnosticSettings/logs",
            "name": "logs",
            "properties": {
                "storageAccountId": ACCOUNT,
                "logs": [{"category": "Administrative", "enabled": True}],
            },
        },
        {
            "id": GROUP,
            "name": "theirs",
            "properties": {"enabled": True, "emailReceivers": [{"name": "secret"}]},
        },
        {"id": ACCOUNT, "name": "theirs", "kind": "StorageV2", "properties": {}},
    ]


@pytest.mark.parametrize("foreign", [(), (OTHER,)])
def test_nothing_is_read_in_a_subscription_of_another_directory(
    tmp_path: Path, foreign: tuple[str, ...]
) -> None:
    with serve(azure.write(tmp_path / "estate.jsonl", lines())) as served:
        found = azure.judge(azure.session(served), OWN, sections=("monitoring", "logging"), foreign=foreign)
        requests = [row["path"] for row in azure.control_plane(served, "GET", "requests")]
    asked = [path for path in requests if path.casefold() in (GROUP.casefold(), ACCOUNT.casefold())]
    gaps = {
        gap.collection: gap
        for gap in found.estate.gaps()
        if gap.code == "other_directory" and gap.scope.casefold() in (GROUP.casefold(), ACCOUNT.casefold())
    }
    if foreign:
        assert asked == []
        assert {"foreign_action_groups", "foreign_log_accounts"} <= set(gaps)
        assert all(gap.reason is Reason.UNDECIDED for gap in gaps.values())
        assert not any(
            view.id.casefold() == GROUP.casefold() for view in found.estate.documents("foreign_action_groups")
        )
    else:
        assert len(asked) >= 2
        assert gaps == {}


@for_each(
    "path",
    [
        GROUP,
        GROUP.upper(),
        GROUP.removeprefix("/"),
        f"/subscriptions/{OWN}/../{OTHER}/resourceGroups/rg",
        f"/subscriptions/{OWN}/%2e%2e/{OTHER}/resourceGroups/rg",
        f"/subscriptions/{OWN}/..%5c{OTHER}/resourceGroups/rg",
        f"/subscriptions/%3{OTHER}/x",
    ],
)
def test_no_spelling_of_a_path_leads_to_the_other_directory(path: str) -> None:
    with pytest.raises(OtherDirectory):
        refuse_other_directories(path, {OTHER})
    refuse_other_directories(path, set())


def test_own_resources_are_read() -> None:
    refuse_other_directories(WATCHER, {OTHER})
    refuse_other_directories("/subscriptions", {OTHER})
    refuse_other_directories("", {OTHER})
