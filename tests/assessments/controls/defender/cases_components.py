"""Components of Defender plans, and integrations with other products."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.defender.cases_plans import WDATP, WDATP_OFF, extension, plan
from tests.assessments.controls.defender.documents import SECURITY, VM, resource
from tests.assessments.controls.judging import SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

AKS, REGISTRY = (
    resource("Microsoft.ContainerService/managedClusters"),
    resource("Microsoft.ContainerRegistry/registries"),
)
# {control: (extension, plans that have the extension, a resource to which the control applies)}
COMPONENTS: dict[str, tuple[str, tuple[str, ...], dict[str, Any]]] = {
    "defender-agentless-machines": ("AgentlessVmScanning", ("VirtualMachines", "CloudPosture"), VM),
    "defender-fim": ("FileIntegrityMonitoring", ("VirtualMachines",), VM),
    "defender-agentless-k8s": ("AgentlessDiscoveryForKubernetes", ("Containers", "CloudPosture"), AKS),
    "defender-acr-scan": (
        "ContainerRegistriesVulnerabilityAssessments",
        ("Containers", "CloudPosture"),
        REGISTRY,
    ),
}
OTHER = extension("MdeDesignatedSubscription")


def of_component(slug: str, name: str, plans: tuple[str, ...], one: dict[str, Any]) -> list[Case]:
    first, others = plans[0], [plan(other, "Free") for other in plans[1:]]

    def case(text: str, outcome: str, *listed: dict[str, Any], gaps: Any = (), **more: Any) -> Case:
        docs = {"defender_pricings": list(listed), "resources": [one]}
        return Case(slug, text, docs, {SUB: outcome}, list(gaps), **more)

    def on(*extensions: dict[str, Any], **more: Any) -> dict[str, Any]:
        return plan(first, extensions=list(extensions), **more)

    tagged = {**extension(name), "additionalExtensionProperties": {"ExclusionTags": '[{"key":"a"}]'}}
    untagged = {**extension(name), "additionalExtensionProperties": {"ExclusionTags": "[]"}}
    return [
        case("on", "pass", on(OTHER, extension(name)), *others, no_remark="Tags"),
        case("on, in other letters", "pass", on(extension(name.upper(), "TRUE")), *others),
        case("on, without tags", "pass", on(untagged), *others, no_remark="Tags"),
        case("on, with exclusions", "pass", on(tagged), *others, remark="Tags"),
        case("off", "fail", on(extension(name, "False")), *others, reason="component is off"),
        case("not named", "fail", on(OTHER), *others, reason="component is off"),
        case("no extensions", "unknown", plan(first), *others),
        case("a new state", "unknown", on(extension(name, "Maybe")), *others),
        case("plan off", "fail", plan(first, "Free"), *others, reason="plan is off"),
        case("a new tier", "unknown", plan(first, "Gold"), *others),
        case("plan not listed", "unknown", plan("Arm"), *others),
        case("Microsoft.Security not registered", "fail", reason="not registered"),
        case("plans forbidden", "unknown", gaps=[gap("defender_pricings")]),
        Case(slug, "no resource", {"defender_pricings": [on()], "resources": []}, {SUB: "not_applicable"}),
        Case(
            slug, "resources forbidden", {"defender_pricings": [on()]}, {SUB: "unknown"}, [gap("resources")]
        ),
        *(
            [
                case(
                    "plan 1 for servers",
                    "fail",
                    plan(first, subPlan="P1", extensions=[extension(name)]),
                    *others,
                    reason="Plan 1",
                ),
                case("a new sub-plan", "unknown", on(extension(name), subPlan="P3"), *others),
            ]
            if first == "VirtualMachines"
            else []
        ),
        *(
            case(
                f"only in {other}, {text}",
                "pass",
                *listed,
                plan(other, extensions=[extension(name)]),
            )
            for other in plans[1:]
            for text, listed in (("plan off", [plan(first, "Free")]), ("plan not listed", []))
        ),
    ]


def setting(name: str, enabled: Any) -> dict[str, Any]:
    return doc(f"{SECURITY}/settings/{name}", {"enabled": enabled}, kind="DataExportSettings")


def endpoint(*settings: dict[str, Any], plans: Any = (), machines: Any = (VM,)) -> dict[str, Any]:
    return {
        "security_settings": list(settings),
        "defender_pricings": list(plans),
        "resources": list(machines),
    }


ENDPOINT, APPS = "defender-wdatp", "defender-mcas"
SERVERS = plan("VirtualMachines", subPlan="P1")
CASES = [
    *(case for slug, facts in COMPONENTS.items() for case in of_component(slug, *facts)),
    Case(ENDPOINT, "on", endpoint(WDATP, plans=[SERVERS]), {SUB: "pass"}, no_remark="plan"),
    Case(ENDPOINT, "on, in other letters", endpoint(setting("wdatp", True)), {SUB: "pass"}),
    Case(
        ENDPOINT,
        "on, plan off",
        endpoint(WDATP, plans=[plan("VirtualMachines", "Free")]),
        {SUB: "pass"},
        remark="no effect",
    ),
    Case(
        ENDPOINT,
        "on, plans forbidden",
        endpoint(WDATP),
        {SUB: "pass"},
        [gap("defender_pricings")],
        remark="not known",
    ),
    Case(ENDPOINT, "off", endpoint(WDATP_OFF), {SUB: "fail"}),
    Case(ENDPOINT, "not listed", endpoint(setting("MCAS", True)), {SUB: "fail"}),
    Case(ENDPOINT, "text", endpoint(setting("WDATP", "true")), {SUB: "unknown"}),
    Case(ENDPOINT, "settings forbidden", endpoint(), {SUB: "unknown"}, [gap("security_settings")]),
    Case(ENDPOINT, "no machine", endpoint(WDATP_OFF, machines=()), {SUB: "not_applicable"}),
    Case(APPS, "on", {"security_settings": [WDATP_OFF, setting("mcas", True)]}, {SUB: "pass"}),
    Case(APPS, "off", {"security_settings": [WDATP, setting("MCAS", False)]}, {SUB: "fail"}),
    Case(APPS, "not listed", {"security_settings": [WDATP]}, {SUB: "fail"}),
    Case(APPS, "text", {"security_settings": [setting("MCAS", "true")]}, {SUB: "unknown"}),
    Case(APPS, "forbidden", {}, {SUB: "unknown"}, [gap("security_settings")]),
]
IMPOSSIBLE = {APPS: {"not_applicable": "every subscription has activities to report"}}
ABSENCE_PASSES = [
    (
        "defender-agentless-machines|defender-fim",
        r"properties\.subPlan",
        "a plan without a sub-plan is the full plan",
    ),
    (
        "|".join(COMPONENTS),
        r"properties\.extensions\[\]\.additionalExtensionProperties(\.ExclusionTags)?",
        "without tags, no resource is excluded",
    ),
    (ENDPOINT, r"properties\.pricingTier", "only a remark depends on the plan"),
]
OFFICIAL_VERDICTS = """
defender-acr-scan unknown: unit  # the example does not list the plan for containers
defender-agentless-k8s unknown: unit  # the example does not list the plan for containers
defender-agentless-machines pass: unit
defender-fim fail: unit
defender-mcas pass: unit
defender-wdatp fail: unit
"""
PLANS_PAGE = DocsFile(
    "MicrosoftDocs/defender-docs/articles/defender-for-cloud/tutorial-enable-servers-plan.md",
    "0d5920113c5e7a839c0e9c7601e2b8de5a0a9acc",
    "On the Defender plans page",
)
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription}"
        " › Defender plans › Defender CSPM › Settings › Agentless container vulnerability assessments"
        " › On",
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/tutorial-enable-cspm-plan.md",
            "102bf09935d4ff320e11d894cfc714afcc50db51",
            "Search for and select Microsoft Defender for Cloud",
            "In the Defender for Cloud menu, select Environment settings",
            "On the Defender plans page, toggle the Defender CSPM plan to On",
            "On the Defender plans page, select Settings",
            "Agentless container vulnerability assessments: Provides vulnerability management",
            "Select On for each component to enable it",
        ),
    ),
    ComparedPath(
        "Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription}"
        " › Defender plans › Defender CSPM › Settings › Agentless discovery for Kubernetes › On",
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/tutorial-enable-cspm-plan.md",
            "102bf09935d4ff320e11d894cfc714afcc50db51",
            "Search for and select Microsoft Defender for Cloud",
            "In the Defender for Cloud menu, select Environment settings",
            "On the Defender plans page, toggle the Defender CSPM plan to On",
            "On the Defender plans page, select Settings",
            "Agentless discovery for Kubernetes: API-based discovery",
            "Select On for each component to enable it",
        ),
    ),
    ComparedPath(
        "Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription}"
        " › Defender plans › Servers › Settings › Agentless scanning for machines",
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/configure-servers-coverage.md",
            "04ea4958ac640d7c2b4caf61e46bea1b1c8c1e36",
            "Search for and select Microsoft Defender for Cloud",
            "In the Defender for Cloud menu, select Environment settings",
            "Locate the Defenders for Servers plan and select Settings",
            "Locate the Agentless scanning for machines row",
        ),
        PLANS_PAGE,
    ),
    ComparedPath(
        "Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription}"
        " › Defender plans › Servers › Settings › File Integrity Monitoring › On",
        DocsFile(
            (
                "MicrosoftDocs/defender-docs/articles/defender-for-cloud/"
                "file-integrity-monitoring-enable-defender-endpoint.md"
            ),
            "069b6ce73fd0bae269516f92c512b761abd2d1d1",
            "Search for and select Microsoft Defender for Cloud",
            "In the Defender for Cloud menu, select Environment settings",
            "Locate the Defenders for Servers plan and select Settings",
            "In the File Integrity Monitoring section, switch the toggle to On",
        ),
        PLANS_PAGE,
    ),
    ComparedPath(
        "Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription} › Integrations",
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/configure-email-notifications.md",
            "019a8c8fe112f57051c5e953239ddc71ce092e6f",
            "Microsoft Defender for Cloud > Environment settings",
            "Select the relevant subscription",
        ),
        not_in_text={
            "Integrations": "The steps of CIS 2.1.21 name the page; Microsoft's pages name only the setting",
        },
    ),
    ComparedPath(
        "Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription}"
        " › Defender plans › Servers › Settings › Endpoint protection › On",
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/configure-servers-coverage.md",
            "04ea4958ac640d7c2b4caf61e46bea1b1c8c1e36",
            "Search for and select Microsoft Defender for Cloud",
            "In the Defender for Cloud menu, select Environment settings",
            "Locate the Defenders for Servers plan and select Settings",
            "On the Endpoint protection row, toggle the switch to On",
        ),
        PLANS_PAGE,
    ),
]
