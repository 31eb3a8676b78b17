"""AKS clusters, with the expected verdicts of assessments/controls/aks."""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

KIND = "Microsoft.ContainerService/managedClusters"
CONTROLS = (
    "aks-private",
    "aks-local-accounts",
    "aks-rbac",
    "aks-entra",
    "aks-upgrade",
    "aks-node-public-ip",
    "aks-host-encryption",
    "aks-netpol",
    "aks-monitor",
    "aks-policy-addon",
    "aks-version",
    "aks-defender",
)
# The verdict of this control also depends on the Defender plan for containers, so `sandbox.generate.defender` writes
# the expected verdict.
_WITH_PLAN = "aks-defender"
_OFFICIAL, _LONG_TERM = "KubernetesOfficial", "AKSLongTermSupport"
# {minor version of Kubernetes: its support plans}.
# Source: https://learn.microsoft.com/azure/aks/supported-kubernetes-versions
_VERSIONS: dict[str, list[str]] = {
    "1.32": [_LONG_TERM],
    "1.33": [_LONG_TERM],
    "1.34": [_OFFICIAL, _LONG_TERM],
    "1.35": [_OFFICIAL, _LONG_TERM],
    "1.36": [_OFFICIAL, _LONG_TERM],
}


def write(sub: Subscription) -> None:
    """In most subscriptions, write a cluster."""
    rng = sub.rng
    if not rng.chance(0.8):
        return
    group, region, tags = sub.group()
    name = f"aks-{rng.letters(6)}"
    resource = sub.id_of(group, KIND, name)
    faults = {control: rng.faulty() for control in CONTROLS if control != _WITH_PLAN}
    properties: Json = {
        "provisioningState": "Succeeded",
        "dnsPrefix": name,
        "enableRBAC": not faults["aks-rbac"],
        "agentPoolProfiles": [
            {
                "name": "system",
                "count": 3,
                "osType": "Linux",
                "mode": "System",
                "enableNodePublicIP": faults["aks-node-public-ip"],
                "enableEncryptionAtHost": not faults["aks-host-encryption"],
            }
        ],
    }
    if not faults["aks-private"]:
        properties["apiServerAccessProfile"] = rng.pick(
            ({"enablePrivateCluster": True}, {"authorizedIPRanges": ["203.0.113.0/24"]})
        )
    if not faults["aks-local-accounts"]:
        properties["disableLocalAccounts"] = True
    if not faults["aks-entra"]:
        properties["aadProfile"] = {"managed": True, "adminGroupObjectIDs": [], "tenantID": sub.directory}
    if not faults["aks-upgrade"]:
        properties["autoUpgradeProfile"] = {
            "upgradeChannel": rng.pick(("patch", "stable", "node-image")),
            "nodeOSUpgradeChannel": "NodeImage",
        }
    sub.has_sensor[resource] = _protect(sub, properties, faults)
    _choose_version(sub, region, properties, faults["aks-version"])
    sub.write(group, KIND, name, properties, location=region, tags=tags)
    for control, fails in faults.items():
        sub.expect_failure_if(control, resource, fails)


def _protect(sub: Subscription, properties: Json, faults: dict[str, bool]) -> bool:
    """Set the properties on network policies, monitoring and the Defender sensor. Return whether the cluster has the
    sensor.
    """
    rng = sub.rng.branch("protection")
    properties["networkProfile"] = {"networkPlugin": "azure"}
    if not faults["aks-netpol"]:
        properties["networkProfile"]["networkPolicy"] = rng.pick(("azure", "calico", "cilium"))
    elif rng.chance(0.5):
        properties["networkProfile"]["networkPolicy"] = "none"
    addons = properties["addonProfiles"] = {"azurepolicy": {"enabled": not faults["aks-policy-addon"]}}
    if not faults["aks-monitor"]:
        if rng.chance(0.5):
            addons["omsAgent"] = {"enabled": True, "config": {"useAADAuth": "true"}}
        else:
            properties["azureMonitorProfile"] = {"metrics": {"enabled": True}}
    has_sensor = not rng.often_faulty()
    properties["securityProfile"] = {"defender": {"securityMonitoring": {"enabled": has_sensor}}}
    return has_sensor


def _choose_version(sub: Subscription, region: str, properties: Json, fails: bool) -> None:
    """Set the Kubernetes version of the cluster, and write the list of versions that the cluster's region offers."""
    rng = sub.rng.branch("version")
    minor = rng.pick(("1.28", "1.29", "1.32") if fails else ("1.34", "1.35", "1.36"))
    properties["kubernetesVersion"] = minor
    properties["currentKubernetesVersion"] = f"{minor}.{rng.randrange(0, 9)}"
    properties["supportPlan"] = _OFFICIAL
    provider = KIND.partition("/")[0]
    sub.out.document(
        {
            "id": f"{sub.id}/providers/{provider}/locations/{region}/kubernetesVersions",
            "type": f"{provider}/locations/kubernetesVersions",
            "values": [
                {"version": number, "capabilities": {"supportPlan": plans}}
                for number, plans in _VERSIONS.items()
            ],
        }
    )
