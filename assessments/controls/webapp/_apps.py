"""Code that the controls of apps share: it reads the configuration of an app, adds remarks, and recognizes apps on
Container Apps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from assessments.controls.context import Context
from assessments.controls.declare import SubjectRule
from assessments.controls.settings import Remark
from assessments.controls.verdict import Verdict, not_applicable
from assessments.estate.collections.webapp import WEB_CONFIGS
from assessments.estate.ids import fold, name_of
from assessments.estate.services.web_apps import is_on_container_apps
from assessments.estate.view import View
from assessments.fixes.declare import Cli, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import Variable, segment

TYPE: Final = "Microsoft.Web/sites"
NO_APPS: Final = "No web apps or function apps"
NO_WEB_APPS: Final = "No web apps"
NO_FUNCTION_APPS: Final = "No function apps"
PORTAL: Final = "Azure portal › App Services › {app} ›"
GENERAL: Final = f"{PORTAL} Configuration › General settings ›"
LEARN: Final = "https://learn.microsoft.com/azure/app-service"
GENERAL_SOURCE: Final = f"{LEARN}/configure-common"


WAYS: Final = ("ftp", "scm")
"""Two ways to deploy an app: FTP, and the advanced tools (SCM). For each way, a policy of the app says whether people
may deploy with a password.
"""


def publishing_policies(policies: Iterable[View]) -> dict[str, View]:
    """Return {way to deploy an app: the app's policy for this way}. `WAYS` has the ways."""
    return {fold(name_of(policy.id)): policy for policy in policies}


def _name(facts: Facts) -> str:
    return "/".join(filter(None, (facts.segment("sites"), facts.segment("slots"))))


SITE: Final = Variable("site", "Name of the app", "app-shop", "the app", segment("sites"))
SLOT: Final = Variable("slot", "Name of the deployment slot", "staging", "the slot", segment("slots"))
APP: Final = Variable(
    "app", "Name of the app, or of the app and its deployment slot", "app-shop/staging", "the app", _name
)


def _is_stopped(app: View, ctx: Context) -> bool:
    return str(app.raw("properties.state")).casefold() == "stopped"


STOPPED: Final = Remark(
    "The app is stopped; the setting counts as soon as somebody starts the app", _is_stopped
)


def of_app(rule: SubjectRule) -> SubjectRule:
    """Return a rule that returns the verdict of `rule`, with an additional remark if the app is stopped."""

    def judge(app: View, ctx: Context) -> Verdict:
        verdict = rule(app, ctx)
        if not STOPPED.when(app, ctx):
            return verdict
        return replace(verdict, remarks=(*verdict.remarks, STOPPED.text))

    return judge


def on_container_apps(app: View, ctx: Context) -> Verdict | None:
    """Return not applicable for a function app on Container Apps, because Container Apps does not use the settings of
    App Service. Azure's built-in policies for these settings leave out apps on Container Apps as well:
    Azure/azure-policy, built-in-policies/policyDefinitions/App Service (FunctionApp_AuditHTTP_Audit.json and others).
    """
    if is_on_container_apps(app):
        return not_applicable(
            "The app runs on Container Apps, so the settings of its container app and environment count instead"
        )
    return None


def configuration(app: View, ctx: Context) -> View:
    """Return the properties of the app's `config/web`. Raise CollectionUnavailable or Unreadable if needed data could
    not be read.
    """
    found = ctx.single(WEB_CONFIGS, app.id)
    if found is None:
        raise app.unreadable("config/web", "absent")
    return found.object("properties")


def set_on_app(setting: str, intro: str = "") -> Cli:
    """Return the command that sets a property of an app or slot, such as `httpsOnly=true`."""
    return command(f"az resource update --ids {{id}} --set properties.{setting}", intro)


def set_in_configuration(properties: Mapping[str, Any], intro: str = "") -> Cli:
    """Return the command that sets properties of the configuration of an app or slot.

    The command sends only these properties. Apps in a Flex Consumption plan refuse a complete configuration, which
    `az resource update` would send: https://github.com/microsoft/azure-pipelines-tasks/issues/22254
    """
    return command(
        "az rest --method patch --url {id}/config/web --url-parameters api-version=2023-12-01 --body {body}",
        intro,
        bodies={"body": {"properties": properties}},
    )
