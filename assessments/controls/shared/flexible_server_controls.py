"""Controls that flexible servers of PostgreSQL and MySQL have in common.

Each function returns a control. `prefix` is the beginning of its slug, and `product` the name of the database in its
texts.
"""

from __future__ import annotations

from assessments.controls.references import References
from assessments.controls.settings import SettingControl
from assessments.controls.shared.flexible_servers import (
    REPLICAS_TOO,
    firewall_rule,
    geo_backup,
    high_availability,
    parameter_rule,
    public_access_off,
    unless_replica,
)
from assessments.controls.verdict import Severity, failed, passed
from assessments.estate.collection import Collection
from assessments.fixes.declare import Fix


def encryption_required(
    prefix: str, product: str, parameters: Collection, references: References, fix: Fix
) -> SettingControl:
    """Return the control that judges whether servers refuse unencrypted connections. `parameters` is the collection
    of the server parameters.
    """
    return SettingControl(
        f"{prefix}-ssl",
        title=f"{product} servers require encrypted connections",
        problem=f"{product} server accepts unencrypted connections",
        expected="Connections without encryption are refused",
        judged=f"The parameter `require_secure_transport` of each flexible server.{REPLICAS_TOO}",
        why="Without encryption, anyone between client and server can read and change passwords and data.",
        severity=Severity.HIGH,
        judge=parameter_rule(
            parameters,
            "require_secure_transport",
            {
                "on": passed("Unencrypted connections are refused"),
                "off": failed("Unencrypted connections are accepted"),
            },
        ),
        needs=(parameters,),
        references=references,
        fix=fix,
    )


def azure_kept_out(
    prefix: str, product: str, firewall_rules: Collection, references: References, fix: Fix
) -> SettingControl:
    """Return the control that judges whether the firewalls let all of Azure or very large networks in.
    `firewall_rules` is the collection of the firewall rules.
    """
    return SettingControl(
        f"{prefix}-no-azure-services",
        title=f"{product} firewalls do not let all of Azure in",
        problem=f"{product} firewall lets all of Azure or very large networks in",
        expected="No rule goes from 0.0.0.0 to 0.0.0.0, and all rules together allow fewer than"
        " 16,777,216 addresses (2^24)",
        judged="The firewall rules of each flexible server. A server fails if a rule goes from 0.0.0.0 to 0.0.0.0,"
        " whatever the name of the rule, because such a rule allows every service in Azure. All rules together must"
        " allow fewer than 16,777,216 addresses (2^24). A server does not pass if the last address of a rule is before"
        " its first address, because it is not documented which addresses such a rule allows. Servers in a virtual"
        " network, and servers whose public network access is off, pass.",
        why="A rule for 0.0.0.0 lets in the machines of every Azure customer. A rule for a very large network lets"
        " in the machines of many strangers.",
        severity=Severity.HIGH,
        judge=firewall_rule(firewall_rules),
        needs=(firewall_rules,),
        references=references,
        fix=fix,
    )


def public_networks_refused(prefix: str, product: str, references: References, fix: Fix) -> SettingControl:
    """Return the control that judges whether public networks can reach the servers."""
    return SettingControl(
        f"{prefix}-pna",
        title=f"{product} servers refuse public networks",
        problem=f"{product} server reachable from public networks",
        expected="Public network access is off, or the server is in a virtual network",
        judged="`network` of each flexible server. Servers in a virtual network pass. If `publicNetworkAccess` is"
        " absent, the verdict is unknown.",
        why="A server with a public address can be attacked from the Internet, for example with a stolen password.",
        severity=Severity.MEDIUM,
        judge=public_access_off,
        references=references,
        fix=fix,
    )


def backups_in_second_region(prefix: str, product: str, references: References, fix: Fix) -> SettingControl:
    """Return the control that judges whether backups are also kept in a second region."""
    return SettingControl(
        f"{prefix}-geo-backup",
        title=f"{product} backups are kept in a second region",
        problem=f"{product} backups are kept in one region",
        expected="Backups are also kept in the paired region",
        judged="`backup.geoRedundantBackup` of each flexible server. If the property is absent, it counts as off. Read"
        " replicas are not applicable.",
        why="If a whole region fails, the data can be restored only from a backup in another region.",
        severity=Severity.LOW,
        unless=(unless_replica,),
        judge=geo_backup,
        references=references,
        fix=fix,
    )


def standby_server(prefix: str, product: str, references: References, fix: Fix) -> SettingControl:
    """Return the control that judges whether the servers have a standby server."""
    return SettingControl(
        f"{prefix}-ha",
        title=f"{product} servers have a standby server",
        problem=f"{product} server without a standby server",
        expected="A standby server takes over if the server fails",
        judged="`highAvailability` of each flexible server: its `mode`, and the `state` of the standby server. If the"
        " property is absent, it counts as off. A server fails if its standby server is being removed. A remark says if"
        " the standby server is not ready at the moment, or is in the same availability zone. Read replicas are not"
        " applicable.",
        why="Without a standby server, the database is unavailable until Azure has repaired the server.",
        severity=Severity.LOW,
        unless=(unless_replica,),
        judge=high_availability,
        references=references,
        fix=fix,
    )
