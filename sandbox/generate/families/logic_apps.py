"""Logic apps in the Consumption plan, with the expected verdicts of assessments/controls/logicapp.

Format: Microsoft.Logic 2019-05-01.
"""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

CONTROLS = ("logicapp-triggers",)
_KIND = "Microsoft.Logic/workflows"


def write(sub: Subscription) -> None:
    """Write a logic app into half of the subscriptions."""
    rng = sub.rng
    if not rng.chance(0.5):
        return
    group, region, tags = sub.group()
    name = f"logic-{rng.letters(6)}"
    is_open, is_scheduled = rng.faulty(), rng.chance(0.2)
    trigger: Json = (
        {"type": "Recurrence", "recurrence": {"frequency": "Day", "interval": 1}}
        if is_scheduled
        else {"type": "Request", "kind": "Http", "inputs": {"schema": {}}}
    )
    properties: Json = {
        "provisioningState": "Succeeded",
        "state": "Enabled",
        "definition": {
            "contentVersion": "1.0.0.0",
            "triggers": {"manual": trigger},
            "actions": {},
            "parameters": {"key": {"type": "String", "defaultValue": "clear-text-of-a-parameter"}},
        },
        "parameters": {},
    }
    if not is_open:
        addresses = [] if rng.chance(0.3) else [{"addressRange": "203.0.113.0/24"}]
        properties["accessControl"] = {"triggers": {"allowedCallerIpAddresses": addresses}}
    resource = sub.write(group, _KIND, name, properties, location=region, tags=tags)
    if is_scheduled:
        sub.expect("logicapp-triggers", resource, "not_applicable")
    else:
        sub.expect_failure_if("logicapp-triggers", resource, is_open)
