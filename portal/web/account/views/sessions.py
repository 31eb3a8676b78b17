"""List the sessions of the signed-in person, end one session, or end all sessions except the current session."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from portal.accounts.actions.sessions import end_session, end_sessions
from portal.accounts.selectors import sessions_of
from portal.web.shared.visible import person


def sessions(request: HttpRequest) -> HttpResponse:
    here = getattr(request.session, "row", None)
    context = {"sessions": sessions_of(person()), "current_id": here.pk if here else None}
    return render(request, "accounts/sessions.html", context)


@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """End the session whose id is in the field `session`.

    If this field is missing, end all sessions except the current session.
    """
    me, here = person(), getattr(request.session, "row", None)
    if "session" in request.POST:
        end_session(person=me, by=me, session_id=request.POST["session"])
        messages.success(request, "The session was ended.")
    else:
        count = end_sessions(person=me, by=me, keep=here.pk if here else None)
        messages.success(request, "1 session was ended." if count == 1 else f"{count} sessions were ended.")
    return redirect("account-sessions")
