"""Generate virtual networks with security groups, flow logs and public IP addresses.

Format: Microsoft.Network 2024-05-01, as ARM returns it. Expected verdicts: network-ssh-from-internet,
network-rdp-from-internet, network-udp-from-internet, network-http-from-internet, network-subnet-nsg, logging-nsg-flow,
logging-retention-flow.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.generate.names import REGION_NAMES
from sandbox.generate.network.security_groups import rule_set
from sandbox.generate.output import Json
from sandbox.generate.storage_account import Account
from sandbox.generate.subscription import Subscription

WATCHER_GROUP = "NetworkWatcherRG"
SQL_PORT = 1433
# Properties of flow logs. With _PART, a flow log records a part of the traffic. With _EVERYTHING, it records all
# traffic. The filters have the form of Microsoft's example NetworkWatcherFlowLogGet (2024-05-01). `recordTypes` lists
# the states of flows that are recorded: B (begin), C (continue), E (end), D (deny). If `recordTypes` is empty, all
# states are recorded.
_PART: tuple[Json, ...] = (
    {"enabledFilteringCriteria": "srcIP=158.255.7.8 || dstPort=56891"},
    {"enabledFilteringCriteria": "dstPort=443", "recordTypes": "B,C,E,D"},
    {"recordTypes": "B,C,E"},
    {"recordTypes": "D"},
)
_EVERYTHING: tuple[Json, ...] = (
    {"enabledFilteringCriteria": ""},
    {"enabledFilteringCriteria": None, "recordTypes": ""},
    {"recordTypes": "B,C,E,D"},
)
_SUBNETS = ("snet-web", "snet-app", "snet-data", "snet-mgmt")


@dataclass
class Subnet:
    """A subnet of a virtual network.

    - `covered`: True if the virtual network has a flow log; None if only the subnet itself has a flow log; False if
      neither has a flow log
    - `sql_open`: whether the subnet's security group lets the Internet reach the port of SQL Server; None if the subnet
      has no security group
    """

    id: str
    region: str
    covered: bool | None
    prefix: str
    sql_open: bool | None


@dataclass(frozen=True)
class SecurityGroup:
    """A security group. `sql_open` says whether the group lets the Internet reach the port of SQL Server."""

    id: str
    sql_open: bool


@dataclass
class Network:
    """The data shared by the functions that write the networks of one subscription.

    `account` and `workspace` get the flow logs. `subnets` are the subnets of the virtual network that was written
    last. `live_logs` and `dead_logs` are the numbers of enabled and disabled flow logs.
    """

    account: Account | None
    workspace: str | None
    subnets: list[Subnet] = field(default_factory=list)
    live_logs: int = 0
    dead_logs: int = 0


def write_watchers(sub: Subscription) -> None:
    """Write a network watcher for each region. As a random fault, write none for the second region."""
    watched = [sub.regions[0]]
    if not sub.rng.faulty():
        watched.append(sub.regions[1])
    sub.write_group(WATCHER_GROUP, sub.regions[0], {})
    for region in watched:
        properties: Json = {"provisioningState": "Succeeded", "runningOperationIds": []}
        name = f"NetworkWatcher_{region}"
        sub.write(WATCHER_GROUP, "Microsoft.Network/networkWatchers", name, properties, location=region)
    sub.watched_regions = frozenset(watched)


def _flow_log(
    sub: Subscription,
    network: Network,
    target: str,
    region: str,
    *,
    enabled: bool = True,
    form: Json | None = None,
) -> None:
    """Write a flow log of `target`. `form` are the properties of the flow log's filter, or None if the flow log records
    all traffic.
    """
    rng = sub.rng
    forms = rng.branch(f"{target}/flow log")
    if form is None:
        form = forms.pick(_EVERYTHING) if forms.rare() and not sub.without_filters else {}
    account = network.account
    if account is None:
        raise ValueError("flow logs need a storage account")
    short = rng.faulty()
    retention = (
        {"enabled": True, "days": rng.pick((7, 30, 90))}
        if short
        else rng.pick(
            ({"enabled": True, "days": 0}, {"enabled": True, "days": 180}, {"enabled": False, "days": 0})
        )
    )
    analytics: Json = {"enabled": False}
    if not short and network.workspace and rng.chance(0.4):
        analytics = {
            "enabled": True,
            "workspaceId": rng.guid(),
            "workspaceRegion": sub.regions[0],
            "workspaceResourceId": network.workspace,
            "trafficAnalyticsInterval": rng.pick((10, 60)),
        }
    if not analytics["enabled"] and not forms.branch("analytics").often_faulty():
        # The workspace may be in another subscription, which is only for logs and is not assessed.
        subscription = forms.guid()
        workspace = (
            f"/subscriptions/{subscription}/resourceGroups/rg-logs/providers/Microsoft.OperationalInsights"
        )
        analytics = {
            "enabled": True,
            "workspaceId": forms.guid(),
            "workspaceRegion": sub.regions[0],
            "workspaceResourceId": network.workspace or f"{workspace}/workspaces/log-central",
            "trafficAnalyticsInterval": 60,
        }
    log = sub.write(
        WATCHER_GROUP,
        "Microsoft.Network/networkWatchers/flowLogs",
        f"NetworkWatcher_{region}/fl-{sub.next_number('flow log'):05d}",
        {
            "provisioningState": "Succeeded",
            "targetResourceId": target,
            "targetResourceGuid": rng.guid(),
            "storageId": account.id,
            "enabled": enabled,
            **form,
            "retentionPolicy": dict(retention),
            "format": {"type": "JSON", "version": 2},
            "flowAnalyticsConfiguration": {"networkWatcherFlowAnalyticsConfiguration": analytics},
        },
        location=region,
    )
    if not enabled:
        network.dead_logs += 1
        sub.expect("logging-retention-flow", log, "not_applicable")
        if "/networkSecurityGroups/" in target:
            sub.expect("logging-flow-analytics", log, "fail")
        return
    network.live_logs += 1
    sub.expect_failure_if("logging-flow-analytics", log, not analytics["enabled"])
    if target.count("/") == 8 and "/virtualNetworks/" in target and form not in _PART:
        sub.expect_failure_if("logging-flow-analytics", target, not analytics["enabled"])
    if account.deletes_flow_logs and analytics["enabled"]:
        # The workspace may keep the logs longer than the storage account, so the verdict cannot be predicted.
        sub.expect("logging-retention-flow", log, None)
    else:
        sub.expect_failure_if("logging-retention-flow", log, short or account.deletes_flow_logs)


def write_security_group(
    sub: Subscription,
    group: str,
    region: str,
    tags: Json,
    name: str,
    *,
    subnets: list[str],
    interfaces: list[str],
    sql_port: int | None = None,
) -> SecurityGroup:
    """Write a network security group with its rules. `sql_port` is the port of the SQL Server that the group protects,
    or None.
    """
    group_id = sub.id_of(group, "Microsoft.Network/networkSecurityGroups", name)
    rules = rule_set(sub.rng, group_id, sql_port)
    properties: Json = {
        "provisioningState": "Succeeded",
        "resourceGuid": sub.rng.guid(),
        "securityRules": rules.custom,
        "defaultSecurityRules": rules.default,
    }
    if subnets:
        properties["subnets"] = [{"id": s} for s in subnets]
    if interfaces:
        properties["networkInterfaces"] = [{"id": i} for i in interfaces]
    sub.write(
        group,
        "Microsoft.Network/networkSecurityGroups",
        name,
        properties,
        location=region,
        tags=tags,
        etag=f'W/"{sub.rng.guid()}"',
    )
    sub.expect_failure_if("network-ssh-from-internet", group_id, rules.ssh_open)
    sub.expect_failure_if("network-rdp-from-internet", group_id, rules.rdp_open)
    sub.expect_failure_if("network-udp-from-internet", group_id, rules.udp_open)
    sub.expect_failure_if("network-http-from-internet", group_id, rules.http_open)
    return SecurityGroup(group_id, rules.sql_open)


def _partial_flow_log(sub: Subscription, network: Network, target: str, region: str) -> bool:
    """Rarely, write a flow log that records only a part of the traffic.

    The control logging-nsg-flow does not accept such a flow log. Return whether the flow log was written.
    """
    with sub.branch(f"{target}/part of the traffic"):
        if sub.without_filters or not sub.rng.rare():
            return False
        _flow_log(sub, network, target, region, form=sub.rng.pick(_PART))
    return True


def write_own_flow_log(
    sub: Subscription, network: Network, group_id: str, region: str, subnet: str | None
) -> bool | None:
    """Write a flow log for a security group or, sometimes, for `subnet`. Return the value for `Subnet.covered`.

    If the region has no network watcher, write no flow log. As a random fault, write none, or a disabled or partial
    one.
    """
    rng = sub.rng
    if region not in sub.watched_regions or rng.faulty():
        if region in sub.watched_regions:
            disabled = rng.chance(0.3)
            if not _partial_flow_log(sub, network, group_id, region) and disabled:
                _flow_log(sub, network, group_id, region, enabled=False)
        sub.expect("logging-nsg-flow", group_id, "fail")
        return False
    by_subnet = subnet is not None and rng.chance(0.3)
    _flow_log(sub, network, subnet if by_subnet and subnet else group_id, region)
    sub.expect("logging-nsg-flow", group_id, "pass")
    return None if by_subnet else False


def write_virtual_network(sub: Subscription, network: Network) -> None:
    """Write a virtual network whose subnets have security groups. Only a gateway subnet has no security group."""
    rng = sub.rng
    group, region, tags = sub.group()
    count = sub.next_number("vnet")
    name = f"vnet-{tags['application']}-{count:03d}"
    vnet = sub.id_of(group, "Microsoft.Network/virtualNetworks", name)
    space = f"10.{count % 200}"
    covered = region in sub.watched_regions and rng.chance(0.4)
    network.subnets.clear()
    parts: list[Json] = []
    for index, label in enumerate(_SUBNETS[: rng.randrange(2, 5)]):
        subnet = f"{vnet}/subnets/{label}"
        port = SQL_PORT if label == "snet-data" else None
        nsg = write_security_group(
            sub,
            group,
            region,
            tags,
            f"nsg-{label}-{count:03d}",
            subnets=[subnet],
            interfaces=[],
            sql_port=port,
        )
        nsg_id = nsg.id
        reach: bool | None = covered
        if covered:
            sub.expect("logging-nsg-flow", nsg_id, "pass")
        else:
            reach = write_own_flow_log(sub, network, nsg_id, region, subnet)
        prefix = f"{space}.{index}"
        network.subnets.append(Subnet(subnet, region, reach, prefix, nsg.sql_open))
        parts.append(subnet_document(subnet, label, f"{prefix}.0/24", nsg_id))
        sub.expect("network-subnet-nsg", subnet, "pass")
    if rng.chance(0.3):
        subnet = f"{vnet}/subnets/GatewaySubnet"
        parts.append(subnet_document(subnet, "GatewaySubnet", f"{space}.255.0/27", None))
        sub.expect("network-subnet-nsg", subnet, "not_applicable")
    properties: Json = {
        "provisioningState": "Succeeded",
        "resourceGuid": rng.guid(),
        "addressSpace": {"addressPrefixes": [f"{space}.0.0/16"]},
        "subnets": parts,
        "virtualNetworkPeerings": [],
        "enableVmProtection": rng.chance(0.2),
        **ddos_protection(sub, vnet, region),
    }
    sub.write(group, "Microsoft.Network/virtualNetworks", name, properties, location=region, tags=tags)
    if covered:
        _flow_log(sub, network, vnet, region)
    elif region in sub.watched_regions:
        _partial_flow_log(sub, network, vnet, region)


def ddos_protection(sub: Subscription, vnet: str, region: str) -> Json:
    """Return the properties that turn DDoS protection of a virtual network on or off. Often, the protection is off.

    If the protection is off, the verdict depends on the public addresses in the network, so no verdict is expected.
    """
    sub.network_regions.add(region)
    if sub.rng.branch(f"ddos/{vnet}").often_faulty():
        sub.expect("network-ddos", vnet, None)
        return {"enableDdosProtection": False}
    sub.expect("network-ddos", vnet, "pass")
    plan = f"{sub.id}/resourceGroups/rg-network/providers/Microsoft.Network/ddosProtectionPlans/ddos-plan"
    return {"enableDdosProtection": True, "ddosProtectionPlan": {"id": plan}}


def expect_watchers(sub: Subscription) -> None:
    """Write the expected verdict on the network watchers, and the list of regions in which Azure offers them.

    Call this after all virtual networks have been written.
    """
    sub.out.document(
        {
            "id": f"{sub.id}/providers/Microsoft.Network",
            "namespace": "Microsoft.Network",
            "registrationState": "Registered",
            "resourceTypes": [
                {
                    "resourceType": "networkWatchers",
                    "locations": list(REGION_NAMES),
                    "apiVersions": ["2026-03-01"],
                }
            ],
        }
    )
    if sub.network_regions:
        sub.expect_failure_if("network-watcher", sub.id, not sub.network_regions <= sub.watched_regions)


def subnet_document(subnet: str, label: str, prefix: str, nsg_id: str | None) -> Json:
    """Return the entry of a subnet in the document of its virtual network."""
    properties: Json = {"provisioningState": "Succeeded", "addressPrefix": prefix, "delegations": []}
    if nsg_id is not None:
        properties["networkSecurityGroup"] = {"id": nsg_id}
    return {
        "name": label,
        "id": subnet,
        "type": "Microsoft.Network/virtualNetworks/subnets",
        "properties": properties,
    }


def write_spare_network(sub: Subscription) -> None:
    """Write an unattached security group and an unattached public IP address."""
    group, region, tags = sub.group()
    nsg = write_security_group(
        sub, group, region, tags, f"nsg-spare-{sub.next_number('spare'):03d}", subnets=[], interfaces=[]
    )
    sub.expect("logging-nsg-flow", nsg.id, "not_applicable")
    write_public_address(sub, group, region, tags, None)


def write_public_address(
    sub: Subscription, group: str, region: str, tags: Json, used_by: str | None, kind: str = "Standard"
) -> str:
    """Write a public IPv4 address and return its id.

    `used_by`: the id of the IP configuration that uses the address. `kind`: the SKU of the address. Azure has retired
    the SKU Basic.
    """
    number = sub.next_number("address")
    properties: Json = {
        "provisioningState": "Succeeded",
        "resourceGuid": sub.rng.guid(),
        "ipAddress": f"203.0.113.{number % 254 + 1}",
        "publicIPAddressVersion": "IPv4",
        "publicIPAllocationMethod": "Static",
        "idleTimeoutInMinutes": 4,
        "ipTags": [],
    }
    if number == 1:
        sub.expect("network-public-ip-review", sub.id, "manual")
    unused = False
    if used_by is not None:
        properties["ipConfiguration"] = {"id": used_by}
    else:
        unused = sub.rng.branch(f"address/{number}").often_faulty()
        if not unused:
            gateway = sub.id_of(group, "Microsoft.Network/natGateways", f"nat-{number:04d}")
            properties["natGateway"] = {"id": gateway}
    address = sub.write(
        group,
        "Microsoft.Network/publicIPAddresses",
        f"pip-{number:04d}",
        properties,
        location=region,
        tags=tags,
        sku={"name": kind, "tier": "Regional"},
    )
    if unused:
        sub.expect("network-public-ip-review", address, "fail")
    return address
