"""Serve the page of an emergency link. Its only button signs an administrator in once."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.adapter import get_adapter
from allauth.account.signals import user_logged_in
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.accounts.actions.emergency import SESSION_LENGTH, find_access, limit_session, use_access
from portal.accounts.emergency.alarms import enqueue_alarm_of_use
from portal.accounts.sign_in import authentication
from portal.accounts.sign_in.authentication import Method
from tenants.models import Person

LENGTH_MINUTES = int(SESSION_LENGTH / timedelta(minutes=1))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def emergency(request: HttpRequest, token: str) -> HttpResponse:
    """Show the button that signs in with an emergency link. When the button is pressed, sign the administrator in.

    Opening the link changes nothing, because mail filters and browsers may open links automatically.
    """
    access = find_access(token)
    if request.method != "POST":
        return render(request, "accounts/emergency.html", {"access": access, "minutes": LENGTH_MINUTES})
    adapter = get_adapter(request)
    if request.user.is_authenticated:
        logout(request)
    access = use_access(token=token, details={"address": adapter.get_client_ip(request)})
    person: Person = access.person
    adapter.login(request, person)
    authentication.record(request, person, Method.EMERGENCY)
    request.session.save()
    limit_session(str(request.session.session_key))
    user_logged_in.send(sender=Person, request=request, user=person)
    enqueue_alarm_of_use(access)
    messages.warning(
        request, f"Emergency access ends in {LENGTH_MINUTES} minutes. All administrators were notified."
    )
    return redirect("portfolio")
