"""vm-os-firewall."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

from assessments.controls.context import Context
from assessments.controls.declare import per_subject
from assessments.controls.references import References
from assessments.controls.verdict import Severity, Verdict, failed, manual, passed, unknown
from assessments.estate.collections.vm import GUEST_CONFIGURATION, VIRTUAL_MACHINES
from assessments.estate.gaps import Reason
from assessments.estate.ids import fold
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.facts import Facts

_BASELINES = {"azurewindowsbaseline", "azurelinuxbaseline"}
_ID_SEPARATOR = "/providers/microsoft.guestconfiguration/"
# Machines are checked every 15 minutes while they run, and may be stopped for some days.
# https://learn.microsoft.com/azure/governance/machine-configuration/overview
_MAX_AGE = timedelta(days=7)
_FIREWALL_NAMES = ("firewall", "ufw", "nftables", "iptables")


def _is_not(other: str) -> Callable[[Facts], bool]:
    return lambda facts: facts.text("assignment") != other


FIX = Fix(
    command(
        "az vm run-command invoke --resource-group {group} --name {machine} --command-id RunPowerShellScript"
        " --scripts 'netsh advfirewall set allprofiles state on' --subscription {subscription}",
        "Windows:",
        when=_is_not("AzureLinuxBaseline"),
    ),
    command(
        "az vm run-command invoke --resource-group {group} --name {machine} --command-id RunShellScript"
        " --scripts 'ufw allow OpenSSH && ufw --force enable' --subscription {subscription}",
        "Linux with ufw; allow every other port that the machine serves first:",
        when=_is_not("AzureWindowsBaseline"),
    ),
    advice("Assign the machine configuration baseline as well. It reports whether the firewall is on."),
    portal="Azure portal › Policy › Assignments › Assign policy › “Windows machines should meet requirements of the"
    " Azure compute security baseline”, or the same for Linux",
    portal_source="https://learn.microsoft.com/azure/governance/policy/assign-policy-portal",
    effects="The firewall immediately blocks every port that no rule allows.",
)


@per_subject(
    VIRTUAL_MACHINES,
    fix=FIX,
    severity=Severity.MEDIUM,
    needs=(GUEST_CONFIGURATION,),
    references=References(mcsb="PV-4* NS-1*", nist="SC-7(12)* CM-7*"),
    is_manual=True,
)
def os_firewall(machine: View, ctx: Context) -> Verdict:
    """The host firewall is enabled inside virtual machines.

    Problem: Host firewall not enabled
    Expected: The machine configuration baseline reports the host firewall as on, or it is attested
    Judged: The machine configuration assignment `AzureWindowsBaseline` or `AzureLinuxBaseline`. Compliant
    passes if Azure checked the machine in the last 7 days, and is unknown if the check is older. Fails if the
    reasons in its latest report mention a firewall. Without an assignment, or with a report that does not mention
    the firewall, needs an attestation.
    Why: The firewall of a host still protects it when the network rules are wrong.
    """
    ctx.require_complete(GUEST_CONFIGURATION)
    for assignment in _baselines(machine, ctx):
        status = assignment.text("properties.complianceStatus").casefold()
        name = assignment.name
        found = _firewall_reasons(assignment)
        if found:
            return failed(f"{name}: {found[0]}", assignment=name, reasons=found)
        if status == "compliant":
            return _compliant(assignment, ctx)
        return manual(
            "Attest that the host firewall is on: the report of the baseline does not mention it",
            assignment=name,
            complianceStatus=status,
        )
    return manual(
        "Attest that the host firewall is on: no baseline that checks it is assigned", assignment=None
    )


def _compliant(assignment: View, ctx: Context) -> Verdict:
    checked = assignment.time("properties.lastComplianceStatusChecked")
    # The time itself is not observed: it differs in every assessment, and the evidence has it.
    observed: dict[str, Any] = {
        "assignment": assignment.name,
        "complianceStatus": "Compliant",
    }
    if checked.year == 1:  # Azure's time for "never".
        text = "The baseline states that the machine is compliant, but it was never checked"
        return unknown(text, Reason.UNDECIDED, **observed)
    if ctx.now - checked > _MAX_AGE:
        text = (
            f"The machine was last checked at {checked.astimezone(UTC):%Y-%m-%d %H:%M} UTC, more than"
            f" {_MAX_AGE.days} days before the assessment; check that it runs and that its agent reports"
        )
        return unknown(text, Reason.UNDECIDED, **observed)
    return passed("The baseline reports the machine as compliant", **observed)


def _baselines(machine: View, ctx: Context) -> list[View]:
    by_machine = ctx.memo("baselines", lambda: _baselines_by_machine(ctx))
    return ctx.bind(by_machine.get(fold(machine.id), []))


def _baselines_by_machine(ctx: Context) -> dict[str, list[View]]:
    found: dict[str, list[View]] = {}
    for document in ctx.estate.documents(GUEST_CONFIGURATION.name):
        if document.name.casefold() in _BASELINES:
            found.setdefault(fold(document.id).partition(_ID_SEPARATOR)[0], []).append(document)
    return found


def _firewall_reasons(assignment: View) -> list[str]:
    report = assignment.object("properties.latestAssignmentReport", default={})
    found = set()
    for resource in report.items("resources", default=[]):
        if resource.text("complianceStatus", default="").casefold() == "compliant":
            continue
        for reason in resource.items("reasons", default=[]):
            phrase = reason.text("phrase", default="")
            if any(word in phrase.casefold() for word in _FIREWALL_NAMES):
                found.add(phrase.strip())
    return sorted(found)
