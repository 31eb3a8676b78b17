"""The control vm-jit: Management ports open only on request (just-in-time access)."""

from __future__ import annotations

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import per_subject
from assessments.controls.references import References
from assessments.controls.shared.aks_nodes import unless_node
from assessments.controls.shared.defender_plans import is_paid, plan, sub_plan
from assessments.controls.shared.vm_assessments import STATUS_CODES, machine_findings
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.defender import JIT_POLICIES, PRICINGS, SECURITY_ASSESSMENTS
from assessments.estate.collections.resources import MANAGED_RESOURCE_GROUPS
from assessments.estate.collections.vm import VIRTUAL_MACHINES
from assessments.estate.ids import fold, name_of
from assessments.estate.retired import Feature
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import SOURCE, Variable

# The id of Defender's recommendation "Management ports of virtual machines should be protected with just-in-time
# network access control".
# https://learn.microsoft.com/azure/defender-for-cloud/recommendations-reference-networking
_RECOMMENDATION = "805651bc-6ecd-4c73-9b55-97a19d0582d0"
_NODE = not_applicable(
    "The machine is a node of Azure Kubernetes Service: see the control aks-node-public-ip"
)
_ANYWHERE = frozenset({"*", "0.0.0.0/0", "internet", "any", "::/0"})


@per_subject(
    VIRTUAL_MACHINES,
    needs=(JIT_POLICIES, SECURITY_ASSESSMENTS, MANAGED_RESOURCE_GROUPS),
    optional=(PRICINGS,),
    severity=Severity.MEDIUM,
    labels={"jitRecommendation": "Recommendation of Defender"},
    feature=Feature.DEFENDER,
    references=References(mcsb="NS-3 PA-2", nist="AC-2(12) AC-4 AC-4(3) SC-7 SC-7(3)"),
    fix=Fix(
        # https://learn.microsoft.com/azure/defender-for-cloud/just-in-time-access-overview
        advice(
            "If rules of a network security group or of Azure Firewall already allow the ports, delete or narrow these"
            " rules: they take priority over the rules with which just-in-time access closes the ports."
        ),
        command(
            "az rest --method put --url /subscriptions/{subscription}/resourceGroups/{group}/providers"
            "/Microsoft.Security/locations/{region}/jitNetworkAccessPolicies/{machine}"
            " --url-parameters api-version=2020-01-01 --body {body}",
            "Leave out port 22 or 3389 if the machine does not use it.",
            bodies={
                "body": {
                    "kind": "Basic",
                    "properties": {
                        "virtualMachines": [
                            {
                                "id": "{id}",
                                "ports": [
                                    {
                                        "number": port,
                                        "protocol": "TCP",
                                        "allowedSourceAddressPrefix": "{source}",
                                        "maxRequestAccessDuration": "PT3H",
                                    }
                                    for port in (22, 3389)
                                ],
                            }
                        ]
                    },
                }
            },
        ),
        portal="Azure portal › Virtual machines › {machine} › Configuration › Just-in-time access › Enable"
        " just-in-time",
        portal_source="https://learn.microsoft.com/azure/defender-for-cloud/just-in-time-access-usage",
        cost="Just-in-time access needs Defender for Servers Plan 2, which is billed for each machine and hour.",
        effects="Nobody can connect to the management ports without requesting access first, unless another rule still"
        " allows the connection.",
        variables=[SOURCE, Variable("region", "Region of the machine", "westeurope")],
    ),
)
def jit(machine: View, ctx: Context) -> Verdict:
    """Management ports open only on request (just-in-time access).

    Problem: Management ports of a virtual machine without just-in-time access
    Expected: A policy of just-in-time access protects the machine
    Judged: Each virtual machine. Passes if a policy of just-in-time access of Defender for Cloud names the machine with
    at least one port. Otherwise, Defender's recommendation decides: healthy passes, and unhealthy fails. If the
    recommendation does not apply to a machine, for example because the machine has no network security group, the
    control is not applicable. Without a recommendation, the machine fails.

    Whether other rules still allow the ports is not checked here: see the controls network-ssh-from-internet and
    network-rdp-from-internet. A node of Azure Kubernetes Service that does not pass is not applicable, because the
    service replaces it: see the control aks-node-public-ip.
    Why: Ports for SSH and remote desktop that are always open are attacked day and night.
    """
    ctx.require_complete(JIT_POLICIES)
    policies = ctx.memo("policies by machine", lambda: _by_machine(ctx)).get(fold(machine.id), [])
    for policy in ctx.bind(policies):
        if (verdict := _by_policy(policy, machine)) is not None:
            return verdict
    return unless_node(_by_recommendation(machine, ctx), machine, ctx, _NODE)


def _by_recommendation(machine: View, ctx: Context) -> Verdict:
    """Judge by Defender's recommendation. If there is no recommendation, return a failure."""
    ctx.require_complete(SECURITY_ASSESSMENTS)
    for assessment in ctx.bind(machine_findings(ctx, SECURITY_ASSESSMENTS, machine.id)):
        if name_of(assessment.id).casefold() == _RECOMMENDATION:
            code = assessment.choice("properties.status.code", STATUS_CODES)
            if code == "healthy":
                return passed(
                    "Defender for Cloud reports the management ports as protected", jitRecommendation=code
                )
            if code == "notapplicable":
                return not_applicable(
                    "Just-in-time access does not apply to the machine", jitRecommendation=code
                )
            return failed(
                "Defender for Cloud reports the management ports as unprotected",
                remarks=_without_plan(ctx),
                jitRecommendation=code,
            )
    return failed(
        "No policy of just-in-time access names the machine",
        remarks=_without_plan(ctx),
        jitRecommendation=None,
    )


def _by_machine(ctx: Context) -> dict[str, list[View]]:
    """Return the policies that name each machine. The keys are the ids of the machines, in lower case. Raise Unreadable
    if a policy cannot be read.
    """
    found: dict[str, list[View]] = {}
    for policy in ctx.estate.documents(JIT_POLICIES.name):
        for entry in policy.object("properties").items("virtualMachines"):
            found.setdefault(fold(entry.text("id")), []).append(policy)
    return found


def _by_policy(policy: View, machine: View) -> Verdict | None:
    """Return a pass if the policy protects at least one port of the machine, else None."""
    for entry in policy.object("properties").items("virtualMachines"):
        if fold(entry.text("id")) != fold(machine.id):
            continue
        ports = entry.items("ports")
        numbers = sorted({int(port.number("number")) for port in ports})
        if not numbers:
            continue
        wide = any(_sources(port) & _ANYWHERE for port in ports)
        return passed(
            "A policy of just-in-time access protects the machine",
            remarks=["A request can open a port to every address"] if wide else [],
            ports=numbers,
        )
    return None


def _sources(port: View) -> set[str]:
    single = port.text("allowedSourceAddressPrefix", default="")
    listed = port.texts("allowedSourceAddressPrefixes", default=[])
    return {text.strip().casefold() for text in (single, *listed)}


def _without_plan(ctx: Context) -> list[str]:
    """Return a remark if the subscription lacks the plan that just-in-time access needs."""
    try:
        pricing = plan(ctx, "VirtualMachines")
        has_plan = pricing is not None and is_paid(pricing) and sub_plan(pricing) == "p2"
    except (CollectionUnavailable, Unreadable):
        return []
    return [] if has_plan else ["Just-in-time access needs Defender for Servers Plan 2, which is off"]
