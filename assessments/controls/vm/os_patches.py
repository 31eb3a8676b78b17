"""vm-os-patches."""

from __future__ import annotations

from datetime import timedelta

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, References, per_subject
from assessments.controls.verdict import Severity, Verdict, failed, passed, unknown
from assessments.controls.vm_status import instance_view, is_off, os_configuration, power_state
from assessments.estate.collections.vm import VIRTUAL_MACHINES, VM_STATUSES
from assessments.estate.gaps import Reason
from assessments.estate.view import View

_BY_HAND = {"manual", "automaticbyos", "imagedefault"}
_DONE = {"succeeded", "completedwithwarnings"}


@per_subject(
    VIRTUAL_MACHINES,
    problem="Operating system security patches missing",
    severity=Severity.HIGH,
    expected="an assessment of at most max_age_days with no critical or security patch missing",
    needs=(VM_STATUSES,),
    references=References(
        c2="2.1.13", c3="3.1.10", c4="9.1.10", c5="8.1.10", c6="8.1.10", mcsb="PV-6", nist="SI-2 RA-5"
    ),
    parameters=(Parameter("max_age_days", 7, "Days that an assessment of patches may be old", minimum=1),),
)
def os_patches(machine: View, ctx: Context) -> Verdict:
    """OS security patches current.

    Judged: the patch assessment in the machine's run-time status: finished within `max_age_days` and no
    critical or security patch missing. Without one, or with an old or failed one, it fails as not
    assessed. A machine that is off is unknown. Patches not orchestrated by Azure are a remark.
    Why: known holes in the operating system are what most intrusions use.
    Fix: az vm assess-patches -g RG -n VM; az vm install-patches -g RG -n VM --maximum-duration PT2H
    --reboot-setting IfRequired; az vm update -g RG -n VM --set
    osProfile.linuxConfiguration.patchSettings.assessmentMode=AutomaticByPlatform
    """
    status = instance_view(machine, ctx)
    state = power_state(status)
    if is_off(state):
        text = f"the machine is {state}; its patches cannot be assessed"
        return unknown(text, Reason.UNDECIDED, powerState=state)
    remarks = _mode(machine)
    if not status.has("patchStatus.availablePatchSummary"):
        return failed("not assessed: no patch assessment was ever made", remarks=remarks, assessed=False)
    summary = status.object("patchStatus.availablePatchSummary")
    result = summary.text("status").casefold()
    missing = summary.raw("criticalAndSecurityPatchCount")
    observed = {"status": summary.raw("status"), "criticalAndSecurityPatchCount": missing}
    if isinstance(missing, int) and not isinstance(missing, bool) and missing > 0:
        return failed(f"{missing} critical or security patches are missing", remarks=remarks, **observed)
    if result == "inprogress":
        return unknown("the assessment of patches is under way", Reason.UNDECIDED, **observed)
    if result not in _DONE:
        return failed(f"not assessed: the last assessment ended as {result}", remarks=remarks, **observed)
    limit = timedelta(days=float(ctx.params["max_age_days"]))
    if ctx.now - summary.time("lastModifiedTime") > limit:
        text = f"not assessed: the last assessment is older than {ctx.params['max_age_days']} days"
        return failed(text, remarks=remarks, **observed)
    summary.number("criticalAndSecurityPatchCount")
    if summary.raw("rebootPending") is True:
        remarks.append("a restart is pending")
    return passed("no critical or security patch is missing", remarks=remarks, **observed)


def _mode(machine: View) -> list[str]:
    configuration = os_configuration(machine)
    if configuration is None:
        return []
    settings = configuration.object("patchSettings", default={})
    mode = settings.text("patchMode", default="")
    return [f"patches are not orchestrated by Azure ({mode})"] if mode.casefold() in _BY_HAND else []
