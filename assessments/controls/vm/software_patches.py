"""vm-software-patches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, per_subject
from assessments.controls.references import References
from assessments.controls.verdict import Severity, Verdict, failed, manual
from assessments.controls.vm_assessments import STATUS_CODES, is_software_update, machine_findings
from assessments.estate.collections.defender import SECURITY_SUBASSESSMENTS, SOFTWARE_UPDATES
from assessments.estate.collections.vm import VIRTUAL_MACHINES
from assessments.estate.quantities import in_days
from assessments.estate.retired import Feature
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice

_SEVERE = {"high", "critical"}


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
    needs=(SECURITY_SUBASSESSMENTS, SOFTWARE_UPDATES),
    references=References(mcsb="PV-6", nist="SI-2 RA-5"),
    parameters=(
        Parameter("max_age_days", 30, "Maximum age of a High or Critical vulnerability, in days", minimum=0),
    ),
    is_manual=True,
)
def software_patches(machine: View, ctx: Context) -> Verdict:
    """Application software is patched.

    Problem: Application software with known vulnerabilities
    Expected: No vulnerability of severity High or Critical is known for over {max_age_days:days}, and a
    person attests the patches
    Judged: A machine fails if Defender has reported for more than `max_age_days` days that software needs an update of
    severity High or Critical. In clouds in which Defender still reports single vulnerabilities, these are judged
    in the same way, counted from their publication or, if that date is unknown, from their detection. An update for
    which Azure states no date adds a remark. Otherwise needs an attestation, because no scanner knows all software.
    In Azure China, where Microsoft retired Defender for Cloud, each machine needs an attestation.
    Why: Attackers break into reachable services through vulnerabilities that already have a patch.
    """
    if retired := ctx.retirement(Feature.DEFENDER):
        return manual("Attest that the installed software is patched", remarks=[retired])
    ctx.require_complete(SECURITY_SUBASSESSMENTS)
    ctx.require_complete(SOFTWARE_UPDATES)
    found = _Found(ctx)
    for finding in machine_findings(ctx, SECURITY_SUBASSESSMENTS, machine.id):
        found.add(finding, "properties.status.severity", "properties.id", _known_since)
    for update in machine_findings(ctx, SOFTWARE_UPDATES, machine.id):
        found.add_update(update)
    observed = {"vulnerabilities": sorted(found.old), "recent": found.recent}
    remarks = (
        [f"Software updates for which Azure does not state since when they are due: {found.undated:,}"]
        if found.undated
        else []
    )
    if found.old:
        text = f"High or critical vulnerabilities older than {in_days(ctx.params['max_age_days'])}: {len(found.old):,}"
        return failed(text, remarks=remarks, **observed)
    if found.first_error is not None:
        raise found.first_error
    return manual("Attest that the installed software is patched", remarks=remarks, **observed)


class _Found:
    """The severe findings of one machine: names of the old ones, counts of the others, and the first read error."""

    def __init__(self, ctx: Context) -> None:
        self.old: list[str] = []
        self.recent = self.undated = 0
        self.first_error: Unreadable | None = None
        self._ctx = ctx
        self._limit = timedelta(days=float(ctx.params["max_age_days"]))

    def add(self, finding: View, severity: str, label: str, since: Callable[[View], datetime | None]) -> None:
        """Sort a finding by its age. `severity` and `label` are paths."""
        try:
            self._add(finding, severity, label, since)
        except Unreadable as error:
            self.first_error = self.first_error or error

    def add_update(self, recommendation: View) -> None:
        """Sort a recommendation by its age if it recommends to update software."""
        try:
            if is_software_update(recommendation):
                self._add(
                    recommendation, "properties.metadata.severity", "properties.displayName", _first_seen
                )
        except Unreadable as error:
            self.first_error = self.first_error or error

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
        # Read the properties by which the queries filter, so that the evidence contains them. Otherwise, the queries
        # would not find this document in exported evidence.
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
