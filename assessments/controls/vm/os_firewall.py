"""The control vm-os-firewall: The host firewall is enabled inside virtual machines."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import per_subject
from assessments.controls.references import References
from assessments.controls.shared.aks_nodes import unless_node
from assessments.controls.verdict import (
    Outcome,
    Severity,
    Verdict,
    failed,
    manual,
    not_applicable,
    passed,
    unknown,
)
from assessments.estate.collections.resources import MANAGED_RESOURCE_GROUPS
from assessments.estate.collections.vm import GUEST_CONFIGURATION, GUEST_REPORTS, VIRTUAL_MACHINES
from assessments.estate.gaps import Reason
from assessments.estate.ids import fold
from assessments.estate.machines.baselines import is_baseline, machine_of, report_of
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.facts import Facts

# In a baseline assignment, the parameter whose name ends with this text selects the rules of the baseline that apply.
# If the parameter has no value, all rules apply.
# https://learn.microsoft.com/azure/governance/machine-configuration/how-to/assign-security-baselines/understand-baseline-settings-parameter
_SETTINGS = "baselinesettings"
# If the name of a parameter of `AzureBaseline_WindowsFirewallProperties` ends with this text, the value is the expected
# state of the firewall. The default, 1, means on.
_EXPECTED_STATE = "firewall state;expectedvalue"
# Azure checks machines every 15 minutes while they run. A machine may be stopped for some days, so checks up to this
# age count. https://learn.microsoft.com/azure/governance/machine-configuration/overview
_MAX_AGE = timedelta(days=7)
_NODE = not_applicable("The machine is a node of Azure Kubernetes Service: see the control aks-netpol")
_FIREWALL_NAMES = ("firewall", "ufw", "nftables", "iptables")
_ORDER = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.MANUAL, Outcome.PASS)


def _is_not(other: str) -> Callable[[Facts], bool]:
    return lambda facts: facts.text("assignment") != other


FIX = Fix(
    command(
        "az vm run-command invoke --resource-group {group} --name {machine} --command-id RunPowerShellScript"
        " --scripts 'netsh advfirewall set allprofiles state on' --subscription {subscription}",
        "Windows:",
        when=_is_not("AzureLinuxBaseline"),
    ),
    advice(
        "Linux: in the firewall of the machine (ufw on Ubuntu, firewalld on other distributions), allow SSH first, and"
        " then every other port that the machine serves. Then switch the firewall on. The rule of the Linux baseline is"
        " met only if the chains INPUT, FORWARD and OUTPUT drop by default; ufw alone does not change OUTPUT.",
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
    labels={"reasons": "Reported by the baseline"},
    needs=(GUEST_CONFIGURATION, GUEST_REPORTS, MANAGED_RESOURCE_GROUPS),
    references=References(mcsb="PV-4* NS-1*", nist="SC-7(12)* CM-7*"),
    is_manual=True,
)
def os_firewall(machine: View, ctx: Context) -> Verdict:
    """The host firewall is enabled inside virtual machines.

    Problem: Host firewall not enabled
    Expected: The machine configuration baseline reports the host firewall as on, or it is attested
    Judged: The machine configuration assignments `AzureWindowsBaseline`, `AzureLinuxBaseline` and
    `AzureBaseline_WindowsFirewallProperties`. A machine fails if the latest report of an assignment gives a reason
    about the state of the firewall. Otherwise, a compliant machine without customized rules passes if Azure checked it
    in the last 7 days, and is unknown if the check is older.

    Every other machine needs an attestation: it has no assignment, it is not compliant but no report gives such a
    reason, or its rules were customized, so the rule about the firewall may be missing. Other reasons about the
    firewall add a remark.

    A node of Azure Kubernetes Service that does not pass is not applicable, because a firewall of its own can block the
    traffic of its pods: see the control aks-netpol.
    Why: Without its own firewall, nothing protects a host when the network rules are wrong.
    """
    ctx.require_complete(GUEST_CONFIGURATION)
    verdicts: list[Verdict] = []
    first_error: Unreadable | CollectionUnavailable | None = None
    for assignment in _baselines(machine, ctx):
        try:
            verdicts.append(_judge(assignment, ctx))
        except (Unreadable, CollectionUnavailable) as error:
            first_error = first_error or error
    worst = min(verdicts, key=lambda verdict: _ORDER.index(verdict.outcome), default=None)
    if first_error is not None and (worst is None or worst.outcome is not Outcome.FAIL):
        raise first_error
    verdict = worst or manual(
        "Attest that the host firewall is on: no baseline that checks the firewall is assigned",
        assignment=None,
    )
    return unless_node(verdict, machine, ctx, _NODE)


def _judge(assignment: View, ctx: Context) -> Verdict:
    status = assignment.text("properties.complianceStatus").casefold()
    name = assignment.name
    report = _report(assignment, status, ctx)
    about_state, others = _firewall_reasons(report) if report else ([], [])
    if about_state:
        return failed(f"{name}: {about_state[0]}", assignment=name, reasons=about_state)
    remarks = [f"The baseline also reports about the firewall: {others[0]}"] if others else []
    if _is_customized(assignment):
        text = "the rules of the baseline were customized, so the rule about the firewall may be missing"
    elif status == "compliant":
        return _compliant(assignment, ctx)
    elif report:
        text = "the report of the baseline does not say that the firewall is off"
    else:
        text = "Azure has no report of the baseline"
    return manual(
        f"Attest that the host firewall is on: {text}",
        remarks=remarks,
        assignment=name,
        complianceStatus=status,
    )


def _is_customized(assignment: View) -> bool:
    """Return whether the parameters of the assignment may remove or change the rule about the firewall. Raise
    Unreadable if a needed property cannot be read.
    """
    settings = assignment.object("properties").object("guestConfiguration", default={})
    for parameter in settings.items("configurationParameter", default=[]):
        name = parameter.text("name").casefold()
        if name.endswith(_EXPECTED_STATE) and parameter.text("value").strip() != "1":
            return True
        if name.endswith(_SETTINGS):
            value = parameter.text("value").strip()
            if value and not _has_all_rules(parameter, value):
                return True
    return False


def _has_all_rules(parameter: View, value: str) -> bool:
    """Return whether all rules of all baselines apply. `value` is the JSON of the parameter BaselineSettings, a list of
    baselines. In each baseline, the list `settings` selects rules. If this list is empty, all rules apply.
    """
    try:
        stated = json.loads(value)
    except (ValueError, RecursionError):
        raise parameter.unreadable("value", "not JSON") from None
    listed = stated.get("baselineSettings") if isinstance(stated, dict) else None
    if not isinstance(listed, list):
        raise parameter.unreadable("value", "without baselineSettings")
    return bool(listed) and all(isinstance(one, dict) and one.get("settings") == [] for one in listed)


def _compliant(assignment: View, ctx: Context) -> Verdict:
    checked = assignment.time("properties.lastComplianceStatusChecked")
    # The time differs in every assessment, so leave it out of the observed values. The evidence contains the time.
    observed: dict[str, Any] = {
        "assignment": assignment.name,
        "complianceStatus": "Compliant",
    }
    if checked.year == 1:  # A time in the year 1 is Azure's way to say "never".
        text = "The baseline states that the machine is compliant, but the machine was never checked"
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
        if is_baseline(document):
            if not document.id:
                # The id names the machine, so an assignment without an id may belong to any machine.
                raise document.unreadable("id", "absent")
            found.setdefault(machine_of(document), []).append(document)
    return found


def _report(assignment: View, status: str, ctx: Context) -> View | None:
    """Return the latest report of an assignment, or None if there is none. Raise CollectionUnavailable if the report
    could not be read.

    The list of assignments contains either whole reports or only their ids. If it contains only the id, Surety reads
    the report only of a machine that does not meet the baseline. So return None for a compliant machine.
    """
    if assignment.has("properties.latestAssignmentReport"):
        return assignment.object("properties.latestAssignmentReport")
    scope = report_of(assignment)
    if status == "compliant" or not scope:
        return None
    document = ctx.single(GUEST_REPORTS, scope)
    return document.object("properties.details", default={}) if document else None


def _firewall_reasons(report: View) -> tuple[list[str], list[str]]:
    """Return the reasons that state that the firewall is off, and the other reasons about the firewall.

    In the Windows baseline, three rules are about the state of the firewall. Other rules are about notifications,
    outbound connections and the like. The Linux baseline has one firewall rule, which is about the default policy of
    the chains. Most active firewalls do not meet this rule.
    """
    about_state: set[str] = set()
    others: set[str] = set()
    for resource in report.items("resources", default=[]):
        if resource.text("complianceStatus", default="").casefold() == "compliant":
            continue
        for reason in resource.items("reasons", default=[]):
            phrase = reason.text("phrase", default="")
            if any(word in phrase.casefold() for word in _FIREWALL_NAMES):
                is_about_state = "state" in phrase.casefold().partition("firewall")[2]
                (about_state if is_about_state else others).add(phrase.strip())
    return sorted(about_state), sorted(others)
