"""Find the assignments of Azure Machine Configuration that check the firewall of a machine, and the reports of these
assignments. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from assessments.estate.estate import Estate
from assessments.estate.ids import fold, name_of
from assessments.estate.view import View

# The names of the assignments that the built-in policies on the firewall create, in lower case. Source:
# built-in-policies/policyDefinitions/Guest Configuration of https://github.com/Azure/azure-policy.
_BASELINES = {"azurewindowsbaseline", "azurelinuxbaseline", "azurebaseline_windowsfirewallproperties"}
_ID_SEPARATOR = "/providers/microsoft.guestconfiguration/"
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def is_baseline(assignment: View) -> bool:
    """Return whether the assignment checks the firewall."""
    return assignment.name.casefold() in _BASELINES


def machine_of(assignment: View) -> str:
    """Return the id of the assignment's machine in lower case."""
    return fold(assignment.id).partition(_ID_SEPARATOR)[0]


def report_of(assignment: View) -> str:
    """Return the id of the latest report of an assignment, or an empty string if the assignment names no report.

    Surety uses only the last segment of `latestReportId`. So even a forged id leads to a report of this assignment.
    """
    stated = assignment.raw("properties.latestReportId")
    name = name_of(stated) if isinstance(stated, str) else ""
    return f"{assignment.id}/reports/{name}" if assignment.id and _GUID.fullmatch(name) else ""


def unlisted_reports(estate: Estate) -> Iterable[str]:
    """Yield the ids of the reports that need a request of their own: the latest reports of assignments that are not
    compliant. No control needs reports of compliant assignments.

    A report that is in the list of assignments (`latestAssignmentReport`) needs no request. In Microsoft's examples,
    the list contains only the ids of reports.
    """
    machines = {fold(view.id) for view in estate.documents("virtual_machines")}
    for assignment in estate.documents("guest_configuration"):
        if not is_baseline(assignment) or machine_of(assignment) not in machines:
            continue
        compliant = str(assignment.raw("properties.complianceStatus")).casefold() == "compliant"
        is_listed = assignment.has("properties.latestAssignmentReport")
        if not compliant and not is_listed and (report := report_of(assignment)):
            yield report
