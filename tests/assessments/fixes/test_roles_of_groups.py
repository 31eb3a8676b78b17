"""If a user has a role through a group, the fix does not take the role from the other members of the group."""

from __future__ import annotations

from typing import Any

import pytest

from tests.assessments.fixes.rendered import DIRECTORY, SUBSCRIPTION, S, rendered, text

USER = f"directory:{DIRECTORY}/users/{SUBSCRIPTION}"
GROUP = "70000000-0000-0000-0000-000000000007"
ACTIVE = f"{S}/providers/Microsoft.Authorization/roleAssignments/30000000-0000-0000-0000-000000000003"
ELIGIBLE = ACTIVE.replace("roleAssignments", "roleEligibilityScheduleInstances")


def held(assignment: str = ACTIVE, **more: Any) -> dict[str, Any]:
    return {"assignment": assignment, "role": "acdd72a7-3385-48ef-bd42-f606fba81ae7", "scope": S, **more}


@pytest.mark.parametrize(
    "slug",
    ["identity-disabled-users-azure-roles", "identity-guests-azure-permissions", "identity-vm-login-mfa"],
)
def test_a_user_leaves_the_group_and_the_group_keeps_its_role(slug: str) -> None:
    through_group = text(
        rendered(slug, USER, assignments=[held(group=GROUP), held(ELIGIBLE, group=GROUP, eligible=True)])
    )
    assert through_group.count(f"az ad group member remove --group {GROUP} --member-id {SUBSCRIPTION}") == 1
    assert "role assignment delete" not in through_group
    direct = text(rendered(slug, USER, assignments=[held()]))
    assert f"az role assignment delete --ids {ACTIVE}" in direct
    assert "group member remove" not in direct


def test_nobody_is_removed_from_a_group_before_the_membership_is_activated() -> None:
    assignments = [held(group=GROUP, eligible=True)]
    assert not rendered("identity-disabled-users-azure-roles", USER, assignments=assignments).commands
