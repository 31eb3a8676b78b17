"""Forms of allauth that Surety replaces (ACCOUNT_FORMS)."""

from __future__ import annotations

from typing import Any

from allauth.account import forms
from allauth.core import context
from django.http import HttpRequest

from portal.accounts.mails import request_password_reset
from portal.accounts.sign_in.sign_in_limits import count_reset_request


class ResetPasswordForm(forms.ResetPasswordForm):  # type: ignore[misc]
    """Ask for a link to set a new password.

    The form takes the same steps for every address, so its response time does not reveal whether an account exists.
    """

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        count_reset_request(context.request, email)
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email = str(self.cleaned_data["email"])
        request_password_reset(email)
        return email
