"""The controls logging-platform and logging-app-http of the logs that resources write.

Source: https://learn.microsoft.com/rest/api/monitor/diagnostic-settings (2021-05-01-preview). The sources of the
categories are in `assessments.estate.logs.resource_logs`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, judge, judgements, per_subject, unknown_from
from assessments.controls.docstrings import Doc
from assessments.controls.references import Partly, References, Setting
from assessments.controls.shared.defender_plans import complete_resources
from assessments.controls.shared.diagnostic_settings import ONE_SETTING
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, not_applicable, passed, unknown
from assessments.estate.collection import Collection
from assessments.estate.collections.logging import RESOURCE_LOG_SETTINGS
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.collections.webapp import WEB_APP_LOG_SETTINGS, WEB_SITES
from assessments.estate.gaps import Reason
from assessments.estate.ids import fold
from assessments.estate.logs.log_sinks import exported
from assessments.estate.logs.resource_logs import KINDS, NAMES, Logs, is_judged, kind_of, missing_logs
from assessments.estate.services.web_apps import is_web_app
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import WORKSPACE_ID

_NAME: Final = r"[A-Za-z0-9.]+(?:/[A-Za-z0-9.]+)+"
LEFT_OUT: Final = Parameter(
    "kinds",
    "",
    "Types of resources whose logs are not judged, such as Microsoft.Logic/workflows, separated by `;`",
    label="Types that are not judged",
    pattern=rf" *(?:{_NAME} *(?:; *{_NAME} *)*(?:; *)?)?",
    form="types of resources, such as Microsoft.Logic/workflows, separated by `;`",
)
_HTTP: Final = Logs(("AppServiceHTTPLogs",))
_DESTINATION: Final = (
    " Settings without a destination (storage account, workspace, event hub or partner) do not count. Whether the"
    " destination still exists, and how long it keeps the log, is not checked."
)
_COST: Final = "Azure bills the log by the amount of data."


def _judge_logs(ctx: Context, collection: Collection, resource: str, logs: Logs) -> Verdict:
    """Judge the diagnostic settings of a resource. Raise CollectionUnavailable or Unreadable if needed data could not
    be read.
    """
    found = exported(ctx.documents_at(collection, resource))
    if missing := missing_logs(found.categories, logs):
        if found.problem is not None:
            raise found.problem
        if "audit" in found.categories:
            return unknown(
                "Surety does not know which logs of this kind of resource belong to the category group “audit”",
                Reason.UNDECIDED,
                missing=missing,
            )
        return failed("Not all required logs are exported", missing=missing, settings=found.settings)
    useful = missing_logs(found.categories, Logs(logs.useful, logs.has_audit))
    remarks = [f"Categories not exported: {', '.join(useful)}"] if useful else []
    return passed("The required logs are exported", remarks=remarks, settings=found.settings)


def _platform(ctx: Context) -> Iterator[Judgement]:
    left_out = {fold(text.strip()) for text in str(ctx.params[LEFT_OUT.name]).split(";")}
    for resource in ctx.partial(RESOURCES)[0]:
        kind = kind_of(resource)
        if kind in KINDS and kind not in left_out:
            yield judge(ctx, resource.id or ctx.scope_id, partial(_judge_resource, resource, ctx))
    ctx.fresh_trace()
    try:
        complete_resources(ctx)
    except (CollectionUnavailable, Unreadable) as error:
        yield Judgement(ctx.scope_id, unknown_from(error))


def _judge_resource(resource: View, ctx: Context) -> Verdict:
    view = resource.bound(ctx.trace)
    if not view.id:
        raise view.unreadable("id", "absent")
    logs = KINDS[kind_of(view)]
    if not is_judged(view):
        return not_applicable("API Management of the tier Consumption writes no logs")
    if str(view.raw("sku.name")).casefold() in logs.lacking:
        logs = replace(logs, useful=())
    return _judge_logs(ctx, RESOURCE_LOG_SETTINGS, view.id, logs)


PLATFORM = judgements(
    needs=(RESOURCES, RESOURCE_LOG_SETTINGS),
    slug="logging-platform",
    subject_type="Microsoft.Resources/subscriptions/resources",
    empty_reason="The subscription has no resources whose logs the control judges",
    severity=Severity.LOW,
    parameters=(LEFT_OUT,),
    expects={"missing": ()},
    references=References(
        c2="5.4",
        c3="6.4",
        c4="7.1.4",
        c5="6.1.4",
        c6="6.1.4",
        mcsb="LT-3",
        nist="AU-12",
        partly=(
            Partly(
                "c2 c3 c4 c5 c6",
                "The control judges twelve kinds of services, not every service that has logs",
            ),
            Partly(
                "c2 c3 c4 c5 c6",
                "The control’s parameters can leave out types of resources",
                unless=(Setting(LEFT_OUT.name, equal=""),),
            ),
        ),
    ),
    fix=Fix(
        ONE_SETTING,
        command(
            "az monitor diagnostic-settings create --name surety-logs --resource {id} --workspace {workspace_id}"
            " --logs {logs}",
            bodies={"logs": [{"categoryGroup": "allLogs", "enabled": True}]},
        ),
        portal="Azure portal › Monitor › Settings › Diagnostic settings › the resource › Add diagnostic setting",
        portal_source="https://learn.microsoft.com/azure/azure-monitor/platform/create-diagnostic-settings",
        cost=f"{_COST} The audit log of AKS clusters is large.",
        effects="Only new entries are exported.",
        variables=[WORKSPACE_ID],
    ),
    doc=Doc(
        "Platform services write resource logs",
        "Platform service without resource logs",
        "The logs that show who did what are exported to a destination",
        f"The diagnostic settings of {', '.join(NAMES)}. Passes if the settings of a resource together export the"
        " required categories of its kind, the group `allLogs`, or the group `audit` if its kind has one. For"
        " AKS, the required categories are kube-audit or kube-audit-admin, and guard; for registries, those of"
        f" sign-ins and repository events; for Automation, AuditEvent.{_DESTINATION} API Management of the tier"
        " Consumption is not applicable. The parameter `kinds` can leave out kinds of resources.",
        "Without its log, nobody can find out what an attacker did in a service.",
    ),
)(_platform)


def _app_http(app: View, ctx: Context) -> Verdict:
    if str(app.raw("properties.state")).casefold() == "stopped":
        return not_applicable("The app is stopped")
    return _judge_logs(ctx, WEB_APP_LOG_SETTINGS, app.id, _HTTP)


APP_HTTP = per_subject(
    WEB_SITES,
    where=lambda app, _: is_web_app(app),
    empty_reason="No web apps",
    needs=(WEB_APP_LOG_SETTINGS,),
    slug="logging-app-http",
    severity=Severity.LOW,
    expects={"missing": ()},
    references=References(c2="5.1.7", c3="6.1.6", c4="7.1.1.6", c5="6.1.1.6", mcsb="LT-3", nist="AU-12"),
    fix=Fix(
        command(
            "az monitor diagnostic-settings create --name surety-http --resource {id} --workspace {workspace_id}"
            " --logs {logs}",
            bodies={"logs": [{"category": "AppServiceHTTPLogs", "enabled": True}]},
        ),
        portal="Azure portal › App Services › the app › Monitoring › Diagnostic settings › Add diagnostic setting",
        portal_source="https://learn.microsoft.com/azure/azure-monitor/platform/create-diagnostic-settings",
        cost=_COST,
        effects="Only new requests are logged.",
        variables=[WORKSPACE_ID],
    ),
    doc=Doc(
        "Web apps log requests",
        "Web app without a log of requests",
        "A diagnostic setting with a destination exports AppServiceHTTPLogs",
        "The diagnostic settings of each web app. Passes if a setting exports the category AppServiceHTTPLogs or the"
        f" group `allLogs`.{_DESTINATION} Function apps, logic apps and slots are not judged, and apps that are stopped"
        " are not applicable.",
        "Without a log of requests, nobody can find out who attacked an app and what the app answered.",
    ),
)(_app_http)

CONTROLS = (PLATFORM, APP_HTTP)
