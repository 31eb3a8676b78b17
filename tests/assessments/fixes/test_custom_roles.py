"""Fixes with custom roles of Microsoft Entra and of Azure.

Graph refuses a Conditional Access policy with ids of custom Entra roles, so the fix names the holders of these roles.
Azure refuses two custom Azure roles with the same name in a directory, so the role that the fix creates has a different
name in each subscription.
"""

from __future__ import annotations

import json
from pathlib import Path

from assessments.fixes.combine import combine
from assessments.fixes.facts import Facts
from tests.assessments.fixes.rendered import DIRECTORY, SUBSCRIPTION, S, fix_of, rendered, text
from tests.assessments.fixes.shell import run, with_examples

OTHER = SUBSCRIPTION.replace("1", "2")


def test_the_policy_for_administrators_names_holders_of_custom_roles() -> None:
    intune, custom = "3a2c62db-5318-420d-8d74-23affee5d9d5", "5a5e1b42-0f3c-4f0a-9b39-3a8a1f5f0c11"
    synchronisation = "d29b2b05-8046-44ba-8758-1e26182fcf32"
    user = f"directory:{DIRECTORY}/users/{SUBSCRIPTION}"
    found = text(rendered("identity-mfa-privileged", user, roles=[custom, intune]))
    assert custom not in found
    assert intune in found
    assert found.count("includeUsers") == found.count(SUBSCRIPTION) == 1
    for roles in ([intune], ["isAdmin"], [custom, synchronisation]):
        assert "includeUsers" not in text(rendered("identity-mfa-privileged", user, roles=roles))


def test_one_policy_names_only_the_people_with_custom_roles() -> None:
    intune, custom = "3a2c62db-5318-420d-8d74-23affee5d9d5", "5a5e1b42-0f3c-4f0a-9b39-3a8a1f5f0c11"
    held = {f"{DIRECTORY[:-2]}{number}": [role] for number, role in enumerate((intune, custom, custom), 10)}
    people = [
        Facts(f"directory:{DIRECTORY}/users/{user}", {"roles": roles}, DIRECTORY, "AzureCloud")
        for user, roles in held.items()
    ]
    combined = combine(fix_of("identity-mfa-privileged"), people)
    text = "\n".join(step.text for step in combined.fix.steps)
    assert custom not in text
    assert [user in text for user in held] == [False, True, True]


def test_each_subscription_gets_a_role_for_locks_with_a_name_of_its_own(tmp_path: Path) -> None:
    names = []
    for subscription in (SUBSCRIPTION, OTHER):
        fix = rendered("identity-lock-role", S.replace(SUBSCRIPTION, subscription))
        create, assign = run("\n".join(with_examples(step.text) for step in fix.steps), tmp_path)
        name = json.loads(create[create.index("--role-definition") + 1])["Name"]
        assert assign[assign.index("--role") + 1] == name
        names.append(name)
    assert len(set(names)) == 2
