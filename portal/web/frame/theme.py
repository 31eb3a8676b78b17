"""Store the page colours (theme) of a person in a cookie, so that the server can render each page in these colours
without a script.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

THEMES: Final = ("system", "light", "dark")


def cookie_name() -> str:
    """Return the name of the cookie. If the name begins with `__Host-`, browsers accept the cookie only from this host
    over https.
    """
    return "__Host-theme" if settings.SESSION_COOKIE_SECURE else "surety-theme"


def chosen_theme(request: HttpRequest) -> str:
    stored = request.COOKIES.get(cookie_name(), "system")
    return stored if stored in THEMES else "system"


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Store the theme, then redirect to the page on which the person chose it. Answer 204 instead if a script sent the
    request, because the script has already switched the theme.
    """
    theme = request.POST.get("theme", "")
    if theme not in THEMES:
        return HttpResponse(
            f"Unknown theme. Use one of: {', '.join(THEMES)}.",
            status=400,
            content_type="text/plain; charset=utf-8",
        )
    back = request.headers.get("referer", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    # Accept only a URL with a slash. Django's `redirect` would take a text without a slash as the name of a URL
    # pattern.
    page = back if safe and "/" in back else "/"
    response = HttpResponse(status=204) if request.headers.get("HX-Request") else redirect(page)
    response.set_cookie(
        cookie_name(),
        theme,
        max_age=365 * 24 * 3600,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )
    return response
