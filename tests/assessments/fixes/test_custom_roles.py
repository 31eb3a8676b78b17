"""The Conditional Access policy for administrators names people with custom roles, because Graph refuses a policy with
ids of custom roles.
"""

from __future__ import annotations

from assessments.fixes.combine import combine
from assessments.fixes.facts import Facts
from tests.assessments.fixes.rendered import DIRECTORY, SUBSCRIPTION, fix_of, of, text


def test_the_policy_for_administrators_names_holders_of_custom_roles() -> None:
    intune, custom = "3a2c62db-5318-420d-8d74-23affee5d9d5", "5a5e1b42-0f3c-4f0a-9b39-3a8a1f5f0c11"
    synchronisation = "d29b2b05-8046-44ba-8758-1e26182fcf32"
    user = f"directory:{DIRECTORY}/users/{SUBSCRIPTION}"
    found = text(of("identity-mfa-privileged", user, roles=[custom, intune]))
    assert custom not in found
    assert intune in found
    assert found.count("includeUsers") == found.count(SUBSCRIPTION) == 1
    for roles in ([intune], ["isAdmin"], [custom, synchronisation]):
        assert "includeUsers" not in text(of("identity-mfa-privileged", user, roles=roles))


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
