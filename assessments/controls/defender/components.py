"""Controls of the components of Defender plans, and of integrations with other products of Microsoft.

Names of extensions: https://learn.microsoft.com/rest/api/defenderforcloud/pricings (2024-01-01, `Extension`). The
specification does not contain `FileIntegrityMonitoring`, but Azure returns this extension for the plan for servers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Control, per_scope, unknown_from
from assessments.controls.docstrings import Doc
from assessments.controls.references import Partly, References
from assessments.controls.shared.defender_plans import (
    MACHINES,
    POSTURE_BILLED_BY,
    extension_on,
    is_paid,
    plan,
    resources_of,
    setting_is_on,
    sub_plan,
    without_plan,
)
from assessments.controls.verdict import Outcome, Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.defender import PRICINGS, SECURITY_SETTINGS
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.retired import Feature
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, Step, advice, command

_LEARN: Final = "https://learn.microsoft.com/azure/defender-for-cloud"
_PORTAL: Final = "Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription}"
_SERVERS: Final = "VirtualMachines"
_NAMES: Final = {_SERVERS: "servers", "Containers": "containers", "CloudPosture": "posture management (CSPM)"}
_SUBSCRIPTION: Final = " --subscription {subscription}"
_KEEP: Final = "Also list in the command all other extensions that should stay on:"
_EFFECTS: Final = "The component covers all resources of the subscription, including new ones."
# https://learn.microsoft.com/azure/defender-for-cloud/enable-defender-for-endpoint
_INSTALLS: Final = (
    f"{_EFFECTS} If you switch the plan for servers on, Defender for Cloud by default also installs Defender for"
    " Endpoint on these machines. You may have to remove another protection product first."
)


@dataclass(frozen=True, slots=True)
class _Component:
    """An extension of Defender plans, and the control that requires this extension in at least one of the plans.

    Each plan in `plans` offers the extension, which covers resources of the types `types`. If the subscription has no
    such resources, the control is not applicable, with `none` as the reason.
    """

    slug: str
    extension: str
    plans: tuple[str, ...]
    types: tuple[str, ...]
    none: str
    title: str
    problem: str
    expected: str
    why: str
    severity: Severity
    references: References
    steps: tuple[Step, ...]
    path: str
    page: str
    effects: str = _EFFECTS


def _in_either_plan(extension: str) -> tuple[Step, ...]:
    """Return two alternative commands: one switches an extension on in the plan for containers, the other in the plan
    Defender CSPM (posture management).
    """
    return tuple(
        command(
            f"az security pricing create --name {name} --tier standard"
            f" --extensions name={extension} isEnabled=True{_SUBSCRIPTION}",
            f"{where} {_KEEP}",
        )
        for name, where in (
            ("Containers", "If the plan for containers is on, switch the component on in that plan."),
            ("CloudPosture", "Otherwise switch the component on in the plan Defender CSPM."),
        )
    )


_COMPONENTS: Final = (
    _Component(
        "defender-agentless-machines",
        "AgentlessVmScanning",
        (_SERVERS, "CloudPosture"),
        MACHINES,
        "No virtual machine, scale set or Arc machine",
        title="Agentless scanning of machines is on",
        problem="Agentless scanning of machines off",
        expected="Agentless scanning is on in the plan for servers (P2) or for posture management",
        why="Without agentless scanning, weaknesses, secrets and malware on machines without an agent stay unnoticed.",
        severity=Severity.MEDIUM,
        references=References(
            c3="3.1.3.4", c4="9.1.3.4", c5="8.1.3.4", c6="8.1.3.4", mcsb="ES-1* PV-5*", nist="RA-5* SI-3*"
        ),
        steps=(
            command(
                "az security pricing create --name CloudPosture --tier standard"
                f" --extensions name=AgentlessVmScanning isEnabled=True{_SUBSCRIPTION}",
                f"If the plan Defender CSPM is on, switch the component on in that plan. {_KEEP}",
            ),
            command(
                "az security pricing create --name VirtualMachines --tier standard --subplan P2"
                f" --extensions name=AgentlessVmScanning isEnabled=True{_SUBSCRIPTION}",
                f"Otherwise switch the component on in the plan for servers, which must be Plan 2 (P2). {_KEEP}",
            ),
        ),
        path="Defender plans › Servers › Settings › Agentless scanning for machines",
        page="configure-servers-coverage",
        effects=_INSTALLS,
    ),
    _Component(
        "defender-fim",
        "FileIntegrityMonitoring",
        (_SERVERS,),
        MACHINES,
        "No virtual machine, scale set or Arc machine",
        title="File integrity monitoring is on",
        problem="File integrity monitoring off",
        expected="File integrity monitoring is on in the plan for servers (P2)",
        why="Changed system files are often the first trace of an attack on a machine.",
        severity=Severity.LOW,
        references=References(
            c3="3.1.3.5", c4="9.1.3.5", c5="8.1.3.5", c6="8.1.3.5", mcsb="ES-1* LT-3*", nist="SI-7* SI-4*"
        ),
        steps=(
            advice(
                "Only Plan 2 (P2) for servers has the component. If the plan is off or is Plan 1, first switch Plan 2"
                " on: see defender-plan-servers."
            ),
            advice("Choose in the portal the workspace and the files that are monitored."),
        ),
        path="Defender plans › Servers › Settings › File Integrity Monitoring › On",
        page="file-integrity-monitoring-enable-defender-endpoint",
        effects=_INSTALLS,
    ),
    _Component(
        "defender-agentless-k8s",
        "AgentlessDiscoveryForKubernetes",
        ("Containers", "CloudPosture"),
        ("Microsoft.ContainerService/managedClusters",),
        "No Kubernetes cluster",
        title="Agentless discovery of Kubernetes is on",
        problem="Agentless discovery of Kubernetes off",
        expected="Agentless discovery is on in the plan for containers or for posture management",
        why="Without the discovery, Defender for Cloud does not see which workloads of a cluster are exposed.",
        severity=Severity.MEDIUM,
        references=References(
            c2="2.1.17",
            c3="3.1.4.2",
            mcsb="PV-5*",
            nist="RA-5* SI-4*",
            partly=(
                Partly(
                    "c2",
                    "The requirement also asks for the sensor in each cluster, the add-on of Azure Policy, and scans of"
                    " images",
                ),
            ),
        ),
        steps=(*_in_either_plan("AgentlessDiscoveryForKubernetes"),),
        path="Defender plans › Defender CSPM › Settings › Agentless discovery for Kubernetes › On",
        page="tutorial-enable-cspm-plan",
    ),
    _Component(
        "defender-acr-scan",
        "ContainerRegistriesVulnerabilityAssessments",
        ("Containers", "CloudPosture"),
        ("Microsoft.ContainerRegistry/registries",),
        "No container registry",
        title="Images in container registries are scanned",
        problem="Images in container registries not scanned",
        expected="Scanning of images is on in the plan for containers or for posture management",
        why="Without scanning, images with known weaknesses are deployed unnoticed.",
        severity=Severity.MEDIUM,
        references=References(c3="3.1.4.3", mcsb="PV-5* DS-6*", nist="RA-5*"),
        steps=(*_in_either_plan("ContainerRegistriesVulnerabilityAssessments"),),
        path="Defender plans › Defender CSPM › Settings › Agentless container vulnerability assessments › On",
        page="tutorial-enable-cspm-plan",
    ),
)
_COSTS: Final = {
    (_SERVERS,): "Defender for Servers is billed for each machine and hour. Plan 2 costs more than Plan 1.",
    (
        _SERVERS,
        "CloudPosture",
    ): "Defender for Servers is billed for each machine and hour. Plan 2 costs more than Plan"
    f" 1. Defender CSPM is billed for each {POSTURE_BILLED_BY}.",
    (
        "Containers",
        "CloudPosture",
    ): "The plan for containers is billed by the number of cores in clusters, and by the number of scanned images;"
    " Defender CSPM for"
    f" each {POSTURE_BILLED_BY}.",
}


def _component(entry: _Component) -> Control:
    plans = " or ".join(f"`{name}`" for name in entry.plans)
    sub_plans = (
        " With sub-plan P1, the plan for servers does not offer the extension."
        if _SERVERS in entry.plans
        else ""
    )

    @per_scope(
        slug=entry.slug,
        needs=(PRICINGS, RESOURCES),
        severity=entry.severity,
        feature=Feature.DEFENDER,
        references=entry.references,
        fix=Fix(
            *entry.steps,
            portal=f"{_PORTAL} › {entry.path}",
            portal_source=f"{_LEARN}/{entry.page}",
            cost=_COSTS[entry.plans],
            effects=entry.effects,
        ),
        doc=Doc(
            entry.title,
            entry.problem,
            entry.expected,
            f"The extension `{entry.extension}` of the plan {plans}, if the subscription has resources that the"
            f" extension covers. A plan that is Free has no extensions.{sub_plans} If Azure lists the extensions of"
            " a plan, an extension that is not among them is off. If Azure does not list a plan, or lists it without"
            f" extensions, the verdict is unknown, unless the extension is on in another plan. If Azure lists no plan"
            " at all, Defender is not registered, and the control fails. Tags that exclude resources add a remark.",
            entry.why,
        ),
    )
    def rule(ctx: Context) -> Verdict:
        return _judge_component(entry, ctx)

    return rule


def _judge_component(entry: _Component, ctx: Context) -> Verdict:
    resources = resources_of(ctx, entry.types)
    if not resources:
        return not_applicable(entry.none)
    observed: dict[str, Any] = {"resources": len(resources)}
    reasons: list[str] = []
    undecided: Verdict | None = None
    for name in entry.plans:
        try:
            pricing = plan(ctx, name)
            if pricing is None:
                # Azure does not list the plan. `without_plan` decides whether the plan is off or unknown.
                off = without_plan(ctx, _NAMES[name], **observed)
                if off.outcome is Outcome.FAIL:
                    return off
                undecided = undecided or off
                continue
            reason = _why_off(pricing, name, entry.extension)
        except (CollectionUnavailable, Unreadable) as error:
            undecided = undecided or unknown_from(error)
            continue
        if not reason:
            return passed(
                "The component is on",
                remarks=["Tags exclude some resources"] if _has_exclusions(pricing, entry.extension) else [],
                plan=name,
                **observed,
            )
        reasons.append(reason)
    if undecided:
        return undecided
    return failed(reasons[0], plan=None, **observed)


def _why_off(pricing: View, name: str, extension: str) -> str:
    """Return why the extension of a plan is off, or an empty text if the extension is on."""
    if not is_paid(pricing):
        return "The plan is off (Free)"
    if name == _SERVERS and sub_plan(pricing) == "p1":
        return "Plan 1 for servers does not offer the component"
    pricing.items("properties.extensions")
    return "" if extension_on(pricing, extension) else "The component is off"


def _has_exclusions(pricing: View, extension: str) -> bool:
    for entry in pricing.items("properties.extensions"):
        if entry.text("name").casefold() == extension.casefold():
            more = entry.object("additionalExtensionProperties", default={})
            tags = more.text("ExclusionTags", default="")
            return tags.strip() not in ("", "[]")
    return False


def _wdatp(ctx: Context) -> Verdict:
    if not resources_of(ctx, MACHINES):
        return not_applicable("No virtual machine, scale set or Arc machine")
    if not setting_is_on(ctx, "WDATP"):
        return failed("Defender for Endpoint is off", WDATP=False)
    return passed("Defender for Endpoint is on", remarks=_without_servers_plan(ctx), WDATP=True)


def _without_servers_plan(ctx: Context) -> list[str]:
    """Return a remark if the plan for servers is off, or could not be read."""
    try:
        servers = plan(ctx, _SERVERS)
        is_off = servers is not None and not is_paid(servers)
    except (CollectionUnavailable, Unreadable):
        return ["It is not known whether the plan for servers is on"]
    return ["The plan for servers is off, so the setting has no effect"] if is_off else []


def _mcas(ctx: Context) -> Verdict:
    if not setting_is_on(ctx, "MCAS"):
        return failed("Defender for Cloud Apps is off", MCAS=False)
    return passed("Defender for Cloud Apps is on", MCAS=True)


def _setting(name: str, **facts: Any) -> Callable[[Callable[[Context], Verdict]], Control]:
    path, page, cost, effects = (facts.pop(key) for key in ("path", "page", "cost", "effects"))
    return per_scope(
        feature=Feature.DEFENDER,
        fix=Fix(
            command(
                f"az security setting update --name {name} --data-export-settings enabled=true{_SUBSCRIPTION}"
            ),
            portal=f"{_PORTAL} › {path}",
            portal_source=f"{_LEARN}/{page}",
            cost=cost,
            effects=effects,
        ),
        **facts,
    )


CONTROLS = (
    *(_component(entry) for entry in _COMPONENTS),
    _setting(
        "WDATP",
        slug="defender-wdatp",
        needs=(SECURITY_SETTINGS, PRICINGS, RESOURCES),
        severity=Severity.MEDIUM,
        references=References(
            c2="2.1.22",
            c3="3.1.3.3",
            c4="9.1.3.3",
            c5="8.1.3.3",
            c6="8.1.3.3",
            mcsb="ES-1*",
            nist="SI-3* SI-4*",
        ),
        path="Defender plans › Servers › Settings › Endpoint protection › On",
        page="configure-servers-coverage",
        cost="Defender for Servers is billed for each machine and hour. Plan 2 costs more than Plan 1.",
        effects="All machines of the subscription get Defender for Endpoint.",
        doc=Doc(
            "Defender for Endpoint is integrated",
            "Defender for Endpoint not integrated",
            "The integration with Defender for Endpoint is on",
            "The setting `WDATP`, if the subscription has virtual machines, scale sets or Arc machines. A setting that"
            " Azure does not list is off. If the plan for servers is off, the control passes with a remark.",
            "Without Defender for Endpoint, attacks on a machine may be neither detected nor stopped.",
        ),
    )(_wdatp),
    _setting(
        "MCAS",
        slug="defender-mcas",
        needs=(SECURITY_SETTINGS,),
        severity=Severity.LOW,
        labels={"MCAS": "Defender for Cloud Apps"},
        references=References(c2="2.1.21", c3="3.1.1.2", mcsb="LT-3*", nist="SI-4*"),
        path="Integrations",
        page="configure-email-notifications",
        cost="The integration is free of charge; Defender for Cloud Apps needs a licence.",
        effects="Defender for Cloud Apps reads the activities of the subscription.",
        doc=Doc(
            "Defender for Cloud Apps is integrated",
            "Defender for Cloud Apps not integrated",
            "The integration with Defender for Cloud Apps is on",
            "The setting `MCAS`. A setting that Azure does not list is off. Whether somebody has a licence is not"
            " judged.",
            "Without Defender for Cloud Apps, unusual activities of people across services stay unnoticed.",
        ),
    )(_mcas),
)
