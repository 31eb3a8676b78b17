"""Plans of Defender for kinds of resources other than machines and databases."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.defender.cases_plans import P1, P2, plan
from tests.assessments.controls.defender.documents import SECURITY, resource
from tests.assessments.controls.judging import SUB, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

# {control: (plan, type of a resource to which the control applies, or "" if the control always applies)}
PLANS = {
    "defender-plan-cspm": ("CloudPosture", ""),
    "defender-plan-apis": ("Api", "Microsoft.ApiManagement/service"),
    "defender-plan-containers": ("Containers", "Microsoft.Kubernetes/connectedClusters"),
    "defender-plan-storage": ("StorageAccounts", "Microsoft.Storage/storageAccounts"),
    "defender-plan-appservice": ("AppServices", "Microsoft.Web/serverFarms"),
    "defender-plan-keyvault": ("KeyVaults", "microsoft.keyvault/vaults"),
    "defender-plan-arm": ("Arm", ""),
}
# Plans that Azure Government does not offer.
NOT_IN_GOVERNMENT = {"Api", "AppServices"}
UNUSED = {"params": {"require_unused_plans": True}}


def estate(kind: str, *plans: dict[str, Any]) -> dict[str, Any]:
    return {"defender_pricings": list(plans), "resources": [resource(kind)] if kind else []}


def of_plan(slug: str, name: str, kind: str) -> list[Case]:
    subject = f"{SECURITY}/pricings/{name}"

    def case(text: str, outcome: str, *plans: dict[str, Any], gaps: Any = (), **more: Any) -> Case:
        return Case(slug, text, estate(kind, *plans), {subject: outcome}, list(gaps), **more)

    return [
        case("on", "pass", plan(name, resourcesCoverageStatus="FullyCovered")),
        case("on, in other letters", "pass", plan(name.lower(), "STANDARD")),
        case("off", "fail", plan(name, "Free"), reason="off (Free)"),
        case(
            "off, but some resources have it",
            "fail",
            plan(name, "Free", resourcesCoverageStatus="PartiallyCovered"),
            remark="Some resources have the plan",
        ),
        case(
            "off, but all resources have it",
            "fail",
            plan(name, "Free", resourcesCoverageStatus="FullyCovered"),
            remark="All resources have the plan",
        ),
        case(
            "on for some resources",
            "pass",
            plan(name, resourcesCoverageStatus="PartiallyCovered"),
            remark="excluded",
        ),
        case(
            "on for no resource",
            "fail",
            plan(name, resourcesCoverageStatus="NotCovered"),
            reason="covers no resource",
        ),
        case("a new coverage", "unknown", plan(name, resourcesCoverageStatus="Somehow")),
        case("a new tier", "unknown", plan(name, "Gold")),
        case("no tier", "unknown", plan(name, None)),
        case("not listed", "unknown", plan("VirtualMachines")),
        *(
            one
            for cloud in ("AzureUSGovernment", "AzureUSGovernmentDoD")
            for one in (
                case(
                    f"not listed in {cloud}",
                    "not_applicable" if name in NOT_IN_GOVERNMENT else "unknown",
                    plan("VirtualMachines"),
                    cloud=cloud,
                ),
                case(f"off in {cloud}", "fail", plan(name, "Free"), cloud=cloud),
                case(f"not registered in {cloud}", "fail", reason="not registered", cloud=cloud),
                case(f"forbidden in {cloud}", "unknown", gaps=[gap("defender_pricings")], cloud=cloud),
            )
        ),
        case("Microsoft.Security not registered", "fail", reason="not registered"),
        case("plans forbidden", "unknown", gaps=[gap("defender_pricings")]),
    ]


def unused(slug: str, name: str) -> list[Case]:
    subject = f"{SECURITY}/pricings/{name}"
    return [
        Case(slug, "no resource", estate("", plan(name, "Free")), {subject: "not_applicable"}),
        Case(slug, "no resource, but required", estate("", plan(name, "Free")), {subject: "fail"}, **UNUSED),
        Case(
            slug,
            "no resource, but required and on",
            estate("", plan(name, resourcesCoverageStatus="NotCovered")),
            {subject: "pass"},
            **UNUSED,
        ),
        Case(slug, "resources forbidden", estate("", plan(name)), {subject: "unknown"}, [gap("resources")]),
    ]


CONTAINERS, STORAGE = f"{SECURITY}/pricings/Containers", f"{SECURITY}/pricings/StorageAccounts"
AKS, ACCOUNTS = "Microsoft.ContainerService/managedClusters", "Microsoft.Storage/storageAccounts"
OLDER = (plan("KubernetesService", deprecated=True), plan("ContainerRegistry", deprecated=True))
DNS, DNS_PLAN = "defender-plan-dns", f"{SECURITY}/pricings/Dns"
DEPRECATED = plan("Dns", "Free", deprecated=True, replacedBy=["VirtualMachines"])


def dns(*plans: dict[str, Any]) -> dict[str, Any]:
    return {"defender_pricings": list(plans)}


CASES = [
    *(case for slug, (name, kind) in PLANS.items() for case in of_plan(slug, name, kind)),
    *(case for slug, (name, kind) in PLANS.items() if kind for case in unused(slug, name)),
    Case(
        "defender-plan-containers",
        "off, but both older plans on",
        estate(AKS, plan("Containers", "Free"), *OLDER),
        {CONTAINERS: "pass"},
        remark="has replaced both",
    ),
    Case(
        "defender-plan-containers",
        "off, and one older plan on",
        estate(AKS, plan("Containers", "Free"), OLDER[0], plan("ContainerRegistry", "Free")),
        {CONTAINERS: "fail"},
    ),
    Case(
        "defender-plan-containers",
        "off, and one older plan listed",
        estate(AKS, plan("Containers", "Free"), OLDER[0]),
        {CONTAINERS: "fail"},
    ),
    Case(
        "defender-plan-storage",
        "newer sub-plan",
        estate(ACCOUNTS, plan("StorageAccounts", subPlan="DefenderForStorageV2")),
        {STORAGE: "pass"},
        no_remark="classic",
    ),
    *(
        Case(
            "defender-plan-storage",
            f"sub-plan {sub_plan}",
            estate(ACCOUNTS, plan("StorageAccounts", subPlan=sub_plan)),
            {STORAGE: "pass"},
            remark="classic",
        )
        for sub_plan in ("PerTransaction", "PerStorageAccount", None)
    ),
    Case(
        "defender-plan-storage",
        "a new sub-plan",
        estate(ACCOUNTS, plan("StorageAccounts", subPlan="V3")),
        {STORAGE: "unknown"},
    ),
    Case(DNS, "on", dns(plan("Dns")), {DNS_PLAN: "pass"}),
    Case(DNS, "on, but deprecated", dns(plan("Dns", deprecated=True)), {DNS_PLAN: "pass"}),
    Case(DNS, "deprecated, servers with P2", dns(DEPRECATED, P2), {DNS_PLAN: "pass"}, reason="Plan 2"),
    Case(DNS, "deprecated, servers with P1", dns(DEPRECATED, P1), {DNS_PLAN: "not_applicable"}),
    Case(DNS, "not listed, servers with P2", dns(P2), {DNS_PLAN: "pass"}),
    Case(DNS, "not listed, no plan for servers", dns(plan("Arm")), {DNS_PLAN: "not_applicable"}),
    Case(DNS, "Microsoft.Security not registered", dns(), {DNS_PLAN: "not_applicable"}),
    Case(DNS, "off, and still offered", dns(plan("Dns", "Free"), P1), {DNS_PLAN: "fail"}),
    Case(DNS, "off, servers with P2", dns(plan("Dns", "Free"), P2), {DNS_PLAN: "pass"}),
    Case(
        DNS, "a new sub-plan", dns(DEPRECATED, plan("VirtualMachines", subPlan="P3")), {DNS_PLAN: "unknown"}
    ),
    Case(DNS, "a new tier", dns(plan("Dns", "Gold")), {DNS_PLAN: "unknown"}),
    Case(DNS, "plans forbidden", dns(), {DNS_PLAN: "unknown"}, [gap("defender_pricings")]),
]
COMPONENTS = "defender-container-components"
NAMES = (
    "AgentlessDiscoveryForKubernetes",
    "AgentlessVmScanning",
    "ContainerRegistriesVulnerabilityAssessments",
    "ContainerSensor",
)


def components(*off: str) -> dict[str, Any]:
    """The plan for containers, with these extensions off."""
    extensions = [{"name": name, "isEnabled": str(name not in off)} for name in NAMES]
    return estate(AKS, plan("Containers", extensions=extensions))


CASES += [
    Case(COMPONENTS, "all on", components(), {SUB: "pass"}),
    *(Case(COMPONENTS, f"{name} off", components(name), {SUB: "fail"}) for name in NAMES),
    Case(COMPONENTS, "none listed", estate(AKS, plan("Containers", extensions=[])), {SUB: "fail"}),
    Case(COMPONENTS, "no list", estate(AKS, plan("Containers")), {SUB: "unknown"}),
    Case(COMPONENTS, "plan off", estate(AKS, plan("Containers", "Free")), {SUB: "fail"}, reason="off"),
    Case(COMPONENTS, "older plans", estate(AKS, plan("Containers", "Free"), *OLDER), {SUB: "fail"}),
    Case(COMPONENTS, "plan not listed", estate(AKS, plan("Arm")), {SUB: "unknown"}),
    Case(
        COMPONENTS, "Microsoft.Security not registered", estate(AKS), {SUB: "fail"}, reason="not registered"
    ),
    Case(COMPONENTS, "a new tier", estate(AKS, plan("Containers", "Gold")), {SUB: "unknown"}),
    Case(
        COMPONENTS,
        "extensions are text",
        estate(AKS, plan("Containers", extensions="all")),
        {SUB: "unknown"},
    ),
    Case(COMPONENTS, "no cluster", estate(ACCOUNTS, plan("Containers", "Free")), {SUB: "not_applicable"}),
    Case(COMPONENTS, "plans forbidden", estate(AKS), {SUB: "unknown"}, [gap("defender_pricings")]),
    Case(
        COMPONENTS,
        "inventory forbidden",
        estate("", plan("Containers")),
        {SUB: "unknown"},
        [gap("resources")],
    ),
]
IMPOSSIBLE = {
    slug: {"not_applicable": "the plan protects the subscription itself"}
    for slug, (name, kind) in PLANS.items()
    if not kind and name not in NOT_IN_GOVERNMENT
}
ABSENCE_PASSES = [
    (
        "|".join(PLANS),
        r"properties\.resourcesCoverageStatus",
        "clouds with an older api-version do not return it, and then the tier alone decides",
    ),
    ("defender-plan-storage", r"properties\.subPlan", "a plan without a sub-plan is on too, with a remark"),
    (DNS, r"properties\.subPlan", "a plan without a sub-plan is the full plan"),
]
OFFICIAL_VERDICTS = """
defender-container-components unknown: unit  # the example does not list the plan for containers
defender-plan-apis unknown: Api  # the example does not list this plan
defender-plan-appservice fail: AppServices
defender-plan-arm unknown: Arm  # the example does not list this plan
defender-plan-containers unknown: Containers  # the example does not list this plan
defender-plan-cspm pass: CloudPosture
defender-plan-dns pass: Dns
defender-plan-keyvault unknown: KeyVaults  # the example does not list this plan
defender-plan-storage not_applicable: StorageAccounts
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription}"
        " › Defender plans › Containers › On",
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/tutorial-enable-containers-azure.md",
            "b90104d4893f831d05cc60297c0524269ed445d7",
            "Search for and select Microsoft Defender for Cloud",
            "In the Defender for Cloud menu, select Environment settings",
            "On the Defender plans page, toggle the Containers plan to On",
        ),
    ),
    ComparedPath(
        "Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription}"
        " › Defender plans › APIs › Details",
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/defender-for-apis-deploy.md",
            "19e55bbd3af291e77282e7b14f9a22875a729aae",
            "in Defender for Cloud, select Environment settings",
            "Select Details under the pricing column for the APIs plan",
            "Learn more about the Microsoft Defender for APIs plan in the Microsoft Defender for Cloud",
        ),
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/tutorial-enable-servers-plan.md",
            "0d5920113c5e7a839c0e9c7601e2b8de5a0a9acc",
            "On the Defender plans page",
        ),
    ),
    ComparedPath(
        "Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription}"
        " › Defender plans › App Service › On",
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/tutorial-enable-app-service-plan.md",
            "023dfd7b54ebc00cef88c20533e83f6214d53097",
            "Search for and select Microsoft Defender for Cloud",
            "In the Defender for Cloud menu, select Environment settings",
            "On the Defender plans page, toggle the App Service plan to On",
        ),
    ),
    ComparedPath(
        "Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription}"
        " › Defender plans › Resource Manager › On",
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/tutorial-enable-resource-manager-plan.md",
            "75e125bbabaf53d43371847ab90e308a744a9b1e",
            "Search for and select Microsoft Defender for Cloud",
            "In the Defender for Cloud menu, select Environment settings",
            "On the Defender plans page, toggle the Resource Manager plan to On",
        ),
    ),
    ComparedPath(
        "Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription}"
        " › Defender plans › Defender CSPM › On",
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/tutorial-enable-cspm-plan.md",
            "102bf09935d4ff320e11d894cfc714afcc50db51",
            "Search for and select Microsoft Defender for Cloud",
            "In the Defender for Cloud menu, select Environment settings",
            "On the Defender plans page, toggle the Defender CSPM plan to On",
        ),
    ),
    ComparedPath(
        "Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription}"
        " › Defender plans › Servers › On",
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/tutorial-enable-servers-plan.md",
            "0d5920113c5e7a839c0e9c7601e2b8de5a0a9acc",
            "Search for and select Microsoft Defender for Cloud",
            "In the Defender for Cloud menu, select Environment settings",
            "On the Defender plans page, toggle the Servers switch to On",
        ),
    ),
    ComparedPath(
        "Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription}"
        " › Defender plans › Key Vault › On",
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/tutorial-enable-key-vault-plan.md",
            "3c71608f298aa662a8bd2e06a0a3897e3ae56de5",
            "Search for and select Microsoft Defender for Cloud",
            "In the Defender for Cloud menu, select Environment settings",
            "On the Defender plans page, toggle the Key Vault plan to On",
        ),
    ),
    ComparedPath(
        "Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription}"
        " › Defender plans › Storage › On",
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/defender-for-storage-azure-portal-enablement.md",
            "222b73b2c24dbe70f3392d390d895e5419514768",
            "Navigate to Microsoft Defender for Cloud > Environment settings",
            "On the Defender plans page, locate Storage in the list and select On and Save",
        ),
    ),
]
