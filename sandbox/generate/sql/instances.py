"""Generate SQL managed instances, each in its own network.

Format: Microsoft.Sql/managedInstances 2023-08-01, as ARM returns it. Expected verdicts: sql-firewall-internet,
sql-mi-public-endpoint, sql-threat-detection, logging-sql-db-auditing, and the verdicts on the security groups of the
subnets of the managed instances. Other settings are in `families.sql_settings`.
"""

from __future__ import annotations

from sandbox.generate.families.sql_protection import write_protection
from sandbox.generate.families.sql_settings import write_private_endpoints, write_settings
from sandbox.generate.network.virtual_networks import (
    Network,
    ddos_protection,
    subnet_document,
    write_own_flow_log,
    write_security_group,
)
from sandbox.generate.output import Json
from sandbox.generate.sql.auditing import Databases, write_diagnostics
from sandbox.generate.sql.servers import detection_state
from sandbox.generate.subscription import Subscription

_INSTANCES = "Microsoft.Sql/managedInstances"
_NETWORKS = "Microsoft.Network/virtualNetworks"
_PUBLIC_PORT = 3342


def write_instance(sub: Subscription, network: Network, shared: Databases) -> None:
    """Write a managed instance in a delegated subnet. Some managed instances have a public endpoint, and some have an
    open security group.
    """
    rng = sub.rng
    group, region, tags = sub.group()
    number = sub.next_number("instance")
    name = f"sqlmi-{tags['application']}-{sub.environment}-{number:03d}-{rng.letters(4)}"
    vnet_name = f"vnet-sqlmi-{number:03d}"
    subnet = f"{sub.id_of(group, _NETWORKS, vnet_name)}/subnets/ManagedInstance"
    nsg = write_security_group(
        sub, group, region, tags, f"nsg-{name}", subnets=[subnet], interfaces=[], sql_port=_PUBLIC_PORT
    )
    write_own_flow_log(sub, network, nsg.id, region, subnet)
    prefix = f"10.{200 + number % 50}.0"
    part = subnet_document(subnet, "ManagedInstance", f"{prefix}.0/24", nsg.id)
    sub.expect("network-subnet-nsg", subnet, "pass")
    part["properties"]["delegations"] = [
        {
            "name": "managedInstance",
            "id": f"{subnet}/delegations/managedInstance",
            "type": f"{_NETWORKS}/subnets/delegations",
            "properties": {"serviceName": _INSTANCES},
        }
    ]
    space: Json = {
        "provisioningState": "Succeeded",
        "resourceGuid": rng.guid(),
        "addressSpace": {"addressPrefixes": [f"{prefix}.0/24"]},
        "subnets": [part],
        "virtualNetworkPeerings": [],
        **ddos_protection(sub, sub.id_of(group, _NETWORKS, vnet_name), region),
    }
    sub.write(group, _NETWORKS, vnet_name, space, location=region, tags=tags)
    public = rng.chance(0.5) and rng.branch(f"public endpoint/{name}").often_faulty()
    identifier = sub.id_of(group, _INSTANCES, name)
    properties: Json = {
        "provisioningState": "Succeeded",
        "state": "Ready",
        "fullyQualifiedDomainName": f"{name}.{rng.letters(12)}.database.windows.net",
        "administratorLogin": "sqladmin",
        "subnetId": subnet,
        "licenseType": "LicenseIncluded",
        "vCores": 4,
        "storageSizeInGB": 256,
        "collation": "SQL_Latin1_General_CP1_CI_AS",
        "publicDataEndpointEnabled": public,
        "proxyOverride": "Proxy",
        "timezoneId": "UTC",
        "minimalTlsVersion": "1.2",
        "zoneRedundant": False,
    }
    write_settings(sub, identifier, properties)
    write_private_endpoints(sub, identifier, properties)
    sub.expect_failure_if("sql-mi-public-endpoint", identifier, public)
    sub.write(
        group,
        _INSTANCES,
        name,
        properties,
        location=region,
        tags=tags,
        sku={"name": "GP_Gen5", "tier": "GeneralPurpose", "family": "Gen5", "capacity": 4},
    )
    sub.expect_failure_if("sql-firewall-internet", identifier, public and nsg.sql_open)
    _detection(sub, shared, group, name, identifier)
    _auditing(sub, shared, identifier)
    databases = _databases(sub, group, name, region)
    write_protection(sub, group, _INSTANCES, name, databases)


def _databases(sub: Subscription, group: str, name: str, region: str) -> list[str]:
    """Write the databases of a managed instance, and return their names."""
    rng = sub.rng.branch(f"databases/{name}")
    found = [f"mi-db-{number + 1}" for number in range(rng.pick((0, 1, 2)))]
    for database in found:
        sub.write(
            group,
            f"{_INSTANCES}/databases",
            f"{name}/{database}",
            {"collation": "SQL_Latin1_General_CP1_CI_AS", "status": "Online"},
            location=region,
        )
    return found


def _detection(sub: Subscription, shared: Databases, group: str, name: str, identifier: str) -> None:
    rng = sub.rng
    wrong = rng.faulty()
    state = detection_state(sub, wrong)
    sub.expect_failure_if("sql-threat-detection", identifier, wrong)
    if wrong and not sub.sql_plan_standard and rng.chance(0.3):
        return  # If there is no document on threat detection, Azure's default applies, which is Disabled.
    properties: Json = {"state": state, "creationTime": rng.arm_timestamp(60, 400)}
    sub.write(group, f"{_INSTANCES}/advancedThreatProtectionSettings", f"{name}/Default", properties)


def _auditing(sub: Subscription, shared: Databases, identifier: str) -> None:
    """Write the diagnostic setting of a managed instance, which usually exports audit events. Sometimes, write no
    setting.

    If no setting exports audit events, ARM does not show whether the managed instance is audited, so the verdict is
    manual.
    """
    audited = shared.workspace is not None and not sub.rng.faulty()
    if audited or (shared.workspace is not None and sub.rng.chance(0.5)):
        write_diagnostics(sub, shared, identifier, audited)
    sub.expect("logging-sql-db-auditing", identifier, "pass" if audited else "manual")
