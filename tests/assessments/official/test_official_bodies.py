"""Microsoft's example bodies are judged as a person would judge them, and no broken body causes a pass.

A person checked each row of the table. A verdict is unknown in the table if the person could not decide it
from the same bodies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pytest

from assessments.controls.registry import control
from assessments.display.collected_names import directory_object
from assessments.estate.collections import ALL
from assessments.estate.collections.resources import FOR_ALL_RESOURCES
from assessments.estate.estate import UnitKind
from assessments.estate.ids import fold
from tests.assessments.controls.cases import absence_passes
from tests.assessments.controls.recorded import recorded
from tests.assessments.controls.test_bad_input import NAMES, renamed
from tests.assessments.controls.test_mutation import ABSENT, places, replacements
from tests.assessments.official.estates import Docs, controls_of, official, official_estate, verdicts

TABLE = """
identity-custom-roles-admin pass: 0b5fe924
identity-custom-roles-review manual: 0b5fe924
defender-contact-email pass: unit
defender-contact-phone pass: unit
defender-no-open-recommendations pass: unit
defender-plan-databases pass: SqlServerVirtualMachines SqlServers
defender-plan-databases not_applicable: CosmosDbs OpenSourceRelationalDatabases
defender-plan-servers pass: VirtualMachines
defender-policy-all-recommendations pass: unit
defender-recommendations-review manual: unit
defender-vm-data-collection fail: unit
network-rdp-from-internet pass: nsg1 nsg3 testnsg
network-rdp-from-internet unknown: test-nic2
network-ssh-from-internet pass: nsg1 nsg3 testnsg
network-ssh-from-internet unknown: test-nic2
logging-activity-export pass: unit
logging-nsg-flow not_applicable: nsg1 nsg3
logging-nsg-flow fail: testnsg
logging-retention-activity pass: unit
logging-retention-flow fail: flowLog2
logging-retention-flow pass: flowLog1
logging-retention-sql not_applicable: sqlcrudtest-4645
logging-retention-sql pass: sqlcrudtest-6661
logging-sql-db-auditing fail: testdb
logging-sql-db-auditing pass: testinstance1
logging-storage-encryption pass: appteststorage1 wzstorage002
logging-storage-encryption not_applicable: iraflowlogtest2diag
logging-storage-secure-transfer fail: appteststorage1 wzstorage002
logging-storage-secure-transfer not_applicable: iraflowlogtest2diag
monitoring-alert-nsg-delete fail: unit
monitoring-alert-nsg-rule-delete fail: unit
monitoring-alert-nsg-rule-write fail: unit
monitoring-alert-nsg-write fail: unit
monitoring-alert-policy-assignment-write fail: unit
monitoring-alert-recipients not_applicable: unit
monitoring-alert-security-policy-write fail: unit
monitoring-alert-security-solution-delete fail: unit
monitoring-alert-security-solution-write fail: unit
monitoring-alert-sql-firewall-delete fail: unit
monitoring-alert-sql-firewall-write fail: unit
storage-anonymous-access-disallowed fail: appteststorage1 sto4036 sto4452
storage-anonymous-access-disallowed pass: sto4445
storage-blob-encryption pass: appteststorage1 sto4036 sto4445 sto4452
storage-file-encryption pass: appteststorage1 sto4036 sto4452
storage-file-encryption not_applicable: sto4445
storage-key-rotation fail: appteststorage1 sto4036 sto4452
storage-key-rotation unknown: sto4445
storage-public-blob pass: appteststorage1 sto4445 sto4452
storage-public-blob fail: sto4036
storage-public-file not_applicable: appteststorage1 sto4445 sto4452
storage-public-file fail: sto4036
storage-sas-expiry manual: appteststorage1 sto4036 sto4445 sto4452
storage-sas-https-only fail: appteststorage1 sto4036 sto4445 sto4452
storage-secure-transfer fail: appteststorage1 sto4036 sto4445 sto4452
vm-agent-running pass: myVM
vm-disk-encryption fail: myVM
vm-endpoint-protection manual: myVM
vm-os-firewall manual: myVM
vm-os-patches fail: myVM
vm-software-patches manual: myVM
sql-firewall-azure-services fail: sqlcrudtest-4645
sql-firewall-azure-services pass: sqlcrudtest-6661
sql-firewall-internet fail: sqlcrudtest-6661
sql-firewall-internet pass: sqlcrudtest-4645 testinstance1
sql-firewall-internet unknown: testvm
sql-firewall-wide fail: sqlcrudtest-6661
sql-firewall-wide pass: sqlcrudtest-4645
sql-public-network-access pass: sqlcrudtest-4645 sqlcrudtest-6661
sql-server-auditing fail: sqlcrudtest-4645
sql-server-auditing pass: sqlcrudtest-6661
sql-threat-alerts-contact pass: sqlcrudtest-4645
sql-threat-alerts-contact not_applicable: sqlcrudtest-6661
sql-threat-alerts-owners pass: sqlcrudtest-4645
sql-threat-alerts-owners not_applicable: sqlcrudtest-6661
sql-threat-detection pass: sqlcrudtest-4645
sql-threat-detection fail: sqlcrudtest-6661 testinstance1
sql-threat-detection-types fail: sqlcrudtest-4645
sql-threat-detection-types not_applicable: sqlcrudtest-6661
operations-vulnerability-scans manual: unit
identity-adfs-onprem-audit manual: unit
identity-guests-azure-permissions fail: 10fc1cc8 484a7d5f 6f87972e
identity-guests-azure-permissions pass: c6ad1942
identity-guests-cannot-invite fail: unit
identity-guests-limited unknown: unit
identity-guests-needed fail: 10fc1cc8 6f87972e c6ad1942
identity-guests-needed manual: unit
identity-mfa-all-users unknown: unit
identity-mfa-azure-writers unknown: 3cce9d87 484a7d5f 56f2d212 a3bb8764 ce2ce14e
identity-mfa-azure-writers fail: classicadminid2
identity-mfa-azure-writers pass: 86462606
identity-mfa-enforced pass: unit
identity-mfa-privileged unknown: 10fc1cc8 6f87972e ace08ec9
identity-mfa-privileged pass: 86462606
identity-password-policy manual: unit
"""

# (control, subject): the reason why even a person cannot decide the verdict from this body.
UNDECIDABLE = {
    **dict.fromkeys(
        (("network-ssh-from-internet", "test-nic2"), ("network-rdp-from-internet", "test-nic2")),
        "the example of the address has no SKU, and a Basic address lets everybody in",
    ),
    ("storage-key-rotation", "sto4445"): "the example has no time of the account or of its keys",
    (
        "sql-firewall-internet",
        "testvm",
    ): "the example of the address has no SKU, and a Basic address lets everybody in",
    ("identity-guests-limited", "unit"): "the example is truncated and does not say which role guests have",
    ("identity-mfa-all-users", "unit"): "the report does not list five members",
    (
        "identity-mfa-azure-writers",
        "3cce9d87",
    ): "the report does not list the user",
    (
        "identity-mfa-azure-writers",
        "56f2d212",
    ): "the report does not list the user",
    (
        "identity-mfa-azure-writers",
        "a3bb8764",
    ): "the report does not list the user",
    (
        "identity-mfa-azure-writers",
        "ce2ce14e",
    ): "the report does not list the user",
    ("identity-mfa-azure-writers", "484a7d5f"): "users of another directory",
    ("identity-mfa-privileged", "10fc1cc8"): "the report does not list the user",
    ("identity-mfa-privileged", "6f87972e"): "the report does not list the user",
    ("identity-mfa-privileged", "ace08ec9"): "the report does not list the user",
}
UNKNOWN = "SomethingNew"
KINDS = (UnitKind.SUBSCRIPTION, UnitKind.DIRECTORY)


def expected() -> dict[tuple[str, str], str]:
    found = {}
    for line in TABLE.strip().splitlines():
        head, _, subjects = line.partition(": ")
        slug, outcome = head.split()
        found.update({(slug, subject): outcome for subject in subjects.split()})
    return found


def judged(kind: UnitKind, docs: Docs, only: frozenset[str] | None = None) -> dict[tuple[str, str], str]:
    controls = [rule for rule in controls_of(kind) if only is None or rule.slug in only]
    return {(slug, subject): outcome for slug, subject, outcome in verdicts(kind, docs, controls)}


def test_official_bodies_are_judged_as_a_person_would() -> None:
    found = {key: outcome for kind in KINDS for key, outcome in judged(kind, official(kind)).items()}
    assert found == expected()
    unknown = {key for key, outcome in found.items() if outcome == "unknown"}
    assert unknown == set(UNDECIDABLE)


# Collections that would not be requested here: (collection, reason).
NOT_REQUESTED = {
    "virtual_networks": "no security group is attached to a subnet",
    "foreign_load_balancers": "no interface is behind a load balancer of another subscription",
    "management_groups": "the subscription exports its activity log itself",
    "policy_management_groups": "no assignment excludes a management group",
    "group_visibility": "the group has a member",
    "guest_configuration_reports": "the machine meets its assignments, none of which is about the firewall",
    "excluded_group_members": "no enabled policy excludes a group",
    "named_locations": "no enabled policy excludes a location",
    "excluded_group_visibility": "no enabled policy excludes a group",
}


def test_every_collection_has_an_official_body() -> None:
    with_body = {name for kind in KINDS for name, scopes in official(kind).items() if any(scopes.values())}
    assert with_body == set(ALL)


def test_official_bodies_are_where_they_would_be_requested() -> None:
    elsewhere = set()
    for kind in KINDS:
        docs = official(kind)
        estate = official_estate(kind, docs, controls_of(kind))
        for name, scopes in docs.items():
            if (targets := ALL[name].targets) is not None:
                requested = {fold(target) for target in targets(estate)}
                elsewhere |= {name for scope in scopes if fold(scope) not in requested}
    assert elsewhere == set(NOT_REQUESTED)


def test_a_management_group_exports_part_of_the_activity_log() -> None:
    docs = {**official(UnitKind.SUBSCRIPTION), "activity_log_settings": {}}
    only = frozenset({"logging-activity-export", "logging-retention-activity"})
    found = judged(UnitKind.SUBSCRIPTION, docs, only)
    assert found == {
        ("logging-activity-export", "unit"): "fail",
        ("logging-retention-activity", "unit"): "manual",
    }


def test_official_bodies_name_people_applications_and_roles() -> None:
    docs = official(UnitKind.DIRECTORY)
    names = {
        collection: [directory_object(body).display_name for body in docs[collection][""]]
        for collection in ("directory_objects", "directory_role_definitions", "service_principals")
    }
    assert names == {
        "directory_objects": ["Trevor Jones", "Billy Smith"],
        "directory_role_definitions": [
            "Helpdesk Administrator",
            "Service Support Administrator",
            "Billing Administrator",
        ],
        "service_principals": ["foo"],
    }


# Collections that only provide names of objects that findings mention.
NAMES_ONLY = {"directory_objects", "directory_role_definitions", "service_principals"}
OF_ANY_RESOURCE = "storage-secure-transfer"
"""A control of resources. Every one of them reads the collections in FOR_ALL_RESOURCES, for the same remark."""


def users_of() -> Mapping[str, frozenset[str]]:
    """Return the controls that read a collection, by the collection's name."""
    found: dict[str, set[str]] = defaultdict(set)
    for kind in KINDS:
        for rule in controls_of(kind):
            for collection in (*rule.needs, *rule.optional):
                found[collection.name].add(rule.slug)
    for collection in FOR_ALL_RESOURCES:
        found[collection.name].add(OF_ANY_RESOURCE)
    return {name: frozenset(slugs) for name, slugs in found.items()}


def declared_by(slugs: frozenset[str], docs: Docs) -> Docs:
    """Return only the documents of collections that these controls declare, and of the parents of these collections."""
    wanted = {collection.name for collection in FOR_ALL_RESOURCES}
    for slug in slugs:
        rule = control(slug)
        wanted |= {collection.name for collection in (*rule.needs, *rule.optional)}
    while parents := {parent for name in wanted for parent in ALL[name].after} - wanted:
        wanted |= parents
    return {name: scopes for name, scopes in docs.items() if name in wanted}


def test_every_official_body_is_read_by_a_control_or_for_names() -> None:
    assert {name for _, name in bodies_of()} - users_of().keys() == NAMES_ONLY


def bodies_of() -> list[tuple[UnitKind, str]]:
    return [(kind, name) for kind in KINDS for name in official(kind)]


def mutated_bodies() -> list[tuple[UnitKind, str]]:
    return [(kind, name) for kind, name in bodies_of() if name not in NAMES_ONLY]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "name"), mutated_bodies(), ids=str)
def test_no_mutation_of_an_official_body_adds_a_pass(kind: UnitKind, name: str) -> None:
    """A property that no control reads cannot change a verdict, so only properties that were read are mutated."""
    only = users_of()[name]
    docs = declared_by(only, official(kind))
    read = {scope: recorded(held) for scope, held in docs[name].items()}
    before = judged(kind, docs | {name: read}, only)
    assert before == judged(kind, official(kind), only)
    wrong = []
    for body, of_body in zip(all_of(docs[name]), all_of(read), strict=True):
        for container, key, path in list(places(body, of_body)):
            original = container[key]
            for value in (*replacements(container, original), *unknown_values(key, original)):
                as_absent = value is ABSENT or value is None
                with_mutation(container, key, value)
                for (slug, subject), outcome in judged(kind, docs, only).items():
                    if outcome != "pass" or before.get((slug, subject)) == "pass":
                        continue
                    if not (as_absent and absence_passes(slug, path)):
                        mutation = "absent" if value is ABSENT else value
                        wrong.append((path, mutation, slug, subject, before.get((slug, subject))))
                container[key] = original
    assert wrong == []


def all_of(scopes: Mapping[str, list[Any]]) -> list[Any]:
    return [body for held in scopes.values() for body in held]


def unknown_values(key: Any, value: Any) -> list[str]:
    """A value that no enumeration has, in place of one that may belong to an enumeration."""
    return [UNKNOWN] if key not in NAMES and renamed(value) == UNKNOWN else []


def with_mutation(container: Any, key: Any, value: Any) -> None:
    if value is ABSENT:
        del container[key]
    else:
        container[key] = value
