"""Environments of container apps."""

from __future__ import annotations

from typing import Any

from assessments.estate.gaps import Reason
from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

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


def routed(listed: dict[str, Any], *names: Any) -> dict[str, Any]:
    """The estate with a route that leads to apps with these names."""
    rules = [{"targets": [{"containerApp": name} for name in names]}]
    route = doc(f"{ID}/httpRouteConfigs/route1", {"rules": rules})
    return {**listed, "container_routes": [route]}


ROUTES = "HTTP routes of the environment"
INTERNAL = {"internal": True, "infrastructureSubnetId": f"{RG}/x"}
ABSENCE_PASSES = [
    (
        "containerapp-env-pna",
        r"properties\.configuration(\.ingress(\.external)?)?",
        "without external ingress, nobody outside of the environment reaches an app",
    ),
    ("containerapp-env-pna", r"properties\.rules(\[\]\.targets)?", "a route without targets leads to no app"),
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
    ("an open app", estate(app()), {ID: "fail"}, {"no_remark": ROUTES}),
    ("a route", routed(estate(app(external=False)), "APP1"), {ID: "fail"}, {"remark": ROUTES}),
    (
        "a route to an app without ingress",
        routed(estate(app(configuration={"ingress": None})), "app1"),
        {ID: "pass"},
    ),
    (
        "a route to another app",
        routed(estate(app(), app(external=False, name="app2")), "app2"),
        {ID: "fail"},
        {"remark": ROUTES},
    ),
    ("a route, but internal", routed(estate(app(), vnetConfiguration=INTERNAL), "app1"), {ID: "pass"}),
    ("a route to nothing", routed(estate(app(external=False))), {ID: "pass"}),
    (
        "a route to an app with rules",
        routed(estate(app(True, rule())), "app1"),
        {ID: "unknown"},
        {"reason": "does not document"},
    ),
    (
        "a route to an app with rules that deny",
        routed(estate(app(True, rule(action="Deny"))), "app1"),
        {ID: "fail"},
    ),
    ("a route to an app that is not listed", routed(estate(app(external=False)), "app2"), {ID: "unknown"}),
    (
        "a route to an app of another environment",
        routed(estate(app(environment=f"{ID}2")), "app1"),
        {ID: "unknown"},
    ),
    ("a route without an app", routed(estate(app(external=False)), None), {ID: "unknown"}),
    (
        "routes forbidden",
        estate(app(external=False)),
        {ID: "unknown"},
        {"gaps": [gap("container_routes", ID)]},
    ),
    (
        "routes forbidden, and an open app",
        estate(app()),
        {ID: "fail"},
        {"gaps": [gap("container_routes", ID)]},
    ),
    (
        "routes do not exist in this cloud",
        estate(app(external=False)),
        {ID: "pass"},
        {"gaps": [gap("container_routes", ID, Reason.API_VERSION)]},
    ),
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
OFFICIAL_VERDICTS = """
containerapp-env-pna pass: jlaw-demo1
containerapp-env-pna unknown: demo1  # no example lists the apps to which the routes lead
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Container Apps Environments › {environment} › Networking",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/container-apps/how-to-use-private-endpoint.md",
            "025b792f241155068d3c684ddabbc8f67248f898",
            (
                "Select the Networking tab to create a virtual network (VNet). By default, public network "
                "access is enabled"
            ),
            "Disable public network access",
        ),
        not_in_text={
            "Container Apps Environments": "The list of environments, which a reader finds by its name.",
        },
    ),
]
