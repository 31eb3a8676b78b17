"""Configure the secret key, hosts, cookies and headers, and how people sign in."""

from __future__ import annotations

import re
import secrets
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from portal.embedded.server_files import write_once
from portal.http.client_networks import IPV6_PREFIX
from portal.http.trusted_proxies import TrustedProxies
from portal.settings import env

LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "::1")

DEBUG = env.boolean("SURETY_DEBUG")

DEFAULT_URL = "http://127.0.0.1:8000"
# The URL that people use. It determines HTTPS, cookie settings and allowed hosts.
SURETY_URL = env.text("SURETY_URL", DEFAULT_URL).rstrip("/")
try:
    _address = urlsplit(SURETY_URL)
    # `_address.port` raises a ValueError if the port is no number or is above 65535.
    _is_site = (
        _address.scheme in ("http", "https")
        and bool(_address.hostname)
        and not (_address.path or _address.query or _address.fragment or "@" in _address.netloc)
        and _address.port != 0
    )
except ValueError:
    _is_site = False
if not _is_site:
    raise ImproperlyConfigured(
        f"SURETY_URL={SURETY_URL!r} is not the URL of a site. "
        "Set it to the address that people open, such as https://surety.example.com."
    )
_https = _address.scheme == "https"
_loopback = _address.hostname in LOOPBACK
if DEBUG and _https:
    raise ImproperlyConfigured(
        "SURETY_DEBUG=1 shows settings and source code on error pages, but SURETY_URL is an https address, which"
        " other people can open. Unset SURETY_DEBUG, or use it only on http://127.0.0.1:8000."
    )


def _secret_key() -> str:
    """Return SURETY_SECRET_KEY. If the variable is not set, return the key that is stored in the state directory. This
    key is generated at the first start.
    """
    configured = env.text("SURETY_SECRET_KEY")
    if configured:
        if len(configured) < 50:
            raise ImproperlyConfigured(
                "SURETY_SECRET_KEY is too short. Set it to at least 50 random characters."
            )
        return configured
    return write_once(env.state_directory() / "secret-key", secrets.token_urlsafe(50)).strip()


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = env.comma_separated("SURETY_SECRET_KEY_FALLBACKS")

# Maximum number of fields in a form. The form that starts a campaign has a field for each customer, at most 2,000.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2100

ALLOWED_HOSTS = sorted({_address.hostname, *env.host_names("SURETY_HOSTS"), *(LOOPBACK if _loopback else ())})
CSRF_TRUSTED_ORIGINS = [SURETY_URL]

# The reverse proxies whose headers, such as X-Forwarded-For, are trusted. portal/http/client_address.py removes these
# headers from all other requests.
SURETY_TRUSTED_PROXIES = env.comma_separated("SURETY_TRUSTED_PROXIES")
TrustedProxies.parse(SURETY_TRUSTED_PROXIES)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
if env.boolean("SURETY_BEHIND_PROXY"):
    raise ImproperlyConfigured(
        "SURETY_BEHIND_PROXY is no longer supported, because it trusted the proxy headers of every client. Unset it."
        " Instead, set SURETY_TRUSTED_PROXIES to the addresses of your reverse proxies, or to `unix` for a Unix"
        " socket."
    )

_secure_cookies = _https or not (DEBUG or _loopback)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _secure_cookies
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# Browsers send a cookie to all ports of a host. If several installations on one machine used the same names of cookies,
# signing in to one installation would end the session in another. So the names contain the port, except port 8000.
_port = "" if _secure_cookies or _address.port in (None, 8000) else f"-{_address.port}"
SESSION_COOKIE_NAME = "__Host-session" if _secure_cookies else f"surety-session{_port}"
CSRF_COOKIE_NAME = "__Host-csrf" if _secure_cookies else f"surety-csrf{_port}"
SURETY_DEVICE_COOKIE = "__Host-device" if _secure_cookies else f"surety-device{_port}"
SURETY_FORM_COOKIE = "__Host-form" if _secure_cookies else f"surety-form{_port}"
# A session ends after SURETY_SESSION_HOURS, or after SURETY_SESSION_IDLE_MINUTES without use. Organizations can choose
# shorter times.
SURETY_SESSION_HOURS = env.integer("SURETY_SESSION_HOURS", 12, minimum=1)
SURETY_SESSION_IDLE_MINUTES = env.integer("SURETY_SESSION_IDLE_MINUTES", 30, minimum=5)
SESSION_COOKIE_AGE = SURETY_SESSION_HOURS * 3600
SECURE_SSL_REDIRECT = _https
# Do not redirect requests to the API from http to https. A program would not notice that it sends its token without
# encryption, so the API refuses such requests.
SECURE_REDIRECT_EXEMPT = ["^api/", "^oauth/"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _https else 0
# By default, HSTS also applies to the subdomains of the host of SURETY_URL.
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https and env.boolean("SURETY_HSTS_SUBDOMAINS", default=True)
# The HSTS preload lists of browsers contain whole registered domains, so the owner of the domain must decide about
# preloading.
SECURE_HSTS_PRELOAD = False
# Silence two checks of Django. security.W021 asks for preloading (see above). mail.E001 reports that mails are not
# sent. Surety's own check surety.W015 reports the same, and names the environment variable.
SILENCED_SYSTEM_CHECKS = ["security.W021", "mail.E001"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP: dict[str, Any] = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "object-src": [CSP.NONE],
}

AUTH_USER_MODEL = "tenants.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "portal.accounts.sign_in.validators.BreachedPasswordValidator"},
    {"NAME": "portal.accounts.sign_in.validators.OwnNamesValidator"},
]
# A mailed link for a new password is valid for this many seconds. The time is short, because others may find the mail
# later.
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/home/"  # this URL redirects to the person's start page
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"

ACCOUNT_ADAPTER = "portal.accounts.account_adapter.InvitedOnlyAccountAdapter"
SOCIALACCOUNT_ADAPTER = "portal.accounts.sso.adapter.InvitedOnlySocialAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
# Nobody can sign in with an unverified email address. People verify their email address by accepting a mailed
# invitation.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 1
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_FORMS = {"reset_password": "portal.accounts.sign_in.forms.ResetPasswordForm"}
# The limits of allauth. `login_failed` limits only failed checks of second factors. Limits of failed sign-ins and
# mailed links per account are in portal/accounts/sign_in/sign_in_limits.py.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    # Surety sends a mail to each email address that a person adds. Limit these mails, because the address may belong to
    # somebody else.
    "manage_email": "10/m/user,30/h/user",
    "reset_password": "20/m/ip",
}
# allauth's own limits count all addresses of an IPv6 network of this size as one client. Surety's limits do the same
# (portal/http/client_networks.py).
ALLAUTH_RATE_LIMIT_IPV6_PREFIX = IPV6_PREFIX
# Failed sign-ins are recorded after the request was answered, with a random delay of up to this many seconds. So
# response times do not reveal whether an account exists (portal/accounts/after_answer.py). With 0, there is no delay.
AFTER_ANSWER_SECONDS = 2.0
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# Whether all people need a second factor, even those whose organization does not require one.
SURETY_SECOND_FACTOR = env.boolean("SURETY_SECOND_FACTOR")
# {domain: short name of the organization that owns it}. The operator has verified the ownership of each domain.
_owners = env.pairs("SURETY_SSO_DOMAIN_OWNERS", "contoso.com=contoso")
for _domain in _owners:
    if not re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", _domain):
        raise ImproperlyConfigured(
            f"SURETY_SSO_DOMAIN_OWNERS contains {_domain!r}, which is not a domain. Write the part of the email"
            " addresses after the @, then = and the short name of the organization, such as contoso.com=contoso."
        )
SURETY_SSO_DOMAIN_OWNERS = {domain.lower(): slug for domain, slug in _owners.items()}
MFA_ADAPTER = "portal.accounts.second_factors.SealingMFAAdapter"
MFA_FORMS = {
    "authenticate": "portal.accounts.mfa.second_factor_forms.AuthenticateForm",
    "reauthenticate": "portal.accounts.mfa.second_factor_forms.ReauthenticateForm",
    # portal/accounts/mfa/passkeys.py explains what these forms check.
    "add_webauthn": "portal.accounts.mfa.passkeys.AddForm",
    "authenticate_webauthn": "portal.accounts.mfa.passkeys.AuthenticateForm",
    "edit_webauthn": "portal.accounts.mfa.passkeys.EditForm",
    "login_webauthn": "portal.accounts.mfa.passkeys.LoginForm",
    "reauthenticate_webauthn": "portal.accounts.mfa.passkeys.ReauthenticateForm",
}
# portal/accounts/mfa/recovery_codes.py stores only hashes of the codes, so the codes cannot be shown again.
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Surety"

# Sign-in with OpenID Connect (Entra ID or another issuer) is enabled if SURETY_OIDC_ISSUER, SURETY_OIDC_CLIENT_ID and
# SURETY_OIDC_CLIENT_SECRET are set.
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
# Identities are linked by issuer and subject, never by email address (portal/accounts/sso).
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_ONLY = False
SURETY_OIDC_DIRECTORIES = env.comma_separated("SURETY_OIDC_DIRECTORIES")
for _directory in SURETY_OIDC_DIRECTORIES:
    if not re.fullmatch(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", _directory):
        raise ImproperlyConfigured(
            f"SURETY_OIDC_DIRECTORIES contains {_directory!r}, which is not the ID of a directory. Write IDs such as"
            " 00000000-0000-0000-0000-000000000000, which Entra calls “Tenant ID”."
        )
_oidc = {name: env.text(f"SURETY_OIDC_{name}") for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET")}
SURETY_OIDC_ISSUER = _oidc["ISSUER"].rstrip("/")
if any(_oidc.values()):
    if missing := [f"SURETY_OIDC_{name}" for name, value in _oidc.items() if not value]:
        raise ImproperlyConfigured(
            f"The settings for OpenID Connect are incomplete. Set {' and '.join(missing)}, or unset all SURETY_OIDC_"
            " variables."
        )
    _issuer = urlsplit(SURETY_OIDC_ISSUER)
    if _issuer.scheme != "https" and not (_issuer.scheme == "http" and _issuer.hostname in LOOPBACK):
        raise ImproperlyConfigured(
            f"SURETY_OIDC_ISSUER={SURETY_OIDC_ISSUER!r} is not an https address. Set it to the issuer’s address, "
            "for example https://login.microsoftonline.com/<directory ID>/v2.0."
        )
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": env.text("SURETY_OIDC_NAME", "Microsoft Entra ID"),
                "client_id": _oidc["CLIENT_ID"],
                "secret": _oidc["CLIENT_SECRET"],
                "settings": {"server_url": SURETY_OIDC_ISSUER, "fetch_userinfo": False},
            }
        ],
    }
