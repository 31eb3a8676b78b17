"""Generate encryption and vulnerability assessment of SQL servers and managed instances. The expected verdicts are
those of assessments/controls/sql/encryption.py and assessments/controls/sql/vulnerability_assessment.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

CONTROLS = (
    "sql-tde",
    "sql-tde-cmk",
    "sql-va",
    "sql-va-recurring",
    "sql-va-reports",
    "sql-va-admin-mail",
)
_OF_SCANS = CONTROLS[3:]


def write_protection(sub: Subscription, group: str, kind: str, name: str, databases: Sequence[str]) -> None:
    """Write the protection settings of a SQL server or managed instance, and the expected verdicts.

    `databases` are the names of the databases that the customer has created on the server.
    """
    resource = sub.id_of(group, kind, name)
    with sub.branch(f"protection/{resource}"):
        _encryption(sub, group, kind, name, databases)
        _assessment(sub, group, kind, name)


def _encryption(sub: Subscription, group: str, kind: str, name: str, databases: Sequence[str]) -> None:
    rng, resource = sub.rng, sub.id_of(group, kind, name)
    for database in databases:
        is_open = rng.faulty()
        sub.write(
            group,
            f"{kind}/databases/transparentDataEncryption",
            f"{name}/{database}/current",
            {"state": "Disabled" if is_open else "Enabled"},
        )
        sub.expect_failure_if("sql-tde", sub.id_of(group, f"{kind}/databases", f"{name}/{database}"), is_open)
    managed = rng.often_faulty()
    own: Json = {
        "serverKeyName": "kv-keys_sql_0",
        "serverKeyType": "AzureKeyVault",
        "autoRotationEnabled": True,
    }
    service: Json = {"serverKeyName": "ServiceManaged", "serverKeyType": "ServiceManaged"}
    sub.write(group, f"{kind}/encryptionProtector", f"{name}/current", service if managed else own)
    if databases:
        sub.expect_failure_if("sql-tde-cmk", resource, managed)
    else:
        sub.expect("sql-tde-cmk", resource, "not_applicable")


def _assessment(sub: Subscription, group: str, kind: str, name: str) -> None:
    """Write the settings of the vulnerability assessment, in its classic or its express configuration."""
    rng, resource = sub.rng, sub.id_of(group, kind, name)
    is_instance = kind.endswith("managedInstances")
    is_off, is_express = rng.faulty(), rng.chance(0.6)
    state = "Enabled" if is_express and not is_off else "Disabled"
    if is_instance:
        express = "Microsoft.Security/sqlVulnerabilityAssessments"
        sub.out.document(
            {
                "id": f"{resource}/providers/{express}/default",
                "name": "default",
                "type": express,
                "properties": {"state": state, "creationTime": rng.arm_timestamp(2, 150)},
            }
        )
    else:
        sub.write(group, f"{kind}/sqlVulnerabilityAssessments", f"{name}/default", {"state": state})
    if is_off:
        sub.expect("sql-va", resource, "fail")
        for control in _OF_SCANS:
            sub.expect(control, resource, "not_applicable")
        return
    sub.expect("sql-va", resource, "pass")
    if is_express:
        sub.expect("sql-va-recurring", resource, "pass")
        sub.expect("sql-va-reports", resource, "not_applicable")
        sub.expect("sql-va-admin-mail", resource, "not_applicable")
        return
    once, unsent, quiet = (rng.faulty() for _ in _OF_SCANS)
    properties: Json = {
        "storageContainerPath": f"https://st{rng.letters(8)}.blob.core.windows.net/scans/",
        "recurringScans": {
            "isEnabled": not once,
            "emailSubscriptionAdmins": not quiet,
            "emails": rng.pick(([], [""])) if unsent else [f"dba@{sub.mail_domain}"],
        },
    }
    sub.write(group, f"{kind}/vulnerabilityAssessments", f"{name}/default", properties)
    for control, fails in zip(_OF_SCANS, (once, unsent, quiet), strict=True):
        sub.expect_failure_if(control, resource, fails)
