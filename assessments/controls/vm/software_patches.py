"""The control vm-software-patches: Application software is patched."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, per_subject
from assessments.controls.references import References
from assessments.controls.shared.aks_nodes import unless_node
from assessments.controls.shared.imported_scans import SCAN_AGE, has_imports, recent_scans
from assessments.controls.shared.vm_assessments import STATUS_CODES, is_software_update, machine_findings
from assessments.controls.verdict import Severity, Verdict, failed, manual, not_applicable, passed
from assessments.estate.collections.defender import SECURITY_SUBASSESSMENTS, SOFTWARE_UPDATES
from assessments.estate.collections.resources import MANAGED_RESOURCE_GROUPS
from assessments.estate.collections.vm import VIRTUAL_MACHINES
from assessments.estate.quantities import in_days
from assessments.estate.retired import Feature
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice

_NODE = not_applicable(
    "The machine is a node of Azure Kubernetes Service: see the controls aks-upgrade and aks-version"
)
_SEVERE = {"high", "critical"}
_IMPORTED = frozenset({"critical", "high", "medium", "low", "unknown"})
SEVERITIES = Parameter(
    "severities",
    "critical, high",
    "Severities at which vulnerabilities in imported scans are judged",
    label="Severities that are judged",
    choices=("critical", "critical, high", "critical, high, medium", "critical, high, medium, low"),
)

FIX = Fix(
    advice("Update the software that the finding names."),
    portal="Azure portal › Microsoft Defender for Cloud › Recommendations › Vulnerabilities › Group by resource"
    " › {machine}",
    portal_source="https://learn.microsoft.com/azure/defender-for-cloud/review-security-recommendations",
    effects="An update can restart the software or the machine.",
)


@per_subject(
    VIRTUAL_MACHINES,
    fix=FIX,
    severity=Severity.MEDIUM,
    labels={"recent": "Vulnerabilities within the maximum age"},
    needs=(SECURITY_SUBASSESSMENTS, SOFTWARE_UPDATES, MANAGED_RESOURCE_GROUPS),
    references=References(mcsb="PV-6", nist="SI-2 RA-5"),
    parameters=(
        Parameter(
            "max_age_days",
            30,
            "Maximum age of a High or Critical vulnerability, in days",
            label="Maximum age (days)",
            minimum=0,
        ),
        SEVERITIES,
        SCAN_AGE,
    ),
    is_manual=True,
)
def software_patches(machine: View, ctx: Context) -> Verdict:
    """Application software is patched.

    Problem: Application software with known vulnerabilities
    Expected: No vulnerability of severity High or Critical is known for over {max_age_days:days}, as an imported scan
    shows or a person attests
    Judged: A machine fails if Defender has reported for more than `max_age_days` days that software needs an update of
    severity High or Critical. In clouds in which Defender still reports single vulnerabilities, these are judged in the
    same way, counted from their publication or, if that date is unknown, from their detection. An update for which
    Azure states no date adds a remark.

    If scans were imported for the customer, the last scan by each scanner is judged too, if it is at most
    `max_scan_age_days` days old: a machine fails if such a scan contains a vulnerability of `severities` that has been
    known for more than `max_age_days` days. A vulnerability is known since the earliest of these times: when it was
    published, when it was first found, and the time of the first scan in the unbroken series of imported scans that
    contain it.

    A machine that does not fail needs an attestation if no such scan was imported, if the scanner of such a scan states
    that it did not sign in to the machine, or if a vulnerability in such a scan has no severity. Otherwise, the machine
    passes. In Azure China, where Microsoft retired Defender for Cloud, only imported scans are judged. A node of Azure
    Kubernetes Service that does not pass is not applicable, because the service replaces it with a machine of a new
    image: see the controls aks-upgrade and aks-version.
    Why: Attackers break into reachable services through vulnerabilities that already have a patch.
    """
    return unless_node(_judge(machine, ctx), machine, ctx, _NODE)


def _judge(machine: View, ctx: Context) -> Verdict:
    retired = ctx.retirement(Feature.DEFENDER)
    if retired and not has_imports(ctx):
        return manual("Attest that the installed software is patched", remarks=[retired])
    found = _Found(ctx)
    if not retired:
        ctx.require_complete(SECURITY_SUBASSESSMENTS)
        ctx.require_complete(SOFTWARE_UPDATES)
        for finding in machine_findings(ctx, SECURITY_SUBASSESSMENTS, machine.id):
            found.add(finding, "properties.status.severity", "properties.id", _known_since)
        for update in machine_findings(ctx, SOFTWARE_UPDATES, machine.id):
            found.add_update(update)
    scans = recent_scans(ctx, machine.id) if has_imports(ctx) else []
    for scan in scans:
        found.add_scan(scan.bound(ctx.trace))
    old = sorted(set(found.old))
    observed = {"vulnerabilities": old, "recent": found.recent}
    remarks = _remarks(ctx, found, len(scans))
    if retired:
        remarks.append(retired)
    if found.old:
        number = len(old)
        age = in_days(ctx.params["max_age_days"])
        if "medium" in ctx.params[SEVERITIES.name]:
            return failed(f"Vulnerabilities older than {age}: {number:,}", remarks=remarks, **observed)
        text = f"High or critical vulnerabilities older than {age}: {number:,}"
        return failed(text, remarks=remarks, **observed)
    if found.first_error is not None:
        raise found.first_error
    if scans and not found.unrated and not found.unauthenticated:
        text = f"No vulnerability in imported scans is older than {in_days(ctx.params['max_age_days'])}"
        return passed(text, remarks=remarks, **observed)
    return manual("Attest that the installed software is patched", remarks=remarks, **observed)


def _remarks(ctx: Context, found: _Found, scans: int) -> list[str]:
    remarks = []
    if found.undated:
        text = f"Software updates for which Azure states no date: {found.undated:,}"
        remarks.append(text)
    if has_imports(ctx) and not scans:
        remarks.append(f"No scan was imported in the last {in_days(ctx.params[SCAN_AGE.name])}")
    if found.unauthenticated:
        remarks.append("The scanner did not sign in to the machine, so it saw only what the network shows")
    if found.unrated:
        remarks.append(f"Vulnerabilities without a severity in the imported scan: {found.unrated:,}")
    return remarks


class _Found:
    """The vulnerabilities and software updates of one machine that the control judges.

    - `old`: the names of those that have been known for more than `max_age_days` days; all others are only counted
    - `recent`: the number of those that have been known for a shorter time
    - `undated`: the number of those without a date
    - `unrated`: the number of those without a severity
    - `unauthenticated`: whether a scanner did not sign in to the machine
    - `first_error`: the first read error
    """

    def __init__(self, ctx: Context) -> None:
        self.old: list[str] = []
        self.recent = self.undated = self.unrated = 0
        self.unauthenticated = False
        self.first_error: Unreadable | None = None
        self._ctx = ctx
        self._limit = timedelta(days=float(ctx.params["max_age_days"]))

    def add(self, finding: View, severity: str, label: str, since: Callable[[View], datetime | None]) -> None:
        """Record a vulnerability that Defender found, if it is severe and still present. Depending on its age, add its
        name to `old`, or count it. `severity` and `label` are the paths of the properties with the severity and the
        name of the vulnerability. `since` returns when the vulnerability became known, or None.
        """
        try:
            self._add(finding, severity, label, since)
        except Unreadable as error:
            self.first_error = self.first_error or error

    def add_update(self, recommendation: View) -> None:
        """Record a recommended software update: add it to `old` or count it, depending on when Defender first
        recommended it. Ignore other recommendations.
        """
        try:
            if is_software_update(recommendation):
                self._add(
                    recommendation, "properties.metadata.severity", "properties.displayName", _first_seen
                )
        except Unreadable as error:
            self.first_error = self.first_error or error

    def add_scan(self, scan: View) -> None:
        """Record the judged vulnerabilities of an imported scan in `old` or `recent`, and count those without a
        severity in `unrated`.
        """
        judged = str(self._ctx.params[SEVERITIES.name]).split(", ")
        self.unauthenticated = self.unauthenticated or not scan.flag("properties.authenticated", default=True)
        for one in scan.items("properties.vulnerabilities"):
            severity = one.choice("severity", _IMPORTED)
            if severity == "unknown":
                self.unrated += 1
            elif severity in judged:
                if self._ctx.now - one.time("knownSince") > self._limit:
                    self.old.append(one.text("title", default=one.text("id")))
                else:
                    self.recent += 1

    def _add(
        self, finding: View, severity: str, label: str, since: Callable[[View], datetime | None]
    ) -> None:
        status = finding.object("properties.status")
        if (
            status.choice("code", STATUS_CODES) != "unhealthy"
            or finding.text(severity).casefold() not in _SEVERE
        ):
            return
        finding = finding.bound(self._ctx.trace)
        # Surety's queries for vulnerabilities and software updates select documents by the two properties below. Read
        # both, so that the evidence contains them, and the same queries also find the document in exported evidence.
        finding.raw("properties.status")
        finding.raw(severity.rpartition(".")[0])
        known = since(finding)
        if known is None:
            self.undated += 1
        elif self._ctx.now - known > self._limit:
            self.old.append(finding.text(label, default=finding.name))
        else:
            self.recent += 1


def _known_since(finding: View) -> datetime:
    published = finding.has("properties.additionalData.publishedTime")
    return finding.time(
        "properties.additionalData.publishedTime" if published else "properties.timeGenerated"
    )


def _first_seen(update: View) -> datetime | None:
    """Return when Defender first recommended the update, or None if Azure does not state it."""
    return update.time("properties.status.firstEvaluationDate", default=None)
