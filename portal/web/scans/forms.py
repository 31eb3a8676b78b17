"""The forms of imported vulnerability scans."""

from __future__ import annotations

from django import forms

from assessments.actions.scans.imports import MAX_REASON
from assessments.scan_files.opened import MAX_BYTES, MIB
from portal.web.components.form_parts import max_size


class ScanFileForm(forms.Form):
    """A form with the file of a scanner. The import, not the form, checks the content of the file."""

    file = forms.FileField(
        label="File",
        help_text=f"The file of your scanner as XML, CSV or JSON, at most {MAX_BYTES // MIB} MiB. The file can be"
        " compressed with gzip.",
        validators=[
            max_size(
                MAX_BYTES,
                f"The file is larger than {MAX_BYTES // MIB} MiB. Compress it with gzip, or export fewer machines into"
                " each file.",
            )
        ],
    )
    scanned_at = forms.DateTimeField(
        label="Time of the scan",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        help_text="Needed only if the file does not state the time of the scan, as with Tripwire IP360.",
    )


class DeleteForm(forms.Form):
    """A form with the reason why an import is deleted."""

    reason = forms.CharField(
        label="Reason", max_length=MAX_REASON, widget=forms.Textarea(attrs={"rows": 2}), strip=True
    )
