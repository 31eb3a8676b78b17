"""Re-authenticate a person (with password, second factor or single sign-on) before actions that affect access.

An authentication, including the sign-in, counts for five minutes (ACCOUNT_REAUTHENTICATION_TIMEOUT). If a form was
interrupted by a re-authentication, allauth submits the form again afterwards, but without uploaded files. So the upload
of a file needs no re-authentication; only the next form, which applies the upload, needs it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest, HttpResponseBase

from portal.accounts.sign_in.authentication import is_recent
from tenants.models import Person

type View = Callable[..., HttpResponseBase]

# allauth's pages that change how somebody signs in, or that show recovery codes.
ALLAUTH_PAGES = frozenset(
    {
        "account_email",
        "account_change_password",
        "account_set_password",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "mfa_edit_webauthn",
        "mfa_remove_webauthn",
        "socialaccount_connections",
    }
)


def ask_again(request: HttpRequest) -> HttpResponseBase | None:
    """Return the redirect to re-authentication, or None if the person authenticated recently.

    Middleware uses this function: if middleware raised ReauthenticationRequired, allauth would not handle it.
    """
    if not isinstance(request.user, Person) or is_recent(request, request.user):
        return None
    first = get_adapter(request).get_reauthentication_methods(request.user)[0]
    response: HttpResponseBase = suspend_request(request, first["url"])
    return response


def require_recent_proof(request: HttpRequest) -> None:
    """If the person has not authenticated recently, raise allauth's ReauthenticationRequired, which allauth's
    middleware handles.
    """
    if isinstance(request.user, Person) and not is_recent(request, request.user):
        raise ReauthenticationRequired


def step_up(view: View) -> View:
    """Decorator that re-authenticates the person, for views that approve requests, or that change
    credentials, roles or policies.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        require_recent_proof(request)
        return view(request, *args, **kwargs)

    return wrapped


def step_up_except_previews(view: View) -> View:
    """Decorator that re-authenticates the person as `step_up` does, except for previews: GET requests that htmx
    sends while the person types into a form.

    In a page that has been open for long, such a request must not lead the person to another page.
    """
    guarded = step_up(view)

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        is_preview = request.method == "GET" and request.headers.get("HX-Request")
        return (view if is_preview else guarded)(request, *args, **kwargs)

    return wrapped


def step_up_to_change(view: View) -> View:
    """Decorator that re-authenticates the person only when a form is sent, for pages that people also open to read."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.method == "POST":
            require_recent_proof(request)
        return view(request, *args, **kwargs)

    return wrapped
