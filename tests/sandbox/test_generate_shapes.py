"""Generated documents have ARM's shapes: Microsoft's own models read back what the generator wrote."""

import copy
import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from azure.mgmt.authorization.v2022_04_01 import models as authorization
from azure.mgmt.compute import models as compute
from azure.mgmt.monitor import models as monitor
from azure.mgmt.network import models as network
from azure.mgmt.resource.policy import models as policy
from azure.mgmt.resource.resources import models as resources
from azure.mgmt.resource.subscriptions import models as subscriptions
from azure.mgmt.security.v2019_01_01_preview import models as sub_assessments
from azure.mgmt.security.v2021_06_01 import models as assessments
from azure.mgmt.security.v2022_05_01 import models as settings
from azure.mgmt.security.v2023_05_01 import models as servers
from azure.mgmt.security.v2024_01_01 import models as pricings
from azure.mgmt.sql import models as sql
from azure.mgmt.storage import models as storage

from sandbox.generate.estate import Settings, generate
from sandbox.generate.output import Output

Json = dict[str, Any]

# Type of document: the SDK's model and, a line each, its attributes (dotted; `*` = each member of a list).
# An attribute's name on the wire is its camelCase under `properties`, unless it is given after `=`.
KINDS: dict[str, tuple[Any, str]] = {
    "Microsoft.Resources/resourceGroups": (resources.ResourceGroup, "name=name location=location tags=tags"),
    "Microsoft.Storage/storageAccounts": (
        storage.StorageAccount,
        """enable_https_traffic_only=properties.supportsHttpsTrafficOnly
        allow_blob_public_access
        allow_shared_key_access minimum_tls_version creation_time key_creation_time.key1 key_creation_time.key2
        key_policy.key_expiration_period_in_days sas_policy.sas_expiration_period sas_policy.expiration_action
        encryption.services.blob.enabled encryption.services.file.enabled encryption.key_source
        enable_nfs_v3=properties.isNfsV3Enabled public_network_access
        network_rule_set.default_action=properties.networkAcls.defaultAction
        network_rule_set.ip_rules.*.ip_address_or_range=properties.networkAcls.ipRules.*.value
        kind=kind sku.name=sku.name""",
    ),
    "Microsoft.Storage/storageAccounts/blobServices/containers": (
        storage.ListContainerItem,
        "public_access",
    ),
    "Microsoft.Storage/storageAccounts/fileServices/shares": (
        storage.FileShareItem,
        "enabled_protocols root_squash",
    ),
    "Microsoft.Storage/storageAccounts/managementPolicies": (
        storage.ManagementPolicy,
        """policy.rules.*.enabled policy.rules.*.definition.filters.prefix_match
        policy.rules.*.definition.actions.base_blob.delete.days_after_modification_greater_than""",
    ),
    "Microsoft.Sql/servers": (sql.Server, "public_network_access kind=kind minimal_tls_version"),
    "Microsoft.Sql/servers/firewallRules": (sql.FirewallRule, "start_ip_address end_ip_address"),
    "Microsoft.Sql/servers/ipv6FirewallRules": (
        sql.IPv6FirewallRule,
        """start_i_pv6_address=properties.startIPv6Address
        end_i_pv6_address=properties.endIPv6Address""",
    ),
    "Microsoft.Sql/servers/databases": (sql.Database, "status kind=kind database_id"),
    "Microsoft.Sql/servers/auditingSettings": (
        sql.ServerBlobAuditingPolicy,
        """state storage_endpoint retention_days is_azure_monitor_target_enabled
        audit_actions_and_groups""",
    ),
    "Microsoft.Sql/servers/databases/auditingSettings": (
        sql.DatabaseBlobAuditingPolicy,
        "state storage_endpoint retention_days",
    ),
    "Microsoft.Sql/servers/securityAlertPolicies": (
        sql.ServerSecurityAlertPolicy,
        "state disabled_alerts email_addresses email_account_admins",
    ),
    "Microsoft.Network/networkSecurityGroups": (
        network.NetworkSecurityGroup,
        " ".join(
            f"security_rules.*.{a}=properties.securityRules.*.properties.{w}"
            for a, w in (
                ("priority", "priority"), ("direction", "direction"), ("access", "access"),
                ("protocol", "protocol"), ("source_address_prefix", "sourceAddressPrefix"),
                ("source_address_prefixes", "sourceAddressPrefixes"),
                ("destination_port_range", "destinationPortRange"),
                ("destination_port_ranges", "destinationPortRanges"),
                ("destination_address_prefix", "destinationAddressPrefix"),
                ("source_application_security_groups.*.id", "sourceApplicationSecurityGroups.*.id"),
            )
        ) + """ default_security_rules.*.priority=properties.defaultSecurityRules.*.properties.priority
        subnets.*.id network_interfaces.*.id""",
    ),
    "Microsoft.Network/virtualNetworks": (
        network.VirtualNetwork,
        """address_space.address_prefixes subnets.*.name
        subnets.*.network_security_group.id=properties.subnets.*.properties.networkSecurityGroup.id""",
    ),
    "Microsoft.Network/networkInterfaces": (
        network.NetworkInterface,
        """network_security_group.id virtual_machine.id
        ip_configurations.*.subnet.id=properties.ipConfigurations.*.properties.subnet.id
        ip_configurations.*.public_ip_address.id=properties.ipConfigurations.*.properties.publicIPAddress.id""",
    ),
    "Microsoft.Network/publicIPAddresses": (
        network.PublicIPAddress,
        "ip_address ip_configuration.id sku.name=sku.name",
    ),
    "Microsoft.Network/networkWatchers": (network.NetworkWatcher, "location=location provisioning_state"),
    "Microsoft.Network/networkWatchers/flowLogs": (
        network.FlowLog,
        """target_resource_id enabled storage_id retention_policy.enabled retention_policy.days format.version
        flow_analytics_configuration.network_watcher_flow_analytics_configuration.enabled
        flow_analytics_configuration.network_watcher_flow_analytics_configuration.workspace_resource_id""",
    ),
    "Microsoft.Compute/virtualMachines": (
        compute.VirtualMachine,
        """os_profile.windows_configuration.provision_vm_agent=properties.osProfile.windowsConfiguration.provisionVMAgent
        os_profile.linux_configuration.provision_vm_agent=properties.osProfile.linuxConfiguration.provisionVMAgent
        os_profile.linux_configuration.patch_settings.assessment_mode os_profile.allow_extension_operations
        instance_view.statuses.*.code instance_view.vm_agent.vm_agent_version
        instance_view.vm_agent.statuses.*.display_status
        instance_view.patch_status.available_patch_summary.critical_and_security_patch_count
        instance_view.patch_status.available_patch_summary.last_modified_time
        security_profile.encryption_at_host security_profile.security_type
        storage_profile.os_disk.managed_disk.id storage_profile.os_disk.vhd.uri
        storage_profile.os_disk.managed_disk.security_profile.security_encryption_type
        storage_profile.data_disks.*.managed_disk.id network_profile.network_interfaces.*.id""",
    ),
    "Microsoft.Compute/virtualMachines/extensions": (
        compute.VirtualMachineExtension,
        """publisher properties.type=properties.type provisioning_state""",
    ),
    "Microsoft.Compute/disks": (
        compute.Disk,
        """encryption.type encryption_settings_collection.enabled disk_state managed_by=managedBy
        security_profile.security_type""",
    ),
    "Microsoft.Insights/activityLogAlerts": (
        monitor.ActivityLogAlertResource,
        """scopes enabled condition.all_of.*.field condition.all_of.*.equals condition.all_of.*.contains_any
        condition.all_of.*.any_of.*.equals actions.action_groups.*.action_group_id""",
    ),
    "microsoft.insights/actionGroups": (
        monitor.ActionGroupResource,
        """enabled email_receivers.*.status email_receivers.*.email_address sms_receivers.*.phone_number
        arm_role_receivers.*.role_id""",
    ),
    "Microsoft.Security/pricings": (
        pricings.Pricing,
        "pricing_tier sub_plan extensions.*.name extensions.*.is_enabled",
    ),
    "Microsoft.Security/settings": (settings.DataExportSettings, "enabled"),
    "Microsoft.Security/serverVulnerabilityAssessmentsSettings": (
        servers.AzureServersSetting,
        "selected_provider",
    ),
    "Microsoft.Security/assessments": (
        assessments.SecurityAssessmentResponse,
        """display_name status.code status.cause status.first_evaluation_date status.status_change_date
        resource_details.id""",
    ),
    "Microsoft.Security/assessmentMetadata": (
        assessments.SecurityAssessmentMetadataResponse,
        "display_name severity assessment_type categories",
    ),
    "Microsoft.Security/assessments/subAssessments": (
        sub_assessments.SecuritySubAssessment,
        "id_properties_id=properties.id display_name status.code status.severity time_generated",
    ),
    "Microsoft.Authorization/roleDefinitions": (
        authorization.RoleDefinition,
        """role_name role_type=properties.type assignable_scopes permissions.*.actions
        permissions.*.not_actions permissions.*.data_actions""",
    ),
    "Microsoft.Authorization/roleAssignments": (
        authorization.RoleAssignment,
        "principal_id principal_type role_definition_id scope",
    ),
    "Microsoft.Authorization/policyAssignments": (
        policy.PolicyAssignment,
        "policy_definition_id scope not_scopes enforcement_mode overrides.*.kind overrides.*.value",
    ),
    "Microsoft.Authorization/policySetDefinitions": (policy.PolicySetDefinition, "display_name policy_type"),
}  # fmt: skip

# Types that no SDK of the project speaks.
WITHOUT_MODEL = {
    "Microsoft.Insights/diagnosticSettings",
    "Microsoft.Security/securityContacts",
    "Microsoft.OperationalInsights/workspaces",
    "Microsoft.OperationalInsights/workspaces/tables",
    "Microsoft.DBforPostgreSQL/flexibleServers",
    "Microsoft.DBforMySQL/flexibleServers",
    "Microsoft.DocumentDB/databaseAccounts",
    "Microsoft.SqlVirtualMachine/sqlVirtualMachines",
}


@cache
def documents() -> dict[str, list[Json]]:
    """Documents of several estates, by type."""
    by_type: dict[str, list[Json]] = {}
    for seed, rate in ((1, 0.2), (2, 0.5)):
        estate = io.StringIO()
        generate(Settings(subscriptions=8, seed=seed, fail_rate=rate), Output(estate))
        for line in estate.getvalue().splitlines():
            document = json.loads(line)
            if "id" in document:
                by_type.setdefault(document.get("type", "subscription"), []).append(document)
    return by_type


def camel(name: str) -> str:
    first, *rest = name.split("_")
    joined = first + "".join(part.capitalize() for part in rest)
    return joined.replace("IpAddress", "IPAddress") if joined.startswith("publicIp") else joined


def parse(model: Any, document: Json) -> Any:
    # The older models take the discriminator out of what they are given.
    return model.deserialize(copy.deepcopy(document)) if hasattr(model, "deserialize") else model(document)


def on_wire(value: Any, path: list[str]) -> Iterator[Any]:
    """Every value at the path; absent and null give nothing."""
    if value is None:
        return
    if not path:
        yield value
    elif path[0] == "*":
        for member in value:
            yield from on_wire(member, path[1:])
    elif path[0] in value:
        yield from on_wire(value[path[0]], path[1:])


def on_model(value: Any, path: list[str]) -> Iterator[Any]:
    """As `on_wire`, by attributes: a name that the model does not have raises AttributeError."""
    if value is None:
        return
    if not path:
        yield value
    elif path[0] == "*":
        for member in value:
            yield from on_model(member, path[1:])
    else:
        yield from on_model(getattr(value, path[0]), path[1:])


def plain(value: Any) -> Any:
    """Values of models as they are written on the wire, apart from times."""
    if isinstance(value, datetime | timedelta):
        return type(value).__name__
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value.value if hasattr(value, "value") else value


CASES = [
    (kind, attribute.partition("=")[0], attribute.partition("=")[2])
    for kind, (_, attributes) in KINDS.items()
    for attribute in attributes.split()
]


@pytest.mark.parametrize(("kind", "attribute", "wire"), CASES, ids=str)
def test_models_read_what_was_written(kind: str, attribute: str, wire: str) -> None:
    model = KINDS[kind][0]
    path = (wire or "properties." + ".".join(camel(part) for part in attribute.split("."))).split(".")
    found = 0
    for document in documents()[kind]:
        written = list(on_wire(document, path))
        read = [plain(v) for v in on_model(parse(model, document), attribute.split("."))]
        if read and set(map(str, read)) <= {"datetime", "timedelta"}:
            assert len(read) == len(written)
        else:
            assert read == written, document["id"]
        found += len(written)
    assert found, f"{'.'.join(path)} is in no document"


def test_every_type_is_checked_or_has_no_model() -> None:
    generated = set(documents()) - {"subscription"}
    assert generated == set(KINDS) | WITHOUT_MODEL


def test_subscriptions_are_read() -> None:
    for document in documents()["subscription"]:
        read = subscriptions.Subscription(document)
        assert (read.display_name, read.tenant_id) == (document["displayName"], document["tenantId"])
        assert read.id == f"/subscriptions/{read.subscription_id}"


def test_diagnostic_settings_and_contacts_have_their_documented_members() -> None:
    for document in documents()["Microsoft.Insights/diagnosticSettings"]:
        properties = document["properties"]
        assert {"storageAccountId", "workspaceId", "eventHubAuthorizationRuleId", "logs"} <= set(properties)
        assert all(isinstance(log["enabled"], bool) for log in properties["logs"])
    for document in documents()["Microsoft.Security/securityContacts"]:
        properties = document["properties"]
        assert {"emails", "phone", "isEnabled", "notificationsByRole", "notificationsSources"} == set(
            properties
        )
        assert set(properties["notificationsByRole"]) == {"state", "roles"}
