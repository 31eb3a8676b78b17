"""A whole estate: the directory, its subscriptions one after another, and the verdicts on the people."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sandbox.generate import (
    accounts,
    alerts,
    assessments,
    defender,
    disks,
    graph,
    logs,
    machines,
    network,
    operations,
    roles,
    sql,
    sql_auditing,
    sql_instances,
    sql_machines,
)
from sandbox.generate.names import REGIONS, SUBSCRIPTION_KINDS
from sandbox.generate.output import Output
from sandbox.generate.people import Directory, directory
from sandbox.generate.policies import policies
from sandbox.generate.random_source import NOW, RandomSource
from sandbox.generate.subscription import Subscription

PERMISSIONS = (
    "Policy.Read.All",
    "AuditLog.Read.All",
    "User.Read.All",
    "GroupMember.Read.All",
    "RoleManagement.Read.Directory",
    "RoleEligibilitySchedule.Read.Directory",
    "Domain.Read.All",
    "CrossTenantInformation.ReadBasic.All",
    "Directory.Read.All",
    "Organization.Read.All",
    "AccessReview.Read.All",
)

# Controls whose subjects are resources: without any, one not_applicable on the subscription.
RESOURCE_CONTROLS = (
    "identity-custom-roles-admin",
    "identity-custom-roles-review",
    "network-ssh-from-internet",
    "network-rdp-from-internet",
    "sql-firewall-internet",
    "sql-firewall-wide",
    "sql-firewall-azure-services",
    "sql-public-network-access",
    "sql-server-auditing",
    "sql-threat-detection",
    "sql-threat-detection-types",
    "sql-threat-alerts-contact",
    "sql-threat-alerts-owners",
    "logging-nsg-flow",
    "logging-sql-db-auditing",
    "logging-storage-encryption",
    "logging-storage-secure-transfer",
    "logging-retention-flow",
    "logging-retention-sql",
    "monitoring-alert-recipients",
    "storage-blob-encryption",
    "storage-file-encryption",
    "storage-secure-transfer",
    "storage-key-rotation",
    "storage-sas-https-only",
    "storage-sas-expiry",
    "storage-public-blob",
    "storage-anonymous-access-disallowed",
    "storage-public-file",
    "vm-os-firewall",
    "vm-agent-running",
    "vm-os-patches",
    "vm-software-patches",
    "vm-endpoint-protection",
    "vm-disk-encryption",
)
ALWAYS_MANUAL = ("operations-vulnerability-scans", "defender-recommendations-review")
# With Graph shut every control that needs nothing else cannot be answered.
UNKNOWN_WITHOUT_GRAPH = (
    "identity-mfa-enforced",
    "identity-mfa-all-users",
    "identity-guests-limited",
    "identity-guests-cannot-invite",
    "identity-adfs-onprem-audit",
)


@dataclass(frozen=True)
class Settings:
    """What is asked for. `resources`: documents per subscription, reached by whole workloads."""

    subscriptions: int
    seed: int
    resources: int = 200
    fail_rate: float = 0.2
    name: str = "Contoso"
    directory: str | None = None
    graph: bool = True
    now: datetime = NOW


def generate(settings: Settings, out: Output) -> None:
    """Writes the estate. Memory does not grow with it, but for the users (at most 5000)."""

    def source(key: str) -> RandomSource:
        return RandomSource(settings.seed, key, settings.fail_rate, settings.now)

    rng = source("directory")
    made_up = rng.guid()
    slug = re.sub(r"[^a-z0-9]+", "", settings.name.casefold()) or "customer"
    people = directory(rng, settings.directory or made_up, slug, settings.subscriptions)
    client = {
        "clientId": rng.guid(),
        "secret": f"generated-{rng.letters(32)}",
        "subscriptions": ["*"],
        "graph": list(PERMISSIONS),
    }
    out.directory({"tenantId": people.guid, "clients": [client]})
    if settings.graph:
        policies(out, rng, people)
        graph.people(out, rng, people)
    else:
        for control in UNKNOWN_WITHOUT_GRAPH:
            out.verdict(control, people.subject(), "unknown")
    defender.initiative(out)
    operations.providers(out)
    for index in range(settings.subscriptions):
        _subscription(settings, out, source(f"subscription/{index}"), index, people)
    if settings.graph:
        graph.people_verdicts(out, people)


def _subscription(settings: Settings, out: Output, rng: RandomSource, index: int, people: Directory) -> None:
    label, environment, kinds = SUBSCRIPTION_KINDS[index % len(SUBSCRIPTION_KINDS)]
    round_ = index // len(SUBSCRIPTION_KINDS)
    name = f"{settings.name} {label}" + (f" {round_ + 1}" if round_ else "")
    sub = Subscription(
        guid=rng.guid(),
        directory=people.guid,
        display_name=name,
        environment=environment,
        regions=rng.pick(REGIONS),
        mail_domain=people.mail_domain,
        rng=rng,
        out=out,
        sql_plan_standard=not rng.faulty(),
        first_document=out.documents,
    )
    out.document(
        {
            "id": sub.id,
            "subscriptionId": sub.guid,
            "displayName": name,
            "tenantId": people.guid,
            "state": "Enabled",
            "authorizationSource": "RoleBased",
            "subscriptionPolicies": {"spendingLimit": "Off"},
        }
    )
    defender.contact(sub)
    assessments.kinds(sub)
    assessments.recommendations(sub)
    roles.roles(sub, people)
    defender.security_policy(sub)
    alerts.alerts(sub)
    places = logs.sinks(sub, kinds)
    activity_used = logs.activity_export(sub, places)
    net = network.Network(places.flows, places.workspace)
    databases = sql_auditing.Databases(places.sql, places.workspace, places.workspace_keeps_long)
    if "network" in kinds:
        network.watchers(sub)
    _workloads(sub, settings.resources, kinds, net, databases)
    _log_accounts(sub, places, net, databases, activity_used)
    defender.servers_plan(sub)
    defender.database_plans(sub, databases.any_off)
    for control in ALWAYS_MANUAL:
        sub.expect(control, sub.id, "manual")
    for control in RESOURCE_CONTROLS:
        if control not in sub.expected_controls:
            sub.expect(control, sub.id, "not_applicable")


def _log_accounts(
    sub: Subscription,
    places: logs.Sinks,
    net: network.Network,
    databases: sql_auditing.Databases,
    activity_used: bool,
) -> None:
    """Accounts that logs go to are judged again; one that only a switched-off log names is left open."""
    if places.activity is not None and activity_used:
        accounts.log_account_verdicts(sub, places.activity, certain=True)
    if places.flows is not None and net.live_logs + net.dead_logs:
        accounts.log_account_verdicts(sub, places.flows, certain=net.live_logs > 0)
    if places.sql is not None and databases.account_used:
        accounts.log_account_verdicts(sub, places.sql, certain=True)


def _workloads(
    sub: Subscription,
    wanted: int,
    kinds: tuple[str, ...],
    net: network.Network,
    databases: sql_auditing.Databases,
) -> None:
    """One of each kind first, then at random until the subscription has as many documents as wanted."""
    units: dict[str, Callable[[], object]] = {
        "vnet": lambda: network.virtual_network(sub, net),
        "spare network": lambda: network.spare(sub),
        "machine": lambda: machines.machine(sub, net),
        "spare disk": lambda: disks.spare_disk(sub),
        "storage": lambda: accounts.account(sub),
        "sql": lambda: sql.server(sub, databases),
        "sql instance": lambda: sql_instances.instance(sub, net, databases),
        "sql machine": lambda: sql_machines.sql_machine(sub, net),
        "data": lambda: defender.other_databases(sub),
    }
    mix = {
        "network": ("vnet", "vnet", "spare network"),
        "machine": ("machine",) * 6 + ("spare disk", "sql machine"),
        "storage": ("storage",) * 6,
        "sql": ("sql", "sql", "sql instance"),
        "data": ("data",),
    }
    choices = [unit for kind in kinds for unit in mix[kind]]
    if "network" not in kinds:
        # An instance brings a network, whose flows nothing could log there.
        choices = [unit for unit in choices if unit != "sql instance"]
    for unit in dict.fromkeys(choices):
        if sub.written >= wanted:
            return
        units[unit]()
    while choices and sub.written < wanted:
        units[sub.rng.pick(choices)]()
