"""Define the common part of the pages of customers' reports and of portfolio reports."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from portal.reports.journal_head import HeadComparison
from portal.reports.offline.bundle import NAME
from portal.reports.records.installation_trust import installation_trust
from portal.reports.records.register import Standing, standing
from portal.reports.signed_build import SignedBuild
from portal.reports.verification.verify import verify_pdf
from portal.web.reports.checks import checks
from portal.web.reports.forms import RevokeForm
from portal.web.reports.verify_limits import TryAgain, verification_slot
from tenants.errors import NotFound

_STATE: Final = SignedBuild.State
# {state of a report that has no file: state of an assessment}. The page shows the report with the badge of this
# assessment state.
_BADGES: Final = {_STATE.BUILDING: "running", _STATE.FAILED: "failed", _STATE.CANCELLED: "cancelled"}


def progress(row: SignedBuild, cancel: str, *, may_build: bool) -> dict[str, Any]:
    """Return the badge, the current step of the build, and the URL that cancels the build. Each is a text, which is
    empty if it does not apply.
    """
    status, step = _BADGES.get(_STATE(row.state), ""), ""
    building = row.state == _STATE.BUILDING
    if building and row.step:
        steps = SignedBuild.Step.values
        step = f"Step {steps.index(row.step) + 1} of {len(steps)}: {SignedBuild.Step(row.step).label}"
    elif building:
        status, step = "waiting", "Waiting for a worker"
    return {"status": status, "step": step, "cancel": cancel if building and may_build else ""}


def listed(row: SignedBuild, standing: Standing) -> dict[str, Any]:
    """Return the values that lists show about a report. The report is a customer's report or a portfolio report."""
    return {
        "number": row.number,
        "at": row.created_at,
        "title": row.title,
        "error": row.error,
        "level": row.level,
        "signer": row.signer,
        "self_made": row.self_made,
        "by": row.requested_as,
        "size": row.size,
        "pages": row.pages,
        "sha256": row.sha256,
        "standing": standing,
        "renewal": renewal_problem(row),
    }


def renewal_problem(row: SignedBuild) -> str:
    """Return, as a sentence, why the archive time stamp was not renewed. Return an empty text if no renewal has
    failed.
    """
    if row.renewal_failed_at is None or row.archive_until is None:
        return ""
    verb = "ended" if row.archive_until <= timezone.now() else "ends"
    tried = f"{row.renewal_failed_at:%Y-%m-%d}"
    return (
        f"The archive time stamp {verb} on {row.archive_until:%Y-%m-%d}. On {tried}, Surety could not renew it."
        f" {row.renewal_error}"
    )


def page_of(row: SignedBuild, form: RevokeForm) -> dict[str, Any]:
    """Return the values that the page of a finished report shows. The report is a customer's report or a portfolio
    report.
    """
    return {
        "report": row,
        "standing": standing(row.pk),
        "renewal": renewal_problem(row),
        "now": timezone.now(),
        "revoke_form": form,
        "pdfsig": f"pdfsig -nocert {row.file_name}",
        "offline": f"python {NAME} --fingerprint SHA256 {row.file_name}",
    }


def checked(
    content: bytes, edition: dict[str, Any] | None, journal: HeadComparison | None = None
) -> dict[str, Any]:
    """Verify a report's file. Return template variables with the result and the checks.

    If the file cannot be verified now, the only variables are `busy`, which is the reason, and an empty list of checks.
    For `edition` and `journal`, see `portal.web.reports.checks`.
    """
    try:
        with verification_slot():
            result = verify_pdf(content, installation_trust())
    except TryAgain as error:
        return {"checks": [], "busy": str(error)}
    if result.timed_out:
        return {"checks": [], "busy": " ".join(result.problems)}
    return {"result": result, "checks": list(checks(result, edition, journal))}


def require_signed(row: SignedBuild) -> None:
    """Raise NotFound if the report cannot be revoked because it was not signed."""
    if row.state != _STATE.READY:
        raise NotFound("This report has no signed file, so it cannot be revoked.")


def file_response(request: HttpRequest, row: SignedBuild, content: bytes) -> FileResponse:
    """Send the file as a download. If the request has `?open`, the browser opens the file instead."""
    return FileResponse(
        BytesIO(content),
        as_attachment="open" not in request.GET,
        filename=row.file_name,
        content_type="application/pdf",
    )


def refused_file(request: HttpRequest, row: SignedBuild, listed: str, slug: str) -> HttpResponseBase:
    """Show the list of reports with an error about a missing or changed file. `listed` is the URL name of the list."""
    messages.error(
        request,
        f"The file of report {row.number} is missing or was changed after it was signed, so it was not sent. Ask the"
        " operator of Surety to restore the file from a backup, or build the report again.",
    )
    return redirect(listed, slug=slug)
