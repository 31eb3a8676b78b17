"""A value that Surety does not know never makes a control fail. If the control already fails, the failure remains or
becomes unknown.

There are two lists of exceptions. For a property in ONLY_SOME_PASS, a control passes only with certain values, so an
unknown value may make it fail. For a property in ONLY_SOME_FAIL, a control fails only with certain values, so an
unknown value may end a failure.

The tests go through every case of a control. They replace, one after the other, each text that the control reads and
that may be the value of an enumeration. If a verdict becomes unknown because Surety does not know the value, its
reason names the value. test_bad_input replaces all values at once.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from assessments.evaluate import Result
from tests.assessments.controls.bad_input import NAMES, new_failures
from tests.assessments.controls.cases import Case, cases_of, slugs
from tests.assessments.controls.judging import scoped
from tests.assessments.controls.mutations import places
from tests.assessments.controls.recorded import recorded

NEW = "SomethingNew"
_ENUMERATED = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")
# Properties such as `name` usually contain the name of an object, so the tests do not replace their values. The
# properties listed here are exceptions: their values belong to an enumeration.
_ENUMERATED_NAMES = {"sku.name"}
_ALERTS = "properties.condition.allOf[]"
_POLICY = "conditional_access_policies"

_OTHER_EVENTS = "a condition lets no other event through, and the events of the operation have known values"
_CATEGORIES = "the control names the categories that must be exported, and another category is none of them"
_ONLY_ALL = "every value except All stands for some users, applications or locations only"
_TAGS = "each service tag is a range of its own, and only certain tags contain every public address"
_RUNTIME = "properties.majorVersions[].minorVersions[].stackSettings.windowsRuntimeSettings.runtimeVersion"
_PRODUCTS = "publishers and types of extensions are names, and only certain products protect a machine"

# {(control, collection, property): reason}. The control may fail if Surety does not know the value of the property.
ONLY_SOME_PASS: Mapping[tuple[str, str, str], str] = {
    **{
        (slug, "activity_log_alerts", f"{_ALERTS}.{name}"): _OTHER_EVENTS
        for slug in slugs()
        if slug.startswith("monitoring-alert-") and slug != "monitoring-alert-recipients"
        for name in ("field", "equals")
    },
    **dict.fromkeys(
        (
            ("monitoring-alert-nsg-write", "activity_log_alerts", f"{_ALERTS}.anyOf[].equals"),
            ("monitoring-alert-nsg-write", "activity_log_alerts", f"{_ALERTS}.anyOf[].field"),
            ("monitoring-alert-nsg-write", "activity_log_alerts", f"{_ALERTS}.containsAny[]"),
            ("monitoring-alert-nsg-write", "alerts_elsewhere", f"{_ALERTS}.equals"),
            ("monitoring-alert-nsg-write", "alerts_elsewhere", f"{_ALERTS}.field"),
        ),
        _OTHER_EVENTS,
    ),
    (
        "monitoring-alert-nsg-write",
        "alert_processing_rules",
        "properties.conditions[].values[]",
    ): "the value is the name of an alert rule",
    (
        "vm-disk-encryption",
        "vm_scale_sets",
        "properties.virtualMachineProfile.extensionProfile.extensions[].properties.type",
    ): "types of extensions are names, and only two of them stand for Azure Disk Encryption",
    **dict.fromkeys(
        (
            ("logging-activity-export", "activity_log_settings", "properties.logs[].category"),
            ("logging-activity-export", "management_group_log_settings", "properties.logs[].category"),
            ("logging-databricks", "databricks_log_settings", "properties.logs[].category"),
            ("logging-keyvault", "key_vault_log_settings", "properties.logs[].category"),
            ("logging-entra-diagnostics", "entra_log_settings", "properties.logs[].category"),
            ("logging-graph-activity", "entra_log_settings", "properties.logs[].category"),
            ("logging-intune", "intune_log_settings", "properties.logs[].category"),
            ("logging-platform", "resource_log_settings", "properties.logs[].category"),
            ("logging-app-http", "web_app_log_settings", "properties.logs[].category"),
            ("logging-retention-activity", "activity_log_settings", "properties.logs[].category"),
            ("logging-sql-db-auditing", "sql_audit_settings", "properties.logs[].category"),
            ("sql-server-auditing", "sql_audit_settings", "properties.logs[].category"),
            ("storage-service-logging", "storage_log_settings", "properties.logs[].category"),
        ),
        _CATEGORIES,
    ),
    (
        "logging-platform",
        "resources",
        "sku.name",
    ): "every tier of API Management except Consumption writes logs",
    ("logging-app-http", "web_sites", "properties.state"): "every app that is not stopped answers requests",
    (
        "monitoring-alert-service-health",
        "activity_log_alerts",
        f"{_ALERTS}.anyOf[].field",
    ): "every condition except those on the kind, the service and the region narrows the rule",
    **dict.fromkeys(
        (
            ("identity-mfa-enforced", _POLICY, "conditions.applications.includeApplications[]"),
            ("identity-mfa-enforced", _POLICY, "conditions.locations.includeLocations[]"),
            ("identity-mfa-enforced", _POLICY, "conditions.users.includeUsers[]"),
        ),
        _ONLY_ALL,
    ),
    **{
        (f"identity-ca-{name}", _POLICY, f"conditions.{path}[]"): _ONLY_ALL
        for name in ("mfa-arm", "mfa-portals", "geo", "device-code", "risky-signin")
        for path in ("applications.includeApplications", "users.includeUsers")
    },
    **{
        (f"identity-ca-{name}", _POLICY, "conditions.locations.includeLocations[]"): _ONLY_ALL
        for name in ("mfa-arm", "mfa-portals", "device-code", "risky-signin")
    },
    ("identity-device-join-mfa", _POLICY, "conditions.locations.includeLocations[]"): _ONLY_ALL,
    ("identity-device-join-mfa", _POLICY, "conditions.users.includeUsers[]"): _ONLY_ALL,
    **{
        (f"ai-services-{name}", "ai_details", "kind"): "only accounts for Bing have no such settings"
        for name in ("pna", "pe", "local-auth", "cmk")
    },
    **dict.fromkeys(
        (("ai-services-pe", "ai_details", "sku.name"), ("aisearch-pe", "search_services", "sku.name")),
        "every tier but the free one has private endpoints",
    ),
    (
        "identity-mfa-azure-writers",
        "classic_administrators",
        "properties.role",
    ): "every classic administrator except the service's own account fails, whatever the role",
    **{
        (
            "network-ssh-from-internet",
            "network_security_groups",
            f"properties.securityRules[].properties.{name}",
        ): _TAGS
        for name in ("sourceAddressPrefix", "destinationAddressPrefix")
    },
    (
        "network-waf-bot",
        "waf_policies",
        "properties.managedRules.managedRuleSets[].ruleSetType",
    ): "a policy can have several rule sets, and only one kind of them is against bots",
    ("network-watcher", "network_watchers", "location"): "a network watcher counts in its own region only",
    **dict.fromkeys(
        (
            ("vm-endpoint-protection", "virtual_machine_extensions", "properties.publisher"),
            ("vm-endpoint-protection", "virtual_machine_extensions", "properties.type"),
            (
                "vm-endpoint-protection",
                "virtual_machine_instance_views",
                "properties.instanceView.vmAgent.extensionHandlers[].type",
            ),
        ),
        _PRODUCTS,
    ),
    **dict.fromkeys(
        (
            ("vm-approved-images", "virtual_machines", "properties.storageProfile.imageReference.publisher"),
            ("vm-approved-images", "virtual_machines", "properties.storageProfile.imageReference.sku"),
            ("vm-sku", "virtual_machines", "properties.hardwareProfile.vmSize"),
            ("vm-approved-extensions", "virtual_machine_extensions", "properties.publisher"),
            ("vm-approved-extensions", "virtual_machine_extensions", "properties.type"),
        ),
        "the parameter lists the values that are approved, and every other value is not",
    ),
    (
        "vm-backup",
        "virtual_machines",
        "properties.storageProfile.imageReference.publisher",
    ): "publishers are names, and only the machines of certain publishers need no backup",
    **{
        (
            "vm-os-patches",
            "virtual_machines",
            f"properties.{name}",
        ): "Azure looks for patches on every machine except Windows 10 and 11"
        for name in ("licenseType", "storageProfile.imageReference.publisher")
    },
}


_TAG = "sourceAddressPrefix"
_EFFECT = (
    "Azure accepts only the effects that the initiative allows, and each of them except Disabled assesses"
)
_NO_IMAGE = "a recommendation of another category is not about an update"
_QUERY = "the query of Azure Resource Graph returns only findings with the known values"

# {(control, collection, property): why an unknown value of the property may end a failure, without an unknown verdict}
ONLY_SOME_FAIL: Mapping[tuple[str, str, str], str] = {
    (
        "identity-consent-verified-only",
        "permission_grant_policies",
        "includes[].clientApplicationPublisherIds[]",
    ): "another id is that of one publisher",
    (
        "network-watcher",
        "resources",
        "location",
    ): "regions in which Azure offers no network watcher do not count",
    **{
        ("defender-policy-all-recommendations", "policy_assignments", f"properties.{path}"): _EFFECT
        for path in (
            "parameters.diskEncryptionMonitoringEffect.value",
            "parameters.diskEncryptionMonitoringEffectV2.value",
            "overrides[].value",
        )
    },
    (
        "lock-mission-critical",
        "resources",
        "tags.criticality",
    ): "people choose the values of tags, and only those of the parameter mark critical resources",
    ("logging-retention-sql", "sql_audit_settings", "properties.logs[].category"): _CATEGORIES,
    (
        "monitoring-alert-nsg-write",
        "alert_processing_rules",
        "properties.conditions[].values[]",
    ): "alerts of the activity log are always Fired, so the rule suppresses none of them",
    **{
        ("monitoring-alert-recipients", name, f"{_ALERTS}.{key}"): _OTHER_EVENTS
        for name in ("activity_log_alerts", "alerts_elsewhere")
        for key in ("field", "equals")
    },
    **{
        (slug, "network_security_groups", f"properties.securityRules[].properties.{name}"): _TAGS
        for slug, name in (
            ("network-ssh-from-internet", _TAG),
            ("network-ssh-from-internet", f"{_TAG}es[]"),
            ("sql-firewall-internet", _TAG),
        )
    },
    (
        "sql-firewall-azure-services",
        "sql_perimeters",
        "properties.profile.accessRules[].properties.serviceTags[]",
    ): _TAGS,
    ("webapp-pna", "web_configs", "properties.ipSecurityRestrictions[].ipAddress"): _TAGS,
    **{
        ("vm-endpoint-protection", "virtual_machine_extensions", f"properties.{key}"): _PRODUCTS
        for key in ("publisher", "type")
    },
    (
        "vm-agent-running",
        "virtual_machine_instance_views",
        "properties.instanceView.vmAgent.vmAgentVersion",
    ): "every version of the agent is valid, except the word Unknown",
    (
        "identity-custom-roles-review",
        "role_definitions",
        "properties.type",
    ): "a role of another type is no built-in role with which custom roles are compared",
    ("vm-software-patches", "security_subassessments", "properties.status.severity"): _QUERY,
    ("vm-software-patches", "software_updates", "properties.metadata.severity"): _QUERY,
    ("vm-software-patches", "software_updates", "properties.metadata.recommendationCategory"): _QUERY,
    **{
        (slug, "software_updates", "properties.metadata.recommendationCategory"): _NO_IMAGE
        for slug in ("defender-acr-vulns", "defender-running-image-vulns")
    },
}

# {(control, collection, property): reason}. The reason of the unknown verdict need not name the unknown value.
OTHER_SENTENCE: Mapping[tuple[str, str, str], str] = {
    (
        "network-watcher",
        "network_provider",
        "resourceTypes[].resourceType",
    ): "the provider then lists no type of network watchers, and the reason says so",
    (
        "network-watcher",
        "resources",
        "location",
    ): "the region then needs the list of regions in which Azure offers network watchers",
    **{
        (
            "defender-alerts-exported",
            "security_automations",
            f"properties.sources[].ruleSets[].rules[].{name}",
        ): "rules other than for one severity are not evaluated, and the reason says so"
        for name in ("operator", "propertyJPath")
    },
    (
        "identity-consent-verified-only",
        "authorization_policy",
        "defaultUserRolePermissions.permissionGrantPoliciesAssigned[]",
    ): "the value is the id of a policy, and the reason says that this policy was not found",
    **{
        (
            "defender-policy-all-recommendations",
            "policy_set_definitions",
            f"properties.parameters.{effect}Effect.allowedValues[]",
        ): "the reason says that the list of allowed effects lacks Disabled"
        for effect in ("diskEncryptionMonitoring", "retiredAgentMonitoring", "keysExpirationSet")
    },
    **{
        (
            "webapp-runtime",
            stacks,
            _RUNTIME,
        ): "the reason names the version of the app, which is then not listed"
        for stacks in ("web_stacks", "function_stacks")
    },
    ("webapp-runtime", "web_sites", "kind"): "only function apps name a version of PowerShell",
}

type Results = Mapping[str, Result]


def renamed_in_turn(case: Case) -> Iterator[tuple[str, str, Results, Results]]:
    """Yield (collection, property, verdicts before, verdicts with an unknown value in the property)."""
    docs = copy.deepcopy(scoped(case.docs))
    read = {name: {scope: recorded(bodies) for scope, bodies in held.items()} for name, held in docs.items()}
    before = case.judge(read)
    for name, held in docs.items():
        for scope, bodies in held.items():
            for body, of_body in zip(bodies, read[name][scope], strict=True):
                for container, key, path in list(places(body, of_body)):
                    value = container[key]
                    if not isinstance(value, str) or not _ENUMERATED.fullmatch(value):
                        continue
                    if key in NAMES and path not in _ENUMERATED_NAMES:
                        continue
                    container[key] = NEW
                    yield name, path, before, case.judge(docs)
                    container[key] = value


def ended_failures(before: Results, after: Results) -> set[str]:
    """Return the subjects that fail in `before`, and neither fail nor are unknown in `after`.

    If `after` has an unknown verdict, leave out the subjects without a verdict: the unknown verdict, for example on the
    whole subscription, may cover them.
    """
    outcomes = {subject: str(result.verdict.outcome) for subject, result in after.items()}
    may_disappear = "unknown" in outcomes.values()
    failed = {subject for subject, result in before.items() if result.verdict.outcome == "fail"}
    return {
        subject
        for subject in failed
        if outcomes.get(subject, "unknown" if may_disappear else "") not in ("fail", "unknown")
    }


@pytest.mark.slow(seconds=15)
@pytest.mark.parametrize("slug", slugs())
def test_unknown_values_fail_nothing_and_end_no_failure(slug: str) -> None:
    found: dict[tuple[str, str, str], Any] = {}
    ended: dict[tuple[str, str, str], Any] = {}
    named: set[tuple[str, str, str]] = set()
    nameless: dict[tuple[str, str, str], Any] = {}
    for case in cases_of(slug):
        for name, path, before, after in renamed_in_turn(case):
            if failed := new_failures(before, after):
                found[slug, name, path] = (case.name, [after[subject].verdict.reason for subject in failed])
            if lost := ended_failures(before, after):
                ended[slug, name, path] = (case.name, sorted(lost))
            unknown = [one.verdict.reason for one in after.values() if one.verdict.outcome == "unknown"]
            was_unknown = any(one.verdict.outcome == "unknown" for one in before.values())
            only_failures = all(one.verdict.outcome == "fail" for one in before.values())
            if any(NEW.casefold() in text.casefold() for text in unknown):
                named.add((slug, name, path))
            elif unknown and not was_unknown and not only_failures and not case.gaps:
                nameless[slug, name, path] = (case.name, unknown)
    # In some cases, another unreadable object decides the verdict, and the reason is about that object. So it is enough
    # if the reason names the unknown value in one case.
    nameless = {key: what for key, what in nameless.items() if key not in named | set(ONLY_SOME_PASS)}
    unexpected = {key: what for key, what in found.items() if key not in ONLY_SOME_PASS}
    assert unexpected == {}
    assert {key for key in ONLY_SOME_PASS if key[0] == slug} == set(found)
    assert {key: what for key, what in ended.items() if key not in ONLY_SOME_FAIL} == {}
    assert {key for key in ONLY_SOME_FAIL if key[0] == slug} == set(ended)
    assert {key: what for key, what in nameless.items() if key not in OTHER_SENTENCE} == {}
    assert {key for key in OTHER_SENTENCE if key[0] == slug} == set(nameless)
