"""The page that sets a new password with a mailed link.

The link works only once, even if several requests use it at the same time.
"""

from __future__ import annotations

from typing import Any

from allauth.account.utils import url_str_to_user_pk
from allauth.account.views import PasswordResetFromKeyView
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase

from tenants.models import Person


class PasswordResetOnceView(PasswordResetFromKeyView):  # type: ignore[misc]
    """allauth's page, with a lock: requests that set the password of the same person wait for each other.

    If there were no lock, several requests could pass allauth's check of the link before the first request sets the
    password.
    """

    def dispatch(self, request: HttpRequest, uidb36: str, key: str, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            response: HttpResponseBase = super().dispatch(request, uidb36, key, **kwargs)
            return response
        with transaction.atomic():
            # A second request with the same link waits for this lock. When it gets the lock, the first request has
            # changed the password, so the link is no longer valid.
            _lock(uidb36)
            response = super().dispatch(request, uidb36, key, **kwargs)
            if hasattr(response, "render"):
                response.render()
            return response


def _lock(uidb36: str) -> None:
    try:
        pk = url_str_to_user_pk(uidb36)
    except (ValueError, ValidationError):
        return  # A link that does not name a person is refused by allauth, so no lock is needed.
    Person.objects.select_for_update(no_key=True).filter(pk=pk).first()
