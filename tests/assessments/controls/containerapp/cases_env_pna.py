"""Environments of container apps."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.storage.cases_storage import rows

ID = f"{RG}/providers/Microsoft.App/managedEnvironments/env1"
UPPER = ID.upper()
APP = f"{RG}/providers/Microsoft.App/containerApps/app1"


def rule(addresses: Any = "203.0.113.0/24", action: Any = "Allow") -> dict[str, Any]:
    return {"name": "one", "action": action, "ipAddressRange": addresses}


def app(
    external: Any = True, *rules: Any, environment: Any = UPPER, name: str = "app1", **more: Any
) -> dict[str, Any]:
    ingress = {"external": external, **({"ipSecurityRestrictions": list(rules)} if rules else {})}
    held = {"environmentId": environment, "configuration": {"ingress": ingress}, **more}
    return doc(APP.replace("app1", name), held, type="Microsoft.App/containerApps")


def estate(*apps: Any, **properties: Any) -> dict[str, Any]:
    body = doc(ID, properties, type="Microsoft.App/managedEnvironments")
    listed = [body, *(apps or ({"id": APP, "name": "app1", "type": "Microsoft.App/containerApps"},))]
    return {
        "resources": {SUB: [{key: one[key] for key in ("id", "name", "type")} for one in listed]},
        "container_environments": [body],
        "container_apps": list(apps),
    }


INTERNAL = {"internal": True, "infrastructureSubnetId": f"{RG}/x"}
ABSENCE_PASSES = [
    (
        "containerapp-env-pna",
        r"properties\.configuration(\.ingress(\.external)?)?",
        "without external ingress, nobody outside of the environment reaches an app",
    ),
]
CASES = rows(
    "containerapp-env-pna",
    ("off", estate(app(), publicNetworkAccess="Disabled"), {ID: "pass"}),
    ("internal", estate(app(), vnetConfiguration=INTERNAL), {ID: "pass"}),
    (
        "internal, and on",
        estate(app(), vnetConfiguration=INTERNAL, publicNetworkAccess="Enabled"),
        {ID: "pass"},
    ),
    ("on", estate(app(), publicNetworkAccess="Enabled"), {ID: "fail"}),
    ("absent", estate(app()), {ID: "fail"}),
    ("not internal", estate(app(), vnetConfiguration={"internal": False}), {ID: "fail"}),
    ("no app", estate(), {ID: "pass"}, {"remark": "new app"}),
    ("no external app", estate(app(external=False)), {ID: "pass"}, {"remark": "new app"}),
    ("no ingress", estate(app(configuration={"ingress": None})), {ID: "pass"}),
    ("app of another environment", estate(app(environment=f"{ID}2")), {ID: "pass"}),
    ("older property", estate(app(environment=None, managedEnvironmentId=ID)), {ID: "fail"}),
    ("rules", estate(app(True, rule())), {ID: "pass"}, {"remark": "without rules"}),
    ("rules for everybody", estate(app(True, rule("0.0.0.0/1"), rule("128.0.0.0/1"))), {ID: "fail"}),
    ("rules that deny", estate(app(True, rule(action="Deny"))), {ID: "fail"}),
    ("rules do not count", estate(app(True, rule())), {ID: "fail"}, {"params": {"accept_firewall": False}}),
    ("rule is no network", estate(app(True, rule("office"))), {ID: "unknown"}),
    ("rule for IPv6", estate(app(True, rule("2001:db8::/32"))), {ID: "unknown"}),
    ("a new action", estate(app(True, rule(action="Log"))), {ID: "unknown"}),
    ("a new kind of access", estate(app(), publicNetworkAccess="SecuredByPerimeter"), {ID: "unknown"}),
    ("internal is text", estate(app(), vnetConfiguration={"internal": "true"}), {ID: "unknown"}),
    ("external is text", estate(app("true")), {ID: "unknown"}),
    ("app without an environment", estate(app(environment=None)), {ID: "unknown"}),
    ("an open app is enough", estate(app("true"), app(name="app2")), {ID: "fail"}),
    (
        "apps forbidden",
        {key: held for key, held in estate().items() if key != "container_apps"},
        {ID: "unknown"},
        {"gaps": [gap("container_apps")]},
    ),
    (
        "the list is forbidden",
        {"resources": estate()["resources"]},
        {SUB: "unknown"},
        {"gaps": [gap("container_environments")]},
    ),
    ("no environment", {}, {SUB: "not_applicable"}),
)
