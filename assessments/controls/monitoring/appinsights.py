"""The control monitoring-appinsights: Application Insights is set up."""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import per_scope
from assessments.controls.references import References
from assessments.controls.shared.defender_plans import resources_of
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.ids import name_of
from assessments.fixes.declare import Fix, advice

_APPLICATIONS: Final = (
    "Microsoft.Web/sites",
    "Microsoft.App/containerApps",
    "Microsoft.ContainerService/managedClusters",
    "Microsoft.Compute/virtualMachines",
    "Microsoft.Compute/virtualMachineScaleSets",
)


@per_scope(
    needs=(RESOURCES,),
    fix=Fix(
        advice(
            "Create a resource of Application Insights. Then let each application send its data: add the connection"
            " string of the resource to the settings of the application."
        ),
        portal="Azure portal › Application Insights › Create",
        portal_source="https://learn.microsoft.com/azure/azure-monitor/app/create-workspace-resource",
        cost="Log Analytics bills the data of applications for each gigabyte.",
    ),
    severity=Severity.LOW,
    labels={"components": "Resources of Application Insights"},
    references=References(c2="5.3.1", c3="6.3.1", c4="7.1.3.1", c5="6.1.3.1", c6="6.1.3.1", nist="SI-4*"),
)
def appinsights(ctx: Context) -> Verdict:
    """Application Insights is set up.

    Problem: Applications, but no Application Insights
    Expected: The subscription has a resource of Application Insights
    Judged: Each subscription with App Service apps, container apps, Kubernetes clusters, virtual machines or scale
    sets. Passes if it has at least one resource of Application Insights. Surety does not
    read which applications send data to it.
    Why: Without data of the application itself, errors and attacks inside of it stay unnoticed.
    """
    if not resources_of(ctx, _APPLICATIONS):
        return not_applicable("No applications, virtual machines or scale sets")
    found = resources_of(ctx, ("Microsoft.Insights/components",))
    if found:
        return passed(
            "The subscription has Application Insights",
            components=sorted(map(name_of, found), key=str.casefold),
        )
    return failed("The subscription has no Application Insights", components=[])
