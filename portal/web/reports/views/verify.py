"""The public page that verifies a report. The page stores nothing and needs no account."""

from __future__ import annotations

from datetime import UTC
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from portal.reports.installation_trust import installation_trust
from portal.reports.models import Report
from portal.reports.report_identity import identity_facts, report_in_scope
from portal.reports.verify import MAX_BYTES, Verdict, VerificationResult, verify_pdf
from portal.web.reports.verify_limits import TryAgain, count_upload, verification_slot
from portal.web.shared.visible import may
from tenants.models import Person
from tenants.roles import Capability

# The parts of a multipart form around the file.
FORM_BYTES: Final = 64 * 1024
TOO_MANY_REQUESTS: Final = 429
CONTENT_TOO_LARGE: Final = 413


def _too_large() -> str:
    return (
        f"The file is larger than {MAX_BYTES // 2**20} MB, the limit of this page. "
        "Verify it with “manage.py verify_report FILE” or with pdfsig."
    )


class VerifyForm(forms.Form):
    """The PDF file to verify."""

    report = forms.FileField(
        label="Report",
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,.pdf"}),
        error_messages={
            "required": "Choose the PDF file of a report.",
            "empty": "The file is empty. Choose the PDF file of a report.",
        },
    )

    def clean_report(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["report"]
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(_too_large())
        return file


# Exempt from CSRF checks, which would read the whole upload before the limits apply. The page changes nothing.
@csrf_exempt
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, VerifyForm())
    try:
        count_upload(request)
        if _content_length(request) > MAX_BYTES + FORM_BYTES:
            return _page(request, VerifyForm(), problem=_too_large(), status=CONTENT_TOO_LARGE)
        form = VerifyForm(request.POST, request.FILES)
        if not form.is_valid():
            return _page(request, form, status=400)
        file: UploadedFile[Any] = form.cleaned_data["report"]
        with verification_slot():
            result = verify_pdf(file.read(), installation_trust())
    except TryAgain as error:
        response = _page(request, VerifyForm(), problem=str(error), status=TOO_MANY_REQUESTS)
        response["Retry-After"] = str(error.seconds)
        return response
    return _page(request, form, result=result, name=file.name or "report")


def _content_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0  # With a length of 0, Django does not read the body.


def _page(
    request: HttpRequest,
    form: VerifyForm,
    *,
    result: VerificationResult | None = None,
    name: str = "",
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    known = _known_report(request, result)
    context = {
        "form": form,
        "result": result,
        "known": known,
        "undecided": result is not None and result.verdict == Verdict.UNDECIDED,
        "name": name,
        "facts": [*_identity(known, result), *_facts(result)] if result else [],
        "problem": problem or " ".join(map(str, form.errors.get("report", []))),
    }
    return render(request, "reports/verify.html", context, status=status)


def _known_report(request: HttpRequest, result: VerificationResult | None) -> Report | None:
    """Return the report that this installation has recorded for the file, for people who may see it."""
    if result is None or not result.recorded or not isinstance(request.user, Person):
        return None
    report = report_in_scope(result.sha256)
    return report if report is not None and may(Capability.READ_REPORTS, report.tenant) else None


def _identity(known: Report | None, result: VerificationResult) -> list[tuple[str, object]]:
    """Return the facts that identify the report: from the installation's record if any, otherwise from the file."""
    if known is not None:
        return [*identity_facts(known)]
    stated = (("Title that the file states", result.title), ("Subject that the file states", result.subject))
    return [(label, text) for label, text in stated if text]


def _facts(result: VerificationResult) -> list[tuple[str, object]]:
    """Return the facts that the file states about itself, so that the reader can compare them with the facts
    from the sender.
    """
    when = f"{result.signed_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if result.signed_at else "not stated"
    facts: list[tuple[str, object]] = [("SHA-256 of the file", result.sha256)]
    if result.recorded:
        facts.append(("Recorded when it was signed", "the same SHA-256"))
        facts.append(("Kind", "Certificate of erasure" if result.kind == "erasure" else "Report"))
    if result.signer:
        facts += [
            ("Signer", result.signer),
            ("SHA-256 of the certificate", result.fingerprint),
            ("Signed at", when),
            ("PAdES level", result.level),
        ]
        if result.authority:
            facts.append(("Time-stamp authority", result.authority))
        facts.append(("Signature covers the whole file", "yes" if result.covers_whole_file else "no"))
    if result.inspected:
        facts.append(("Attachments", ", ".join(result.attachments)))
    return facts
