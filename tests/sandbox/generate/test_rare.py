"""Rare forms of documents (`--rare-rate`) are generated, and controls reach the verdicts that the generator expects."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest

from sandbox.generate import alerts, managed
from sandbox.generate.access.roles import CONTRIBUTOR, READER
from tests.assessments.controls.judging import DIRECTORY, SUB, judge
from tests.sandbox.agreement import Generated, agreed, estates

SEEDS = range(1, 6)
RATES = (0.0, 0.5)
PEOPLE = ("users", "mfa_registrations", "security_defaults")
ROLES = (
    "directory_role_assignments",
    "directory_role_eligibilities",
    "group_members",
)
ELIGIBLE = "identityGovernance/privilegedAccess/group/eligibilityScheduleInstances"
GUESTS = ("identity-guests-azure-permissions",)
AGENTS = ("MicrosoftMonitoringAgent", "OmsAgentForLinux", "MMAExtension", "OMSExtension")
RARE_EFFECTS = (
    "disallowPublicBlobAccessEffect",
    "azureKubernetesServiceClustersShouldHaveSecurityProfileEnabled",
    "certificatesValidityPeriodMonitoringEffect",
)
FINDINGS, EDR = "82e20e14-edc5-4373-bfc4-f13121257c37", "06e3a6db-6c0c-4ad9-943f-31d9d73ecf6c"
FLOW_LOGS = ("network_security_groups", "network_interfaces", "network_watchers", "flow_logs")


def holders(estate: Generated) -> dict[str, Any]:
    """Return the documents that show who holds a role."""
    azure = ("role_assignments", "role_definitions", "classic_administrators")
    docs = estate.collected((*PEOPLE, *ROLES, *azure))
    groups = {one["principalId"] for one in docs["directory_role_assignments"]}
    groups |= {one["properties"]["principalId"] for one in docs["role_assignments"]}
    rows = estate.graph[ELIGIBLE]
    docs["group_eligibilities"] = {
        group: [one for one in rows if one["groupId"] == group] for group in groups
    }
    return docs


@pytest.mark.slow(seconds=1)
def test_flow_logs_with_a_filter_do_not_count() -> None:
    verdicts, forms = Counter[str](), Counter[tuple[Any, Any]]()
    only_partial = Counter[str]()
    for estate in estates(SEEDS, RATES, rare_rate=0.6, resources=100):
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


@pytest.mark.slow(seconds=1)
def test_the_account_that_synchronises_the_directory_needs_no_mfa() -> None:
    accounts, passwords, privileged = Counter[str](), Counter[str](), Counter[str]()
    for estate in estates(range(1, 9), (*RATES, 0.9), rare_rate=0.6, resources=100):
        privileged += agreed(estate, "identity-mfa-privileged", holders(estate))
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
    assert {"pass", "fail", "not_applicable"} <= set(privileged)
    assert set(passwords) == {"manual", "fail"}


@pytest.mark.slow(seconds=1)
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


@pytest.mark.slow(seconds=1)
def test_scopes_without_slash_and_conditions_on_levels_are_understood() -> None:
    found: dict[tuple[bool, frozenset[str]], Counter[str]] = defaultdict(Counter)
    for estate in estates(SEEDS, RATES, rare_rate=0.6, resources=100):
        collections = ("activity_log_alerts", "alert_processing_rules", "action_groups")
        agreed(estate, "monitoring-alert-recipients", collections)
        rules = {one["name"]: one["properties"] for one in estate.of("Microsoft.Insights/activityLogAlerts")}
        for slug in alerts.OPERATIONS:
            control = f"monitoring-alert-{slug}"
            agreed(estate, control, collections)
            if (rule := rules.get(f"alert-{slug}")) is None:
                continue
            levels = frozenset(
                value.casefold()
                for member in rule["condition"]["allOf"]
                for leaf in member.get("anyOf", [member])
                if leaf.get("field") == "level"
                for value in leaf.get("containsAny", [leaf.get("equals", "")])
            )
            (scope,) = rule["scopes"]
            found[scope.startswith("/"), levels][estate.expected[control][SUB]] += 1
    every = frozenset({"critical", "error", "warning", "informational"})
    assert set(found) == {
        (True, frozenset()),
        (False, frozenset()),
        (True, every),
        (False, every),
        (False, frozenset({"error"})),
        (False, every - {"informational"}),
    }
    for (_, levels), verdicts in found.items():
        assert bool(verdicts["pass"]) is (levels in (frozenset(), every)), levels


@pytest.mark.slow(seconds=1)
def test_the_retired_agent_is_a_child_of_its_machine() -> None:
    collections = ("defender_pricings", "security_settings", "auto_provisioning")
    names, remarked = set[str](), Counter[tuple[bool, str]]()
    for estate in estates((*SEEDS, 9), RATES, rare_rate=0.1, resources=150):
        listed = [one for one in estate.resources() if one["type"].endswith("/extensions")]
        assert len(listed) == len(estate.of("Microsoft.Compute/virtualMachines/extensions"))
        agents = {one["name"] for one in listed if one["name"].endswith(AGENTS)}
        assert {name.count("/") for name in agents} <= {1}
        names |= {name.partition("/")[2] for name in agents}
        docs = {**estate.collected(collections), "resources": estate.resources()}
        agreed(estate, "defender-vm-data-collection", docs)
        verdict = judge("defender-vm-data-collection", docs)[SUB].verdict
        if str(verdict.outcome) == "pass":
            remark = next((one for one in verdict.remarks if one.startswith("Retired agent")), "")
            assert bool(agents) is bool(remark)
            assert remark.count("/extensions/") == len(agents)
            remarked[bool(agents), str(verdict.outcome)] += 1
    assert names == set(AGENTS)
    assert set(remarked) == {(True, "pass"), (False, "pass")}


@pytest.mark.slow(seconds=1)
def test_machines_of_a_disabled_subscription_do_not_run() -> None:
    found: dict[str, set[str]] = defaultdict(set)
    deleted = 0
    for estate in estates(range(1, 12), (0.0,), rare_rate=0.6, resources=100):
        own, *others = (one for one in estate.documents if "subscriptionId" in one)
        deleted += [one["state"] for one in others] == ["Deleted"]
        subjects = {subject for verdicts in estate.expected.values() for subject in verdicts}
        assert not [one for one in subjects for other in others if one.startswith(other["id"])]
        machines = estate.of("Microsoft.Compute/virtualMachines")
        found[own["state"]] |= {
            one["code"].removeprefix("PowerState/")
            for machine in machines
            for one in machine["properties"]["instanceView"]["statuses"]
            if one["code"].startswith("PowerState/")
        }
        patches = {estate.expected["vm-os-patches"][machine["id"]] for machine in machines}
        assert patches <= ({"unknown"} if own["state"] == "Disabled" else {"pass", "unknown"})
    assert deleted
    assert found.pop("Disabled") == {"deallocated"}
    assert set(found) == {"Enabled", "Warned", "PastDue"}
    assert all("running" in codes for codes in found.values())


@pytest.mark.slow(seconds=1)
def test_eligible_members_of_groups_are_judged_as_holders_of_the_role() -> None:
    eligible, directory = Counter[tuple[str, str]](), Counter[str]()
    for estate in estates(range(1, 13), (0.0, 0.6), rare_rate=0.7, resources=0):
        docs, rows = holders(estate), estate.graph[ELIGIBLE]
        for control in ("identity-mfa-privileged", "identity-mfa-azure-writers", *GUESTS):
            agreed(estate, control, docs)
            for row in rows:
                subject = f"{DIRECTORY}/users/{row['principalId']}"
                if verdict := estate.expected[control].get(subject):
                    eligible[control, verdict] += 1
        directory[estate.expected["identity-mfa-privileged"].get(DIRECTORY, "")] += 1
    assert set(eligible) == {
        ("identity-mfa-privileged", "pass"),
        ("identity-mfa-privileged", "fail"),
        ("identity-mfa-azure-writers", "pass"),
        ("identity-mfa-azure-writers", "fail"),
        ("identity-guests-azure-permissions", "fail"),
    }
    assert set(directory) == {"", "unknown"}


def inherited(estate: Generated) -> dict[str, Any]:
    """Return the documents of a subscription and of the management groups above it, by collection."""
    settings = estate.of("Microsoft.Insights/diagnosticSettings")
    above = [one for one in settings if one["id"].startswith("/providers/")]
    groups = [one["name"] for one in estate.of("Microsoft.Management/managementGroups")]
    return {
        **estate.collected(("storage_accounts", "workspaces", "management_groups")),
        "policy_management_groups": {SUB: estate.of("Microsoft.Management/managementGroups")},
        "activity_log_settings": [one for one in settings if one not in above],
        "management_group_log_settings": {
            name: [one for one in above if f"/{name}/" in one["id"]] for name in groups
        },
        "policy_assignments": {SUB: estate.of("Microsoft.Authorization/policyAssignments")},
        "policy_set_definitions": {
            one["name"]: [one] for one in estate.of("Microsoft.Authorization/policySetDefinitions")
        },
    }


@pytest.mark.slow(seconds=1)
def test_subscriptions_inherit_settings_of_management_groups() -> None:
    exports, policies, holders_above = Counter[tuple[bool, str]](), Counter[tuple[str, str]](), set[str]()
    for estate in estates(range(1, 21), (0.0, 0.6), rare_rate=0.8, resources=0):
        docs = inherited(estate)
        agreed(estate, "logging-activity-export", docs)
        agreed(estate, "defender-policy-all-recommendations", docs)
        result = judge("logging-activity-export", docs)[SUB].verdict
        if "managementGroups" in result.observed:
            exports[not result.observed["missing"], str(result.outcome)] += 1
        for one in docs["policy_assignments"][SUB]:
            if one["id"].startswith("/providers/"):
                form = "excluded" if SUB in one["properties"]["notScopes"] else "covered"
                policies[form, estate.expected["defender-policy-all-recommendations"][SUB]] += 1
        for one in estate.of("Microsoft.Authorization/roleAssignments"):
            if one["id"].startswith("/providers/"):
                subject = f"{DIRECTORY}/users/{one['properties']['principalId']}"
                holders_above |= {
                    control
                    for control in ("identity-mfa-azure-writers", *GUESTS)
                    if subject in estate.expected[control]
                }
    assert set(exports) == {(True, "pass"), (False, "fail")}
    assert set(policies) >= {("covered", "pass"), ("covered", "fail"), ("excluded", "fail")}
    assert holders_above == {"identity-mfa-azure-writers", *GUESTS}


def test_deny_assignments_add_a_remark_and_change_no_verdict() -> None:
    found = Counter[tuple[bool, bool]]()
    for estate in estates(range(1, 13), (0.9,), rare_rate=0.8, resources=0):
        groups = [one for one in estate.documents if "managedBy" in one]
        denials = estate.of("Microsoft.Authorization/denyAssignments")
        docs = {
            **estate.collected(("storage_accounts",)),
            "managed_resource_groups": {SUB: groups},
            "deny_assignments": {SUB: denials},
        }
        agreed(estate, "storage-sas-https-only", docs)
        refused = any(one["properties"]["denyAssignmentName"].endswith(managed.REFUSING) for one in denials)
        for subject, result in judge("storage-sas-https-only", docs).items():
            if str(result.verdict.outcome) == "fail":
                is_managed = any(subject.startswith(f"{group['id']}/") for group in groups)
                remarked = any(
                    "a deny assignment refuses changes" in remark for remark in result.verdict.remarks
                )
                assert remarked is (is_managed and refused)
                found[is_managed, remarked] += 1
    assert set(found) == {(True, True), (True, False), (False, False)}


@pytest.mark.slow(seconds=1)
def test_policies_for_a_part_count_only_together() -> None:
    found = Counter[tuple[int, str]]()
    for estate in estates(range(1, 13), RATES, rare_rate=0.8, resources=0):
        docs = estate.collected(("security_defaults", "conditional_access_policies"))
        policies = [
            one for one in docs["conditional_access_policies"] if "Require MFA: " in one["displayName"]
        ]
        if policies:
            everybody = [
                one for one in docs["conditional_access_policies"] if one["displayName"].endswith("everybody")
            ]
            agreed(estate, "identity-mfa-enforced", docs)
            found[len(everybody), estate.expected["identity-mfa-enforced"][DIRECTORY]] += 1
    assert set(found) == {(1, "pass"), (0, "fail")}


def test_a_user_that_the_directory_does_not_list_is_unknown() -> None:
    verdicts, modes = Counter[str](), set[bool]()
    for estate in estates(SEEDS, (0.0,), rare_rate=0.5, resources=0):
        verdicts += agreed(estate, "identity-mfa-azure-writers", holders(estate))
        agreed(estate, "defender-policy-all-recommendations", inherited(estate))
        modes |= {
            "enforcementMode" in one["properties"]
            for one in estate.of("Microsoft.Authorization/policyAssignments")
        }
    assert set(verdicts) == {"pass", "unknown"}
    assert modes == {True, False}


@pytest.mark.slow(seconds=1)
def test_effects_with_other_names_and_values_count() -> None:
    found = defaultdict[str, Counter[str]](Counter)
    for estate in estates(range(1, 46), (1.0,), rare_rate=0.9, resources=0):
        docs = inherited(estate)
        agreed(estate, "defender-policy-all-recommendations", docs)
        (initiative,) = estate.of("Microsoft.Authorization/policySetDefinitions")
        verdict = estate.expected["defender-policy-all-recommendations"][SUB]
        # `keysExpirationSetEffect` is disabled by default. Unless an assignment sets it, the control always fails. So
        # count only assignments that set it.
        complete = "keysExpirationSetEffect"
        for one in docs["policy_assignments"][SUB]:
            stated = one["properties"]["parameters"]
            for name, declared in initiative["properties"]["parameters"].items():
                if name in RARE_EFFECTS:
                    value = stated.get(name, {}).get("value", f"{declared['defaultValue']} by default")
                    if "isabled" in value and complete in stated:
                        found[name][f"{value}: {verdict}"] += 1
    off = {"Disabled: fail", "disabled: fail"}
    assert {name: set(verdicts) for name, verdicts in found.items()} == {
        "disallowPublicBlobAccessEffect": off,
        "azureKubernetesServiceClustersShouldHaveSecurityProfileEnabled": off,
        "certificatesValidityPeriodMonitoringEffect": {*off, "disabled by default: fail"},
    }


@pytest.mark.slow(seconds=1)
def test_recommendations_are_found_by_id_and_judged_by_the_date_that_they_have() -> None:
    kinds, dates, protection = Counter[tuple[str, str]](), Counter[tuple[bool, bool]](), Counter[str]()
    defender = ("security_assessments", "security_assessments_metadata")
    for estate in estates(range(1, 12), (0.0, 0.8), rare_rate=0.8, resources=110):
        docs = estate.collected(("virtual_machines", "virtual_machine_extensions"))
        docs |= {name: {SUB: documents} for name, documents in estate.collected(defender).items()}
        listed = docs["security_assessments"][SUB]
        docs["software_updates"] = {SUB: [one for one in listed if "metadata" in one["properties"]]}
        agreed(estate, "defender-no-open-recommendations", docs)
        protection += agreed(estate, "vm-endpoint-protection", docs)
        agreed(estate, "operations-vulnerability-scans", docs)
        scans = judge("operations-vulnerability-scans", docs)[SUB].verdict
        assert not [one for one in scans.remarks if "SQL servers" in one]
        overdue = estate.expected["defender-no-open-recommendations"]
        for one in listed:
            status = one["properties"]["status"]
            first, changed = status.get("firstEvaluationDate"), status.get("statusChangeDate")
            dates[bool(first), bool(changed)] += first != changed
            if one["name"] == FINDINGS:
                kinds["findings", overdue.get(f"{SUB}/providers/{one['type']}/{FINDINGS}", "")] += 1
            elif one["name"] == EDR:
                kinds["EDR", one["properties"]["displayName"]] += 1
            else:
                kinds["other", one["properties"]["displayName"]] += 1
    assert {verdict for kind, verdict in kinds if kind == "findings"} == {"", "fail"}
    assert len([title for kind, title in kinds if kind == "EDR"]) == 2
    assert {title for kind, title in kinds if kind == "EDR"} & {
        title for kind, title in kinds if kind == "other"
    }
    assert +dates == {key: dates[key] for key in ((True, True), (True, False), (False, True))}
    assert {"pass", "fail", "manual"} <= set(protection)


@pytest.mark.slow(seconds=1)
def test_foreign_groups_and_classic_administrators_can_hold_roles() -> None:
    directory, classic, guests = Counter[tuple[bool, str]](), Counter[tuple[str, str]](), Counter[str]()
    for estate in estates(range(1, 13), (0.0, 0.6), rare_rate=0.5, resources=0):
        docs = holders(estate)
        agreed(estate, "identity-mfa-azure-writers", docs)
        agreed(estate, "identity-guests-azure-permissions", docs)
        groups = [
            one["properties"]
            for one in docs["role_assignments"]
            if one["properties"]["principalType"] == "ForeignGroup"
        ]
        writing = any(not one["roleDefinitionId"].endswith(READER) for one in groups)
        for control in ("identity-mfa-azure-writers", *GUESTS):
            assert (estate.expected[control].get(DIRECTORY) == "unknown") >= writing
        if groups:
            directory[writing, estate.expected["identity-mfa-azure-writers"].get(DIRECTORY, "")] += 1
        if writing:
            guests += Counter(estate.expected[GUESTS[0]].values())
        for one in docs["classic_administrators"]:
            verdict = estate.expected["identity-mfa-azure-writers"].get(one["id"], "")
            reached = judge("identity-mfa-azure-writers", docs).get(one["id"])
            assert (reached is None) is (verdict == "")
            classic[one["properties"]["role"], verdict] += 1
    assert set(directory) == {(True, "unknown"), (False, "")}
    assert set(guests) == {"unknown", "pass", "fail"}
    assert set(classic) == {("ServiceAdministrator;AccountAdministrator", ""), ("CoAdministrator", "fail")}


def test_roles_that_a_delegation_lets_activate_count() -> None:
    found = Counter[tuple[str, str, str]]()
    for estate in estates(range(1, 5), (0.3,), rare_rate=0.7, resources=0, unusual=True):
        delegations = estate.of("Microsoft.ManagedServices/registrationAssignments")
        docs = estate.collected(("role_definitions", "registration_assignments"))
        assert docs["registration_assignments"] == delegations
        for control in ("identity-mfa-azure-writers", *GUESTS):
            reached = judge(control, docs)
            for one in delegations:
                verdict = str(reached[one["id"]].verdict.outcome)
                assert verdict == estate.expected[control][one["id"]]
                rights = one["properties"]["registrationDefinition"]["properties"]
                if rights["eligibleAuthorizations"]:
                    (right,) = rights["eligibleAuthorizations"]
                    found[control, right["roleDefinitionId"], verdict] += 1
    assert set(found) == {
        ("identity-mfa-azure-writers", CONTRIBUTOR, "unknown"),
        ("identity-mfa-azure-writers", READER, "not_applicable"),
        ("identity-guests-azure-permissions", CONTRIBUTOR, "pass"),
        ("identity-guests-azure-permissions", READER, "pass"),
    }
