"""The control vm-os-patches: Operating system security patches are current."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, per_subject
from assessments.controls.references import Partly, References
from assessments.controls.shared.aks_nodes import belongs_to_aks
from assessments.controls.shared.vm_status import (
    STATUS_NEEDS,
    awaits_first_report,
    instance_view,
    is_off,
    os_configuration,
    require_agent_report,
)
from assessments.controls.verdict import (
    Severity,
    Verdict,
    failed,
    manual,
    not_applicable,
    passed,
    unknown,
)
from assessments.estate.collections.resources import MANAGED_RESOURCE_GROUPS
from assessments.estate.collections.vm import VIRTUAL_MACHINES
from assessments.estate.gaps import Reason
from assessments.estate.machines.instance_views import power_state
from assessments.estate.quantities import in_days
from assessments.estate.view import View
from assessments.fixes.declare import Fix, command
from assessments.fixes.facts import Facts

_UNORCHESTRATED_MODES = {"manual", "automaticbyos", "imagedefault"}
_PERIODIC = "automaticbyplatform"
# The values of `PatchOperationStatus` in the specification of Microsoft.Compute
_RESULTS = {"unknown", "inprogress", "failed", "succeeded", "completedwithwarnings"}
_FINISHED = {"succeeded", "completedwithwarnings"}
_CLIENTS = ("windows 10", "windows 11")


def _misses_patches(facts: Facts) -> bool:
    missing = facts.observed.get("criticalAndSecurityPatchCount")
    return isinstance(missing, int) and missing > 0


def _runs(facts: Facts, system: str) -> bool:
    """Return whether the finding states that the machine runs this operating system. Return True if the finding
    states no operating system.
    """
    return facts.text("osType").casefold() in ("", system)


def _lacks_periodic_checks(facts: Facts) -> bool:
    """Return True unless the finding states that Azure looks for missing patches periodically."""
    return facts.text("assessmentMode").casefold() != _PERIODIC


FIX = Fix(
    command(
        "az vm assess-patches --resource-group {group} --name {machine} --subscription {subscription}",
        "Look for missing patches.",
        when=lambda facts: not _misses_patches(facts),
    ),
    command(
        "az vm install-patches --resource-group {group} --name {machine} --maximum-duration PT2H"
        " --reboot-setting IfRequired --classifications-to-include-win Critical Security"
        " --subscription {subscription}",
        "Install the missing patches on Windows:",
        when=lambda facts: _misses_patches(facts) and _runs(facts, "windows"),
    ),
    command(
        "az vm install-patches --resource-group {group} --name {machine} --maximum-duration PT2H"
        " --reboot-setting IfRequired --classifications-to-include-linux Critical Security"
        " --subscription {subscription}",
        "Install the missing patches on Linux:",
        when=lambda facts: _misses_patches(facts) and _runs(facts, "linux"),
    ),
    command(
        "az vm update --resource-group {group} --name {machine}"
        " --set osProfile.windowsConfiguration.patchSettings.assessmentMode=AutomaticByPlatform"
        " --subscription {subscription}",
        "Have Azure look for patches every day on Windows:",
        when=lambda facts: _lacks_periodic_checks(facts) and _runs(facts, "windows"),
    ),
    command(
        "az vm update --resource-group {group} --name {machine}"
        " --set osProfile.linuxConfiguration.patchSettings.assessmentMode=AutomaticByPlatform"
        " --subscription {subscription}",
        "Have Azure look for patches every day on Linux:",
        when=lambda facts: _lacks_periodic_checks(facts) and _runs(facts, "linux"),
    ),
    portal="Azure portal › Virtual machines › {machine} › Operations › Updates › Check for updates",
    portal_source="https://learn.microsoft.com/azure/update-manager/view-updates",
    effects="Installing restarts the machine if a patch needs it.",
)


@per_subject(
    VIRTUAL_MACHINES,
    fix=FIX,
    severity=Severity.HIGH,
    labels={
        "assessed": "Patch assessment",
        "assessmentMode": "Checks for missing patches",
        "criticalAndSecurityPatchCount": "Missing critical and security patches",
        "osType": "Operating system",
        "status": "Patch assessment",
    },
    needs=(*STATUS_NEEDS, MANAGED_RESOURCE_GROUPS),
    is_manual=True,
    references=References(
        c2="2.1.13",
        c3="3.1.10",
        c4="9.1.10",
        c5="8.1.10",
        c6="8.1.10",
        mcsb="PV-6",
        nist="SI-2 RA-5",
        partly=(
            Partly(
                "c4 c5 c6",
                (
                    "The requirement asks that Azure looks for patches periodically, also on Arc machines. If"
                    " Azure looked for patches recently, but not periodically, the control passes with a remark. Arc"
                    " machines are not judged"
                ),
            ),
        ),
    ),
    parameters=(
        Parameter(
            "max_age_days",
            7,
            "Maximum age of a patch assessment, in days",
            label="Maximum age (days)",
            minimum=1,
        ),
    ),
)
def os_patches(machine: View, ctx: Context) -> Verdict:
    """Operating system security patches are current.

    Problem: Operating system security patches missing
    Expected: A patch assessment at most {max_age_days:days} old, with no critical or security patch missing
    Judged: The patch assessment in the run-time status of the machine. Passes if it finished within `max_age_days` days
    and no critical or security patch is missing. Fails with the reason “not assessed” if there is no assessment, or if
    the assessment is too old or failed.

    Azure does not look for patches of Windows 10 and 11, nor of nodes of Azure Kubernetes Service: if such a machine is
    off or has no current assessment, Windows 10 and 11 need an attestation, and nodes are not applicable. Any other
    machine is unknown while it is off, even if it has a current assessment. A machine that has no assessment and whose
    agent is not ready is unknown while Azure starts or changes the machine, and for 30 minutes afterwards.

    Patches that Azure does not orchestrate, and patches that Azure does not look for periodically (`assessmentMode`),
    add a remark.
    Why: Most intrusions use known vulnerabilities of the operating system.
    """
    status = instance_view(machine, ctx)
    state = power_state(status)
    if is_off(state):
        if (verdict := _unsupported(machine, status, ctx)) is not None:
            return verdict
        text = f"Could not assess patches: the machine is {state}. Start it for the next assessment"
        return unknown(text, Reason.UNDECIDED, powerState=state)
    remarks = _patch_mode_remarks(machine)
    for_fix = _facts_for_fix(machine)
    if not status.has("patchStatus.availablePatchSummary"):
        return _without_assessment(machine, status, ctx) or failed(
            "Not assessed: Azure has never assessed the patches of this machine",
            remarks=remarks,
            assessed=False,
            **for_fix,
        )
    summary = status.object("patchStatus.availablePatchSummary")
    missing = summary.raw("criticalAndSecurityPatchCount")
    observed = {"status": summary.raw("status"), "criticalAndSecurityPatchCount": missing}
    if isinstance(missing, int) and not isinstance(missing, bool) and missing > 0:
        return failed(
            f"Missing critical or security patches: {missing}", remarks=remarks, **observed, **for_fix
        )
    result = summary.choice("status", _RESULTS)
    if result == "inprogress":
        return unknown("A patch assessment is in progress", Reason.UNDECIDED, **observed)
    if result not in _FINISHED:
        if (verdict := _unsupported(machine, status, ctx)) is not None:
            return verdict
        return failed(
            f"Patches not assessed: Azure’s last patch assessment ended with the status {result}",
            remarks=remarks,
            **observed,
            **for_fix,
        )
    limit = timedelta(days=float(ctx.params["max_age_days"]))
    if ctx.now - summary.time("lastModifiedTime") > limit:
        if (verdict := _unsupported(machine, status, ctx)) is not None:
            return verdict
        age = in_days(ctx.params["max_age_days"])
        text = f"Patches not assessed: Azure’s last patch assessment is older than {age}"
        return failed(text, remarks=remarks, **observed, **for_fix)
    summary.number("criticalAndSecurityPatchCount")
    if summary.raw("rebootPending") is True:
        remarks.append("A restart is pending")
    return passed("No critical or security patch is missing", remarks=remarks, **observed)


def _without_assessment(machine: View, status: View, ctx: Context) -> Verdict | None:
    """Return the verdict on a machine without a patch assessment if there is a reason why it has none: Azure cannot
    assess the machine, or the machine's agent may not have reported yet. Otherwise, return None. Raise
    CollectionUnavailable or Unreadable if needed data could not be read.
    """
    require_agent_report(machine, ctx)
    if (verdict := _unsupported(machine, status, ctx)) is not None:
        return verdict
    return None if _agent_is_ready(status) else awaits_first_report(status, ctx)


def _agent_is_ready(status: View) -> bool:
    """Return whether the machine's agent, which reports the state of patches, reports that it is ready."""
    statuses = status.object("vmAgent", default={}).items("statuses", default=[])
    return any(one.text("displayStatus", default="").strip().casefold() == "ready" for one in statuses)


def _unsupported(machine: View, status: View, ctx: Context) -> Verdict | None:
    """Return the verdict on a machine that Azure cannot assess, or None.

    https://learn.microsoft.com/azure/update-manager/unsupported-workloads
    """
    if belongs_to_aks(machine, ctx):
        return not_applicable("Azure Kubernetes Service patches its nodes with new images")
    if _is_windows_client(machine, status):
        return manual("Attest that Windows is patched: Azure does not look for patches of Windows 10 and 11")
    return None


def _is_windows_client(machine: View, status: View) -> bool:
    properties = machine.object("properties")
    image = properties.object("storageProfile", default={}).object("imageReference", default={})
    return (
        properties.text("licenseType", default="").casefold() == "windows_client"
        or image.text("publisher", default="").casefold() == "microsoftwindowsdesktop"
        or status.text("osName", default="").casefold().startswith(_CLIENTS)
    )


def _patch_mode_remarks(machine: View) -> list[str]:
    configuration = os_configuration(machine)
    if configuration is None:
        return []
    settings = configuration.object("patchSettings", default={})
    mode = settings.text("patchMode", default="")
    remarks = []
    if mode.casefold() in _UNORCHESTRATED_MODES:
        remarks.append(f"Azure does not orchestrate patches ({mode})")
    if _assessment_mode(settings).casefold() != _PERIODIC:
        remarks.append("Azure does not look for patches periodically (assessmentMode)")
    return remarks


def _assessment_mode(settings: View) -> str:
    return settings.text("assessmentMode", default="ImageDefault")


def _facts_for_fix(machine: View) -> dict[str, Any]:
    """Return the values that the fix needs, as far as Azure states them: the operating system, and the way in which
    Azure looks for missing patches.
    """
    found: dict[str, Any] = {}
    system = machine.raw("properties.storageProfile.osDisk.osType")
    if isinstance(system, str):
        found["osType"] = system
    configuration = os_configuration(machine)
    if configuration is not None:
        found["assessmentMode"] = _assessment_mode(configuration.object("patchSettings", default={}))
    return found
