"""The control that checks who can call the Request triggers of logic apps.

If the list of allowed IP addresses is empty, only other logic apps can call a trigger. If callers can sign in with
Microsoft Entra ID, the signed URL of the trigger still works without sign-in. Source:
https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app. The types of triggers are listed in
https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import per_subject
from assessments.controls.references import References
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.logicapp import LOGIC_WORKFLOWS
from assessments.estate.ranges import INTERNET_IPV4, INTERNET_IPV6, Range, network, ranges, size
from assessments.estate.services.logic_apps import TRIGGER_TYPES
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice
from assessments.fixes.variables import Variable, segment

_STATES: Final = frozenset({"notspecified", "completed", "enabled", "disabled", "deleted", "suspended"})
_SWITCH: Final = frozenset({"enabled", "disabled"})
_OTHER_TYPES: Final = frozenset(
    {"apiconnection", "apiconnectionnotification", "apiconnectionwebhook", "batch", "http", "httpwebhook", "recurrence",
     "slidingwindow"}
)  # fmt: skip
_INTERNET: Final = {4: INTERNET_IPV4, 6: INTERNET_IPV6}
WORKFLOW: Final = Variable(
    "workflow", "Name of the logic app", "logic-shop", "the logic app", segment("workflows")
)


def _is_the_internet(callers: list[View]) -> bool:
    """Return whether the callers together have so many IP addresses that they count as the Internet. Raise Unreadable
    if a needed property cannot be read.
    """
    allowed: dict[int, list[Range]] = {4: [], 6: []}
    for caller in callers:
        text = caller.text("addressRange")
        try:
            version, block = network(text)
        except ValueError:
            raise caller.unreadable("addressRange", "not a network") from None
        allowed[version].append(block)
    return any(size(ranges(parts)) >= _INTERNET[version] for version, parts in allowed.items())


@per_subject(
    LOGIC_WORKFLOWS,
    severity=Severity.MEDIUM,
    labels={"callers": "Addresses that may call"},
    empty_reason="No logic app",
    references=References(mcsb="NS-2*", nist="AC-3*"),
    fix=Fix(
        advice(
            "Allow only the addresses of known callers. If you set these addresses in the portal, Azure also applies"
            " them to the actions of the logic app, not only to its triggers. If only other logic apps call this one,"
            " choose “Only other Logic Apps”."
        ),
        portal="Azure portal › Logic apps › {workflow} › Settings › Workflow settings › Access control configuration ›"
        " Allowed inbound IP addresses: Specific IP ranges",
        portal_source="https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app",
        effects="Callers with other addresses can no longer start the logic app.",
        variables=[WORKFLOW],
    ),
)
def triggers(workflow: View, ctx: Context) -> Verdict:
    """Request triggers of logic apps answer only known callers.

    Problem: Request trigger of a logic app open to every network
    Expected: Only listed addresses, other logic apps or signed-in Microsoft Entra accounts can call the trigger
    Judged: `accessControl.triggers` of each logic app (Consumption) with a Request trigger. `allowedCallerIpAddresses`
    passes if it is empty, because then only other logic apps can call, or if all addresses together are fewer than
    2^24. Policies of Microsoft Entra ID pass only if `sasAuthenticationPolicy` is Disabled, because otherwise signed
    addresses still work. Logic apps that are disabled or have no Request trigger are not applicable. Surety stores
    neither the definition nor the parameters of a logic app.
    Why: Anyone who gets the signed address of the trigger can start the logic app from anywhere.
    """
    properties = workflow.object("properties")
    if properties.choice("state", _STATES, default="Enabled") == "disabled":
        return not_applicable("The logic app is disabled")
    if "request" not in {kind.casefold() for kind in properties.texts(TRIGGER_TYPES)}:
        properties.choices(TRIGGER_TYPES, _OTHER_TYPES)  # Raises Unreadable for an unknown type.
        return not_applicable("The logic app has no Request trigger")
    control = properties.object("accessControl", default={}).object("triggers", default={})
    if control.has("allowedCallerIpAddresses"):
        callers = control.items("allowedCallerIpAddresses")
        if not callers:
            return passed("Only other logic apps can call the trigger", callers=[])
        found = sorted(caller.text("addressRange") for caller in callers)
        if _is_the_internet(callers):
            return failed(
                "The listed addresses are so many that the trigger counts as open to the Internet",
                callers=found,
            )
        return passed("Only listed addresses can call the trigger", callers=found)
    policies = control.object("openAuthenticationPolicies", default={}).object("policies", default={})
    if not policies.body:
        return failed("Every network can call the trigger", callers=None)
    signed = control.object("sasAuthenticationPolicy", default={}).choice("state", _SWITCH, default="Enabled")
    if signed == "disabled":
        return passed("Callers must sign in with Microsoft Entra ID", callers=None)
    return failed(
        "Every network can call the trigger with its signed address",
        remarks=["Sign-in with Microsoft Entra ID is set up, but does not switch off the signed address"],
        callers=None,
    )
