"""The control defender-container-components: All components of the Defender plan for containers are on.

Names of extensions: https://learn.microsoft.com/rest/api/defenderforcloud/pricings (2024-01-01, `Extension`). The four
extensions of this control are the same as in the command that CIS Microsoft Azure Foundations 6.0.0 gives for its
requirement 8.1.4.1.
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import per_scope
from assessments.controls.references import References
from assessments.controls.shared.defender_plans import extension_on, is_paid, plan, resources_of, without_plan
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.defender import PRICINGS
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.retired import Feature
from assessments.fixes.declare import Fix, command

_TYPES: Final = (
    "Microsoft.ContainerService/managedClusters",
    "Microsoft.ContainerRegistry/registries",
    "Microsoft.Kubernetes/connectedClusters",
)
_EXTENSIONS: Final = (
    "AgentlessDiscoveryForKubernetes",
    "AgentlessVmScanning",
    "ContainerRegistriesVulnerabilityAssessments",
    "ContainerSensor",
)


@per_scope(
    needs=(RESOURCES, PRICINGS),
    severity=Severity.MEDIUM,
    labels={"missingComponents": "Components that are off"},
    feature=Feature.DEFENDER,
    references=References(c6="8.1.4.1", mcsb="LT-1* PV-5*", nist="RA-5* SI-4*"),
    fix=Fix(
        command(
            "az rest --method put --url /subscriptions/{subscription}/providers/Microsoft.Security/pricings/Containers"
            " --url-parameters api-version=2024-01-01 --body {body}",
            bodies={
                "body": {
                    "properties": {
                        "pricingTier": "Standard",
                        "extensions": [{"name": name, "isEnabled": "True"} for name in _EXTENSIONS],
                    }
                }
            },
        ),
        portal="Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription} › Defender plans"
        " › Containers › On",
        portal_source="https://learn.microsoft.com/azure/defender-for-cloud/tutorial-enable-containers-azure",
        cost="The plan is billed by the number of cores in clusters, and by the number of scanned images.",
        effects="The sensor is installed on each cluster, and images and nodes are scanned. The command"
        " can reset settings of the components, such as tags that exclude nodes: note the settings before, and"
        " check them afterwards.",
    ),
)
def container_components(ctx: Context) -> Verdict:
    """All components of the Defender plan for containers are on.

    Problem: Components of the Defender plan for containers off
    Expected: The plan for containers is on with its sensor, agentless discovery, and scanning of images and nodes
    Judged: The plan `Containers` and its extensions `AgentlessDiscoveryForKubernetes`, `AgentlessVmScanning`,
    `ContainerRegistriesVulnerabilityAssessments` and `ContainerSensor`, if the subscription has a Kubernetes cluster or
    a container registry. An extension that is not in the list of the plan counts as off. If Azure returns no such list,
    the verdict is unknown. The older plans `KubernetesService` and `ContainerRegistry` do not count.
    Why: A plan without its components is billed, but sees neither attacks in clusters nor weaknesses of images.
    """
    if not resources_of(ctx, _TYPES):
        return not_applicable("No Kubernetes cluster or container registry")
    pricing = plan(ctx, "Containers")
    if pricing is None:
        return without_plan(ctx, "containers", missingComponents=list(_EXTENSIONS))
    if not is_paid(pricing):
        return failed(
            "The plan for containers is off (Free)",
            pricingTier="Free",
            missingComponents=list(_EXTENSIONS),
        )
    pricing.items("properties.extensions")
    missing = [name for name in _EXTENSIONS if not extension_on(pricing, name)]
    if missing:
        return failed(
            "Not all components of the plan for containers are on",
            pricingTier="Standard",
            missingComponents=missing,
        )
    return passed(
        "All components of the plan for containers are on", pricingTier="Standard", missingComponents=[]
    )
