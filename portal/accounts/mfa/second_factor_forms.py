"""allauth's forms for codes of second factors, with two more limits: each code of an authenticator app works only once,
and the number of wrong codes per day is limited.

allauth remembers used codes only in the cache. Surety stores the time step of the last accepted code with the
authenticator. So a code works once even if the cache is emptied.
"""

from __future__ import annotations

from typing import Final

import structlog
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError

from portal.accounts.second_factors import use_code_of_app
from portal.accounts.sign_in.authentication import Method
from portal.accounts.sign_in.failures import Limit, record_limit
from portal.accounts.sign_in.sign_in_limits import count_code
from tenants.errors import SecretsUnusable
from tenants.models import Person

log = structlog.get_logger(__name__)

TOO_MANY: Final = "too_many_login_attempts"
"""allauth's code of the error after too many wrong codes."""
APP_UNREADABLE: Final = (
    "Codes of your authenticator app cannot be checked, because this server no longer has the key that encrypts them. "
    "Enter a recovery code, or ask an administrator to remove your second factors."
)


class _CodeOnce:
    """A mixin of the forms in this module. It accepts each code of an authenticator app only once, and limits the
    number of wrong codes per day.
    """

    def clean_code(self) -> str:
        person: Person = self.user  # type: ignore[attr-defined]
        counted = count_code(context.request, person)
        try:
            code: str = super().clean_code()  # type: ignore[misc]  # of allauth's form
        except ValidationError as error:
            if error.code == TOO_MANY:
                counted.rollback()  # allauth refused to compare the code, so do not count it as wrong.
                record_limit(person, context.request, Limit.SECOND_FACTOR, method=Method.SECOND_FACTOR)
            raise
        except SecretsUnusable as error:
            if error.code != "key_missing":
                raise
            log.error("second_factor_unreadable", person=str(person.pk), reason=error.message)
            code = self._recovery_code(person)
        found: Authenticator = self.authenticator
        if found.type == Authenticator.Type.TOTP and not use_code_of_app(found, code):
            self._emit_authentication_failed(found)  # type: ignore[attr-defined]
            raise get_adapter().validation_error("incorrect_code")
        counted.rollback()
        return code

    def _recovery_code(self, person: Person) -> str:
        """Return the entered code if it is a recovery code of the person.

        allauth first compares the code with the authenticator app. This comparison fails if the key that encrypted the
        app's secret was lost. Recovery codes are stored as hashes, so they can be checked without that key.
        """
        code: str = self.cleaned_data["code"]  # type: ignore[attr-defined]
        codes = Authenticator.objects.filter(user=person, type=Authenticator.Type.RECOVERY_CODES).first()
        if codes is None or not codes.wrap().validate_code(code):
            app = Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP)
            self._emit_authentication_failed(app)  # type: ignore[attr-defined]
            raise ValidationError(APP_UNREADABLE, code="app_unreadable")
        self.authenticator = codes
        return code


class AuthenticateForm(_CodeOnce, forms.AuthenticateForm):  # type: ignore[misc]
    """The form for the code at the sign-in."""


class ReauthenticateForm(_CodeOnce, forms.ReauthenticateForm):  # type: ignore[misc]
    """The form for the code at a re-authentication."""
