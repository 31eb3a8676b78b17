"""vm-endpoint-protection."""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, per_subject
from assessments.controls.references import Partly, References
from assessments.controls.verdict import Severity, Verdict, failed, manual, passed
from assessments.controls.vm_assessments import STATUS_CODES, machine_findings
from assessments.estate.collections.defender import SECURITY_ASSESSMENTS
from assessments.estate.collections.vm import VIRTUAL_MACHINES, VM_EXTENSIONS
from assessments.estate.retired import Feature
from assessments.estate.view import View
from assessments.fixes.declare import Fix, command

# "EDR solution should be installed on Virtual Machines". Recommendations are found by id, because display names
# change. Source: https://learn.microsoft.com/azure/defender-for-cloud/recommendations-reference-compute
_RECOMMENDATION = "06e3a6db-6c0c-4ad9-943f-31d9d73ecf6c"
_AGENTS = {
    "microsoft.azure.azuredefenderforservers/mde.windows",
    "microsoft.azure.azuredefenderforservers/mde.linux",
    "microsoft.azure.security/iaasantimalware",
}


FIX = Fix(
    command(
        "az security pricing create --name VirtualMachines --tier standard --subplan P1"
        " --subscription {subscription}",
        "Plan 1 (P1) contains Defender for Endpoint. Skip this command if a plan for servers is on already.",
    ),
    command(
        "az security setting update --name WDATP --data-export-settings enabled=true --subscription {subscription}",
        "Have Defender for Cloud install Defender for Endpoint on the machines.",
    ),
    portal="Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription} › Defender"
    " plans › Servers › Settings › Endpoint protection › On",
    portal_source="https://learn.microsoft.com/azure/defender-for-cloud/configure-servers-coverage",
    cost="Defender for Servers, Plan 1 (P1), is billed for each machine and hour.",
    effects="All machines of the subscription get Defender for Endpoint. Another product may have to be removed first.",
)


@per_subject(
    VIRTUAL_MACHINES,
    fix=FIX,
    severity=Severity.HIGH,
    needs=(SECURITY_ASSESSMENTS, VM_EXTENSIONS),
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
                    "The requirement demands Defender's endpoint protection for the subscription; the control"
                    " checks each machine instead"
                ),
            ),
        ),
    ),
    parameters=(
        Parameter("vendors", "", "Additional protection extensions, as publisher/type, separated by `;`"),
    ),
    is_manual=True,
)
def endpoint_protection(machine: View, ctx: Context) -> Verdict:
    """Endpoint protection is present.

    Problem: Endpoint protection missing
    Expected: Defender's recommendation on EDR is healthy, or a protection extension is installed
    Judged: Defender's recommendation "EDR solution should be installed on Virtual Machines": healthy
    passes, unhealthy fails. Without that recommendation, an extension of Defender for Endpoint, Microsoft
    Antimalware or one of `vendors` passes if it was installed successfully. Otherwise needs an
    attestation, because an agent that was installed by other means is not visible. Machines that are off
    are judged too. In Azure China, where Microsoft retired Defender for Cloud, only extensions are judged.
    Why: Malware goes unnoticed if nothing looks for it.
    """
    remarks = []
    if retired := ctx.retirement(Feature.DEFENDER):
        remarks.append(retired)
    elif (verdict := _recommended(machine, ctx)) is not None:
        return verdict
    agents = _AGENTS | {
        part.strip().casefold() for part in str(ctx.params["vendors"]).split(";") if part.strip()
    }
    for extension in ctx.documents_at(VM_EXTENSIONS, machine.id):
        kind = f"{extension.text('properties.publisher')}/{extension.text('properties.type')}"
        if kind.casefold() in agents:
            if extension.text("properties.provisioningState").casefold() == "succeeded":
                return passed("An extension protects the machine", extension=kind)
            remarks.append(f"The extension {kind} was not installed successfully")
    text = "Attest what protects the machine: no endpoint protection is visible from outside"
    return manual(text, remarks=remarks, extension=None)


def _recommended(machine: View, ctx: Context) -> Verdict | None:
    """Judge by Defender's recommendation. Return None if it does not say whether the machine is protected."""
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
            return failed("Defender sees no EDR solution", recommendation="Unhealthy")
    return None
