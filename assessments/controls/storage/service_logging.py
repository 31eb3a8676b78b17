"""The control storage-service-logging: Storage services log reads, writes and deletions.

Logs: https://learn.microsoft.com/azure/azure-monitor/reference/supported-logs/microsoft-storage-storageaccounts-blobservices-logs
and the pages of queueservices and tableservices
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter
from assessments.controls.references import Partly, References, Setting
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.shared.diagnostic_settings import ONE_SETTING
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed, unknown
from assessments.estate.collections.storage import STORAGE_ACCOUNTS, STORAGE_LOG_SETTINGS
from assessments.estate.gaps import Reason
from assessments.estate.logs.log_sinks import exported
from assessments.estate.logs.resource_logs import Logs, missing_logs
from assessments.estate.services.storage import log_services
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import WORKSPACE_ID, Variable

_SERVICES: Final = {"blob": "blobServices", "queue": "queueServices", "table": "tableServices"}
_ALL: Final = "blob;queue;table"
_NAME: Final = "(?i:blob|queue|table)"
SERVICES: Final = Parameter(
    "services",
    "",
    f"Services whose logs are judged: one or more of {_ALL}, separated by `;`. If no service is named, the control is"
    " off",
    pattern=rf" *(?:{_NAME} *(?:; *{_NAME} *)*(?:; *)?)?",
    form=f"some of {_ALL}, separated by `;`",
)
# The logs that must be exported. Microsoft does not document which of them the category group `audit` contains.
_LOGS: Final = Logs(("StorageRead", "StorageWrite", "StorageDelete"))


def _missing(service: str, ctx: Context) -> tuple[list[str], bool, Unreadable | None]:
    """Return three values: the logs (`_LOGS`) that no diagnostic setting of the service exports; whether a setting
    exports the category group `audit`; and the first error of a property that cannot be read, or None. Raise
    CollectionUnavailable if the settings could not be read.
    """
    found = exported(ctx.documents_at(STORAGE_LOG_SETTINGS, service))
    return missing_logs(found.categories, _LOGS), "audit" in found.categories, found.problem


def _judge(account: View, ctx: Context) -> Verdict:
    account.object("properties")
    chosen = {name.strip().casefold() for name in str(ctx.params[SERVICES.name]).split(";")}
    services = set(log_services(account))
    judged = {name: path for name, path in _SERVICES.items() if name in chosen and path in services}
    if not judged:
        return not_applicable("The account has none of the services whose logs are judged")
    missing: dict[str, list[str]] = {}
    with_audit = False
    problem: Unreadable | None = None
    for name, path in judged.items():
        lacking, has_audit, unreadable = _missing(f"{account.id}/{path}/default", ctx)
        if not lacking:
            continue
        if unreadable is None and not has_audit:
            missing[name] = lacking
        with_audit = with_audit or has_audit
        problem = problem or unreadable
    if missing:
        return failed(
            "Not every service of the account exports its log of reads, writes and deletions",
            missing=[f"{name}: {', '.join(logs)}" for name, logs in missing.items()],
            unloggedServices=sorted(missing),
        )
    if problem is not None:
        raise problem
    if with_audit:
        return unknown(
            "Microsoft does not document which logs of storage belong to the category group “audit”",
            Reason.UNDECIDED,
        )
    return passed("Reads, writes and deletions are logged", missing=[], unloggedServices=[])


def _paths(facts: Facts) -> list[dict[str, str]]:
    return [
        {"service_path": _SERVICES[name]} for name in facts.texts("unloggedServices") if name in _SERVICES
    ]


CONTROLS = declare_settings(
    __name__,
    STORAGE_ACCOUNTS,
    SettingControl(
        "storage-service-logging",
        title="Storage services log reads, writes and deletions",
        problem="Storage service without a log of requests",
        expected="Diagnostic settings export StorageRead, StorageWrite and StorageDelete to a destination",
        judged="The diagnostic settings of those services of the account that `services` names. The control is off"
        " until you name services, because the logs of busy accounts are large. Queues and tables exist only in"
        " general-purpose accounts with a standard SKU. The control passes if settings with a destination (storage"
        " account, workspace, event hub or partner) together export the three categories or the group `allLogs`."
        " Microsoft does not document which categories the group `audit` contains. Classic logs in the container"
        " `$logs` are not visible to Surety.",
        why="Without a log of requests, nobody can find out which data an attacker read or deleted.",
        severity=Severity.LOW,
        labels={"unloggedServices": "Services without a complete log"},
        judge=_judge,
        needs=(STORAGE_LOG_SETTINGS,),
        parameters=(SERVICES,),
        asks_with=SERVICES.name,
        expects={"missing": (), "unloggedServices": ()},
        references=References(
            c2="3.5 3.13 3.14",
            c3="4.12 4.13 4.14",
            mcsb="LT-3*",
            nist="AU-12*",
            partly=(
                Partly(
                    "c2 c3",
                    "The control judges only the services that its parameters name; by default, they name none",
                    unless=(Setting(SERVICES.name, equal=_ALL),),
                ),
            ),
        ),
        fix=Fix(
            ONE_SETTING,
            command(
                "az monitor diagnostic-settings create --name surety-logs --resource {id}/{service_path}/default"
                " --workspace {workspace_id} --logs {logs}",
                "For each service without a complete log:",
                bodies={"logs": [{"categoryGroup": "allLogs", "enabled": True}]},
                each=_paths,
            ),
            portal="Azure portal › Monitor › Settings › Diagnostic settings › the resource › Add diagnostic setting",
            portal_source="https://learn.microsoft.com/azure/azure-monitor/platform/create-diagnostic-settings",
            cost="Azure bills the log by the amount of data. Busy accounts write a lot.",
            effects="Only new requests are logged.",
            variables=[
                WORKSPACE_ID,
                Variable("service_path", "Service whose log is exported", "blobServices"),
            ],
        ),
    ),
)
