"""vm-software-patches."""

from __future__ import annotations

from datetime import datetime, timedelta

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, References, per_subject
from assessments.controls.verdict import Severity, Verdict, failed, manual
from assessments.controls.vm_assessments import machine_findings
from assessments.estate.collections.defender import SECURITY_SUBASSESSMENTS
from assessments.estate.collections.vm import VIRTUAL_MACHINES
from assessments.estate.view import Unreadable, View

_GRAVE = {"high", "critical"}


@per_subject(
    VIRTUAL_MACHINES,
    problem="Application software with known vulnerabilities",
    severity=Severity.MEDIUM,
    expected="no vulnerability of severity High or Critical known for over max_age_days; attested",
    needs=(SECURITY_SUBASSESSMENTS,),
    references=References(mcsb="PV-6", nist="SI-2 RA-5"),
    parameters=(Parameter("max_age_days", 30, "Days that a grave vulnerability may stay", minimum=0),),
    is_manual=True,
)
def software_patches(machine: View, ctx: Context) -> Verdict:
    """Application software patched.

    Judged: a machine fails where Defender's vulnerability findings hold one of severity High or
    Critical that is older than `max_age_days` (by its publication, else by when it was found).
    Otherwise a person attests, since no scanner knows all software.
    Why: services reachable from outside are broken into by holes that have a patch already.
    Fix: update the software that the finding names; its remediation says how.
    """
    limit = timedelta(days=float(ctx.params["max_age_days"]))
    ctx.require_complete(SECURITY_SUBASSESSMENTS)
    grave: list[str] = []
    recent, unread = 0, None
    for finding in machine_findings(ctx, SECURITY_SUBASSESSMENTS, machine.id):
        try:
            status = finding.object("properties.status")
            if (
                status.text("code").casefold() != "unhealthy"
                or status.text("severity").casefold() not in _GRAVE
            ):
                continue
            finding = finding.bound(ctx.trace)
            finding.raw("properties.status")
            if ctx.now - _since(finding) > limit:
                grave.append(finding.text("properties.id", default=finding.name))
            else:
                recent += 1
        except Unreadable as error:
            unread = unread or error
    if grave:
        text = f"{len(grave)} grave vulnerabilities are older than {ctx.params['max_age_days']} days"
        return failed(text, vulnerabilities=sorted(grave), recent=recent)
    if unread is not None:
        raise unread
    return manual(
        "a person must attest that the installed software is patched", vulnerabilities=[], recent=recent
    )


def _since(finding: View) -> datetime:
    published = finding.has("properties.additionalData.publishedTime")
    return finding.time(
        "properties.additionalData.publishedTime" if published else "properties.timeGenerated"
    )
