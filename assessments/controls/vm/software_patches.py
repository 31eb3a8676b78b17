"""vm-software-patches."""

from __future__ import annotations

from datetime import datetime, timedelta

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, per_subject
from assessments.controls.references import References
from assessments.controls.verdict import Severity, Verdict, failed, manual
from assessments.controls.vm_assessments import STATUS_CODES, machine_findings
from assessments.estate.collections.defender import SECURITY_SUBASSESSMENTS
from assessments.estate.collections.vm import VIRTUAL_MACHINES
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice

_SEVERE = {"high", "critical"}


FIX = Fix(
    advice("Update the software that the finding names."),
    portal="Azure portal › Microsoft Defender for Cloud › Recommendations › Machines should have vulnerability findings"
    " resolved › {machine}",
    portal_source="https://learn.microsoft.com/azure/defender-for-cloud/review-security-recommendations",
)


@per_subject(
    VIRTUAL_MACHINES,
    fix=FIX,
    severity=Severity.MEDIUM,
    needs=(SECURITY_SUBASSESSMENTS,),
    references=References(mcsb="PV-6", nist="SI-2 RA-5"),
    parameters=(
        Parameter("max_age_days", 30, "Maximum age of a High or Critical vulnerability, in days", minimum=0),
    ),
    is_manual=True,
)
def software_patches(machine: View, ctx: Context) -> Verdict:
    """Application software is patched.

    Problem: Application software with known vulnerabilities
    Expected: No vulnerability of severity High or Critical is known for over {max_age_days:count} days, and a
    person attests the patches
    Judged: A machine fails if Defender reports a vulnerability of severity High or Critical that has been known for
    more than `max_age_days` days, counted from its publication or, if that date is unknown, from its detection.
    Otherwise needs an attestation, because no scanner knows all software.
    Why: Attackers break into reachable services through vulnerabilities that already have a patch.
    """
    limit = timedelta(days=float(ctx.params["max_age_days"]))
    ctx.require_complete(SECURITY_SUBASSESSMENTS)
    severe: list[str] = []
    recent, first_error = 0, None
    for finding in machine_findings(ctx, SECURITY_SUBASSESSMENTS, machine.id):
        try:
            status = finding.object("properties.status")
            if (
                status.choice("code", STATUS_CODES) != "unhealthy"
                or status.text("severity").casefold() not in _SEVERE
            ):
                continue
            finding = finding.bound(ctx.trace)
            finding.raw("properties.status")
            if ctx.now - _known_since(finding) > limit:
                severe.append(finding.text("properties.id", default=finding.name))
            else:
                recent += 1
        except Unreadable as error:
            first_error = first_error or error
    if severe:
        text = f"High or critical vulnerabilities older than {ctx.params['max_age_days']:,} days: {len(severe):,}"
        return failed(text, vulnerabilities=sorted(severe), recent=recent)
    if first_error is not None:
        raise first_error
    return manual("Attest that the installed software is patched", vulnerabilities=[], recent=recent)


def _known_since(finding: View) -> datetime:
    published = finding.has("properties.additionalData.publishedTime")
    return finding.time(
        "properties.additionalData.publishedTime" if published else "properties.timeGenerated"
    )
