"""Generate Defender for Cloud in a subscription: plans, contact, settings.

Format: Microsoft.Security pricings 2024-01-01, securityContacts 2023-12-01-preview, settings 2022-05-01. Expected
verdicts: defender-*.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.generate.families import cosmos, family_controls, mysql, postgresql
from sandbox.generate.flexible_servers import Place
from sandbox.generate.output import Json
from sandbox.generate.random_source import RandomSource
from sandbox.generate.subscription import Contact, Subscription

_MAILED = ("defender-contact-owner", "defender-contact-alert-severity", "defender-contact-attack-path")
# {setting of Defender for Endpoint: the value with which the setting excludes no machines}
_OLDER = {"WDATP_EXCLUDE_LINUX_PUBLIC_PREVIEW": False, "WDATP_UNIFIED_SOLUTION": True}
_AKS, _REGISTRIES = "Microsoft.ContainerService/managedClusters", "Microsoft.ContainerRegistry/registries"
# {plan: (its control, the resource types to which the plan applies)}. A plan without types always applies.
_PLAN_CONTROLS: dict[str, tuple[str, tuple[str, ...]]] = {
    "AppServices": ("defender-plan-appservice", ("Microsoft.Web/sites", "Microsoft.Web/serverFarms")),
    "StorageAccounts": ("defender-plan-storage", ("Microsoft.Storage/storageAccounts",)),
    "KeyVaults": ("defender-plan-keyvault", ("Microsoft.KeyVault/vaults",)),
    "Arm": ("defender-plan-arm", ()),
    "Containers": (
        "defender-plan-containers",
        (_AKS, _REGISTRIES, "Microsoft.Kubernetes/connectedClusters"),
    ),
    "CloudPosture": ("defender-plan-cspm", ()),
    "Api": ("defender-plan-apis", ("Microsoft.ApiManagement/service",)),
}
# {prefix of control slugs: resource type that the controls with this prefix judge}. If no module of `families` has a
# control with the prefix, `write_other_plans` usually writes a resource of the type, so that the Defender plan for the
# type applies.
_BARE = {
    "keyvault-": "Microsoft.KeyVault/vaults",
    "aks-": _AKS,
    "registry-": _REGISTRIES,
    "apim-": "Microsoft.ApiManagement/service",
    "appserviceplan-": "Microsoft.Web/serverFarms",
}

# {plan: the resource types to which it applies}
DATABASE_PLANS: dict[str, tuple[str, ...]] = {
    "SqlServers": ("Microsoft.Sql/servers", "Microsoft.Sql/managedInstances"),
    "SqlServerVirtualMachines": ("Microsoft.SqlVirtualMachine/sqlVirtualMachines",),
    "OpenSourceRelationalDatabases": (
        "Microsoft.DBforPostgreSQL/flexibleServers",
        "Microsoft.DBforMySQL/flexibleServers",
    ),
    "CosmosDbs": ("Microsoft.DocumentDB/databaseAccounts",),
}
# {type of database: the function that writes such a database}
_OF_FAMILIES: dict[str, Callable[[Subscription, Place, str], None]] = {
    postgresql.KIND: postgresql.write_postgresql,
    mysql.KIND: mysql.write_mysql,
    cosmos.KIND: cosmos.write_cosmos,
}


def write_contact(sub: Subscription) -> None:
    """Write the security contact. Call this before writing the SQL servers, because verdicts on their alerts depend on
    the contact.
    """
    rng = sub.rng
    bad_mail, bad_phone = rng.faulty(), rng.faulty()
    form = rng.pick(("none", "empty", "malformed", "off")) if bad_mail else "good"
    if form == "none":
        sub.expect("defender-contact-email", sub.id, "fail")
        sub.expect("defender-contact-phone", sub.id, "fail")
        for control in _MAILED:
            sub.expect(control, sub.id, "fail")
        # If there is no contact, Defender mails alerts of high severity to the owners of the subscription.
        # https://learn.microsoft.com/azure/defender-for-cloud/configure-email-notifications
        sub.contact = Contact(False, True)
        return
    owners, alerts = rng.chance(0.6), rng.chance(0.8)
    mails = {"empty": "", "malformed": "security team"}.get(form, f"security@{sub.mail_domain}")
    if form == "good" and rng.chance(0.3):
        mails += f";soc@{sub.mail_domain}"
    # Use a separate random source (branch), so that its choices do not change other parts of the estate.
    mailed = rng.branch("mailed")
    owners, alerts = owners or not mailed.often_faulty(), alerts or not mailed.often_faulty()
    paths = not mailed.faulty()
    name = mailed.pick(("AttackPath", "AttachPath"))
    level = mailed.pick(("Critical", "High", "Medium", "Low"))
    sources: list[Json] = [{"sourceType": name, "minimalRiskLevel": level}] if paths else []
    if alerts:
        sources.insert(0, {"sourceType": "Alert", "minimalSeverity": rng.pick(("High", "Medium", "Low"))})
    properties: Json = {
        "emails": mails,
        "phone": rng.pick(("", "ask", "123"))
        if bad_phone
        else rng.pick(("+1 555 0100", "+44 (0)20 7946 0018")),
        "isEnabled": form != "off",
        "notificationsByRole": {"state": "On" if owners else "Off", "roles": ["Owner"] if owners else []},
        "notificationsSources": sources,
    }
    sub.write(None, "Microsoft.Security/securityContacts", "default", properties)
    sub.expect_failure_if("defender-contact-email", sub.id, bad_mail)
    sub.expect_failure_if("defender-contact-phone", sub.id, bad_phone)
    for control, on in zip(_MAILED, (owners, alerts, paths), strict=True):
        sub.expect_failure_if(control, sub.id, form == "off" or not on)
    # The contact's settings can say that owners get alerts, although the contact itself is off or gets no alerts. Azure
    # does not document whether owners get alerts in this case, so store None (unknown).
    open_question = owners and (form == "off" or not alerts)
    sub.contact = Contact(not bad_mail and alerts, None if open_question else owners)


def _pricing(sub: Subscription, name: str, standard: bool, **more: object) -> str:
    properties: Json = {
        "pricingTier": "Standard" if standard else "Free",
        "freeTrialRemainingTime": "PT0S",
        **more,
    }
    return sub.write(None, "Microsoft.Security/pricings", name, properties)


def write_servers_plan(sub: Subscription) -> bool:
    """Write the plan for servers and the settings for collecting data from machines.

    Return whether agentless scanning of machines is on in this plan.
    """
    rng = sub.rng
    free, uncollected = rng.faulty(), rng.faulty()
    sub_plan = rng.pick(("P1", "P2"))
    # `extension` says whether MdeDesignatedSubscription is on. No verdict depends on this extension, because it is for
    # machines outside Azure.
    setting, extension, agentless = True, rng.chance(0.5), True
    if uncollected and sub_plan == "P2" and rng.chance(0.5):
        agentless = False
    elif uncollected:
        setting = False
    # Use separate random sources (branches), so that their choices do not change other parts of the estate.
    if sub_plan == "P1" and not rng.branch("plan 2").often_faulty():
        sub_plan = "P2"
    monitored = not rng.branch("file integrity").often_faulty()
    more: Json = {}
    if not free:
        extensions = [{"name": "MdeDesignatedSubscription", "isEnabled": str(extension)}]
        if sub_plan == "P2":
            extensions.append({"name": "AgentlessVmScanning", "isEnabled": str(agentless)})
            extensions.append({"name": "FileIntegrityMonitoring", "isEnabled": str(monitored)})
        more = {"subPlan": sub_plan, "extensions": extensions}
    pricing = _pricing(sub, "VirtualMachines", not free, **more)
    cloud_apps = rng.chance(0.5) or not rng.branch("cloud apps").often_faulty()
    settings = [("WDATP", setting), ("MCAS", cloud_apps), *_older_settings(sub)]
    stated = dict(settings)
    uncollected = uncollected or any(stated.get(name, right) != right for name, right in _OLDER.items())
    for name, enabled in settings:
        sub.out.document(
            {
                "id": sub.id_of(None, "Microsoft.Security/settings", name),
                "name": name,
                "type": "Microsoft.Security/settings",
                "kind": "DataExportSettings",
                "properties": {"enabled": enabled},
            }
        )
    scans = rng.chance(0.5) or not rng.branch("vulnerability assessment").often_faulty()
    if scans:
        sub.out.document(
            {
                "id": sub.id_of(
                    None, "Microsoft.Security/serverVulnerabilityAssessmentsSettings", "AzureServersSetting"
                ),
                "name": "AzureServersSetting",
                "type": "Microsoft.Security/serverVulnerabilityAssessmentsSettings",
                "kind": "AzureServersSetting",
                "properties": {"selectedProvider": "MdeTvm"},
            }
        )
    if "Microsoft.Compute/virtualMachines" in sub.types_seen:
        sub.expect_failure_if("defender-plan-servers", pricing, free)
        sub.expect_failure_if("defender-vm-data-collection", sub.id, free or uncollected)
        sub.expect_failure_if("defender-wdatp", sub.id, not setting)
        sub.expect_failure_if("defender-fim", sub.id, free or sub_plan == "P1" or not monitored)
        sub.expect_failure_if("defender-vulnerability-assessment", sub.id, free or not scans)
    else:
        sub.expect("defender-plan-servers", pricing, "not_applicable")
        for control in (
            "defender-vm-data-collection",
            "defender-wdatp",
            "defender-fim",
            "defender-vulnerability-assessment",
        ):
            sub.expect(control, sub.id, "not_applicable")
    sub.expect_failure_if("defender-mcas", sub.id, not cloud_apps)
    dns = rng.branch("dns")
    listed = dns.pick(("deprecated", "offered", "on"))
    standard = listed == "on" or (listed == "offered" and not dns.faulty())
    replaced: Json = {"deprecated": True, "replacedBy": ["VirtualMachines"]}
    plan = _pricing(sub, "Dns", standard, **(replaced if listed == "deprecated" else {}))
    if standard or (not free and sub_plan == "P2"):
        sub.expect("defender-plan-dns", plan, "pass")
    else:
        sub.expect("defender-plan-dns", plan, "fail" if listed == "offered" else "not_applicable")
    return not free and sub_plan == "P2" and agentless


def _older_settings(sub: Subscription) -> list[tuple[str, bool]]:
    """Return (name of a setting, whether the setting is on) for older settings of Defender for Endpoint.

    Only subscriptions that were created before spring 2022 have these settings. For other subscriptions, return an
    empty list. A random fault can give one setting the wrong value, with which it excludes machines.
    """
    # Use a separate random source (branch), so that its choices do not change other parts of the estate.
    rng = sub.rng.branch("older settings")
    if not rng.chance(0.3):
        return []
    wrong = rng.pick(tuple(_OLDER)) if rng.faulty() else ""
    return [(name, right != (name == wrong)) for name, right in _OLDER.items()]


def write_database_plans(sub: Subscription) -> None:
    """Write the plans for databases. Call this after all resources have been written.

    The types of these resources determine which plans apply.
    """
    for plan, types in DATABASE_PLANS.items():
        free = not sub.sql_plan_standard if plan == "SqlServers" else sub.rng.faulty()
        pricing = _pricing(sub, plan, not free)
        # The plan for Cosmos DB protects only accounts with the API for NoSQL.
        protects = sub.has_nosql_accounts if plan == "CosmosDbs" else sub.types_seen.intersection(types)
        if not protects:
            sub.expect("defender-plan-databases", pricing, "not_applicable")
        else:
            sub.expect_failure_if("defender-plan-databases", pricing, free)


def write_other_plans(sub: Subscription, machines_scanned: bool) -> None:
    """Write the plans of `_PLAN_CONTROLS`, and their components.

    Call this after the resources have been written, because their types determine which plans apply.
    `machines_scanned` says whether agentless scanning is on in the plan for servers.
    """
    for prefix, kind in _BARE.items():
        rng = sub.rng.branch(f"bare/{kind}")
        if not any(control.startswith(prefix) for control in family_controls()) and rng.chance(0.8):
            group, region, tags = sub.group()
            name = f"{prefix[:4].strip('-')}{rng.letters(8)}"
            sub.write(group, kind, name, {"provisioningState": "Succeeded"}, location=region, tags=tags)
    seen = sub.types_seen
    on = {}
    for plan, (control, types) in _PLAN_CONTROLS.items():
        rng = sub.rng.branch(f"plans/{plan}")
        on[plan] = not rng.often_faulty()
        more = _components(rng, plan) if on[plan] else {}
        pricing = _pricing(sub, plan, on[plan], **more)
        extensions = {entry["name"]: entry["isEnabled"] == "True" for entry in more.get("extensions", ())}
        if plan == "Containers":
            lacks = len([name for name, is_on in extensions.items() if is_on]) < 4
            if seen.intersection(types):
                sub.expect_failure_if("defender-container-components", sub.id, lacks)
            else:
                sub.expect("defender-container-components", sub.id, "not_applicable")
            for cluster, has_sensor in sub.has_sensor.items():
                sub.expect_failure_if("aks-defender", cluster, not (has_sensor and on[plan]))
            for component, kind in (
                ("AgentlessDiscoveryForKubernetes", _AKS),
                ("ContainerRegistriesVulnerabilityAssessments", _REGISTRIES),
            ):
                slug = "defender-agentless-k8s" if kind == _AKS else "defender-acr-scan"
                if kind in seen:
                    sub.expect_failure_if(slug, sub.id, not extensions.get(component, False))
                else:
                    sub.expect(slug, sub.id, "not_applicable")
        elif plan == "CloudPosture":
            scanned = machines_scanned or extensions.get("AgentlessVmScanning", False)
            if "Microsoft.Compute/virtualMachines" in seen:
                sub.expect_failure_if("defender-agentless-machines", sub.id, not scanned)
            else:
                sub.expect("defender-agentless-machines", sub.id, "not_applicable")
        if types and not seen.intersection(types):
            sub.expect(control, pricing, "not_applicable")
        else:
            sub.expect_failure_if(control, pricing, not on[plan])


def _components(rng: RandomSource, plan: str) -> Json:
    """Return the properties that only an enabled plan has: its sub-plan, or its extensions. Many plans have no such
    properties.
    """
    names = {
        "Containers": (
            "AgentlessDiscoveryForKubernetes",
            "ContainerRegistriesVulnerabilityAssessments",
            "AgentlessVmScanning",
            "ContainerSensor",
        ),
        "CloudPosture": ("AgentlessVmScanning",),
    }.get(plan)
    if names is not None:
        return {"extensions": [{"name": name, "isEnabled": str(not rng.often_faulty())} for name in names]}
    if plan == "StorageAccounts":
        return {"subPlan": rng.pick(("DefenderForStorageV2", "DefenderForStorageV2", "PerTransaction"))}
    return {}


def write_other_databases(sub: Subscription) -> None:
    """Write a database of a random kind other than SQL Server. As a result, the Defender plan for this kind applies."""
    group, region, tags = sub.group()
    others = [types for plan, types in DATABASE_PLANS.items() if not plan.startswith("SqlServer")]
    kind = sub.rng.pick([kind for types in others for kind in types])
    service = kind.split(".", 1)[1].split("/")[0].lower()
    name = f"{service[:10]}-{sub.next_number('database'):03d}-{sub.rng.letters(4)}"
    if (write := _OF_FAMILIES.get(kind)) is None:
        sub.write(group, kind, name, {"provisioningState": "Succeeded"}, location=region, tags=tags)
        return
    with sub.branch(f"other databases/{name}"):
        write(sub, (group, region, tags), name)
