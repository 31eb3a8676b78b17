"""Configure applications, middleware, templates, language, static files, and limits of changes and exports."""

from __future__ import annotations

import sys
from typing import Any

from portal.embedded.errors import EmbeddedServerError
from portal.embedded.server_files import ensure_home
from portal.settings import env

BASE_DIR = env.BASE_DIR
EMBEDDED_HOME = env.state_directory()
SURETY_HOME = EMBEDDED_HOME

INSTALLED_APPS = [
    "portal.apps.PortalConfig",
    "portal.web.apps.WebConfig",
    "portal.reports.apps.ReportsConfig",
    "portal.portfolio_reports.apps.PortfolioReportsConfig",
    "portal.distribution.apps.DistributionConfig",
    "portal.treatment.apps.TreatmentConfig",
    "portal.changes.apps.ChangesConfig",
    "portal.tickets.apps.TicketsConfig",
    "portal.bulk_jobs.apps.BulkJobsConfig",
    "portal.notify.apps.NotifyConfig",
    "portal.audit.apps.AuditConfig",
    "portal.offboarding.apps.OffboardingConfig",
    "portal.retention.apps.RetentionConfig",
    "portal.imports.apps.ImportsConfig",
    "portal.configuration.apps.ConfigurationConfig",
    "portal.accounts.apps.AccountsConfig",
    "portal.accounts.sso.apps.SingleSignOnConfig",
    "assessments.apps.AssessmentsConfig",
    "tenants.apps.TenantsConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "portal.http.client_address.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "portal.middleware.AllowedMethodsMiddleware",
    "portal.middleware.ParameterLimitMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.api.middleware.ApiRequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.accounts.middleware.SessionClientMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.middleware.PrivateResponsesMiddleware",
    "portal.middleware.ReadingOrderMiddleware",
    "portal.middleware.ClearSiteDataMiddleware",
    "portal.accounts.sign_in.known_devices.KnownDevicesMiddleware",
    "portal.accounts.sign_in.suspended_forms.SuspendedFormMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.api.middleware.ApiTokenMiddleware",
    "portal.middleware.PersonTurnMiddleware",
    "portal.database_busy.DatabaseBusyMiddleware",
    "tenants.middleware.ScopeMiddleware",
    "portal.accounts.sign_in.suspended_forms.ExpiredFormMiddleware",
    "portal.middleware.CacheUnavailableMiddleware",
    "portal.middleware.RequestLimitMiddleware",
    "portal.accounts.middleware.SignInPolicyMiddleware",
]

# The file that lists which organizations may sign in to Azure with identities of this host
# (`tenants.azure.host_identities`).
SURETY_HOST_IDENTITIES = env.text("SURETY_HOST_IDENTITIES")
# Maximum numbers of changes and of exports of one person in a minute. 0 for no limit (portal/middleware.py).
SURETY_CHANGES_PER_MINUTE = env.integer("SURETY_CHANGES_PER_MINUTE", 120)
SURETY_EXPORTS_PER_MINUTE = env.integer("SURETY_EXPORTS_PER_MINUTE", 20)
# Whether the number of exports that run at the same time is limited. Tests switch this limit off: they do not close all
# responses, and an export counts as running until its response is closed.
SURETY_LIMIT_EXPORTS = True

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# Messages to people name customers and findings, so they are stored in the session and not in a cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

# Create the state directory with restricted permissions first, so that other users can never read its files.
ensure_home(SURETY_HOME)

STATIC_URL = "/static/"
STATIC_ROOT = EMBEDDED_HOME / "static"
# WhiteNoise warns at each start if the directory is missing.
try:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
except OSError as error:
    raise EmbeddedServerError(
        f"Could not create the folder {STATIC_ROOT} ({error.strerror}). Run the command as the user who owns the state "
        "directory, or set SURETY_HOME to a folder of your own."
    ) from None
STATICFILES_DIRS = [path for path in (BASE_DIR / "portal" / "static",) if path.is_dir()]
# If `collectstatic` has written staticfiles.json, files are served under hashed names that browsers cache for a year.
# If staticfiles.json is missing, files are served from their source folders. `collectstatic` itself always needs the
# hashed names.
_COLLECTED = sys.argv[1:2] == ["collectstatic"] or (STATIC_ROOT / "staticfiles.json").is_file()
WHITENOISE_USE_FINDERS = not _COLLECTED
# Do not let other sites read static files, because no other site needs them.
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_MIMETYPES = {".svg": "image/svg+xml; charset=utf-8"}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if _COLLECTED
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
MEDIA_ROOT = SURETY_HOME / "media"
