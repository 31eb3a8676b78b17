"""Generate a complete estate: the directory, its subscriptions, and the expected verdicts on people."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sandbox.generate import accounts, alerts, assessments, defender, defender_policy, logs, managed, runtimes
from sandbox.generate.access import operations, roles
from sandbox.generate.clouds import CLOUDS, DEFENDER_CONTROLS, WITHOUT_DEFENDER
from sandbox.generate.directory import graph_objects, management_groups
from sandbox.generate.directory.people import Directory, generate_directory
from sandbox.generate.families import (
    application_insights,
    defender_services,
    directory_controls,
    expect_directory_families,
    family_controls,
    images,
    recovery,
    resource_logs,
    skus,
    tenant_settings,
    write_directory_families,
    write_families,
)
from sandbox.generate.machines import disks, load_balancers, sql_machines, virtual_machines
from sandbox.generate.names import REGIONS, SUBSCRIPTION_KINDS
from sandbox.generate.network import virtual_networks
from sandbox.generate.output import Output
from sandbox.generate.policies import write_policies
from sandbox.generate.random_source import NOW, RandomSource
from sandbox.generate.sql import auditing, instances, servers
from sandbox.generate.subscription import Subscription
from sandbox.generate.unusual import write_unusual

PERMISSIONS = (
    "Policy.Read.All",
    "AuditLog.Read.All",
    "User.Read.All",
    "GroupMember.Read.All",
    "RoleManagement.Read.Directory",
    "RoleEligibilitySchedule.Read.Directory",
    "Domain.Read.All",
    "Domain-InternalFederation.Read.All",
    "CrossTenantInformation.ReadBasic.All",
    "Directory.Read.All",
    "Organization.Read.All",
    "AccessReview.Read.All",
    "GroupSettings.Read.All",
    "PrivilegedEligibilitySchedule.Read.AzureADGroup",
    "Policy.Read.DeviceConfiguration",
    "Policy.Read.PermissionGrant",
    "Application.Read.All",
)

# Controls that judge resources. If a subscription has no resource that a control judges, the expected verdict on the
# subscription is not_applicable. Further such controls are listed in the modules of `sandbox.generate.families`.
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
    "logging-storage-private",
    "logging-storage-cmk",
    "logging-flow-analytics",
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
# Controls that read only Microsoft Graph. If there is no access to Microsoft Graph, the verdicts of these controls are
# unknown.
UNKNOWN_WITHOUT_GRAPH = (
    "identity-mfa-enforced",
    "identity-mfa-all-users",
    "identity-guests-limited",
    "identity-guests-cannot-invite",
    "identity-adfs-onprem-audit",
)


@dataclass(frozen=True)
class Settings:
    """Options of the generator.

    - `resources`: minimum number of documents (resources and their settings) in a subscription
    - `fail_rate`: probability of each fault
    - `rare_rate`: probability of each rare form of a document. Microsoft describes these forms, but few customers have
      them
    - `cloud`: a key of `clouds.CLOUDS`, or empty for the public cloud
    - `unusual`: add the subscriptions of `unusual.py`, for which Azure refuses some requests
    """

    subscriptions: int
    seed: int
    resources: int = 200
    fail_rate: float = 0.2
    rare_rate: float = 0.0
    name: str = "Contoso"
    directory: str | None = None
    graph: bool = True
    cloud: str = ""
    unusual: bool = False
    now: datetime = NOW


def generate(settings: Settings, out: Output) -> None:
    """Write the estate as a stream. Of all documents, only the users (at most 5000) are kept in memory."""

    def source(key: str) -> RandomSource:
        return RandomSource(settings.seed, key, settings.fail_rate, settings.now, settings.rare_rate)

    rng = source("directory")
    made_up = rng.guid()
    slug = re.sub(r"[^a-z0-9]+", "", settings.name.casefold()) or "customer"
    people = generate_directory(rng, settings.directory or made_up, slug, settings.subscriptions)
    client = {
        "clientId": rng.guid(),
        "secret": f"generated-{rng.letters(32)}",
        "subscriptions": ["*"],
        "graph": list(PERMISSIONS),
    }
    out.directory({"tenantId": people.guid, "clients": [client]})
    if settings.cloud:
        out.cloud(CLOUDS[settings.cloud])
    if settings.graph:
        write_policies(out, rng, people)
        graph_objects.write_people(out, rng, people)
        write_directory_families(out, source("directory/families"), people)
        tenant_settings.write_tenant(out, source("directory/tenant"), people)
    else:
        for control in (*UNKNOWN_WITHOUT_GRAPH, *directory_controls()):
            out.verdict(control, people.subject(), "unknown")
    rare_effects = defender_policy.write_initiative(out, source("initiative"))
    operations.write_providers(out)
    runtimes.write_stacks(out)
    groups = management_groups.choose_groups(source("management groups"), people, settings.name)
    if groups is not None:
        management_groups.write_roles_and_export(out, source("management groups/roles"), groups, people)
    for index in range(settings.subscriptions):
        _subscription(settings, out, source(f"subscription/{index}"), index, people, groups, rare_effects)
    if groups is not None:
        defender_policy.write_inherited_policy(out, groups, rare_effects)
    _write_deleted(out, source("deleted"), people, settings.name)
    if settings.unusual:
        without = DEFENDER_CONTROLS if settings.cloud in WITHOUT_DEFENDER else ()
        write_unusual(out, source("unusual"), people.guid, settings.name, without, groups=groups)
    if settings.graph:
        graph_objects.expect_people_verdicts(out, people, delegated=settings.unusual)
        expect_directory_families(out, people, unusual=settings.unusual)


def _subscription(
    settings: Settings,
    out: Output,
    rng: RandomSource,
    index: int,
    people: Directory,
    groups: management_groups.ManagementGroups | None,
    rare_effects: tuple[str, ...],
) -> None:
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
        state=_state(rng.branch("state")),
        groups=groups,
        rare_effects=rare_effects,
        sql_plan_standard=not rng.faulty(),
        first_document=out.documents,
        without_defender=settings.cloud in WITHOUT_DEFENDER,
        without_perimeters=bool(settings.cloud),
        without_filters=bool(settings.cloud),
        people=people if settings.graph else None,
    )
    out.document(
        {
            "id": sub.id,
            "subscriptionId": sub.guid,
            "displayName": name,
            "tenantId": people.guid,
            "state": sub.state,
            "authorizationSource": "RoleBased",
            "subscriptionPolicies": {"spendingLimit": "Off"},
        }
    )
    if groups is not None:
        groups.write_ancestors(out, sub.id)
    defender.write_contact(sub)
    assessments.write_kinds(sub)
    assessments.write_recommendations(sub)
    roles.write_roles(sub, people)
    defender_policy.write_security_policy(sub)
    alerts.write_alerts(sub)
    sinks = logs.write_sinks(sub, kinds)
    activity_used = logs.write_activity_export(sub, sinks)
    net = virtual_networks.Network(sinks.flows, sinks.workspace)
    databases = auditing.Databases(sinks.sql, sinks.workspace, sinks.workspace_keeps_long)
    if "network" in kinds:
        virtual_networks.write_watchers(sub)
    _workloads(sub, settings.resources, kinds, net, databases)
    managed.write_managed_group(sub)
    write_families(sub)
    if virtual_machines.MACHINES in sub.types_seen:
        with sub.branch("load balancers"):
            load_balancers.write_balanced_machines(sub, net)
    recovery.write_last(sub)
    virtual_networks.expect_watchers(sub)
    _log_accounts(sub, sinks, net, databases, activity_used)
    machines_scanned = defender.write_servers_plan(sub)
    defender.write_database_plans(sub)
    with sub.branch("plans"):
        defender.write_other_plans(sub, machines_scanned)
    application_insights.write_last(sub)
    resource_logs.write_last(sub)
    defender_services.write_last(sub)
    images.write_last(sub)
    skus.write_last(sub)
    assessments.expect_recommendations(sub)
    for control in ALWAYS_MANUAL:
        sub.expect(control, sub.id, "manual")
    for control in (*RESOURCE_CONTROLS, *family_controls()):
        if control not in sub.expected_controls:
            sub.expect(control, sub.id, "not_applicable")
    if sub.without_defender:
        for control in DEFENDER_CONTROLS:
            out.verdict(control, sub.id, "not_applicable")


def _state(rng: RandomSource) -> str:
    """Return the state of a subscription: usually Enabled, rarely another state in which Azure still permits reading
    the subscription.

    https://learn.microsoft.com/azure/cost-management-billing/manage/subscription-states
    """
    return rng.pick(("Warned", "PastDue", "Disabled")) if rng.rare() else "Enabled"


def _write_deleted(out: Output, rng: RandomSource, people: Directory, name: str) -> None:
    """Rarely, write a deleted subscription. No verdict is expected, because a deleted subscription is not assessed."""
    if not rng.rare():
        return
    guid = rng.guid()
    out.document(
        {
            "id": f"/subscriptions/{guid}",
            "subscriptionId": guid,
            "displayName": f"{name} Former project",
            "tenantId": people.guid,
            "state": "Deleted",
            "authorizationSource": "RoleBased",
            "subscriptionPolicies": {"spendingLimit": "Off"},
        }
    )


def _log_accounts(
    sub: Subscription,
    sinks: logs.Sinks,
    net: virtual_networks.Network,
    databases: auditing.Databases,
    activity_used: bool,
) -> None:
    """Write the expected verdicts on storage accounts that store logs.

    If all flow logs to an account are disabled, the verdicts on the account cannot be predicted, so no verdict is
    expected.
    """
    if sinks.activity is not None and activity_used:
        accounts.expect_log_account_verdicts(sub, sinks.activity, certain=True)
        accounts.expect_archive_verdicts(sub, sinks.activity)
    if sinks.flows is not None and net.live_logs + net.dead_logs:
        accounts.expect_log_account_verdicts(sub, sinks.flows, certain=net.live_logs > 0)
    if sinks.sql is not None and databases.account_used:
        accounts.expect_log_account_verdicts(sub, sinks.sql, certain=True)


def _workloads(
    sub: Subscription,
    wanted: int,
    kinds: tuple[str, ...],
    net: virtual_networks.Network,
    databases: auditing.Databases,
) -> None:
    """Write one workload of each kind, then random workloads until the subscription has enough documents."""
    units: dict[str, Callable[[], object]] = {
        "vnet": lambda: virtual_networks.write_virtual_network(sub, net),
        "spare network": lambda: virtual_networks.write_spare_network(sub),
        "machine": lambda: virtual_machines.write_machine(sub, net),
        "spare disk": lambda: disks.write_spare_disk(sub),
        "storage": lambda: accounts.write_account(sub),
        "sql": lambda: servers.write_server(sub, databases),
        "sql instance": lambda: instances.write_instance(sub, net, databases),
        "sql machine": lambda: sql_machines.write_sql_machine(sub, net),
        "data": lambda: defender.write_other_databases(sub),
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
        # Write no managed instance. An instance needs a virtual network, but this subscription has no network watcher.
        # Without a network watcher, the network has no flow log, so the control logging-nsg-flow would always fail.
        choices = [unit for unit in choices if unit != "sql instance"]
    for unit in dict.fromkeys(choices):
        if sub.document_count >= wanted:
            return
        units[unit]()
    while choices and sub.document_count < wanted:
        units[sub.rng.pick(choices)]()
