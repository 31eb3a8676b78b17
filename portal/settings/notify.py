"""Mail, where events may be posted to (what the words mean: portal/notify/addresses.py), and what is kept."""

from __future__ import annotations

from typing import Any

from portal.settings import env
from portal.settings.security import LOOPBACK

# SURETY_SMTP_HOST chooses a real server; without it messages are files under the state directory.
DEFAULT_FROM_EMAIL = env.text("SURETY_MAIL_FROM", "surety@localhost")
_host = env.text("SURETY_SMTP_HOST")
_server: dict[str, Any] = {
    "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "OPTIONS": {
        "host": _host,
        "port": env.integer("SURETY_SMTP_PORT", 587, least=1),
        "username": env.text("SURETY_SMTP_USER"),
        "password": env.text("SURETY_SMTP_PASSWORD"),
        "use_tls": env.boolean("SURETY_SMTP_STARTTLS", default=_host not in ("", *LOOPBACK)),
        "timeout": 20,
    },
}
_files: dict[str, Any] = {
    "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
    "OPTIONS": {"file_path": env.state_directory() / "mail"},
}
MAILERS: dict[str, dict[str, Any]] = {"default": _server if _host else _files}

SURETY_WEBHOOK_ALLOWED_HOSTS = env.words("SURETY_WEBHOOK_ALLOWED_HOSTS")
# A PEM file of certificate authorities that are trusted besides the system's, for receivers of one's own.
SURETY_WEBHOOK_CA_FILE = env.text("SURETY_WEBHOOK_CA_FILE")

# Days after which what was told is forgotten (portal/notify/actions/prune.py).
SURETY_NOTICE_DAYS = env.integer("SURETY_NOTICE_DAYS", 180, least=30)
SURETY_POST_DAYS = env.integer("SURETY_POST_DAYS", 90, least=7)
SURETY_DEAD_LETTER_DAYS = env.integer("SURETY_DEAD_LETTER_DAYS", 365, least=30)
