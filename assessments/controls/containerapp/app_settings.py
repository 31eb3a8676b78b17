"""Controls of the HTTPS and identity settings of container apps.

Properties: app/resource-manager/Microsoft.App/ContainerApps/stable/2025-07-01 (ContainerApp, Ingress).
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.references import References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.shared.rules import identity_verdicts
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.containers import CONTAINER_APPS
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import Variable, segment

_SUBSCRIPTION: Final = " --subscription {subscription}"
_PORTAL: Final = "Azure portal › Container Apps › {container_app} › Settings ›"
_LEARN: Final = "https://learn.microsoft.com/azure/container-apps"
_APP: Final = Variable(
    "container_app", "Name of the container app", "ca-shop", "the container app", segment("containerApps")
)
_TRANSPORTS: Final = frozenset({"auto", "http", "http2", "tcp"})


def _without_properties(app: View, ctx: Context) -> Verdict | None:
    """Raise Unreadable if Azure returned the app without properties. Such an answer may lack the identity too, so an
    absent identity does not mean that the app has none.
    """
    app.object("properties")
    return None


def _https(app: View, ctx: Context) -> Verdict:
    settings = app.object("properties").object("configuration", default={})
    if not settings.has("ingress"):
        return not_applicable("The app has no ingress, so nobody connects to it")
    ingress = settings.object("ingress")
    if ingress.choice("transport", _TRANSPORTS, default="auto") == "tcp":
        return not_applicable("The ingress of the app accepts TCP, not HTTP")
    setting = ingress.raw("allowInsecure")
    if ingress.flag("allowInsecure", default=False):
        return failed("The app answers unencrypted HTTP", allowInsecure=setting)
    return passed("The app redirects HTTP to HTTPS", allowInsecure=setting)


CONTROLS = declare_settings(
    __name__,
    CONTAINER_APPS,
    SettingControl(
        "containerapp-https",
        title="Container apps refuse unencrypted HTTP",
        problem="Container app answers unencrypted HTTP",
        expected="Insecure connections are not allowed",
        judged="`ingress.allowInsecure` of each container app. If the property is absent, insecure connections are not"
        " allowed, which is the default. Apps without ingress, and apps whose ingress accepts TCP, are not applicable.",
        why="Anyone on the network path can read and change unencrypted traffic.",
        severity=Severity.MEDIUM,
        labels={"allowInsecure": "Insecure connections"},
        judge=_https,
        references=References(mcsb="DP-3*", nist="SC-8*"),
        fix=Fix(
            command(
                "az containerapp ingress update --resource-group {group} --name {container_app} --allow-insecure false"
                f"{_SUBSCRIPTION}"
            ),
            portal=f"{_PORTAL} Ingress",
            portal_source=f"{_LEARN}/ingress-how-to",
            # https://learn.microsoft.com/azure/container-apps/connect-apps
            effects="Clients that use HTTP and do not follow redirects can no longer connect. Apps of the same"
            " environment that call the app by its name over HTTP are redirected too, but the certificate does not"
            " contain this name: let these apps use the full address with HTTPS.",
            variables=[_APP],
        ),
    ),
    SettingControl(
        "containerapp-identity",
        title="Container apps have a managed identity",
        problem="Container app without a managed identity",
        expected="The container app has a managed identity",
        judged="`identity.type` of each container app. Absent counts as none. Whether the app uses the identity is not"
        " checked.",
        why="An app without an identity needs passwords or keys in its settings to reach other services.",
        severity=Severity.LOW,
        unless=(_without_properties,),
        setting="identity.type",
        observed_as="identityType",
        values=identity_verdicts(
            passed("The container app has a managed identity"),
            failed("The container app has no managed identity"),
        ),
        absent=failed("The container app has no managed identity"),
        references=References(mcsb2="IM-3"),
        fix=Fix(
            command(
                "az containerapp identity assign --resource-group {group} --name {container_app} --system-assigned"
                f"{_SUBSCRIPTION}"
            ),
            advice(
                "Then let the app sign in to other services with the identity, and remove keys from its settings."
            ),
            portal=f"{_PORTAL} Identity",
            portal_source=f"{_LEARN}/managed-identity",
            effects="An identity alone changes nothing: the app must use it.",
            variables=[_APP],
        ),
    ),
)
