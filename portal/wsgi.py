"""The WSGI entry point: Django, with limits on request bodies, charsets and database queries."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from portal.files.private_files import close_new_files
from portal.http.database_limits import limit_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
close_new_files()
limit_connections()
_django = get_wsgi_application()

from django.conf import settings  # noqa: E402  (needs the set-up of Django, as do the next)

from portal.accounts.request_sessions import is_signed_in  # noqa: E402
from portal.body_limits import LIMITS  # noqa: E402
from portal.http.charsets import Utf8Requests  # noqa: E402
from portal.http.request_bodies import BodyLimits, Environ  # noqa: E402
from portal.http.trusted_proxies import TrustedProxies  # noqa: E402

_proxies = TrustedProxies.parse(settings.SURETY_TRUSTED_PROXIES)


def _client(environ: Environ) -> str:
    return _proxies.client(environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", ""))


application = Utf8Requests(BodyLimits(_django, LIMITS, _client, is_signed_in))
