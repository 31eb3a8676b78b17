"""The control vm-endpoint-protection: Endpoint protection is present."""

from __future__ import annotations

import re
from typing import Any

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, per_subject
from assessments.controls.references import Partly, References
from assessments.controls.shared.aks_nodes import unless_node
from assessments.controls.shared.defender_plans import is_paid, plan
from assessments.controls.shared.vm_assessments import STATUS_CODES, machine_findings
from assessments.controls.verdict import Severity, Verdict, failed, manual, not_applicable, passed
from assessments.estate.collections.defender import PRICINGS, SECURITY_ASSESSMENTS
from assessments.estate.collections.resources import MANAGED_RESOURCE_GROUPS
from assessments.estate.collections.vm import VIRTUAL_MACHINES, VM_EXTENSIONS, VM_INSTANCE_VIEWS
from assessments.estate.ids import name_of
from assessments.estate.retired import Feature
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import Variable

# The id of Defender's recommendation "EDR solution should be installed on Virtual Machines". The display name of the
# recommendation can change, but not the id. Source:
# https://learn.microsoft.com/azure/defender-for-cloud/recommendations-reference-compute
_RECOMMENDATION = "06e3a6db-6c0c-4ad9-943f-31d9d73ecf6c"
_ANTIMALWARE = "microsoft.azure.security/iaasantimalware"
_DEFENDER = {
    "microsoft.azure.azuredefenderforservers/mde.windows",
    "microsoft.azure.azuredefenderforservers/mde.linux",
}
_AGENTS = {*_DEFENDER, _ANTIMALWARE}
# The specification lists no values of `provisioningState` for extensions. So this set has the values that all resource
# providers share, and the values of Microsoft.Compute.
# https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
_PROVISIONING_STATES = {
    "succeeded",
    "failed",
    "canceled",
    "accepted",
    "creating",
    "updating",
    "deleting",
    "migrating",
    "moving",
    "running",
    "transitioning",
}
_NODE = not_applicable("The machine is a node of Azure Kubernetes Service: see the control aks-defender")
_WHOLE_DRIVE = re.compile(r"[a-z]:[\\/]?\**", re.IGNORECASE)


def _has_agent_off(facts: Facts) -> bool:
    """Return whether Microsoft Antimalware is installed with real-time protection switched off."""
    return facts.observed.get("realtimeProtection") is False


FIX = Fix(
    command(
        "az resource update --ids {id}/extensions/{antimalware}"
        " --set properties.settings.RealtimeProtectionEnabled=true",
        "Switch real-time protection of Microsoft Antimalware on. Its other settings stay as they are.",
        when=_has_agent_off,
    ),
    command(
        "az security pricing create --name VirtualMachines --tier standard --subplan P1"
        " --subscription {subscription}",
        "The Defender plan for servers is off. Switch on Plan 1 (P1), which contains Defender for Endpoint:",
        when=lambda facts: not _has_agent_off(facts) and facts.text("pricingTier") == "Free",
    ),
    command(
        "az security setting update --name WDATP --data-export-settings enabled=true --subscription {subscription}",
        "Have Defender for Cloud install Defender for Endpoint on the machines. A Defender plan for servers must be"
        " on.",
        when=lambda facts: not _has_agent_off(facts),
    ),
    portal="Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription} › Defender"
    " plans › Servers › Settings › Endpoint protection › On",
    portal_source="https://learn.microsoft.com/azure/defender-for-cloud/configure-servers-coverage",
    cost="Defender for Servers, Plan 1 (P1), is billed for each machine and hour.",
    effects="All machines of the subscription get Defender for Endpoint. You may have to remove another protection"
    " product first.",
    variables=[
        Variable(
            "antimalware",
            "Name of the extension Microsoft Antimalware",
            "IaaSAntimalware",
            known=lambda facts: facts.text("antimalware"),
        )
    ],
)


@per_subject(
    VIRTUAL_MACHINES,
    fix=FIX,
    severity=Severity.HIGH,
    labels={
        "antimalware": "Microsoft Antimalware extension",
        "extension": "Protection extension",
        "realtimeProtection": "Real-time protection",
    },
    needs=(SECURITY_ASSESSMENTS, VM_EXTENSIONS, MANAGED_RESOURCE_GROUPS),
    optional=(PRICINGS, VM_INSTANCE_VIEWS),
    references=References(
        c2="7.6",
        c3="8.8 3.1.3.3",
        c4="9.1.3.3",
        c5="8.1.3.3",
        c6="8.1.3.3",
        mcsb="ES-1 ES-2*",
        nist="SI-3* SC-3",
        partly=(
            Partly(
                "c3:3.1.3.3 c4 c5 c6",
                (
                    "The requirement asks for Defender's endpoint protection for the subscription; the control"
                    " checks each machine instead"
                ),
            ),
        ),
    ),
    parameters=(
        Parameter(
            "vendors",
            "",
            "Additional protection extensions, as publisher/type, separated by `;`",
            label="Additional protection extensions",
        ),
    ),
    is_manual=True,
)
def endpoint_protection(machine: View, ctx: Context) -> Verdict:
    """Endpoint protection is present.

    Problem: Endpoint protection missing
    Expected: Defender's recommendation on EDR is healthy, or a protection extension is installed
    Judged: First, Defender's recommendation "EDR solution should be installed on Virtual Machines": healthy passes,
    unhealthy fails. Without that recommendation, and in Azure China, where Microsoft retired Defender for Cloud, the
    list of extensions: the machine passes if an extension of Defender for Endpoint, Microsoft Antimalware or one of
    `vendors` was installed successfully. Microsoft Antimalware whose setting `RealtimeProtectionEnabled` is false does
    not count.

    A running machine also passes if its Azure VM agent reports Defender for Endpoint as ready. This report does not
    count if the list contains Defender for Endpoint, because the VM agent reports an extension as ready as soon as it
    has started, even if the installation then failed.

    Every other machine fails if Microsoft Antimalware is installed with real-time protection off. If not, the machine
    needs an attestation, because protection that was installed by other means is not visible.

    Microsoft Antimalware that excludes a whole drive adds a remark. Machines that are off are judged too. A node of
    Azure Kubernetes Service that does not pass is not applicable, because the service replaces its nodes: see the
    control aks-defender.
    Why: Malware goes unnoticed if nothing looks for it.
    """
    return unless_node(_judge(machine, ctx), machine, ctx, _NODE)


def _judge(machine: View, ctx: Context) -> Verdict:
    remarks = []
    if retired := ctx.retirement(Feature.DEFENDER):
        remarks.append(retired)
    elif (verdict := _recommended(machine, ctx)) is not None:
        return verdict
    agents = _AGENTS | {
        part.strip().casefold() for part in str(ctx.params["vendors"]).split(";") if part.strip()
    }
    antimalware_off: str | None = None
    unknown_state: Unreadable | None = None
    lists_defender = False
    for extension in ctx.documents_at(VM_EXTENSIONS, machine.id):
        kind = f"{extension.text('properties.publisher')}/{extension.text('properties.type')}"
        if kind.casefold() not in agents:
            continue
        lists_defender |= kind.casefold() in _DEFENDER
        try:
            installed = extension.choice("properties.provisioningState", _PROVISIONING_STATES) == "succeeded"
        except Unreadable as error:
            unknown_state = unknown_state or error
            continue
        if not installed:
            remarks.append(f"The extension {kind} was not installed successfully")
            continue
        if kind.casefold() == _ANTIMALWARE:
            if not _protects_in_real_time(extension):
                antimalware_off = name_of(extension.name)
                continue
            remarks += _drive_remarks(extension)
        return passed("An extension protects the machine", remarks=remarks, extension=kind)
    if not lists_defender and (reported := _reported(machine, ctx)):
        return passed(
            "The machine reports Defender for Endpoint as ready", remarks=remarks, extension=reported
        )
    if unknown_state is not None:
        raise unknown_state
    if antimalware_off is not None:
        reason = "Real-time protection of Microsoft Antimalware is off"
        return failed(reason, remarks=remarks, realtimeProtection=False, antimalware=antimalware_off)
    text = "Attest what protects the machine: no endpoint protection is visible from outside"
    return manual(text, remarks=remarks, extension=None, **_servers_plan(ctx))


def _reported(machine: View, ctx: Context) -> str | None:
    """Return the extension of Defender for Endpoint that the machine's agent reports as ready.

    In the agent's report, the `type` of an extension is its publisher and type, joined by a dot:
    https://learn.microsoft.com/rest/api/compute/virtual-machines/instance-view

    If the agent reports an extension as ready, the extension has started, but it may have failed afterwards, for
    example because of an error in its settings: https://github.com/Azure/WALinuxAgent/issues/323. So if the list of
    extensions contains Defender for Endpoint, the caller uses the `provisioningState` in that list instead.
    """
    status = ctx.find(VM_INSTANCE_VIEWS, machine.id)
    if status is None:
        return None
    agent = status.object("properties.instanceView", default={}).object("vmAgent", default={})
    for handler in agent.items("extensionHandlers", default=[]):
        kind = handler.text("type")
        if kind.casefold() not in {extension.replace("/", ".") for extension in _DEFENDER}:
            continue
        if handler.object("status").text("code").casefold() == "provisioningstate/succeeded":
            return kind
    return None


def _protects_in_real_time(antimalware: View) -> bool:
    """Return whether real-time protection of Microsoft Antimalware is on: it checks files when they are used.

    The setting is a boolean or a text. If the setting is absent, real-time protection is on. Source:
    https://learn.microsoft.com/azure/virtual-machines/extensions/iaas-antimalware-windows
    """
    settings = antimalware.object("properties.settings", default={})
    stated = settings.raw("RealtimeProtectionEnabled")
    if stated is None or isinstance(stated, bool):
        return stated is not False
    return settings.choice("RealtimeProtectionEnabled", {"true", "false"}) == "true"


def _drive_remarks(antimalware: View) -> list[str]:
    """Return a remark if Microsoft Antimalware excludes a whole drive from its scans."""
    paths = antimalware.raw("properties.settings.Exclusions.Paths")
    listed = [path.strip() for path in paths.split(";")] if isinstance(paths, str) else []
    drives = sorted({path for path in listed if _WHOLE_DRIVE.fullmatch(path)})
    return [f"Microsoft Antimalware excludes whole drives: {', '.join(drives)}"] if drives else []


def _servers_plan(ctx: Context) -> dict[str, Any]:
    """Return the tier of Defender's plan for servers as the observed value `pricingTier`, which the fix needs. Return
    an empty dict if the tier is not known, or if Microsoft retired Defender for Cloud in the cloud of the machine.
    """
    if ctx.retirement(Feature.DEFENDER):
        return {}
    try:
        pricing = plan(ctx, "VirtualMachines")
        return {} if pricing is None else {"pricingTier": "Standard" if is_paid(pricing) else "Free"}
    except (CollectionUnavailable, Unreadable):
        # Only the fix needs the tier, so an unreadable plan is no error here.
        return {}


def _recommended(machine: View, ctx: Context) -> Verdict | None:
    """Judge by Defender's recommendation. Return None if the recommendation does not say whether the machine is
    protected.
    """
    ctx.require_complete(SECURITY_ASSESSMENTS)
    for assessment in machine_findings(ctx, SECURITY_ASSESSMENTS, machine.id):
        if assessment.name.casefold() != _RECOMMENDATION:
            continue
        edr = assessment.bound(ctx.trace)
        edr.raw("properties.displayName")
        code = edr.choice("properties.status.code", STATUS_CODES)
        if code == "healthy":
            return passed("Defender sees an EDR solution", recommendation="Healthy")
        if code == "unhealthy":
            reason = "Defender sees no EDR solution"
            return failed(reason, recommendation="Unhealthy", **_servers_plan(ctx))
    return None
