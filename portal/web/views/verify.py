"""Public: drop a report, see whether it is what was signed. Nothing is stored and nobody needs an account."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from portal.reports.verify import verify_pdf

MOST_BYTES: Final = 64 * 1024 * 1024


class VerifyForm(forms.Form):
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
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(
                f"The file is larger than {MOST_BYTES // 2**20} MB, more than any report. "
                "Verify it with “manage.py verify_report FILE” or with pdfsig."
            )
        return file


@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    form = (
        VerifyForm(request.POST or None, request.FILES or None) if request.method == "POST" else VerifyForm()
    )
    result = None
    name = ""
    if form.is_bound and form.is_valid():
        file: UploadedFile[Any] = form.cleaned_data["report"]
        name = file.name or "report"
        result = verify_pdf(file.read())
    status = 400 if form.is_bound and not form.is_valid() else 200
    return render(
        request, "verify/verify.html", {"form": form, "result": result, "name": name}, status=status
    )
