"""AKS clusters, with the expected verdicts of assessments/controls/aks."""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

CONTROLS = ("aks-private", "aks-local-accounts", "aks-rbac", "aks-entra", "aks-upgrade")


def write(sub: Subscription) -> None:
    """Write a cluster into most subscriptions."""
    rng = sub.rng
    if not rng.chance(0.8):
        return
    group, region, tags = sub.group()
    name = f"aks-{rng.letters(6)}"
    resource = sub.id_of(group, "Microsoft.ContainerService/managedClusters", name)
    faults = {control: rng.faulty() for control in CONTROLS}
    properties: Json = {
        "provisioningState": "Succeeded",
        "kubernetesVersion": "1.34",
        "dnsPrefix": name,
        "enableRBAC": not faults["aks-rbac"],
        "agentPoolProfiles": [{"name": "system", "count": 3, "osType": "Linux", "mode": "System"}],
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
    sub.write(
        group, "Microsoft.ContainerService/managedClusters", name, properties, location=region, tags=tags
    )
    for control, fails in faults.items():
        sub.expect_failure_if(control, resource, fails)
