"""Controls of the features that protect and watch the workloads of AKS clusters.

Properties: containerservice/resource-manager/Microsoft.ContainerService/aks/stable/2025-10-01/managedClusters.json
(ManagedClusterProperties). Addons: https://learn.microsoft.com/azure/aks/integrations.

There are two ways to install the sensor of Defender. If it is switched on in the properties, Azure installs it. It can
also be installed with Helm, but then the properties do not show it. The two installations conflict with each other:
https://learn.microsoft.com/azure/defender-for-cloud/deploy-helm
"""

from __future__ import annotations

from typing import Final

from assessments.controls.aks.cluster_settings import CLUSTER
from assessments.controls.context import Context
from assessments.controls.declare import Answer, Parameter
from assessments.controls.references import References
from assessments.controls.settings import Remark, SettingControl, declare_settings
from assessments.controls.shared.defender_plans import is_paid, plan, without_plan
from assessments.controls.verdict import Severity, Verdict, failed, manual, passed
from assessments.estate.collections.aks import AKS_CLUSTERS
from assessments.estate.collections.defender import PRICINGS
from assessments.estate.retired import Feature
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command

_CLUSTER: Final = "--resource-group {group} --name {cluster}"
_UPDATE: Final = f"az aks update {_CLUSTER}"
_SUBSCRIPTION: Final = " --subscription {subscription}"
_PORTAL: Final = "Azure portal › Kubernetes services › {cluster} ›"
METRICS_ONLY: Final = Parameter(
    "metrics_only",
    False,
    "Require the metrics of managed Prometheus: Container insights alone is not enough",
    label="Require managed Prometheus",
)


def _network(cluster: View) -> View:
    return cluster.object("properties").object("networkProfile", default={})


def _cilium(cluster: View, ctx: Context) -> Verdict | None:
    """Pass a cluster that has the Cilium data plane and names no engine in `networkPolicy`: Cilium itself enforces
    network policies. Otherwise, return None.
    """
    network = _network(cluster)
    if network.text("networkPolicy", default=""):
        return None
    if network.choice("networkDataplane", {"azure", "cilium"}, default="azure") != "cilium":
        return None
    return passed(
        "Cilium enforces network policies",
        remarks=["Surety does not check which network policies exist in the cluster"],
        networkPolicy=network.raw("networkPolicy"),
        networkDataplane=network.raw("networkDataplane"),
    )


def _own_plugin(cluster: View, ctx: Context) -> Verdict | None:
    """Return the verdict “manual” for a cluster with the customer's own network plugin. For such a cluster, Azure
    installs no engine for network policies, and does not know whether the plugin enforces network policies:
    https://learn.microsoft.com/azure/aks/use-byo-cni
    """
    network = _network(cluster)
    if _has_engine(cluster, ctx):
        return None
    if network.choice("networkPlugin", {"azure", "kubenet", "none"}, default="azure") != "none":
        return None
    return manual(
        "Attest that the network plugin of the cluster enforces network policies",
        networkPlugin=network.raw("networkPlugin"),
        networkPolicy=network.raw("networkPolicy"),
    )


def _has_engine(cluster: View, ctx: Context) -> bool:
    return _network(cluster).text("networkPolicy", default="").casefold() not in ("", "none")


_POLICIES: Final = Remark("Surety does not check which network policies exist in the cluster", _has_engine)
# https://learn.microsoft.com/azure/aks/use-network-policies
_RETIRED: Final = Remark(
    "Microsoft ended support for Azure Network Policy Manager on Windows nodes on 30 September 2026, and ends it on"
    " Linux nodes on 30 September 2028",
    lambda cluster, _: _network(cluster).text("networkPolicy", default="").casefold() == "azure",
)


def _defender(cluster: View, ctx: Context) -> Verdict:
    profile = cluster.object("properties").object("securityProfile", default={})
    sensor = profile.object("defender", default={}).object("securityMonitoring", default={})
    setting = sensor.raw("enabled")
    if not sensor.flag("enabled", default=False):
        return failed(
            "The sensor of Defender is off in the settings of the cluster",
            remarks=["A sensor that was installed with Helm is not visible in Azure"],
            securityMonitoring=setting,
        )
    pricing = plan(ctx, "Containers")
    if pricing is None:
        return without_plan(ctx, "containers", securityMonitoring=setting)
    tier = pricing.raw("properties.pricingTier")
    if not is_paid(pricing):
        return failed(
            "The sensor of Defender runs in the cluster, but the plan for containers is off",
            securityMonitoring=setting,
            pricingTier=tier,
        )
    return passed("The sensor of Defender runs in the cluster", securityMonitoring=setting, pricingTier=tier)


def _addons(cluster: View, name: str) -> list[View]:
    """Return the settings of the addon: one object for each spelling of its name in the cluster. Azure spells the names
    of addons in several ways (`omsagent`, `omsAgent`).
    """
    addons = cluster.object("properties").object("addonProfiles", default={})
    return [addons.object(key, default={}) for key in _spellings(addons, name)]


def _spellings(parent: View, name: str) -> list[str]:
    return sorted(key for key in parent.body if key.casefold() == name)


def _is_on(addon: View) -> bool:
    return addon.flag("enabled", default=False)


def _has_managed_identity(insights: View) -> bool:
    """Return whether the agent of Container insights signs in with a managed identity. If the setting is absent, the
    agent signs in with the key of the workspace:
    https://learn.microsoft.com/azure/azure-monitor/containers/container-insights-authentication
    """
    config = insights.object("config", default={})
    known = {"true", "false"}
    return any(
        config.choice(key, known, default="false") == "true" for key in _spellings(config, "useaadauth")
    )


def _insights(cluster: View) -> list[View]:
    return [addon for addon in _addons(cluster, "omsagent") if _is_on(addon)]


def _has_legacy_insights(cluster: View, ctx: Context) -> bool:
    found = _insights(cluster)
    return bool(found) and not any(_has_managed_identity(addon) for addon in found)


_LEGACY: Final = Remark(
    "Container insights signs in with the key of its workspace, which Azure Monitor has not accepted since 30 September"
    " 2026",
    _has_legacy_insights,
    on_failures=False,
)


def _monitored(cluster: View, ctx: Context) -> Verdict:
    monitor = cluster.object("properties").object("azureMonitorProfile", default={})
    metrics = monitor.object("metrics", default={}).flag("enabled", default=False)
    insights = bool(_insights(cluster))
    if metrics:
        return passed("Azure Monitor collects metrics of the cluster", prometheus=metrics, omsagent=insights)
    if not insights:
        return failed("Azure Monitor does not watch the cluster", prometheus=metrics, omsagent=insights)
    if ctx.params[METRICS_ONLY.name]:
        return failed(
            "Managed Prometheus collects no metrics of the cluster", prometheus=metrics, omsagent=insights
        )
    if _has_legacy_insights(cluster, ctx):
        return failed(_LEGACY.text, prometheus=metrics, omsagent=insights, useAADAuth=False)
    return passed(
        "Container insights watches the cluster", prometheus=metrics, omsagent=insights, useAADAuth=True
    )


def _policy_addon(cluster: View, ctx: Context) -> Verdict:
    if any(_is_on(addon) for addon in _addons(cluster, "azurepolicy")):
        return passed("The add-on of Azure Policy is on", azurepolicy=True)
    return failed("The add-on of Azure Policy is off", azurepolicy=False)


CONTROLS = declare_settings(
    __name__,
    AKS_CLUSTERS,
    SettingControl(
        "aks-netpol",
        title="AKS clusters enforce network policies",
        problem="AKS cluster without an engine for network policies",
        expected="The cluster has an engine for network policies",
        judged="`networkProfile.networkPolicy` of each AKS cluster, also of stopped ones: `azure`, `calico` and"
        " `cilium` pass; `none` and absent fail, because no policy is enforced then. A cluster whose data plane"
        " (`networkDataplane`) is `cilium` passes in any case. A cluster without such an engine needs an attestation if"
        " the customer brings its network plugin (`networkPlugin` is `none`), because Azure does not know whether this"
        " plugin enforces policies. The policies themselves are in Kubernetes, which Surety does not read.",
        why="Without an engine for network policies, Kubernetes ignores these policies, and every pod reaches every"
        " other pod.",
        severity=Severity.MEDIUM,
        labels={
            "networkDataplane": "Data plane of the network",
            "networkPolicy": "Engine for network policies",
        },
        setting="properties.networkProfile.networkPolicy",
        values={
            "azure": passed("Azure Network Policy Manager enforces network policies"),
            "calico": passed("Calico enforces network policies"),
            "cilium": passed("Cilium enforces network policies"),
            "none": failed("The cluster does not enforce network policies"),
        },
        absent=failed("The cluster does not enforce network policies"),
        expects={"networkPolicy": "Azure, Calico or Cilium; any value if the data plane is Cilium"},
        unless=(_cilium, _own_plugin),
        is_manual=True,
        answer=Answer(days=365),
        remarks=(_POLICIES, _RETIRED),
        references=References(mcsb="NS-1*", nist="SC-7* AC-4*"),
        fix=Fix(
            advice(
                "First list the network policies that already exist, with kubectl get networkpolicy --all-namespaces."
                " The engine for network policies will enforce them, so correct or delete policies that would cut"
                " connections."
            ),
            advice("Kubenet clusters first need Azure CNI Overlay."),
            command(
                f"{_UPDATE} --network-dataplane cilium --network-policy cilium{_SUBSCRIPTION}",
                "Cilium, which Microsoft recommends, runs only on Linux nodes. For clusters with Windows nodes, use"
                " --network-policy calico without --network-dataplane.",
            ),
            advice("Then write network policies for the workloads: without any, all traffic stays allowed."),
            portal=f"{_PORTAL} Networking › Network profile › Network policy engine",
            portal_source="https://learn.microsoft.com/azure/aks/use-network-policies-in-the-azure-portal",
            # https://learn.microsoft.com/azure/aks/use-network-policies
            effects="All node pools are reimaged at the same time. Network policies that already exist, for example"
            " from Helm charts, take effect and can cut connections.",
            variables=[CLUSTER],
        ),
    ),
    SettingControl(
        "aks-defender",
        title="Defender's sensor runs in AKS clusters",
        problem="AKS cluster without the sensor of Defender",
        expected="The sensor of Defender runs in the cluster, and the plan for containers is on",
        judged="`securityProfile.defender.securityMonitoring.enabled` of each AKS cluster, also of stopped ones. If the"
        " property is absent, the sensor is off. A cluster with the sensor fails if the plan for containers of the"
        " subscription is off. A sensor that was installed with Helm is not visible to Surety, so the cluster fails:"
        " request an exception for it.",
        why="Without the sensor, Defender does not see attacks on running containers.",
        severity=Severity.MEDIUM,
        labels={"securityMonitoring": "Sensor of Defender"},
        judge=_defender,
        expects={"securityMonitoring": (True,), "pricingTier": ("Standard",)},
        needs=(PRICINGS,),
        feature=Feature.DEFENDER,
        references=References(mcsb="LT-1 LT-2", nist="SI-4*"),
        fix=Fix(
            command(
                f"az security pricing create --name Containers --tier standard{_SUBSCRIPTION}",
                "Turn on the plan for containers, if it is off.",
            ),
            command(
                f"{_UPDATE} --enable-defender{_SUBSCRIPTION}",
                "If the sensor was installed with Helm, do not turn on a second sensor in the settings, because two"
                " sensors conflict. Remove the first sensor with Helm, or request an exception.",
            ),
            portal=f"{_PORTAL} Microsoft Defender for Cloud › Settings › Defender sensor › On",
            portal_source="https://learn.microsoft.com/azure/defender-for-cloud/defender-for-containers-azure-enable-portal",
            cost="The plan for containers is billed for each vCore of the clusters, and the Log Analytics workspace"
            " for each GB of data.",
            variables=[CLUSTER],
        ),
    ),
    SettingControl(
        "aks-monitor",
        title="Azure Monitor watches AKS clusters",
        problem="AKS cluster that Azure Monitor does not watch",
        expected="Managed Prometheus or Container insights with a managed identity is on",
        judged="`azureMonitorProfile.metrics.enabled` and the add-on `omsagent` of each AKS cluster, also of stopped"
        " ones. One of them suffices, unless `metrics_only` is on. Absent means off. Container insights suffices only"
        " if its agent signs in with a managed identity (`config.useAADAuth` of the add-on is `true`): Azure Monitor"
        " has not accepted the key of the workspace since 30 September 2026.",
        why="Without metrics or logs, overload, failures and attacks stay unnoticed.",
        severity=Severity.LOW,
        labels={
            "omsagent": "Container insights",
            "prometheus": "Metrics of managed Prometheus",
            "useAADAuth": "Managed identity of Container insights",
        },
        judge=_monitored,
        remarks=(_LEGACY,),
        parameters=(METRICS_ONLY,),
        references=References(nist="SI-4*"),
        fix=Fix(
            # For a cluster without a managed identity, azure-cli 2.91.0 refuses --enable-azure-monitor-metrics: “can
            # only be specified for clusters with managed identity enabled”
            advice("If the cluster has a service principal, first replace that with a managed identity."),
            command(f"{_UPDATE} --enable-azure-monitor-metrics{_SUBSCRIPTION}"),
            # https://learn.microsoft.com/azure/azure-monitor/containers/container-insights-authentication
            advice(
                "If Container insights is on but has no managed identity, also turn it off (az aks disable-addons"
                " --addons monitoring) and on again (az aks enable-addons --addons monitoring, with"
                " --workspace-resource-id and the id of its workspace). Logs are missing until it is on again."
            ),
            portal=f"{_PORTAL} Monitor › Monitor Settings",
            portal_source="https://learn.microsoft.com/azure/azure-monitor/containers/kubernetes-monitoring-enable",
            cost="Azure Monitor bills queries, and the metrics that it stores.",
            effects="Agents that collect metrics are installed in the cluster. If the region has no default workspace"
            " of Azure Monitor, the command creates one.",
            variables=[CLUSTER],
        ),
    ),
    SettingControl(
        "aks-policy-addon",
        title="AKS clusters have the add-on of Azure Policy",
        problem="AKS cluster without the add-on of Azure Policy",
        expected="The add-on of Azure Policy is on",
        judged="The add-on `azurepolicy` of each AKS cluster, also of stopped ones. Absent means off. Surety does not"
        " check which policies are assigned.",
        why="Without the add-on, Azure Policy cannot refuse dangerous pods, such as privileged ones.",
        severity=Severity.LOW,
        labels={"azurepolicy": "Add-on of Azure Policy"},
        judge=_policy_addon,
        references=References(mcsb="PV-2", nist="CM-6"),
        fix=Fix(
            command(f"az aks enable-addons {_CLUSTER} --addons azure-policy{_SUBSCRIPTION}"),
            advice("Then assign an initiative for Kubernetes to the subscription."),
            portal=f"{_PORTAL} Policies › Enable add-on",
            portal_source="https://learn.microsoft.com/azure/governance/policy/concepts/policy-for-kubernetes",
            effects="Gatekeeper is installed. A Gatekeeper that was installed by hand must be removed first. If"
            " policies that deny pods are already assigned to the cluster or to a scope above it, Gatekeeper refuses"
            " new and restarted pods that violate them.",
            variables=[CLUSTER],
        ),
    ),
)
