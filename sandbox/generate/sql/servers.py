"""Generate SQL servers with databases and alert policies.

Format: Microsoft.Sql 2021-11-01, as ARM returns it. Expected verdicts: sql-threat-*. Firewalls are in
`sandbox.generate.sql.firewall`, auditing is in `sandbox.generate.sql.auditing`, and other settings are in
`sandbox.generate.families.sql_settings`.
"""

from __future__ import annotations

from sandbox.generate.assessments import write_database_findings
from sandbox.generate.families.sql_protection import write_protection
from sandbox.generate.families.sql_settings import write_private_endpoints, write_settings
from sandbox.generate.output import Json
from sandbox.generate.sql.auditing import Databases, write_auditing
from sandbox.generate.sql.firewall import write_firewall
from sandbox.generate.subscription import Subscription

_SERVERS = "Microsoft.Sql/servers"
_DETECTIONS = (
    "Sql_Injection",
    "Sql_Injection_Vulnerability",
    "Access_Anomaly",
    "Data_Exfiltration",
    "Unsafe_Action",
    "Brute_Force",
)


def write_server(sub: Subscription, shared: Databases) -> None:
    """Write a server with its databases and settings."""
    rng = sub.rng
    group, region, tags = sub.group()
    name = f"sql-{tags['application']}-{sub.environment}-{sub.next_number('sql'):04d}-{rng.letters(4)}"
    shared.servers += 1
    server_id = sub.id_of(group, _SERVERS, name)
    access = rng.pick(("Disabled", "SecuredByPerimeter", *("Enabled",) * 5))
    properties: Json = {
        "administratorLogin": "sqladmin",
        "version": "12.0",
        "state": "Ready",
        "fullyQualifiedDomainName": f"{name}.database.windows.net",
        "privateEndpointConnections": [],
        "minimalTlsVersion": "1.2",
        "publicNetworkAccess": access,
        "restrictOutboundNetworkAccess": "Disabled",
    }
    write_settings(sub, server_id, properties)
    write_private_endpoints(sub, server_id, properties)
    sub.write(group, _SERVERS, name, properties, kind="v12.0", location=region, tags=tags)
    write_firewall(sub, group, name, server_id, access)
    databases = [f"db-{tags['application']}-{i + 1}" for i in range(rng.pick((0, 1, 1, 2, 3, 5)))]
    for database in ["master", *databases]:
        _database(sub, group, name, database, region, tags)
    write_auditing(sub, shared, group, name, server_id, databases)
    write_protection(sub, group, _SERVERS, name, databases)
    _detection(sub, shared, group, name, server_id)
    if databases:
        write_database_findings(sub, f"{server_id}/databases/{databases[0]}")


def _database(sub: Subscription, group: str, server_name: str, name: str, region: str, tags: Json) -> None:
    rng = sub.rng
    system = name == "master"
    sku = (
        {"name": "System", "tier": "System", "capacity": 0}
        if system
        else {
            "name": "GP_S_Gen5",
            "tier": "GeneralPurpose",
            "family": "Gen5",
            "capacity": 2,
        }
    )
    properties: Json = {
        "collation": "SQL_Latin1_General_CP1_CI_AS",
        "maxSizeBytes": 34359738368,
        "status": "Online",
        "databaseId": rng.guid(),
        "creationDate": rng.graph_timestamp(100, 900),
        "currentServiceObjectiveName": sku["name"],
        "requestedServiceObjectiveName": sku["name"],
        "catalogCollation": "SQL_Latin1_General_CP1_CI_AS",
        "zoneRedundant": False,
        "readScale": "Disabled",
        "currentSku": dict(sku),
    }
    kind = "v12.0,system" if system else "v12.0,user,vcore,serverless"
    rest: Json = {} if system else {"tags": tags}
    sub.write(
        group,
        f"{_SERVERS}/databases",
        f"{server_name}/{name}",
        properties,
        kind=kind,
        location=region,
        sku=sku,
        **rest,
    )


def detection_state(sub: Subscription, wrong: bool) -> str:
    """Choose the state of threat detection. If `wrong` is True, threat detection is off.

    If `wrong` is False, threat detection is on by its own setting, or because of the subscription's Defender plan.
    """
    if wrong:
        return "Disabled" if sub.sql_plan_standard or sub.rng.chance(0.5) else "New"
    return "New" if sub.sql_plan_standard and sub.rng.chance(0.3) else "Enabled"


def _detection(sub: Subscription, shared: Databases, group: str, name: str, server_id: str) -> None:
    rng = sub.rng
    plan = sub.sql_plan_standard
    wrong, types_off = rng.faulty(), rng.faulty()
    mails, owners = not rng.faulty(), not rng.faulty()
    state = detection_state(sub, wrong)
    sub.expect_failure_if("sql-threat-detection", server_id, wrong)
    # Some servers have no document on threat detection. For such servers, Azure's default applies, which is Disabled.
    if not (wrong and not plan and rng.chance(0.3)):
        properties: Json = {
            "state": state,
            "disabledAlerts": rng.sample(_DETECTIONS, rng.randrange(1, 4))
            if types_off
            else rng.pick(([], [""])),
            "emailAddresses": [f"dba@{sub.mail_domain}"] if mails else rng.pick(([], [""])),
            "emailAccountAdmins": owners,
            "storageEndpoint": "",
            "storageAccountAccessKey": "",
            "retentionDays": 0,
            "creationTime": rng.arm_timestamp(60, 400),
        }
        sub.write(group, f"{_SERVERS}/securityAlertPolicies", f"{name}/Default", properties)
    if wrong:
        for control in (
            "sql-threat-detection-types",
            "sql-threat-alerts-contact",
            "sql-threat-alerts-owners",
        ):
            sub.expect(control, server_id, "not_applicable")
        return
    sub.expect_failure_if("sql-threat-detection-types", server_id, types_off)
    sub.expect_failure_if("sql-threat-alerts-contact", server_id, not (mails or sub.contact.mails_alerts))
    notified = owners or sub.contact.notifies_owners
    sub.expect(
        "sql-threat-alerts-owners", server_id, None if notified is None else "pass" if notified else "fail"
    )
