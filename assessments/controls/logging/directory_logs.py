"""The controls logging-entra-diagnostics, logging-graph-activity and logging-intune of the logs of a directory.

Sources: https://learn.microsoft.com/entra/identity/monitoring-health/concept-diagnostic-settings-logs-options and
https://learn.microsoft.com/intune/intune-service/fundamentals/review-logs-using-azure-monitor
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, per_scope
from assessments.controls.docstrings import Doc
from assessments.controls.references import Partly, References
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collection import Collection
from assessments.estate.collections.tenant import ENTRA_LOG_SETTINGS, INTUNE_LOG_SETTINGS
from assessments.estate.logs.log_sinks import exported, missing_categories
from assessments.fixes.declare import Fix, advice

_SIGN_INS: Final = (
    "AuditLogs",
    "SignInLogs",
    "NonInteractiveUserSignInLogs",
    "ServicePrincipalSignInLogs",
    "ManagedIdentitySignInLogs",
)
_RISKS: Final = (
    "ProvisioningLogs",
    "RiskyUsers",
    "UserRiskEvents",
    "RiskyServicePrincipals",
    "ServicePrincipalRiskEvents",
)
_INTUNE: Final = ("AuditLogs", "OperationalLogs", "DeviceComplianceOrg", "Devices", "Windows365AuditLogs")
_USE_INTUNE: Final = Parameter(
    "use_intune", True, "The organization uses Microsoft Intune", label="Uses Microsoft Intune"
)
_EXTRA: Final = Parameter(
    "extra",
    "",
    "Further categories of logs that must be exported, separated by `;`, such as EnrichedOffice365AuditLogs",
    label="Additional log categories",
)
_COST: Final = "Azure bills the workspace, storage account or event hub by the amount of data."
_ENTRA: Final = (
    "Entra admin center › Entra ID › Monitoring & health › Diagnostic settings › Add diagnostic setting"
)
_ENTRA_PAGE: Final = (
    "https://learn.microsoft.com/entra/identity/monitoring-health/howto-configure-diagnostic-settings"
)


def _judge(
    ctx: Context,
    collection: Collection,
    wanted: tuple[str, ...],
    useful: tuple[str, ...] = (),
    sinks: frozenset[str] | None = None,
) -> Verdict:
    found = exported(ctx.documents(collection), sinks)
    missing = missing_categories(found.categories, wanted)
    if missing:
        if found.problem is not None:
            raise found.problem
        return failed("Not all required categories are exported", missing=missing)
    others = missing_categories(found.categories, useful)
    remarks = [f"Categories not exported: {', '.join(others)}"] if others else []
    return passed("All required categories are exported", remarks=remarks, missing=[])


def _entra(ctx: Context) -> Verdict:
    extra = tuple(part.strip() for part in str(ctx.params[_EXTRA.name]).split(";") if part.strip())
    return _judge(ctx, ENTRA_LOG_SETTINGS, (*_SIGN_INS, *extra), _RISKS)


def _graph(ctx: Context) -> Verdict:
    return _judge(ctx, ENTRA_LOG_SETTINGS, ("MicrosoftGraphActivityLogs",))


def _intune(ctx: Context) -> Verdict:
    if not ctx.params[_USE_INTUNE.name]:
        ctx.partial(INTUNE_LOG_SETTINGS)
        return not_applicable(
            "The organization does not use Microsoft Intune, according to the control’s parameters"
        )
    return _judge(ctx, INTUNE_LOG_SETTINGS, _INTUNE, sinks=frozenset({"workspace"}))


_READ: Final = (
    " If the service principal has no role at `{}`, the verdict is unknown. A role on a subscription does not apply"
    " there. The check of permissions shows the command that assigns a role there."
)
_AADIAM, _INTUNE_SCOPE = "/providers/Microsoft.aadiam", "/providers/Microsoft.Intune"

CONTROLS = (
    per_scope(
        needs=(ENTRA_LOG_SETTINGS,),
        slug="logging-entra-diagnostics",
        severity=Severity.MEDIUM,
        parameters=(_EXTRA,),
        references=References(
            c4="7.1.1.9",
            c5="6.1.1.9",
            c6="6.1.1.8",
            mcsb="LT-3* LT-5*",
            nist="AU-6* AU-12*",
            partly=(
                Partly(
                    "c4 c5 c6",
                    "Logs of risks, of provisioning and of individual products are required only if the control’s"
                    " parameters name them",
                ),
            ),
        ),
        fix=Fix(
            advice("Export the sign-in and audit logs to a workspace, storage account or event hub."),
            portal=_ENTRA,
            portal_source=_ENTRA_PAGE,
            cost=_COST,
            effects="Sign-in logs are exported only with a licence for Microsoft Entra ID P1.",
        ),
        doc=Doc(
            "Sign-in and audit logs of Entra ID are exported",
            "Sign-in and audit logs of Entra ID not exported",
            "Diagnostic settings export the audit log and all four logs of sign-ins to a destination",
            "The diagnostic settings of Microsoft Entra ID. Passes if settings with a destination together export"
            f" {', '.join(_SIGN_INS)} and the categories in `extra`. A remark names logs of risks and provisioning that"
            f" are not exported.{_READ.format(_AADIAM)}",
            "Entra ID keeps these logs for at most 30 days. Nobody can investigate an intrusion that is found later.",
        ),
    )(_entra),
    per_scope(
        needs=(ENTRA_LOG_SETTINGS,),
        slug="logging-graph-activity",
        severity=Severity.LOW,
        references=References(c4="7.1.1.8", c5="6.1.1.8", c6="6.1.1.7", mcsb="LT-3*", nist="AU-12*"),
        fix=Fix(
            advice(
                "Export the activity logs of Microsoft Graph to a workspace, storage account or event hub."
            ),
            portal=_ENTRA,
            portal_source=_ENTRA_PAGE,
            cost="The log needs Microsoft Entra ID P1. Azure bills the destination by the amount of data, and each"
            " request to Microsoft Graph is logged.",
        ),
        doc=Doc(
            "The activity of Microsoft Graph is exported",
            "Activity of Microsoft Graph not exported",
            "A diagnostic setting with a destination exports MicrosoftGraphActivityLogs",
            "The diagnostic settings of Microsoft Entra ID. Passes if one with a destination exports the category"
            f" MicrosoftGraphActivityLogs.{_READ.format(_AADIAM)}",
            "Without this log, nobody sees what an application or a stolen token reads from the"
            " directory, mailboxes and files.",
        ),
    )(_graph),
    per_scope(
        needs=(INTUNE_LOG_SETTINGS,),
        slug="logging-intune",
        severity=Severity.LOW,
        parameters=(_USE_INTUNE,),
        references=References(c4="7.1.1.10", c5="6.1.1.10", c6="6.1.1.9", mcsb="LT-3*", nist="AU-12*"),
        fix=Fix(
            advice(
                "Send all categories of logs to a workspace. If nobody uses Intune, change the parameter use_intune."
            ),
            portal="Microsoft Intune admin center › Reports › Diagnostics settings",
            portal_source="https://learn.microsoft.com/intune/intune-service/fundamentals/review-logs-using-azure-monitor",
            cost=_COST,
        ),
        doc=Doc(
            "Logs of Intune are sent to Log Analytics",
            "Logs of Intune not sent to Log Analytics",
            "Diagnostic settings export all log categories of Intune to a workspace",
            "The diagnostic settings of Microsoft Intune. Passes if settings with a workspace together export"
            f" {', '.join(_INTUNE)}. Not applicable if `use_intune` is off.{_READ.format(_INTUNE_SCOPE)}",
            "Without these logs, nobody can find out who changed the rules for devices, and which"
            " devices do not follow them.",
        ),
    )(_intune),
)
