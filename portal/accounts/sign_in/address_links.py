"""The page of the link that confirms an email address.

If a signed-in person opens the link of another account, allauth's own page signs the person out. This page changes
nothing in that case, and does not show to whom the link was mailed.
"""

from __future__ import annotations

from typing import Any

from allauth.account.views import ConfirmEmailView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache


class ConfirmAddressView(ConfirmEmailView):  # type: ignore[misc]
    """allauth's confirmation page, shown only to the person to whom the link was mailed and to people who are not
    signed in.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and self._is_of_somebody_else(request):
            status = 409 if request.method == "POST" else 200
            return render(request, "account/email_confirm.html", {"state": "somebody_else"}, status=status)
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)
        return answer

    def logout_other_user(self, confirmation: object) -> None:
        """Do nothing. If a person opens the link of another account, allauth would sign the person out here. But
        `dispatch` has already refused such a link.
        """

    def _is_of_somebody_else(self, request: HttpRequest) -> bool:
        try:
            return bool(self.get_object().email_address.user_id != request.user.pk)
        except Http404:
            return False


confirm_address = never_cache(ConfirmAddressView.as_view())
