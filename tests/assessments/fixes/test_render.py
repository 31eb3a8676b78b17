"""A fix is filled in with facts of its finding, and shows only the steps that apply."""

from __future__ import annotations

import json
from typing import Any

import pytest

from assessments.controls.registry import catalogue
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.facts import Facts
from assessments.fixes.render import render
from assessments.fixes.variables import Variable
from tests.assessments.controls.databricks.cases_network import managed as in_managed_network
from tests.assessments.controls.databricks.cases_network import serverless
from tests.assessments.controls.databricks.workspaces import ID as WORKSPACE
from tests.assessments.controls.databricks.workspaces import INJECTED
from tests.assessments.controls.databricks.workspaces import one as workspace_docs
from tests.assessments.controls.defender.cases_plans import plan, servers
from tests.assessments.controls.defender.documents import VM
from tests.assessments.controls.judging import SUB, doc, gap, judge
from tests.assessments.controls.mysql.cases_server_settings import ID as MYSQL
from tests.assessments.controls.mysql.cases_server_settings import audit as mysql_audit
from tests.assessments.controls.network.cases_from_internet import ID as NSG
from tests.assessments.controls.network.cases_from_internet import group, rule
from tests.assessments.controls.sql.network_documents import SQL_VM, allow, machine_docs, nsg
from tests.assessments.controls.sql.server_documents import ID as SQL
from tests.assessments.controls.sql.server_documents import docs, v4, v6
from tests.assessments.fixes.rendered import DIRECTORY, SUBSCRIPTION, S, rendered, text
from tests.for_each import for_each

ACCOUNT = f"{S}/resourceGroups/rg-shop/providers/Microsoft.Storage/storageAccounts/stshop"
MACHINE = f"{S}/resourceGroups/rg-shop/providers/Microsoft.Compute/virtualMachines/vm1"
SERVER = f"{S}/resourceGroups/rg-shop/providers/Microsoft.Sql/servers/sql-shop"
INSTANCE = f"{S}/resourceGroups/rg-shop/providers/Microsoft.Sql/managedInstances/sqlmi-shop"


def test_a_command_has_the_names_of_its_subject() -> None:
    assert text(rendered("storage-secure-transfer", ACCOUNT)) == (
        "az storage account update --resource-group rg-shop --name stshop --https-only true"
        f" --subscription {SUBSCRIPTION}"
    )


def test_the_portal_path_has_the_names_too() -> None:
    assert "› stshop ›" in rendered("storage-secure-transfer", ACCOUNT).portal
    assert "› the storage account ›" in render(catalogue()["storage-secure-transfer"].fix).portal


def test_each_rule_that_the_finding_names_is_one_command() -> None:
    opening = [
        {"rule": "everyone", "ipVersion": 4},
        {"rule": "old office", "ipVersion": 4},
        {"rule": "six", "ipVersion": 6},
    ]
    fix = rendered(
        "sql-firewall-internet", SERVER, rules=["everyone", "old office", "six"], openingRules=opening
    )
    assert text(fix).splitlines() == [
        f"az sql server {kind} delete --resource-group rg-shop --server sql-shop --name {rule}"
        f" --subscription {SUBSCRIPTION}"
        for kind, rule in (
            ("firewall-rule", "everyone"),
            ("firewall-rule", "'old office'"),
            ("ipv6-firewall-rule", "six"),
        )
    ]


def test_no_rule_is_deleted_if_the_finding_does_not_say_which_ones_let_the_internet_in() -> None:
    """Findings of earlier versions of Surety name all rules, and do not say which of them let the Internet in."""
    fix = rendered("sql-firewall-internet", SERVER, rules=["everyone", "office"])
    assert text(fix) == ""
    assert "delete those that let the Internet in" in fix.plain
    group = f"{S}/resourceGroups/rg-shop/providers/Microsoft.Network/networkSecurityGroups/nsg"
    fix = rendered("network-ssh-from-internet", group, rules=["any", "jumphost"])
    assert text(fix) == ""
    assert "narrow those that let the Internet in" in fix.plain


def fix_of(slug: str, docs: dict[str, Any], subject: str) -> str:
    """The commands of the fix, rendered for the control's finding about the subject in these documents."""
    return text(rendered(slug, subject, **judge(slug, docs)[subject].verdict.observed))


def test_only_the_rules_that_let_the_internet_in_are_changed() -> None:
    found = fix_of(
        "sql-firewall-internet",
        docs(
            v4("AllowAll", "0.0.0.0", "255.255.255.255"),
            v4("office", "203.0.113.10", "203.0.113.20"),
            v6("six", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ),
        SQL,
    )
    assert "--name AllowAll" in found
    assert "ipv6-firewall-rule delete" in found.splitlines()[1]
    assert "office" not in found
    found = fix_of("sql-firewall-wide", docs(v6("six", "::", "ffff::"), v4("a", "1.0.0.0", "2.0.0.0")), SQL)
    assert "ipv6-firewall-rule update" in found
    assert "--start-ipv6-address" in found
    narrow, wide, later = rule(100, source="198.51.100.7/32"), rule(200), rule(300, source="Internet")
    nsg = "network-ssh-from-internet"
    result = judge(nsg, {"network_security_groups": [group(narrow, wide, later)]})[NSG]
    assert result.verdict.reason == "The Internet can reach tcp/22 through r200, r300"
    found = text(rendered(nsg, NSG, **result.verdict.observed))
    assert [line.split("--name ")[1].split()[0] for line in found.splitlines() if "--name" in line] == [
        "r200",
        "r300",
    ]


def test_events_in_the_audit_log_of_mysql_are_kept() -> None:
    def found(docs: dict[str, Any]) -> str:
        return fix_of("mysql-audit-conn", docs, MYSQL)

    assert found(mysql_audit("ON", "DML, TABLE_ACCESS")).endswith(
        f"--name audit_log_events --value DML,TABLE_ACCESS,CONNECTION --subscription {SUBSCRIPTION}"
    )
    assert "--value CONNECTION " in found(mysql_audit("ON", ""))
    assert "audit_log_events" not in found(mysql_audit("OFF", "DML"))
    assert "--name audit_log_enabled --value ON" in found(mysql_audit("OFF", "DML"))


def test_commands_that_azure_refuses_for_a_databricks_workspace_are_not_shown() -> None:
    def found(slug: str, docs: dict[str, Any]) -> str:
        verdict = judge(slug, docs)[WORKSPACE].verdict
        facts = Facts(WORKSPACE, verdict.observed, DIRECTORY, "AzureCloud", remarks=verdict.remarks)
        return text(render(catalogue()[slug].fix, facts))

    for slug in ("databricks-pna", "databricks-pe"):
        assert found(slug, in_managed_network(publicNetworkAccess="Enabled")) == ""
        assert found(slug, serverless("Enabled"))
        assert found(slug, workspace_docs(publicNetworkAccess="Enabled"))
    assert "--required-nsg-rules" not in found("databricks-pna", serverless("Enabled"))
    assert "--required-nsg-rules" in found("databricks-pna", workspace_docs(publicNetworkAccess="Enabled"))
    assert "--disk-key-source" not in found("databricks-cmk", serverless("Enabled"))
    assert "--disk-key-source" in found("databricks-cmk", workspace_docs())
    public = {"enableNoPublicIp": {"value": False}}
    assert found("databricks-npip", workspace_docs(parameters=public)) == ""
    assert "--enable-no-public-ip" in found("databricks-npip", workspace_docs(parameters=public | INJECTED))


@for_each("is_public", [True, False])
def test_public_addresses_of_databricks_nodes_are_removed_before_the_workspace_is_closed(
    is_public: bool,
) -> None:
    """Azure switches public network access off only for workspaces whose nodes have no public addresses."""
    parameters = {"enableNoPublicIp": {"value": not is_public}, **INJECTED}
    verdict = judge("databricks-pna", workspace_docs(publicNetworkAccess="Enabled", parameters=parameters))[
        WORKSPACE
    ].verdict
    facts = Facts(WORKSPACE, verdict.observed, DIRECTORY, "AzureCloud", remarks=verdict.remarks)
    intros = [step.intro for step in render(catalogue()["databricks-pna"].fix, facts).steps]
    assert any("first remove these: see databricks-npip" in intro for intro in intros) is is_public


def test_the_disk_encryption_set_of_databricks_gets_access_to_the_key() -> None:
    """Azure creates the identity of the set together with the set. Until the identity has access to the key, no cluster
    starts.
    """

    def steps(**observed: Any) -> list[str]:
        facts = Facts(WORKSPACE, observed, DIRECTORY, "AzureCloud")
        return [step.intro + step.text for step in render(catalogue()["databricks-cmk"].fix, facts).steps]

    found = steps(managedServices="Microsoft.Keyvault", managedDisk=None)
    change = next(number for number, text in enumerate(found) if "--disk-key-source" in text)
    assert "managedDiskIdentity" in found[change + 1]
    assert not any("managedDiskIdentity" in text for text in steps(managedServices=None))


def test_the_key_of_the_workspace_storage_of_databricks_has_commands() -> None:
    key = {"keySource": "Microsoft.Keyvault"}
    docs = workspace_docs(
        encryption={"entities": {"managedServices": key, "managedDisk": key}}, parameters={}
    )
    observed = judge("databricks-cmk", docs, params={"strict": True})[WORKSPACE].verdict.observed
    found = text(rendered("databricks-cmk", WORKSPACE, **observed))
    assert found.count("az databricks workspace update") == 2
    assert found.index("--prepare-encryption true") < found.index(" --key-source Microsoft.Keyvault")
    assert "--prepare-encryption" not in text(
        rendered("databricks-cmk", WORKSPACE, managedServices=None, managedDisk=None)
    )


def test_a_suppressed_alert_is_not_fixed_by_another_alert_rule() -> None:
    quiet = f"{S}/resourceGroups/rg/providers/Microsoft.AlertsManagement/actionRules/quiet"
    found = text(rendered("monitoring-alert-nsg-write", S, rule="a", suppressedBy=quiet))
    assert "activity-log alert create" not in found
    assert found.startswith(f"az rest --method patch --url {quiet} ")
    assert "activity-log alert create" in text(rendered("monitoring-alert-nsg-write", S, nearest=None))


def test_rules_of_a_sql_machine_are_named_with_their_security_group() -> None:
    open_, narrow = allow(1433), allow(1433, "198.51.100.7/32") | {"name": "vendor"}
    found = fix_of(
        "sql-firewall-internet", machine_docs(nsg("Front", narrow, open_ | {"name": "any"})), SQL_VM
    )
    assert "--resource-group rg --nsg-name Front --name any" in found
    assert "vendor" not in found


@for_each(
    ("old", "new"),
    [
        ("Standard_LRS", "Standard_GRS"),
        ("Standard_ZRS", "Standard_GZRS"),
        ("StandardV2_LRS", "StandardV2_GRS"),
        ("StandardV2_ZRS", "StandardV2_GZRS"),
    ],
)
def test_a_storage_account_is_replicated_within_its_kind_of_sku(old: str, new: str) -> None:
    found = text(rendered("storage-grs", ACCOUNT, sku=old))
    assert found.count(" --sku ") == 1
    assert f" --sku {new} " in found


@for_each(("old", "new"), [("Standard_LRS", "Standard_GRS"), ("Standard_ZRS", "")])
def test_a_storage_account_with_nfs_gets_a_second_region_only_without_zones(old: str, new: str) -> None:
    """https://learn.microsoft.com/azure/storage/blobs/network-file-system-protocol-known-issues"""
    body = {**doc(ACCOUNT, {"isNfsV3Enabled": True}), "sku": {"name": old}}
    verdict = judge("storage-grs", {"storage_accounts": [body]})[ACCOUNT].verdict
    fix = render(
        catalogue()["storage-grs"].fix,
        Facts(ACCOUNT, verdict.observed, DIRECTORY, remarks=verdict.remarks),
    )
    assert text(fix).count(" --sku ") == bool(new)
    assert f" --sku {new} " in text(fix) or "create an account with the SKU Standard_GRS" in fix.plain


def test_a_stored_remark_on_nfs_still_selects_the_fix_of_zonal_accounts() -> None:
    """Findings of earlier versions of Surety have the remark `former` until the next assessment."""
    former = "NFS 3.0 is on, so Azure offers only GRS as a second region: neither GZRS nor read access to that region"
    facts = Facts(ACCOUNT, {"sku": "Standard_ZRS"}, DIRECTORY, remarks=(former,))
    fix = render(catalogue()["storage-grs"].fix, facts)
    assert "create an account with the SKU Standard_GRS" in fix.plain


@pytest.mark.parametrize("old", [["key1"], ["key2"], ["key1", "key2"]])
def test_each_old_key_of_an_account_is_regenerated_in_its_own_step(old: list[str]) -> None:
    steps = [
        step
        for step in rendered("storage-key-rotation", ACCOUNT, oldKeys=old).steps
        if "keys renew" in step.text
    ]
    assert len(steps) == len(old)
    for key, step in zip(old, steps, strict=True):
        other = {"key1": "key2", "key2": "key1"}[key]
        assert step.text.count("keys renew") == 1
        assert f"--key {key}" in step.text
        assert step.intro.startswith(f"Switch every application to {other} ")


@pytest.mark.parametrize("reminder", [False, True])
def test_a_reminder_is_set_only_for_an_account_without_one(reminder: bool) -> None:
    policy = {"keyPolicy": {"keyExpirationPeriodInDays": 60}} if reminder else {}
    times = {"key1": "2026-01-01T00:00:00Z", "key2": "2026-11-20T00:00:00Z"}
    body = doc(ACCOUNT, {"creationTime": "2020-01-01T00:00:00Z", "keyCreationTime": times, **policy})
    verdict = judge("storage-key-rotation", {"storage_accounts": [body]})[ACCOUNT].verdict
    facts = Facts(ACCOUNT, verdict.observed, DIRECTORY, remarks=verdict.remarks)
    shown = text(render(catalogue()["storage-key-rotation"].fix, facts))
    assert "--key key1" in shown
    assert ("--key-exp-days 90" in shown) is not reminder
    # Approved exceptions are bound to the observed value, so it must stay the same in later versions.
    assert verdict.observed == {
        "oldKeys": ["key1"],
        "key1": "2026-01-01T00:00:00+00:00",
        "key2": "2026-11-20T00:00:00+00:00",
    }


def test_a_managed_instance_is_fixed_in_another_way_than_a_server() -> None:
    instance = f"{S}/resourceGroups/rg/providers/Microsoft.Sql/managedInstances/mi"
    assert "az sql mi update" in text(rendered("sql-firewall-internet", instance))
    assert "az sql server" not in text(rendered("sql-firewall-internet", instance))


def test_without_a_finding_all_steps_are_shown_and_each_variable_is_explained_once() -> None:
    fix = render(catalogue()["sql-firewall-internet"].fix)
    assert len(fix.commands) == 4
    plain = fix.plain
    assert plain.count("SUBSCRIPTION=''") == 1
    assert "# Id of the subscription. Example: " in plain


@pytest.mark.parametrize("tier", ["", "Standard"])
def test_plan_1_is_offered_only_where_there_is_no_plan(tier: str) -> None:
    found = text(rendered("defender-vm-data-collection", S, pricingTier=tier, subPlan="P2" if tier else None))
    assert ("--subplan P1" in found) is (tier == "")
    assert "--data-export-settings enabled=true" in found


@for_each(
    ("observed", "words", "others"),
    [
        ({"pricingTier": "Free"}, ["--subplan P1", "WDATP"], ["az resource"]),
        ({"pricingTier": "Standard"}, ["WDATP"], ["--subplan", "az resource"]),
        ({}, ["WDATP"], ["--subplan", "az resource"]),
        (
            {"realtimeProtection": False, "antimalware": "av"},
            ["/virtualMachines/vm1/extensions/av --set properties.settings.RealtimeProtectionEnabled=true"],
            ["az security"],
        ),
    ],
)
def test_endpoint_protection_changes_the_plan_only_if_it_is_off(
    observed: dict[str, object], words: list[str], others: list[str]
) -> None:
    found = text(rendered("vm-endpoint-protection", MACHINE, **observed))
    assert all(word in found for word in words)
    assert not any(word in found for word in others)


@pytest.mark.parametrize(
    ("observed", "words"),
    [
        ({"provisionVMAgent": False}, ["osProfile.allowExtensionOperations=true"]),
        ({"displayStatus": "Not Ready"}, ["az vm restart", "az vm reapply"]),
    ],
)
def test_a_missing_agent_is_installed_and_a_silent_one_restarted(
    observed: dict[str, object], words: list[str]
) -> None:
    found = text(rendered("vm-agent-running", MACHINE, **observed))
    assert len(found.splitlines()) == len(words)
    assert all(word in found for word in words)


@for_each(
    ("observed", "words"),
    [
        ({"osType": "Linux", "criticalAndSecurityPatchCount": 2}, ["include-linux", "linuxConfiguration"]),
        ({"osType": "Windows", "criticalAndSecurityPatchCount": 2}, ["include-win", "windowsConfiguration"]),
        ({"osType": "Windows", "assessed": False}, ["az vm assess-patches", "windowsConfiguration"]),
        (
            {"osType": "Linux", "assessed": False, "assessmentMode": "AutomaticByPlatform"},
            ["az vm assess-patches"],
        ),
    ],
)
def test_patches_are_looked_for_or_installed_on_the_system_of_the_machine(
    observed: dict[str, object], words: list[str]
) -> None:
    lines = text(rendered("vm-os-patches", MACHINE, **observed)).splitlines()
    assert len(lines) == len(words)
    assert all(word in line for word, line in zip(words, lines, strict=True))


def test_the_settings_that_leave_machines_out_are_turned_and_nothing_else() -> None:
    facts = {"pricingTier": "Standard", "subPlan": "P2", "WDATP_EXCLUDE_LINUX_PUBLIC_PREVIEW": True}
    assert text(rendered("defender-vm-data-collection", S, **facts)) == (
        "az security setting update --name WDATP_EXCLUDE_LINUX_PUBLIC_PREVIEW --data-export-settings enabled=false"
        f" --subscription {SUBSCRIPTION}"
    )


@pytest.mark.parametrize(
    ("slug", "subject"),
    [
        ("defender-plan-servers", f"{S}/providers/Microsoft.Security/pricings/VirtualMachines"),
        ("defender-vm-data-collection", S),
    ],
)
def test_a_plan_that_covers_no_machine_is_fixed_at_the_machines(slug: str, subject: str) -> None:
    """Turning the plan on again would change nothing."""
    docs = servers(plan("VirtualMachines", subPlan="P2", resourcesCoverageStatus="NotCovered"), machines=[VM])
    (found,) = judge(slug, docs).values()
    assert text(rendered(slug, subject, **found.observed)) == (
        f"az rest --method delete --url {VM['id']}/providers/Microsoft.Security/pricings/VirtualMachines"
        " --url-parameters api-version=2024-01-01"
    )
    assert "az rest" not in text(rendered(slug, subject, pricingTier="Free"))


def test_the_firewall_of_linux_is_fixed_as_its_baseline_demands() -> None:
    """The baseline requires that the chains INPUT, FORWARD and OUTPUT drop packets by default. `ufw enable` does not
    change the default of OUTPUT.
    """
    linux = rendered("vm-os-firewall", MACHINE, assignment="AzureLinuxBaseline")
    assert linux.commands == ()
    (advised, _) = [step.intro for step in linux.steps]
    assert all(word in advised for word in ("INPUT, FORWARD and OUTPUT", "firewalld", "SSH first"))
    windows = rendered("vm-os-firewall", MACHINE, assignment="AzureWindowsBaseline")
    assert len(windows.commands) == 1
    assert "OUTPUT" not in windows.plain


def test_every_plan_for_databases_has_its_own_command() -> None:
    lines = text(render(catalogue()["defender-plan-databases"].fix)).splitlines()
    found = [line.split("--name ")[1].split()[0] for line in lines if "az security pricing create" in line]
    assert found == ["SqlServers", "SqlServerVirtualMachines", "OpenSourceRelationalDatabases", "CosmosDbs"]
    plan = f"{S}/providers/Microsoft.Security/pricings/CosmosDbs"
    assert text(rendered("defender-plan-databases", plan)) == (
        f"az security pricing create --name CosmosDbs --tier standard --subscription {SUBSCRIPTION}"
    )


def test_one_request_sets_everything_that_three_controls_ask_of_the_alert_policy() -> None:
    slugs = ("sql-threat-alerts-contact", "sql-threat-alerts-owners", "sql-threat-detection-types")
    found = {text(rendered(slug, SERVER)) for slug in slugs}
    assert len(found) == 1
    for part in (
        '"disabledAlerts": []',
        '"emailAddresses": [',
        '"emailAccountAdmins": true',
        '"state": "Enabled"',
    ):
        assert part in next(iter(found))
    for slug in slugs:
        assert rendered(slug, SERVER).effects.startswith("The request replaces the whole policy.")
        assert "retires security alert policies on 16 August 2027" in rendered(slug, SERVER).effects


def test_a_managed_instance_gets_the_configuration_of_vulnerability_assessment_that_stays() -> None:
    found = rendered("sql-va", INSTANCE)
    assert f"{INSTANCE}/providers/Microsoft.Security/sqlVulnerabilityAssessments/default" in text(found)
    assert "storageContainerPath" not in text(found)
    for slug in ("sql-va-recurring", "sql-va-reports", "sql-va-admin-mail"):
        first = rendered(slug, INSTANCE).steps[0]
        assert "retires the classic configuration on 16 August 2027" in first.text + first.intro


def test_the_security_contact_is_replaced_with_everything_repeated() -> None:
    for slug in ("defender-contact-email", "defender-contact-phone"):
        found = text(rendered(slug, S))
        for option in (
            '--emails "${EMAILS:?}"',
            '--phone "${PHONE:?}"',
            # With constant values, the command would lower the severity and remove the roles that the contact has.
            '--alert-notifications "${ALERTS:?}"',
            '--notifications-by-role "${ROLES:?}"',
        ):
            assert option in found
        # The present values of the contact are shown before they are replaced.
        assert found.startswith("az security contact show --name default ")
        (_, replacing) = rendered(slug, S).steps
        for setting in ("addresses", "phone number", "minimal severity", "roles", "attack paths"):
            assert setting in replacing.intro


@for_each(
    ("slug", "words"),
    [
        ("storage-sas-expiry", "--sas-exp-action Block"),
        ("storage-public-blob", "az storage container-rm update"),
        ("storage-public-blob", "--public-access off"),
        ("vm-os-patches", "--classifications-to-include-win Critical Security"),
        ("vm-os-patches", "--classifications-to-include-linux Critical Security"),
        ("vm-disk-encryption", "az feature register --namespace Microsoft.Compute --name EncryptionAtHost"),
        ("vm-disk-encryption", "az provider register --namespace Microsoft.Compute"),
        ("vm-endpoint-protection", "--name WDATP --data-export-settings enabled=true"),
        ("defender-vm-data-collection", "--name WDATP --data-export-settings enabled=true"),
        # The fix is a policy. A registration campaign is not enough: it prompts users only after they have used MFA.
        ("identity-mfa-all-users", "/v1.0/identity/conditionalAccess/policies"),
        # Azure converts disks only while the machine is deallocated.
        ("vm-disk-encryption", '--subscription "${SUBSCRIPTION:?}"\naz vm convert'),
        ("logging-retention-flow", '--retention "${LOG_DAYS:?}"'),
        ("logging-nsg-flow", '--retention "${LOG_DAYS:?}"'),
    ],
)
def test_options_that_have_another_effect_by_default_are_given(slug: str, words: str) -> None:
    assert words in text(render(catalogue()[slug].fix))


def test_encryption_at_host_is_registered_before_a_machine_uses_it() -> None:
    found = text(rendered("vm-disk-encryption", MACHINE))
    places = [
        found.index(words)
        for words in (
            "az feature register --namespace Microsoft.Compute --name EncryptionAtHost",
            "az provider register --namespace Microsoft.Compute",
            "--set securityProfile=",
        )
    ]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("vm-disk-entra-auth", "Azure Backup and Azure Site Recovery do not support disks with this setting"),
        ("vm-disk-entra-auth", "its backups or its replication fail"),
        ("vm-jit", "they take priority over the rules with which just-in-time access closes the ports"),
        ("vm-jit", "unless another rule still allows the connection"),
        ("vm-linux-ssh-key", "50-cloud-init.conf"),
        ("vm-backup", "in the portal, machines with trusted launch need one too"),
    ],
)
def test_limits_of_azure_are_named(slug: str, words: str) -> None:
    assert words in render(catalogue()[slug].fix).plain


def test_settings_in_absent_objects_are_set_as_a_whole() -> None:
    """The Azure CLI refuses to set a property of an absent object, or to add to an absent list:
    https://github.com/Azure/azure-cli/issues/32671
    """
    scale_set = f"{S}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachineScaleSets/vmss1"
    for subject, path in ((MACHINE, "securityProfile"), (scale_set, "virtualMachineProfile.securityProfile")):
        found = text(rendered("vm-disk-encryption", subject, encryptionAtHost=False))
        assert f'merge({path} || `{{}}`, `{{"encryptionAtHost": true}}`)' in found
        assert f'--set {path}="${{PROFILE:?}}"' in found
    trusted = text(rendered("vm-trusted-launch", scale_set, securityType="TrustedLaunch"))
    assert '`{"securityType": "TrustedLaunch", "uefiSettings": {"secureBootEnabled": true' in trusted
    assert "--security-type" not in trusted, "`az vmss update` would remove encryption at host"
    assert "--add " not in text(rendered("vmss-load-balancer", scale_set))


def test_a_flow_log_is_made_for_each_network_of_the_subnets() -> None:
    network = f"{S}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v1"
    group = f"{S}/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/g1"
    subnets = [f"{network}/subnets/s1", f"{network}/subnets/s2"]
    found = text(rendered("logging-nsg-flow", group, withoutFlowLog=subnets))
    assert found.count("az network watcher flow-log create") == 1
    assert f"--vnet {network} " in found
    assert "--name fl-v1 " in found
    interface = f"{S}/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/nic1"
    assert f"--nic {interface} " in text(rendered("logging-nsg-flow", group, withoutFlowLog=[interface]))
    # A network can have only one flow log, so the filter of the existing flow log must be removed.
    filtered = rendered("logging-nsg-flow", group, withoutFlowLog=subnets, filtered=[network])
    assert not filtered.commands
    assert "remove the filter" in filtered.plain


@pytest.mark.parametrize(("existing", "commands"), [("", 3), ("rg-net", 2)])
def test_a_network_watcher_is_created_only_where_there_is_none(existing: str, commands: int) -> None:
    group = f"{S}/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/g1"
    network = f"{S}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v1"
    observed = {"withoutFlowLog": [f"{network}/subnets/s1"]}
    assert "watcher configure" not in text(rendered("logging-nsg-flow", group, **observed))
    watcher = {"regionWithoutWatcher": "westeurope", "watcherGroup": existing}
    fix = rendered("logging-nsg-flow", group, **observed, **watcher)
    assert len(fix.commands) == commands
    assert (
        "az network watcher configure --locations westeurope --enabled true"
        f" --resource-group {existing or 'NetworkWatcherRG'} --subscription {SUBSCRIPTION}"
    ) in text(fix)
    assert text(fix).index("watcher configure") < text(fix).index("flow-log create")


def test_the_policy_for_administrators_includes_the_roles_of_the_finding() -> None:
    intune, known = "3a2c62db-5318-420d-8d74-23affee5d9d5", "62e90394-69f5-4237-9190-012177145e10"
    synchronisation = "d29b2b05-8046-44ba-8758-1e26182fcf32"
    user = f"directory:{DIRECTORY}/users/{SUBSCRIPTION}"
    found = text(rendered("identity-mfa-privileged", user, roles=[intune, known, synchronisation, "isAdmin"]))
    assert found.count(intune) == 1
    assert found.count(known) == 1
    assert "isAdmin" not in found
    assert synchronisation not in found
    assert intune not in text(render(catalogue()["identity-mfa-privileged"].fix))


@for_each(
    ("slug", "subject"),
    [
        ("identity-ca-mfa-arm", f"directory:{DIRECTORY}"),
        ("identity-mfa-azure-writers", f"directory:{DIRECTORY}/users/{SUBSCRIPTION}"),
    ],
)
def test_the_policy_for_the_management_of_azure_names_its_application_in_each_cloud(
    slug: str, subject: str
) -> None:
    public, government = "797f4846-ba00-4fd7-ba43-dac1f8f63013", "40a69793-8fe6-4db1-9591-dbc5c57b17d8"
    for cloud, named in (
        ("AzureCloud", public),
        ("AzureUSGovernment", government),
        ("AzureUSGovernmentDoD", government),
        ("AzureChinaCloud", public),
    ):
        found = text(rendered(slug, subject, cloud))
        assert [app for app in (public, government) if app in found] == [named]


def test_a_sovereign_cloud_is_signed_in_to_first() -> None:
    fix = rendered("storage-secure-transfer", ACCOUNT, "AzureUSGovernment")
    assert fix.steps[0].text.splitlines() == [
        "az cloud set --name AzureUSGovernment",
        f"az login --tenant {DIRECTORY}",
    ]
    defense = rendered("storage-secure-transfer", ACCOUNT, "AzureUSGovernmentDoD")
    assert defense.steps[0].text.splitlines()[0] == "az cloud set --name AzureUSGovernment"
    defense = rendered("identity-guests-limited", f"directory:{DIRECTORY}", "AzureUSGovernmentDoD")
    assert "-Environment USGovDoD -Scopes" in text(defense)
    graph = rendered("identity-guests-limited", f"directory:{DIRECTORY}", "AzureChinaCloud")
    assert f"Connect-MgGraph -TenantId '{DIRECTORY}' -Environment China -Scopes" in text(graph)
    assert "az cloud set" not in text(graph)


def test_a_fix_must_explain_its_variables_and_say_something() -> None:
    with pytest.raises(ValueError, match="no variable is declared for colour"):
        Fix(command("az x --y {colour}"), portal="Azure portal")
    with pytest.raises(ValueError, match="no variable is declared for colour"):
        Fix(portal="Azure portal › {colour}")
    with pytest.raises(ValueError, match="needs a step"):
        Fix()


def test_plain_text_has_everything() -> None:
    fix = Fix(
        advice("Think first."),
        command("az x --name {thing}", "Then run it."),
        portal="Azure portal › {thing}",
        cost="Gigabytes.",
        effects="None.",
        variables=[Variable("thing", "Name of the thing", "a", "the thing")],
    )
    assert render(fix).plain.split("\n\n") == [
        "Think first.",
        "Then run it.",
        "# Name of the thing. Example: a\nTHING=''\naz x --name \"${THING:?}\"",
        "In the portal: Azure portal › the thing",
        "Cost: Gigabytes.",
        "Side effects: None.",
    ]


def test_the_portal_path_names_the_subscription_and_commands_take_its_id() -> None:
    facts = Facts(S, {}, DIRECTORY, "AzureCloud", "Production")
    fix = render(catalogue()["monitoring-alert-nsg-write"].fix, facts)
    assert "Scope: Production ›" in fix.portal
    assert SUBSCRIPTION in text(fix)
    assert "Production" not in text(fix)


def test_nodes_of_kubernetes_are_not_changed_directly() -> None:
    machine = f"{S}/resourceGroups/mc_shop/providers/Microsoft.Compute/virtualMachines/aks-pool1-0"
    cluster = f"{S}/resourceGroups/rg-shop/providers/Microsoft.ContainerService/managedClusters/aks"
    assert "az vm update" in text(rendered("vm-trusted-launch", machine, securityType="Standard"))
    node = rendered("vm-trusted-launch", machine, securityType="Standard", managedBy=cluster)
    assert "az vm" not in text(node)
    assert any("node of Azure Kubernetes Service" in step.intro for step in node.steps)


def test_access_keys_of_enterprise_tiers_stay_on() -> None:
    """The Enterprise tiers of Redis do not support Microsoft Entra ID."""
    database = (
        f"{S}/resourceGroups/rg-shop/providers/Microsoft.Cache/redisEnterprise/redis1/databases/default"
    )
    retires = "The Enterprise tiers retire on 31 March 2027: move to Azure Managed Redis"
    fix = catalogue()["redis-entra"].fix
    assert "az rest" in text(render(fix, Facts(database, {}, DIRECTORY)))
    enterprise = render(fix, Facts(database, {}, DIRECTORY, remarks=(retires,)))
    assert text(enterprise) == ""
    assert "do not support Microsoft Entra ID" in enterprise.steps[0].intro


def test_machines_with_an_ephemeral_system_disk_are_not_stopped() -> None:
    """Azure cannot deallocate a machine with an ephemeral system disk, so the machine must be created again."""
    machine = f"{S}/resourceGroups/rg-shop/providers/Microsoft.Compute/virtualMachines/vm1"
    fix = rendered("vm-trusted-launch", machine, securityType="Standard", ephemeralSystemDisk=True)
    assert "az vm" not in text(fix)
    assert "create it again with trusted launch" in fix.steps[0].intro


@for_each("slug", ("network-ssh-from-internet", "network-udp-from-internet", "network-http-from-internet"))
def test_rules_that_kubernetes_writes_are_changed_through_kubernetes(slug: str) -> None:
    """Azure Kubernetes Service restores its rules, and a lockdown of the node resource group refuses changes."""
    docs = {"network_security_groups": [group(rule(500, ports="*", protocol="*"))]}
    cluster = f"{NSG.partition('/providers/')[0]}/providers/Microsoft.ContainerService/managedClusters/aks"
    managed = [doc(NSG.partition("/providers/")[0], {}, managedBy=cluster)]
    own, of_cluster = (
        judge(slug, {**docs, "managed_resource_groups": {SUB: groups}})[NSG].verdict
        for groups in ([], managed)
    )
    assert own.outcome == of_cluster.outcome == "fail"
    assert own.reason == of_cluster.reason
    assert "az network nsg rule update" in rendered(slug, NSG, **own.observed).plain
    assert "loadBalancerSourceRanges" not in rendered(slug, NSG, **own.observed).plain
    fix = rendered(slug, NSG, **of_cluster.observed)
    assert "az network" not in fix.plain
    assert "loadBalancerSourceRanges" in fix.plain
    if slug == "network-http-from-internet":
        assert "Application Gateway" in fix.plain
    unread = judge(slug, docs, [gap("managed_resource_groups")])[NSG].verdict
    assert (unread.outcome, unread.observed) == (own.outcome, own.observed)


def test_scale_sets_of_node_pools_are_not_changed_directly() -> None:
    """Azure Kubernetes Service undoes such changes."""
    slug, group = "vm-trusted-launch", f"{S}/resourceGroups/mc_shop/providers"
    scale_set = f"{group}/Microsoft.Compute/virtualMachineScaleSets/aks-pool1"
    cluster = f"{S}/resourceGroups/rg-shop/providers/Microsoft.ContainerService/managedClusters/aks"
    assert "az vmss update" in text(rendered(slug, scale_set, securityType="Standard"))
    node_pool = rendered(slug, scale_set, securityType="Standard", managedBy=cluster)
    assert text(node_pool) == ""
    assert "is a node pool" in node_pool.steps[0].intro


def test_only_linux_apps_get_a_command_for_their_runtime() -> None:
    """Apps on Windows have no `linuxFxVersion`."""
    app = f"{S}/resourceGroups/rg-shop/providers/Microsoft.Web/sites/app-shop"
    linux = text(rendered("webapp-runtime", app, runtime="PYTHON|3.8"))
    assert "properties.linuxFxVersion=" in linux
    assert "az functionapp runtime config set" in linux
    assert "runtime config" not in text(
        rendered("webapp-runtime", f"{app}/slots/staging", runtime="PYTHON|3.8")
    )
    assert text(rendered("webapp-runtime", app, runtime=".NET v7.0")) == ""


def test_a_rule_set_against_bots_is_added_only_if_the_policy_has_none() -> None:
    """If the policy already has the rule set but switches rules off, the command of the Azure CLI would not switch them
    on again.
    """
    kind = "ApplicationGatewayWebApplicationFirewallPolicies"
    policy = f"{S}/resourceGroups/rg-shop/providers/Microsoft.Network/{kind}/waf-shop"
    assert "rule-set add" in text(rendered("network-waf-bot", policy, ruleSets=["OWASP 3.2"]))
    switched_off = rendered("network-waf-bot", policy, ruleSets=["Microsoft_BotManagerRuleSet 1.1"])
    assert text(switched_off) == ""
    assert "switch them on in the portal" in switched_off.steps[0].intro


def test_the_retention_of_deleted_backups_is_never_lowered() -> None:
    """The fix asks a person for the number of days, because the vault may already have more days than the control
    requires.
    """
    recovery = f"{S}/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/rsv"
    backup = f"{S}/resourceGroups/rg/providers/Microsoft.DataProtection/backupVaults/bv"
    observed = {"softDelete": "Disabled", "softDeleteRetentionInDays": 90}
    found = rendered("recovery-soft-delete", recovery, **observed)
    assert '--soft-delete-duration "${BACKUP_DAYS:?}"' in text(found)
    patched = rendered("recovery-soft-delete", backup, **observed)
    (step,) = patched.commands
    assert step.open == ("BACKUP_DAYS",)
    body = step.text.split("--body ")[1].replace("'\"${BACKUP_DAYS:?}\"'", "90").strip("'")
    assert json.loads(body) == {
        "properties": {
            "securitySettings": {"softDeleteSettings": {"state": "On", "retentionDurationInDays": 90}}
        }
    }
    for fix in (found, patched):
        assert "not fewer than the vault has now" in text(fix)
        assert "14" not in text(fix).replace("Example: 14", "")


@for_each("slug", ["storage-blob-soft-delete", "storage-container-soft-delete", "storage-file-soft-delete"])
def test_the_retention_of_deleted_data_is_never_lowered(slug: str) -> None:
    account = f"{S}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st"
    found = text(rendered(slug, account, enabled=True, retentionDays=20))
    assert 'delete-retention-days "${DELETED_DATA_DAYS:?}"' in found
    assert "not fewer than the account has now" in found


@for_each(
    ("slug", "subject", "observed"),
    [
        (
            "logging-retention-flow",
            f"{S}/resourceGroups/rg/providers/Microsoft.Network/networkWatchers/nw/flowLogs/fl",
            {"retentionPolicy": {"enabled": True, "days": 400}},
        ),
        (
            "logging-retention-sql",
            f"{S}/resourceGroups/rg/providers/Microsoft.Sql/servers/sql",
            {"sinks": [{"kind": "storage", "id": "https://st.blob.core.windows.net/", "days": 30}]},
        ),
        (
            "logging-retention-activity",
            S,
            {"sinks": [{"kind": "workspace", "id": f"{S}/workspaces/w", "days": 400}]},
        ),
        (
            "sql-server-auditing",
            f"{S}/resourceGroups/rg/providers/Microsoft.Sql/servers/sql",
            {"state": "Enabled"},
        ),
    ],
)
def test_the_retention_of_an_existing_log_is_never_lowered(
    slug: str, subject: str, observed: dict[str, Any]
) -> None:
    """The log may be kept for more than a year, and the control may expect more. So a person enters the days."""
    found = rendered(slug, subject, **observed)
    assert "LOG_DAYS" in {name for step in found.commands for name in step.open}
    assert "365" not in text(found).replace("Example: 365", "")
    assert "not below the longest retention that one of the logs has now" in text(found)


@for_each(
    ("provider", "kept"),
    [
        ("Microsoft.RecoveryServices/vaults", "--soft-delete-feature-state AlwaysOn"),
        ("Microsoft.DataProtection/backupVaults", '"state": "AlwaysOn"'),
    ],
)
def test_soft_delete_that_is_always_on_stays_always_on(provider: str, kept: str) -> None:
    """Azure refuses to change this state. Only the number of days changes."""
    vault = f"{S}/resourceGroups/rg/providers/{provider}/vault"
    (step,) = rendered(
        "recovery-soft-delete", vault, softDelete="AlwaysON", softDeleteRetentionInDays=7
    ).commands
    assert kept in step.text
    (other,) = rendered("recovery-soft-delete", vault, softDelete="Off").commands
    assert kept not in other.text
