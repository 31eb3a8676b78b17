"""The forms that import a mute list of Prowler."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final

from django import forms

from portal.mute_lists.actions import MAX_FILE_NAME, MAX_REASON
from portal.mute_lists.file import MAX_BYTES
from portal.web.components.form_parts import max_size
from portal.web.exceptions.request_form import RequestForm
from tenants.models import Tenant

_MAX_ENCODED: Final = (MAX_BYTES + 2) // 3 * 4


class MuteListFileForm(forms.Form):
    """The form that uploads a mute list for a preview. The action checks the content of the file."""

    file = forms.FileField(
        label="Mute list",
        help_text=f"Prowler’s mutelist.yaml, at most {MAX_BYTES // 1024} KiB.",
        validators=[
            max_size(
                MAX_BYTES, f"The file is larger than {MAX_BYTES // 1024} KiB. Split it into several files."
            )
        ],
    )


class MuteListRequestForm(RequestForm):
    """The form that requests exceptions after a preview. It has the previewed file, the digest of the preview, the
    chosen entries, and the terms of the exceptions.
    """

    content = forms.CharField(widget=forms.HiddenInput, max_length=_MAX_ENCODED)
    file_name = forms.CharField(widget=forms.HiddenInput, max_length=MAX_FILE_NAME, required=False)
    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    entries = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, tenant: Tenant, *args: Any, numbers: list[int], **kwargs: Any) -> None:
        super().__init__(tenant, *args, **kwargs)
        for name in ("starts_at", "compensating_control", "files"):
            del self.fields[name]
        self.fields["entries"].choices = [(number, str(number)) for number in numbers]  # type: ignore[attr-defined]
        reason = self.fields["reason"]
        reason.max_length, reason.required = MAX_REASON, False  # type: ignore[attr-defined]
        reason.help_text = (
            "This text is the reason for entries whose description has fewer than three words. Approvers read this"
            " text."
        )

    @property
    def terms(self) -> list[forms.BoundField]:
        """The fields with the terms of the exceptions: the reason and the end."""
        return [self["reason"], self["ends_at"]]


def encoded(content: bytes) -> str:
    """Encode a file for a hidden field of the form, in Base64."""
    return base64.b64encode(content).decode()


def decoded(text: str) -> bytes | None:
    """Decode the file in a hidden field. Return None if the text is too long or invalid."""
    if len(text) > _MAX_ENCODED:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
