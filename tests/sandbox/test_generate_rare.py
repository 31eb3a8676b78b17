"""Rare forms of documents (`--rare-rate`) are generated, and controls reach the verdicts that the generator expects."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.assessments.controls.judging import DIRECTORY
from tests.sandbox.agreement import agreed, estates

SEEDS = range(1, 6)
RATES = (0.0, 0.5)
PEOPLE = ("users", "mfa_registrations", "security_defaults")
ROLES = (
    "directory_role_assignments",
    "directory_role_eligibilities",
    "group_members",
)
FLOW_LOGS = ("network_security_groups", "network_interfaces", "network_watchers", "flow_logs")


def test_flow_logs_with_a_filter_do_not_count() -> None:
    verdicts, forms = Counter[str](), Counter[tuple[Any, Any]]()
    only_partial = Counter[str]()
    for estate in estates(SEEDS, RATES, rare_rate=0.6, resources=60):
        verdicts += agreed(estate, "logging-nsg-flow", FLOW_LOGS)
        targets: dict[str, set[bool]] = {}
        for log in (one["properties"] for one in estate.of("Microsoft.Network/networkWatchers/flowLogs")):
            criteria, states = log.get("enabledFilteringCriteria"), log.get("recordTypes")
            forms[criteria, states] += 1
            partial = bool(criteria) or states not in (None, "", "B,C,E,D")
            targets.setdefault(log["targetResourceId"], set()).add(partial or not log["enabled"])
        for group, verdict in estate.expected["logging-nsg-flow"].items():
            if targets.get(group) == {True}:
                only_partial[verdict] += 1
    assert set(verdicts) == {"pass", "fail", "not_applicable"}
    assert set(only_partial) == {"fail"}
    assert len(forms) == 8, forms


def test_the_account_that_synchronises_the_directory_needs_no_mfa() -> None:
    accounts, passwords, privileged = Counter[str](), Counter[str](), Counter[str]()
    for estate in estates(range(1, 9), (*RATES, 0.9), rare_rate=0.6, resources=0):
        privileged += agreed(estate, "identity-mfa-privileged", (*PEOPLE, *ROLES))
        agreed(estate, "identity-mfa-all-users", (*PEOPLE, *ROLES))
        found = agreed(estate, "identity-password-policy", ("users", "domains", "group_settings"))
        synchronisers = [one for one in estate.graph["users"] if one["userPrincipalName"].startswith("Sync_")]
        for account in synchronisers:
            assert not account["onPremisesSyncEnabled"]
            subject = f"{DIRECTORY}/users/{account['id']}"
            accounts[estate.expected["identity-mfa-privileged"][subject]] += 1
        if synchronisers:
            passwords += found
    assert set(accounts) == {"not_applicable", "fail"}
    assert set(privileged) == {"pass", "fail", "not_applicable"}
    assert set(passwords) == {"manual", "fail"}


def test_a_user_without_a_type_is_a_guest_only_if_invited() -> None:
    verdicts, types = Counter[str](), Counter[tuple[Any, bool]]()
    for estate in estates(range(1, 9), RATES, rare_rate=0.5, resources=0):
        people = {**estate.collected(PEOPLE), "guest_sign_ins": estate.graph["users"]}
        verdicts += agreed(estate, "identity-guests-needed", people)
        agreed(estate, "identity-mfa-all-users", (*PEOPLE, *ROLES))
        for user in estate.graph["users"]:
            types[user["userType"], "#EXT#" in user["userPrincipalName"]] += 1
    assert set(verdicts) == {"pass", "fail", "manual"}
    assert set(types) == {
        ("Member", False),
        (None, False),
        ("Guest", True),
        ("Member", True),
        (None, True),
    }
