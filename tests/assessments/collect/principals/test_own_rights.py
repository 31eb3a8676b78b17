"""Azure shortens a list of resources if the principal may not read their type on the whole subscription.

Azure nevertheless answers 200. The sandbox does not shorten lists, so the tests check the gaps that say that a list may
be incomplete.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assessments.collect.principals.effective_permissions import EFFECTIVE
from assessments.estate.gaps import Reason
from assessments.management.sandboxed import serve
from tests.assessments.collect import azure

pytestmark = pytest.mark.slow(seconds=2)

ONE = azure.guid(1)
PERMISSIONS = f"/subscriptions/{ONE}/providers/Microsoft.Authorization/permissions"
FORBIDDEN = {"error": {"code": "AuthorizationFailed", "message": "No."}}


def roles(*actions: str, without: tuple[str, ...] = ()) -> azure.Line:
    role = {"actions": list(actions), "notActions": list(without)}
    return azure.answer(PERMISSIONS, 200, {"value": [role] if actions else []})


def judged(folder: Path, *more: azure.Line) -> tuple[azure.Judged, int]:
    """Judge a subscription. Return also how often the permissions were requested."""
    estate = [azure.directory(), *azure.subscription(ONE), *more]
    with serve(azure.write(folder / "estate.jsonl", estate)) as served:
        found = azure.judge(azure.session(served), ONE)
        asked: list[dict[str, Any]] = azure.control_plane(served, "GET", "requests")
    return found, sum(row["count"] for row in asked if row["path"].casefold() == PERMISSIONS.casefold())


def test_a_custom_role_without_the_permission_to_list_permissions_is_named(tmp_path: Path) -> None:
    """If the principal may not list its own permissions, each gap names only the permission to list permissions. The
    gaps name no permission to list resources, because the principal may have these permissions.
    """
    found, _ = judged(tmp_path, azure.answer(PERMISSIONS, 403, FORBIDDEN))
    assert {gap.permission for gap in found.estate.gaps()} == {EFFECTIVE.permission}
    missing = found.results["storage-secure-transfer", f"/subscriptions/{ONE}"].verdict
    assert missing.reason.startswith(f"Missing permission {EFFECTIVE.permission} (Storage accounts, 403")
    assert {gap.permission for gap in judged(tmp_path, roles())[0].estate.gaps()} > {
        "Microsoft.Storage/storageAccounts/read"
    }


@pytest.mark.parametrize("refusal", [azure.answer(PERMISSIONS, 403, FORBIDDEN), roles()], ids=["403", "none"])
def test_lists_are_incomplete_without_a_role_on_the_subscription(tmp_path: Path, refusal: azure.Line) -> None:
    found, asked = judged(tmp_path, refusal)
    assert asked == 1
    assert {gap.reason for gap in found.estate.gaps()} == {Reason.FORBIDDEN}
    assert found.estate.gaps_of("resources") != [], "missing resources would count as gone"
    # Listed resources are judged. Azure may have left out other resources, so the verdict on the subscription is
    # unknown.
    assert found.verdict("storage-secure-transfer", "aplain") == "fail"
    assert found.verdict("storage-secure-transfer", "bsafe") == "pass"
    assert found.verdict("storage-secure-transfer", ONE) == "unknown"
    assert found.verdict("network-watcher") == "unknown"


def test_lists_of_types_outside_of_the_role_are_incomplete(tmp_path: Path) -> None:
    found, _ = judged(tmp_path, roles("*/read", without=("Microsoft.Network/*",)))
    gaps = found.estate.gaps()
    assert {gap.permission.partition("/")[0] for gap in gaps} == {"Microsoft.Network"}
    # The inventory also lacks the types of Microsoft.Network, so it is no evidence that there are no virtual networks.
    assert "virtual_networks" in {gap.collection for gap in gaps}
    assert found.verdict("network-watcher") == "unknown"
    assert found.verdict("storage-secure-transfer", "bsafe") == "pass"


@pytest.mark.parametrize(
    "rights",
    [roles("*/read"), azure.answer(PERMISSIONS, 501, {"error": {"code": "Failed", "message": "No."}})],
    ids=["Reader", "no answer"],
)
def test_lists_are_complete_with_reader_or_if_azure_does_not_say(tmp_path: Path, rights: azure.Line) -> None:
    found, asked = judged(tmp_path, rights)
    assert (asked, found.estate.gaps()) == (1, [])
    assert found.verdict("network-watcher") == "not_applicable"
    assert EFFECTIVE.name not in found.estate.collections()
