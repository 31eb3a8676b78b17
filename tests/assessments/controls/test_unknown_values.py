"""A value that Surety does not know makes no control fail. ONLY_SOME_PASS lists the exceptions: properties of
which only certain values pass.

In every case each text that the control reads and that may be the value of an enumeration is replaced in
turn. If a verdict becomes unknown because Surety does not know the value, its reason names the value.
test_bad_input shows that unknown values pass nothing.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from assessments.evaluate import Result
from tests.assessments.controls.cases import Case, cases_of, slugs
from tests.assessments.controls.judging import scoped
from tests.assessments.controls.recorded import recorded
from tests.assessments.controls.test_bad_input import NAMES, new_failures
from tests.assessments.controls.test_mutation import places

NEW = "SomethingNew"
_ENUMERATED = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")
# Values of enumerations in properties whose names are otherwise names of objects.
_ENUMERATED_NAMES = {"sku.name"}
_ALERTS = "properties.condition.allOf[]"
_POLICY = "conditional_access_policies"

_OTHER_EVENTS = "a condition lets no other event through, and the events of the operation have known values"
_CATEGORIES = "the control names the categories that must be exported, and another category is none of them"
_ONLY_ALL = "every value except All stands for some users, applications or locations only"
_TAGS = "each service tag is a range of its own, and only certain tags contain every public address"
_PRODUCTS = "publishers and types of extensions are names, and only certain products protect a machine"

# (control, collection, property) -> why a verdict may become a failure.
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
    **dict.fromkeys(
        (
            ("logging-activity-export", "activity_log_settings", "properties.logs[].category"),
            ("logging-activity-export", "management_group_log_settings", "properties.logs[].category"),
            ("logging-retention-activity", "activity_log_settings", "properties.logs[].category"),
            ("logging-sql-db-auditing", "sql_audit_settings", "properties.logs[].category"),
            ("sql-server-auditing", "sql_audit_settings", "properties.logs[].category"),
        ),
        _CATEGORIES,
    ),
    **dict.fromkeys(
        (
            ("identity-mfa-enforced", _POLICY, "conditions.applications.includeApplications[]"),
            ("identity-mfa-enforced", _POLICY, "conditions.locations.includeLocations[]"),
            ("identity-mfa-enforced", _POLICY, "conditions.users.includeUsers[]"),
        ),
        _ONLY_ALL,
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
}


# (control, collection, property) -> why the reason of the unknown verdict need not name the value.
OTHER_SENTENCE: Mapping[tuple[str, str, str], str] = {
    (
        "monitoring-alert-nsg-write",
        "alert_processing_rules",
        "properties.conditions[].field",
    ): "the operator of the same condition is unknown too",
    **{
        (
            "defender-policy-all-recommendations",
            "policy_set_definitions",
            f"properties.parameters.{effect}Effect.allowedValues[]",
        ): "the reason says that the list of allowed effects lacks Disabled"
        for effect in ("diskEncryptionMonitoring", "retiredAgentMonitoring", "keysExpirationSet")
    },
}

type Results = Mapping[str, Result]


def renamed_in_turn(case: Case) -> Iterator[tuple[str, str, Results, Results]]:
    """Yield (collection, property, verdicts before, verdicts with an unknown value in the property)."""
    docs = copy.deepcopy(scoped(case.docs))
    read = {name: {scope: recorded(bodies) for scope, bodies in held.items()} for name, held in docs.items()}
    before = case.judge(read)
    if all(result.verdict.outcome == "fail" for result in before.values()):
        return
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


@pytest.mark.parametrize("slug", slugs())
def test_unknown_values_fail_nothing(slug: str) -> None:
    found: dict[tuple[str, str, str], Any] = {}
    named: set[tuple[str, str, str]] = set()
    nameless: dict[tuple[str, str, str], Any] = {}
    for case in cases_of([slug]):
        for name, path, before, after in renamed_in_turn(case):
            if failed := new_failures(before, after):
                found[slug, name, path] = (case.name, [after[subject].verdict.reason for subject in failed])
            unknown = [one.verdict.reason for one in after.values() if one.verdict.outcome == "unknown"]
            was_unknown = any(one.verdict.outcome == "unknown" for one in before.values())
            if any(NEW.casefold() in text.casefold() for text in unknown):
                named.add((slug, name, path))
            elif unknown and not was_unknown and not case.gaps:
                nameless[slug, name, path] = (case.name, unknown)
    # In some cases, another object that is unreadable decides the verdict, so the reason is about that object.
    nameless = {key: what for key, what in nameless.items() if key not in named | set(ONLY_SOME_PASS)}
    unexpected = {key: what for key, what in found.items() if key not in ONLY_SOME_PASS}
    assert unexpected == {}
    assert {key for key in ONLY_SOME_PASS if key[0] == slug} == set(found)
    assert {key: what for key, what in nameless.items() if key not in OTHER_SENTENCE} == {}
    assert {key for key in OTHER_SENTENCE if key[0] == slug} == set(nameless)
