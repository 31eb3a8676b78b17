"""For each type of document that the generator writes: the SDK's model, and its attributes that controls read."""

from collections.abc import Callable
from importlib import import_module
from typing import Any


class Models:
    """The models in a package of the SDK. The package is imported at its first use, because importing all packages
    takes two seconds.
    """

    def __init__(self, package: str) -> None:
        self._package = package

    def __getattr__(self, name: str) -> Callable[[], Any]:
        return lambda: getattr(import_module(f"{self._package}.models"), name)


authorization = Models("azure.mgmt.authorization.v2022_04_01")
classic = Models("azure.mgmt.authorization.v2015_07_01")
compute = Models("azure.mgmt.compute")
monitor = Models("azure.mgmt.monitor")
network = Models("azure.mgmt.network")
policy = Models("azure.mgmt.resource.policy")
resources = Models("azure.mgmt.resource.resources")
iot = Models("azure.mgmt.security.v2019_08_01")
sub_assessments = Models("azure.mgmt.security.v2019_01_01_preview")
just_in_time = Models("azure.mgmt.security.v2020_01_01")
assessments = Models("azure.mgmt.security.v2021_06_01")
settings = Models("azure.mgmt.security.v2022_05_01")
servers = Models("azure.mgmt.security.v2023_05_01")
pricings = Models("azure.mgmt.security.v2024_01_01")
sql = Models("azure.mgmt.sql")
storage = Models("azure.mgmt.storage")

# {type of document: (model of the SDK, attributes of the model separated by spaces)}. In the dotted path of an
# attribute, `*` stands for each member of a list. In the document, the attribute has the same path below `properties`,
# in camelCase, unless another path follows after `=`.
KINDS: dict[str, tuple[Callable[[], Any], str]] = {
    "Microsoft.Resources/resourceGroups": (resources.ResourceGroup, "name=name location=location tags=tags"),
    "Microsoft.Storage/storageAccounts": (
        storage.StorageAccount,
        """enable_https_traffic_only=properties.supportsHttpsTrafficOnly
        allow_blob_public_access allow_shared_key_access minimum_tls_version creation_time
        key_creation_time.key1 key_creation_time.key2
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
    "Microsoft.Storage/storageAccounts/blobServices": (
        storage.BlobServiceProperties,
        """delete_retention_policy.enabled delete_retention_policy.days
        container_delete_retention_policy.enabled container_delete_retention_policy.days is_versioning_enabled""",
    ),
    "Microsoft.Storage/storageAccounts/fileServices": (
        storage.FileServiceProperties,
        """share_delete_retention_policy.enabled share_delete_retention_policy.days
        protocol_settings.smb.versions protocol_settings.smb.channel_encryption
        protocol_settings.smb.encryption_in_transit.required
        protocol_settings.nfs.encryption_in_transit.required""",
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
    "Microsoft.Sql/servers/encryptionProtector": (
        sql.EncryptionProtector,
        "server_key_type server_key_name auto_rotation_enabled",
    ),
    "Microsoft.Sql/servers/sqlVulnerabilityAssessments": (sql.SqlVulnerabilityAssessment, "state"),
    "Microsoft.Sql/servers/vulnerabilityAssessments": (
        sql.ServerVulnerabilityAssessment,
        "storage_container_path recurring_scans.is_enabled recurring_scans.emails",
    ),
    "Microsoft.Sql/servers/databases/transparentDataEncryption": (
        sql.LogicalDatabaseTransparentDataEncryption,
        "state",
    ),
    "Microsoft.Sql/managedInstances/databases": (sql.ManagedDatabase, "status collation"),
    "Microsoft.Sql/managedInstances/databases/transparentDataEncryption": (
        sql.ManagedTransparentDataEncryption,
        "state",
    ),
    "Microsoft.Sql/managedInstances/encryptionProtector": (
        sql.ManagedInstanceEncryptionProtector,
        "server_key_type server_key_name auto_rotation_enabled",
    ),
    "Microsoft.Sql/managedInstances/vulnerabilityAssessments": (
        sql.ManagedInstanceVulnerabilityAssessment,
        "storage_container_path recurring_scans.is_enabled recurring_scans.emails",
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
    "Microsoft.Sql/managedInstances": (
        sql.ManagedInstance,
        "public_data_endpoint_enabled subnet_id state sku.name=sku.name",
    ),
    "Microsoft.Sql/managedInstances/advancedThreatProtectionSettings": (
        sql.ManagedInstanceAdvancedThreatProtection,
        "state creation_time",
    ),
    "Microsoft.Network/networkSecurityGroups": (
        network.NetworkSecurityGroup,
        " ".join(
            f"security_rules.*.{a}=properties.securityRules.*.properties.{w}"
            for a, w in (
                ("priority", "priority"),
                ("direction", "direction"),
                ("access", "access"),
                ("protocol", "protocol"),
                ("source_address_prefix", "sourceAddressPrefix"),
                ("source_address_prefixes", "sourceAddressPrefixes"),
                ("destination_port_range", "destinationPortRange"),
                ("destination_port_ranges", "destinationPortRanges"),
                ("destination_address_prefix", "destinationAddressPrefix"),
                ("source_application_security_groups.*.id", "sourceApplicationSecurityGroups.*.id"),
            )
        )
        + """ default_security_rules.*.priority=properties.defaultSecurityRules.*.properties.priority
        subnets.*.id network_interfaces.*.id""",
    ),
    "Microsoft.Network/virtualNetworks": (
        network.VirtualNetwork,
        """address_space.address_prefixes subnets.*.name
        subnets.*.network_security_group.id=properties.subnets.*.properties.networkSecurityGroup.id""",
    ),
    "Microsoft.Network/applicationGateways": (
        network.ApplicationGateway,
        """sku.tier enable_http2 http_listeners.*.name firewall_policy.id default_predefined_ssl_policy
        http_listeners.*.protocol=properties.httpListeners.*.properties.protocol""",
    ),
    "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies": (
        network.WebApplicationFirewallPolicy,
        """policy_settings.state policy_settings.mode policy_settings.request_body_check
        managed_rules.managed_rule_sets.*.rule_set_type
        managed_rules.managed_rule_sets.*.rule_group_overrides.*.rule_group_name""",
    ),
    "Microsoft.Network/bastionHosts": (
        network.BastionHost,
        """sku.name=sku.name ip_configurations.*.name
        ip_configurations.*.subnet.id=properties.ipConfigurations.*.properties.subnet.id""",
    ),
    "Microsoft.Network/networkSecurityPerimeters": (
        network.NetworkSecurityPerimeter,
        "name=name location=location",
    ),
    "Microsoft.Network/networkSecurityPerimeters/resourceAssociations": (
        network.NspAssociation,
        "private_link_resource.id access_mode",
    ),
    "Microsoft.Security/iotSecuritySolutions": (
        iot.IoTSecuritySolutionModel,
        "status iot_hubs.* disabled_data_sources.*",
    ),
    "Microsoft.Network/virtualNetworkGateways": (
        network.VirtualNetworkGateway,
        """gateway_type vpn_client_configuration.vpn_authentication_types
        vpn_client_configuration.vpn_client_address_pool.address_prefixes""",
    ),
    "Microsoft.Network/vpnServerConfigurations": (
        network.VpnServerConfiguration,
        "vpn_authentication_types p2_s_vpn_gateways.*.id=properties.p2SVpnGateways.*.id",
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
    "Microsoft.Network/loadBalancers": (
        network.LoadBalancer,
        """sku.name=sku.name
        frontend_ip_configurations.*.id=properties.frontendIPConfigurations.*.id
        frontend_ip_configurations.*.public_ip_address.id=properties.frontendIPConfigurations.*.properties.publicIPAddress.id
        backend_address_pools.*.id=properties.backendAddressPools.*.id
        load_balancing_rules.*.name=properties.loadBalancingRules.*.name
        load_balancing_rules.*.protocol=properties.loadBalancingRules.*.properties.protocol
        load_balancing_rules.*.backend_port=properties.loadBalancingRules.*.properties.backendPort
        load_balancing_rules.*.backend_address_pool.id=properties.loadBalancingRules.*.properties.backendAddressPool.id
        inbound_nat_rules.*.id=properties.inboundNatRules.*.id
        inbound_nat_rules.*.backend_port=properties.inboundNatRules.*.properties.backendPort
        inbound_nat_rules.*.protocol=properties.inboundNatRules.*.properties.protocol""",
    ),
    "Microsoft.Network/networkWatchers": (network.NetworkWatcher, "location=location provisioning_state"),
    "Microsoft.Network/networkWatchers/flowLogs": (
        network.FlowLog,
        """target_resource_id enabled enabled_filtering_criteria record_types storage_id
        retention_policy.enabled retention_policy.days format.version
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
        security_profile.uefi_settings.secure_boot_enabled security_profile.uefi_settings.v_tpm_enabled
        hardware_profile.vm_size storage_profile.image_reference.publisher
        os_profile.linux_configuration.disable_password_authentication
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
        security_profile.security_type network_access_policy public_network_access data_access_auth_mode
        hyper_v_generation=properties.hyperVGeneration""",
    ),
    "Microsoft.Compute/virtualMachineScaleSets": (
        compute.VirtualMachineScaleSet,
        """sku.capacity=sku.capacity orchestration_mode virtual_machine_profile.security_profile.security_type
        virtual_machine_profile.security_profile.uefi_settings.secure_boot_enabled
        virtual_machine_profile.security_profile.uefi_settings.v_tpm_enabled=properties.virtualMachineProfile.securityProfile.uefiSettings.vTpmEnabled
        virtual_machine_profile.storage_profile.os_disk.os_type
        virtual_machine_profile.storage_profile.os_disk.vhd_containers
        virtual_machine_profile.os_profile.linux_configuration.disable_password_authentication""",
    ),
    "Microsoft.Compute/snapshots": (
        compute.Snapshot,
        "disk_state network_access_policy public_network_access data_access_auth_mode",
    ),
    "Microsoft.Security/locations/jitNetworkAccessPolicies": (
        just_in_time.JitNetworkAccessPolicy,
        """virtual_machines.*.id virtual_machines.*.ports.*.number
        virtual_machines.*.ports.*.allowed_source_address_prefix""",
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
    "Microsoft.Authorization/denyAssignments": (
        authorization.DenyAssignment,
        """deny_assignment_name scope do_not_apply_to_child_scopes is_system_protected principals.*.id principals.*.type
        exclude_principals.*.id permissions.*.actions permissions.*.not_actions""",
    ),
    "Microsoft.Authorization/roleAssignments": (
        authorization.RoleAssignment,
        "principal_id principal_type role_definition_id scope",
    ),
    "Microsoft.Authorization/classicAdministrators": (classic.ClassicAdministrator, "email_address role"),
    "Microsoft.Authorization/providerOperations": (
        authorization.ProviderOperationsMetadata,
        """operations.*.name=operations.*.name resource_types.*.name=resourceTypes.*.name
        resource_types.*.operations.*.name=resourceTypes.*.operations.*.name
        resource_types.*.operations.*.is_data_action=resourceTypes.*.operations.*.isDataAction""",
    ),
    "Microsoft.Authorization/policyAssignments": (
        policy.PolicyAssignment,
        "policy_definition_id scope not_scopes enforcement_mode overrides.*.kind overrides.*.value",
    ),
    "Microsoft.Authorization/policySetDefinitions": (policy.PolicySetDefinition, "display_name policy_type"),
}

# Types that no collection names as its `resource_type`, and of which no installed library has a model. Types of
# collections need no line.
WITHOUT_MODEL = {
    "Microsoft.Insights/components",
    "microsoft.insights/components",
    "provider",
    "providers/Microsoft.Subscription/policies",
    "Microsoft.Devices/IotHubs",
    "Microsoft.DBforMySQL/servers",
    "Microsoft.DBforPostgreSQL/servers",
    "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems",
    "Microsoft.Web/sites/config/configreferences/appsettings",
    "Microsoft.Web/sites/slots/basicPublishingCredentialsPolicies",
    "Microsoft.Web/sites/slots/config",
    "Microsoft.Web/sites/slots/config/configreferences/appsettings",
}
