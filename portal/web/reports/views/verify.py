"""The public page that verifies a report. It stores nothing and needs no account."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from portal.reports.verify import MAX_BYTES, VerificationResult, verify_pdf


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
            raise forms.ValidationError(
                f"The file is larger than {MAX_BYTES // 2**20} MB, the limit of this page. "
                "Verify it with “manage.py verify_report FILE” or with pdfsig."
            )
        return file


@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    sent = request.method == "POST"
    form = VerifyForm(request.POST, request.FILES) if sent else VerifyForm()
    result, name = None, ""
    if sent and form.is_valid():
        file: UploadedFile[Any] = form.cleaned_data["report"]
        name = file.name or "report"
        result = verify_pdf(file.read())
    context = {"form": form, "result": result, "name": name, "facts": _facts(result) if result else []}
    return render(request, "reports/verify.html", context, status=400 if form.errors else 200)


def _facts(result: VerificationResult) -> list[tuple[str, object]]:
    """Return what the file says about itself, to be compared with the sender's announcement."""
    when = f"{result.signed_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if result.signed_at else "not stated"
    facts: list[tuple[str, object]] = [("SHA-256 of the file", result.sha256)]
    if result.signer:
        facts += [
            ("Signer", result.signer),
            ("SHA-256 of the certificate", result.fingerprint),
            ("Signed at", when),
            ("PAdES level", result.level),
            ("Signature covers the whole file", "yes" if result.covers_whole_file else "no"),
        ]
    if not result.unusable:
        facts.append(("Attachments", ", ".join(result.attachments)))
    return facts
