"""Configure the mail server, the permitted receivers of webhooks, the renewal of time stamps, and the retention of
notices and deliveries.

portal/notify/addresses.py explains the syntax of the receivers.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from portal.settings import env
from portal.settings.security import LOOPBACK

DEFAULT_FROM_EMAIL = env.mail_address("SURETY_MAIL_FROM", "surety@localhost")
# If SURETY_SMTP_HOST is not set, mail messages are written to files in the state directory.
_host = env.text("SURETY_SMTP_HOST")
# A value with exactly one colon has a port, which is not permitted here. An IPv6 address has at least two colons.
if "/" in _host or _host.count(":") == 1:
    raise ImproperlyConfigured(
        f"SURETY_SMTP_HOST={_host!r} is not a host name. Set SURETY_SMTP_HOST to a name such as smtp.example.com, and"
        " set SURETY_SMTP_PORT to the port."
    )
_server: dict[str, Any] = {
    "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "OPTIONS": {
        "host": _host,
        "port": env.integer("SURETY_SMTP_PORT", 587, minimum=1, maximum=65535),
        "username": env.text("SURETY_SMTP_USER"),
        "password": env.text("SURETY_SMTP_PASSWORD"),
        "use_tls": env.boolean("SURETY_SMTP_STARTTLS", default=_host not in ("", *LOOPBACK)),
        "timeout": 20,
    },
}
_files: dict[str, Any] = {
    "BACKEND": "portal.notify.delivery.mail_files.EmailBackend",
    "OPTIONS": {"file_path": env.state_directory() / "mail"},
}
MAILERS: dict[str, dict[str, Any]] = {"default": _server if _host else _files}

# Reports up to this size are attached to mails.
SURETY_MAIL_ATTACHMENT_MB = env.integer("SURETY_MAIL_ATTACHMENT_MB", 10, minimum=1)

# The only public hosts to which webhooks may be posted. If the list is empty, all public hosts are permitted.
SURETY_WEBHOOK_HOSTS = env.host_names("SURETY_WEBHOOK_HOSTS")
# Hosts that may receive webhooks even if they are not public: host names, addresses or networks.
SURETY_WEBHOOK_ALLOWED_HOSTS = env.comma_separated("SURETY_WEBHOOK_ALLOWED_HOSTS")
# Hosts in your own network that may be asked whether certificates were revoked
# (portal/reports/signing/revocation_requests.py).
SURETY_REVOCATION_ALLOWED_HOSTS = env.comma_separated("SURETY_REVOCATION_ALLOWED_HOSTS")
# An archive time stamp is renewed this many days before its certificates expire (portal/reports/renewal.py). A time
# stamp with an algorithm in SURETY_WEAK_TIME_STAMPS, such as “rsa-2048-sha256”, is renewed at once.
SURETY_TIME_STAMP_RENEWAL_DAYS = env.integer("SURETY_TIME_STAMP_RENEWAL_DAYS", 90, minimum=1)
SURETY_WEAK_TIME_STAMPS = env.comma_separated("SURETY_WEAK_TIME_STAMPS")

# PEM file with certificate authorities of your own receivers of webhooks. Webhooks also trust the authorities of
# the system.
SURETY_WEBHOOK_CA_FILE = env.text("SURETY_WEBHOOK_CA_FILE")

# Days after which notices, deliveries and dead letters are deleted (portal/notify/actions/prune.py).
SURETY_NOTICE_DAYS = env.integer("SURETY_NOTICE_DAYS", 180, minimum=30)
SURETY_POST_DAYS = env.integer("SURETY_POST_DAYS", 90, minimum=7)
SURETY_DEAD_LETTER_DAYS = env.integer("SURETY_DEAD_LETTER_DAYS", 365, minimum=30)
