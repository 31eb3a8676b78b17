"""The controls defender-plan-* of the plans of Defender for Cloud, except the plans for machines and databases.

Sub-plans: https://learn.microsoft.com/azure/defender-for-cloud/defender-for-storage-classic-migrate and
https://learn.microsoft.com/azure/defender-for-cloud/defender-for-dns-introduction
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from assessments.controls.context import Context
from assessments.controls.declare import Control, Parameter, judge, judgements
from assessments.controls.docstrings import Doc
from assessments.controls.references import Partly, References
from assessments.controls.shared.defender_plans import (
    POSTURE_BILLED_BY,
    covers_every_machine,
    covers_no_machine,
    covers_some_machines,
    is_never_offered,
    is_paid,
    not_offered,
    plan,
    plan_id,
    resources_of,
    sub_plan,
    without_plan,
)
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.defender import PRICINGS
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.retired import Feature
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command

_LEARN: Final = "https://learn.microsoft.com/azure/defender-for-cloud"
_PORTAL: Final = (
    "Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription} › Defender plans"
)
_PRICE: Final = "The plan is billed after a trial of 30 days."
_MCSB: Final = "LT-1 LT-2 IR-3 IR-5"
_NIST: Final = "AC-2(12) AU-6 AU-6(4) AU-6(5) AU-12 AU-12(1) IR-4 IR-5 RA-5 SI-2 SI-4"
_STORAGE_PLANS: Final = frozenset({"defenderforstoragev2", "pertransaction", "perstorageaccount"})

UNUSED_PLANS: Final = Parameter(
    "require_unused_plans",
    False,
    "Require the plan also in subscriptions without resources that the plan protects",
)

_COVERED: Final = "The plan covers all resources of its kind in the subscription, including new ones."


@dataclass(frozen=True, slots=True)
class _Plan:
    """A plan, named as in the API, and the control that requires the plan.

    - `protects`: completes the sentence "The plan for … is on"
    - `types`: the control applies if the subscription has a resource of one of these types; if `types` is empty, the
      control always applies
    - `options`: further options of the command that switches the plan on
    - `then`: what to do after the plan is on, in a sentence; may be empty
    - `path`: the last part of the path in the portal
    """

    slug: str
    name: str
    protects: str
    title: str
    problem: str
    expected: str
    why: str
    severity: Severity
    references: References
    path: str
    page: str
    cost: str
    judged: str = ""
    types: tuple[str, ...] = ()
    options: str = ""
    then: str = ""
    effects: str = _COVERED


_PLANS: Final = (
    _Plan(
        "defender-plan-cspm",
        "CloudPosture",
        "posture management (CSPM)",
        title="Defender plan for posture management (CSPM) is on",
        problem="Defender plan for posture management (CSPM) off",
        expected="The plan Defender CSPM is on",
        why="Without the plan, nobody notices attack paths, exposed sensitive data, or weaknesses of machines that"
        " have no agent.",
        severity=Severity.MEDIUM,
        references=References(c5="8.1.1.1", c6="8.1.1.1", mcsb=_MCSB, nist="SI-4* RA-5*"),
        path="Defender CSPM › On",
        page="tutorial-enable-cspm-plan",
        cost=f"The plan is billed for each {POSTURE_BILLED_BY}.",
    ),
    _Plan(
        "defender-plan-apis",
        "Api",
        "APIs",
        title="Defender plan for APIs is on",
        problem="APIs not protected by Defender for Cloud",
        expected="The plan for APIs is on",
        why="Without the plan, attacks on published APIs go unreported.",
        severity=Severity.MEDIUM,
        references=References(
            c5="8.1.2.1",
            c6="8.1.2.1",
            mcsb="DP-1 DP-2 LT-1 IR-3 IR-5",
            nist="SI-4* RA-5*",
        ),
        path="APIs › Details",
        page="defender-for-apis-deploy",
        cost="The monthly price of each sub-plan includes a number of calls; further calls are billed separately.",
        judged="The control does not judge whether single APIs are onboarded to the plan.",
        types=("Microsoft.ApiManagement/service",),
        options=" --subplan P1",
        # https://learn.microsoft.com/azure/defender-for-cloud/defender-for-apis-deploy#onboard-apis
        then="Then onboard the APIs to the plan, with the recommendation “Azure API Management APIs should be onboarded"
        " to Defender for APIs”.",
        # https://learn.microsoft.com/azure/api-management/protect-with-defender-for-apis
        effects="The plan protects only APIs that are onboarded to it. New APIs must be onboarded too. Onboarded APIs"
        " use more of the capacity of API Management: if a service is busy, onboard its APIs one after the other.",
    ),
    _Plan(
        "defender-plan-containers",
        "Containers",
        "containers",
        title="Defender plan for containers is on",
        problem="Containers not protected by Defender for Cloud",
        expected="The plan for containers is on",
        why="Without the plan, attacks on clusters and weaknesses of container images go unreported.",
        severity=Severity.HIGH,
        references=References(
            c2="2.1.8",
            c3="3.1.4.1",
            c4="9.1.4.1",
            c5="8.1.4.1",
            c6="8.1.4.1",
            mcsb=_MCSB,
            nist=_NIST,
            partly=(
                Partly(
                    "c2 c3 c4 c5 c6",
                    "The control also passes if both older plans, for Kubernetes and container registries, are on",
                ),
                Partly("c6", "The components of the plan are judged by another control"),
            ),
        ),
        path="Containers › On",
        page="tutorial-enable-containers-azure",
        cost="The plan is billed by the number of cores in clusters, and by the number of scanned images.",
        judged="A plan that is Free passes with a remark if both older plans, `KubernetesService` and"
        " `ContainerRegistry`, are Standard.",
        types=(
            "Microsoft.ContainerService/managedClusters",
            "Microsoft.ContainerRegistry/registries",
            "Microsoft.Kubernetes/connectedClusters",
        ),
        # https://learn.microsoft.com/azure/defender-for-cloud/tutorial-enable-containers-azure
        effects=f"{_COVERED} If the plan is switched on in the portal, Defender for Cloud also installs its components"
        " in all clusters, such as the sensor, unless they are switched off in the settings of the plan.",
    ),
    _Plan(
        "defender-plan-storage",
        "StorageAccounts",
        "storage accounts",
        title="Defender plan for storage accounts is on",
        problem="Storage accounts not protected by Defender for Cloud",
        expected="The plan for storage accounts is on",
        why="Without the plan, unusual access, stolen data and uploaded malware go unreported.",
        severity=Severity.HIGH,
        references=References(
            c2="2.1.7",
            c3="3.1.5.1",
            c4="9.1.5.1",
            c5="8.1.5.1",
            c6="8.1.5.1",
            mcsb=f"{_MCSB} DP-2",
            nist=_NIST,
        ),
        path="Storage › On",
        page="defender-for-storage-azure-portal-enablement",
        cost="The plan is billed for each storage account and, if the account has many operations, also by the"
        " number of operations. Scanning for malware is billed by the amount of data, also during the trial. Azure"
        " also bills the read operations, index tags and events of the scans.",
        judged="A sub-plan other than `DefenderForStorageV2` adds a remark. Settings of single accounts are not read.",
        types=("Microsoft.Storage/storageAccounts",),
        options=" --subplan DefenderForStorageV2 --extensions name=OnUploadMalwareScanning isEnabled=True",
        # https://learn.microsoft.com/azure/defender-for-cloud/introduction-malware-scanning
        effects=f"{_COVERED} Scanning for malware creates an Event Grid system topic in the resource group of each"
        " storage account. It also creates an identity with the role Storage Blob Data Owner, which the firewalls of"
        " the accounts let in. By default, the result of each scan is written to index tags of the blob.",
    ),
    _Plan(
        "defender-plan-appservice",
        "AppServices",
        "App Service",
        title="Defender plan for App Service is on",
        problem="App Service not protected by Defender for Cloud",
        expected="The plan for App Service is on",
        why="Without the plan, attacks on web apps and function apps go unreported.",
        severity=Severity.MEDIUM,
        references=References(
            c2="2.1.2", c3="3.1.6.1", c4="9.1.6.1", c5="8.1.6.1", c6="8.1.6.1", mcsb=_MCSB, nist=_NIST
        ),
        path="App Service › On",
        page="tutorial-enable-app-service-plan",
        cost="The plan is billed for each instance of an App Service plan.",
        types=("Microsoft.Web/sites", "Microsoft.Web/serverFarms"),
    ),
    _Plan(
        "defender-plan-keyvault",
        "KeyVaults",
        "key vaults",
        title="Defender plan for key vaults is on",
        problem="Key vaults not protected by Defender for Cloud",
        expected="The plan for key vaults is on",
        why="Without the plan, unusual access to keys and secrets goes unreported.",
        severity=Severity.MEDIUM,
        references=References(
            c2="2.1.10",
            c3="3.1.8.1",
            c4="9.1.8.1",
            c5="8.1.8.1",
            c6="8.1.8.1",
            mcsb=f"{_MCSB} DP-8",
            nist=_NIST,
        ),
        path="Key Vault › On",
        page="tutorial-enable-key-vault-plan",
        cost="The plan is billed for each key vault.",
        types=("Microsoft.KeyVault/vaults",),
        options=" --subplan PerKeyVault",
    ),
    _Plan(
        "defender-plan-arm",
        "Arm",
        "Resource Manager",
        title="Defender plan for Resource Manager is on",
        problem="Resource Manager not protected by Defender for Cloud",
        expected="The plan for Resource Manager is on",
        why="Without the plan, suspicious changes of resources and rights go unreported.",
        severity=Severity.MEDIUM,
        references=References(
            c2="2.1.12", c3="3.1.9.1", c4="9.1.9.1", c5="8.1.9.1", c6="8.1.9.1", mcsb=_MCSB, nist=_NIST
        ),
        path="Resource Manager › On",
        page="tutorial-enable-resource-manager-plan",
        cost="The plan is billed for each subscription.",
        options=" --subplan PerSubscription",
    ),
)


def _fix(entry: _Plan) -> Fix:
    return Fix(
        command(
            f"az security pricing create --name {entry.name} --tier standard{entry.options}"
            " --subscription {subscription}"
        ),
        *([advice(entry.then)] if entry.then else []),
        portal=f"{_PORTAL} › {entry.path}",
        portal_source=f"{_LEARN}/{entry.page}",
        cost=f"{entry.cost} {_PRICE}",
        effects=entry.effects,
    )


def _judged(entry: _Plan) -> str:
    where = (
        f"The plan `{entry.name}`, if `require_unused_plans` is on, or if the subscription has resources that the plan"
        " protects."
        if entry.types
        else f"The plan `{entry.name}` of each subscription."
    )
    rest = (
        "Standard passes and Free fails. A plan that covers no resource, because each resource is excluded, fails; a"
        " plan that covers only some resources passes with a remark. A plan that Azure does not list is unknown. If"
        " Azure lists no plan at all, Defender is not registered and the plan is off."
    )
    government = (
        "In Azure Government, which does not offer the plan, the control is not applicable if Azure lists other plans"
        " only."
        if is_never_offered("AzureUSGovernment", entry.name)
        else ""
    )
    return " ".join(part for part in (where, rest, government, entry.judged) if part)


def _declare(entry: _Plan) -> Control:
    @judgements(
        slug=entry.slug,
        needs=(PRICINGS, RESOURCES) if entry.types else (PRICINGS,),
        fix=_fix(entry),
        doc=Doc(entry.title, entry.problem, entry.expected, _judged(entry), entry.why),
        severity=entry.severity,
        feature=Feature.DEFENDER,
        subject_type="Microsoft.Security/pricings",
        empty_reason="No Defender plan",
        references=entry.references,
        parameters=(UNUSED_PLANS,) if entry.types else (),
    )
    def rule(ctx: Context) -> Iterator[Judgement]:
        yield judge(ctx, plan_id(ctx, entry.name), partial(_judge_plan, entry, ctx))

    return rule


def _judge_plan(entry: _Plan, ctx: Context) -> Verdict:
    observed: dict[str, Any] = {}
    if entry.types:
        resources = resources_of(ctx, entry.types)
        if not resources and not ctx.params[UNUSED_PLANS.name]:
            return not_applicable(
                f"The subscription has no resource that the plan for {entry.protects} protects"
            )
        observed["resources"] = len(resources)
    pricing = plan(ctx, entry.name)
    if pricing is None:
        missing = not_offered(ctx, entry.name, entry.protects)
        return missing or without_plan(ctx, entry.protects, **observed)
    if not is_paid(pricing):
        if entry.name == "Containers" and _has_older_container_plans(ctx):
            return passed(
                "Both older plans, for Kubernetes and for container registries, are on",
                remarks=["The plan for containers, which has replaced both plans, is off"],
                pricingTier="Free",
                **observed,
            )
        return failed(
            f"The plan for {entry.protects} is off (Free)",
            remarks=_remarks_on_resource_settings(pricing),
            pricingTier="Free",
            **observed,
        )
    # If the subscription has no resource that the plan could cover, the coverage that Azure states has no meaning.
    if observed.get("resources") != 0 and covers_no_machine(pricing):
        return failed(
            f"The plan for {entry.protects} is on, but covers no resource", pricingTier="Standard", **observed
        )
    remarks = ["Some resources are excluded from the plan"] if covers_some_machines(pricing) else []
    if entry.name == "StorageAccounts":
        observed["subPlan"] = pricing.raw("properties.subPlan")
        # Only the newer plan has the sub-plan DefenderForStorageV2. The classic plan has another sub-plan, or none.
        if pricing.choice("properties.subPlan", _STORAGE_PLANS, default="") != "defenderforstoragev2":
            remarks.append("The plan is the classic one, which does not scan for malware")
    return passed(f"The plan for {entry.protects} is on", remarks=remarks, pricingTier="Standard", **observed)


def _has_older_container_plans(ctx: Context) -> bool:
    """Return whether the older plans `KubernetesService` and `ContainerRegistry`, which `Containers` has replaced, are
    both on.
    """
    older = [plan(ctx, name) for name in ("KubernetesService", "ContainerRegistry")]
    return all(pricing is not None and is_paid(pricing) for pricing in older)


def _remarks_on_resource_settings(pricing: View) -> list[str]:
    """Return a remark if resources have the plan although the plan is off for the subscription as a whole."""
    if covers_every_machine(pricing):
        return ["All resources have the plan by a setting of their own; new resources do not get it"]
    if covers_some_machines(pricing):
        return ["Some resources have the plan by a setting of their own; new resources do not get it"]
    return []


CONTROLS = tuple(_declare(entry) for entry in _PLANS)


@judgements(
    slug="defender-plan-dns",
    needs=(PRICINGS,),
    fix=Fix(
        command(
            "az security pricing create --name VirtualMachines --tier standard --subplan P2"
            " --subscription {subscription}",
            "Turn on Plan 2 (P2) for servers, which contains the alerts about DNS:",
        ),
        portal=f"{_PORTAL} › Servers › On",
        portal_source=f"{_LEARN}/tutorial-enable-servers-plan",
        cost="Defender for Servers is billed for each machine and hour. Plan 2 costs more than Plan 1.",
        # https://learn.microsoft.com/azure/defender-for-cloud/enable-defender-for-endpoint
        effects="The plan covers all machines of the subscription, including new ones. By default, Defender for Cloud"
        " also installs Defender for Endpoint on these machines. You may have to remove another protection product"
        " first.",
    ),
    severity=Severity.LOW,
    feature=Feature.DEFENDER,
    subject_type="Microsoft.Security/pricings",
    empty_reason="No Defender plan",
    references=References(c2="2.1.11", c3="3.1.16", c4="9.1.17", mcsb=_MCSB),
)
def plan_dns(ctx: Context) -> Iterator[Judgement]:
    """Alerts about DNS are on.

    Problem: DNS not protected by Defender for Cloud
    Expected: The plan for DNS is on, or Plan 2 for servers, which contains its alerts
    Judged: Passes if the plan `Dns` is Standard, or if the plan `VirtualMachines` is Standard with the sub-plan P2,
    which contains the alerts about DNS. If neither plan is on in this way, the control fails. But if Azure does not
    list the plan `Dns` or calls it deprecated, Azure no longer offers it, and the control is not applicable.
    Why: Malware and stolen data often use DNS to reach the outside.
    """
    yield judge(ctx, plan_id(ctx, "Dns"), partial(_judge_dns, ctx))


def _judge_dns(ctx: Context) -> Verdict:
    pricing = plan(ctx, "Dns")
    if pricing is not None and is_paid(pricing):
        return passed("The plan for DNS is on", pricingTier="Standard")
    tier = None if pricing is None else "Free"
    servers = plan(ctx, "VirtualMachines")
    if servers is not None and is_paid(servers) and sub_plan(servers) == "p2":
        return passed(
            "Plan 2 for servers, which contains the alerts about DNS, is on", pricingTier=tier, subPlan="P2"
        )
    if pricing is None or pricing.flag("properties.deprecated", default=False):
        return not_applicable(
            "Azure no longer offers the plan for DNS: Plan 2 for servers contains its alerts"
        )
    return failed("The plan for DNS is off (Free)", pricingTier="Free")
